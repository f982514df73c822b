"""Localizable texts: strings that can be rendered in other languages because they keep their pattern and values.

Each is a `str` that contains its English text, so an answer that is not localized is in English.

>>> sentence = Message("Coverage is {coverage}; {asked} is asked.", coverage=Share(0.5), asked=Share(1))
>>> sentence
'Coverage is 50%; 100% is asked.'
>>> from mastery_graph.languages.records import localize
>>> localize(sentence, "it")
'La copertura è del 50%; è richiesto il 100%.'
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from mastery_graph.languages.catalogue import find_plural, find_translation

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_SHACL_PLACEHOLDER: Final = re.compile(r"\{[?$](\w+)\}")

_WITH_ARTICLE: Final = frozenset({"GBR", "NLD", "USA"})
"""Countries whose English name takes an article within a sentence."""

TextRun = tuple[str, str | None]
"""A run of text with its language; None if the language is unknown or irrelevant (a title, a name, a number)."""


class LocalizedText(str):
    """An English text that can be rendered in other languages."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """Return the schema of a string, so that it is serialised as a JSON string."""
        return handler(str)

    def text_runs(self, language: str) -> Iterator[TextRun]:
        """Yield the runs of the text in a language."""
        raise NotImplementedError


class Message(LocalizedText):
    """A message: its English pattern and the values of its placeholders (texts, numbers, dates, localizable texts).

    A message with a count has two patterns, made by `ngettext`; one with a context is made by `pgettext`.
    """

    pattern: str
    values: Mapping[str, object]
    context: str | None = None
    singular: str | None = None
    """The pattern for a count of 1, if the message has a count; `plural` is the one for other counts."""
    plural: str = ""
    number: float = 0

    def __new__(cls, pattern: str, /, **values: object) -> "Message":
        """Fill the pattern: `{name}` is replaced by its value, and left as it is if there is none."""
        text = _PLACEHOLDER.sub(lambda placeholder: _english_text(values.get(placeholder[1], placeholder[0])), pattern)
        message = super().__new__(cls, text)
        message.pattern, message.values = pattern, values
        return message

    def text_runs(self, language: str) -> Iterator[TextRun]:
        """Yield the translated pattern with its values; the English pattern if there is no translation."""
        translated = self._translated_pattern(language)
        text_language = language if translated else "en"
        for number, part in enumerate(_PLACEHOLDER.split(translated or self.pattern)):
            if number % 2:
                yield from _text_runs(self.values.get(part, f"{{{part}}}"), language)
            elif part:
                yield part, text_language

    def with_values(self, change: Callable[[object], object]) -> "Message":
        """Return the same message with each value changed.

        >>> ngettext("{count} file", "{count} files", 2).with_values(lambda value: 3 if value == 2 else value)
        '3 files'
        """
        message = Message(self.pattern, **{name: change(value) for name, value in self.values.items()})
        message.context, message.singular = self.context, self.singular
        message.plural, message.number = self.plural, self.number
        return message

    def _translated_pattern(self, language: str) -> str | None:
        if self.singular is not None:
            return find_plural(self.singular, self.plural, self.number, language)
        return find_translation(self.pattern, language, self.context)


def ngettext(singular: str, plural: str, count: float, /, **values: object) -> Message:
    """Return a message in the plural form that its count requires; `{count}` is the count.

    >>> ngettext("{count} outcome", "{count} outcomes", 1), ngettext("{count} outcome", "{count} outcomes", 2)
    ('1 outcome', '2 outcomes')
    """
    message = Message(singular if count == 1 else plural, **{"count": count, **values})
    message.singular, message.plural, message.number = singular, plural, count
    return message


def pgettext(context: str, pattern: str, /, **values: object) -> Message:
    """Return a message whose translation depends on its context (`msgctxt`), such as the part of speech."""
    message = Message(pattern, **values)
    message.context = context
    return message


class Joined(LocalizedText):
    """Several texts joined by a separator."""

    items: tuple[str, ...]
    separator: str

    def __new__(cls, items: Iterable[str], separator: str = ", ") -> "Joined":
        """Join the items."""
        texts = tuple(items)
        joined = super().__new__(cls, separator.join(texts))
        joined.items, joined.separator = texts, separator
        return joined

    def text_runs(self, language: str) -> Iterator[TextRun]:
        """Yield the items in a language, with the separator between them."""
        for number, item in enumerate(self.items):
            if number:
                yield self.separator, None
            yield from _text_runs(item, language)


class Share(LocalizedText):
    """A share (0 to 1), written in per cent without decimals."""

    share: float

    def __new__(cls, share: float) -> "Share":
        """Store the share."""
        text = super().__new__(cls, f"{share:.0%}")
        text.share = share
        return text

    def text_runs(self, language: str) -> Iterator[TextRun]:
        """Yield the share as the language formats percentages."""
        from babel.numbers import format_percent

        yield (str(self) if language == "en" else format_percent(round(self.share, 2), locale=language)), None


class Country(LocalizedText):
    """The name of a country, by its ISO 3166-1 alpha-3 code (XKX for Kosovo).

    >>> Country("FIN"), Country("NLD"), Country("NLD", article=False)
    ('Finland', 'the Netherlands', 'Netherlands')
    """

    code: str

    def __new__(cls, code: str, *, article: bool = True) -> "Country":
        """Keep the code. English names within a sentence have their article (`the Netherlands`)."""
        name = country_name(code, "en") if code else ""
        country = super().__new__(cls, f"the {name}" if article and code in _WITH_ARTICLE else name)
        country.code = code
        return country

    def text_runs(self, language: str) -> Iterator[TextRun]:
        """Yield the name of the country in a language."""
        yield (str(self) if language == "en" or not self.code else country_name(self.code, language)), None


class EnglishText(LocalizedText):
    """A text from a source that exists in English only; it is marked as English in HTML."""

    def text_runs(self, language: str) -> Iterator[TextRun]:  # noqa: ARG002  # the same in every language
        """Yield the English text."""
        yield str(self), "en"


class Labelled(LocalizedText):
    """A text of the graph in all languages in which the graph has it."""

    texts: Mapping[str, str]

    def __new__(cls, texts: Mapping[str, str]) -> "Labelled":
        """Store the texts by language tag; the English one, or else the first, is the value of the string."""
        text = super().__new__(cls, texts.get("en") or next(iter(texts.values())))
        text.texts = texts
        return text

    def lower(self) -> "Labelled":
        """Return the text in lower case in all languages."""
        return Labelled({language: text.lower() for language, text in self.texts.items()})

    def text_runs(self, language: str) -> Iterator[TextRun]:
        """Yield the text in a language, or else in English."""
        text_language = language if language in self.texts else "en"
        yield self.texts.get(text_language, str(self)), text_language


def join_with_and(texts: Sequence[str]) -> str:
    """Return texts joined by "and".

    >>> from mastery_graph.languages.records import localize
    >>> localize(join_with_and(["A", "B"]), "it")
    'A e B'
    """
    if len(texts) == 1:
        return texts[0]
    return Message("{these} and {that}", these=join_with_and(texts[:-1]), that=texts[-1])


def N_(text: str) -> str:  # noqa: N802  # the customary name of gettext's marker
    """Return the text unchanged; marks it for extraction into the catalogues (gettext's marker)."""
    return text


def shacl_pattern(text: str) -> str:
    """Return the text of a shape as the pattern of a message: its placeholders as `{name}` (SHACL 5.3.2: `{?name}`).

    >>> shacl_pattern("{?credits} and {$hours}")
    '{credits} and {hours}'
    """
    return _SHACL_PLACEHOLDER.sub(r"{\1}", text)


def placeholders(pattern: str) -> list[str]:
    """Return the names of the placeholders of a pattern, sorted.

    >>> placeholders("{hours} hours, {credits} credits")
    ['credits', 'hours']
    """
    return sorted(_PLACEHOLDER.findall(pattern))


def to_html(text: str, language: str) -> Markup:
    """Return a text as HTML for a page in a language; runs in other languages get a `lang` attribute (WCAG 3.1.2).

    >>> print(to_html(Message("Note: {note}.", note=EnglishText("a portal")), "fi"))
    Huomautus: <span lang="en">a portal</span>.
    """
    return Markup().join(  # every run is escaped
        escape(run) if tag in {None, language} else Markup('<span lang="{}">{}</span>').format(tag, run)
        for run, tag in _merge_runs(_text_runs(text, language))
    )


@cache
def country_name(code: str, language: str) -> str:
    """Return the name of a country (ISO alpha-3; XKX for Kosovo) in a language (CLDR), or its code if it is unknown.

    >>> country_name("FIN", "bg")
    'Финландия'
    """
    from babel import Locale
    from babel.core import get_global

    alpha_2 = "XK" if code == "XKX" else (get_global("territory_aliases").get(code) or [code])[0]
    return str(Locale(language).territories.get(alpha_2, code))


def _english_text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _text_runs(value: object, language: str) -> Iterator[TextRun]:
    if isinstance(value, LocalizedText):
        yield from value.text_runs(language)
    elif language == "en" or not isinstance(value, int | float | date):
        yield _english_text(value), None
    else:
        yield _format(value, language), None


def _format(value: float | date, language: str) -> str:
    from babel.dates import format_date
    from babel.numbers import format_decimal

    if isinstance(value, date):
        return format_date(value, "medium", locale=language)
    return format_decimal(value, locale=language)


def _merge_runs(runs: Iterable[TextRun]) -> Iterator[TextRun]:
    """Yield the runs, with consecutive runs in the same language merged."""
    text, language = "", None
    for run, tag in runs:
        if tag == language or not text:
            text, language = text + run, tag
        else:
            yield text, language
            text, language = run, tag
    if text:
        yield text, language
