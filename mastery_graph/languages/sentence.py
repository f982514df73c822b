"""Sentences that can be told in another language, because they remember what they are made of.

Each is a `str`: its English text. So an answer is in English wherever nobody asks for another language, to the letter.

>>> sentence = Sentence("Coverage is {coverage}; {asked} is asked.", coverage=Share(0.5), asked=Share(1))
>>> sentence
'Coverage is 50%; 100% is asked.'
>>> from mastery_graph.languages.records import in_language
>>> in_language(sentence, "it")
'La copertura è del 50%; è richiesto il 100%.'
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from mastery_graph.languages.catalogue import translation, translations

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_BLANK: Final = re.compile(r"\{(\w+)\}")

TextRun = tuple[str, str | None]
"""A piece of a text with its language, None where that is not ours to say: a title, a name, a number."""


class LocalizedText(str):
    """A text in English that can be told in other languages."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """Return the schema of a text: what is told is one in JSON."""
        return handler(str)

    def pieces(self, language: str) -> Iterator[TextRun]:
        """Yield the text in a language, piece by piece."""
        raise NotImplementedError


class Message(LocalizedText):
    """A sentence, by its English pattern and what fills it: texts as they are, numbers, dates, or told things."""

    pattern: str
    values: Mapping[str, object]

    def __new__(cls, pattern: str, /, **values: object) -> "Message":
        """Fill in the pattern: `{name}` stands for a value; a name without one stays as it is written."""
        filled = _BLANK.sub(lambda blank: _english(values.get(blank[1], blank[0])), pattern)
        made = super().__new__(cls, filled)
        made.pattern, made.values = pattern, values
        return made

    def pieces(self, language: str) -> Iterator[TextRun]:
        """Yield the translated pattern with what fills it; the English one where there is no translation."""
        spoken = language if self.pattern in translations(language) else "en"
        for number, part in enumerate(_BLANK.split(translation(self.pattern, language))):
            if number % 2:
                yield from _pieces(self.values.get(part, f"{{{part}}}"), language)
            elif part:
                yield part, spoken


class Joined(LocalizedText):
    """Several texts in a row, with something between them."""

    items: tuple[str, ...]
    between: str

    def __new__(cls, items: Iterable[str], between: str = ", ") -> "Joined":
        """Join the items."""
        kept = tuple(items)
        made = super().__new__(cls, between.join(kept))
        made.items, made.between = kept, between
        return made

    def pieces(self, language: str) -> Iterator[TextRun]:
        """Yield each item in the language."""
        for number, item in enumerate(self.items):
            if number:
                yield self.between, None
            yield from _pieces(item, language)


class Share(LocalizedText):
    """A share, 0 to 1, told in per cent without decimals."""

    share: float

    def __new__(cls, share: float) -> "Share":
        """Keep the share."""
        made = super().__new__(cls, f"{share:.0%}")
        made.share = share
        return made

    def pieces(self, language: str) -> Iterator[TextRun]:
        """Yield the share as it is written in the language."""
        from babel.numbers import format_percent

        yield (str(self) if language == "en" else format_percent(round(self.share, 2), locale=language)), None


class Country(LocalizedText):
    """A country: its code in English, as in data, and its name in other languages."""

    def pieces(self, language: str) -> Iterator[TextRun]:
        """Yield the name of the country."""
        yield (str(self) if language == "en" else country_name(str(self), language)), None


class EnglishText(LocalizedText):
    """A text of a source that is only there in English; marked as such in HTML."""

    def pieces(self, language: str) -> Iterator[TextRun]:  # noqa: ARG002  # the same in each
        """Yield the text as it is."""
        yield str(self), "en"


class Labelled(LocalizedText):
    """A text of the graph in the languages that the graph has it in, English first."""

    texts: Mapping[str, str]

    def __new__(cls, texts: Mapping[str, str]) -> "Labelled":
        """Keep the texts, by their language tags."""
        made = super().__new__(cls, texts.get("en") or next(iter(texts.values())))
        made.texts = texts
        return made

    def lower(self) -> "Labelled":
        """Return the same in lower case."""
        return Labelled({language: text.lower() for language, text in self.texts.items()})

    def pieces(self, language: str) -> Iterator[TextRun]:
        """Yield the text in the language, or in English."""
        spoken = language if language in self.texts else "en"
        yield self.texts.get(spoken, str(self)), spoken


def join_with_and(things: Sequence[str]) -> str:
    """Return several things in a row, each after the first with "and" before it.

    >>> from mastery_graph.languages.records import in_language
    >>> in_language(together(["A", "B"]), "it")
    'A e B'
    """
    if len(things) == 1:
        return things[0]
    return Message("{these} and {that}", these=join_with_and(things[:-1]), that=things[-1])


def said(text: str) -> str:
    """Return the text as it is: marks an English text in the code as one that is translated."""
    return text


def to_html(text: str, language: str) -> Markup:
    """Return a text as HTML in a page of this language: what is in another language says so (WCAG 3.1.2).

    >>> print(marked(Sentence("Note: {note}.", note=English("a portal")), "fi"))
    Huomautus: <span lang="en">a portal</span>.
    """
    return Markup().join(  # each piece is escaped
        escape(piece) if spoken in {None, language} else Markup('<span lang="{}">{}</span>').format(spoken, piece)
        for piece, spoken in _joined(_pieces(text, language))
    )


@cache
def country_name(code: str, language: str) -> str:
    """Return the name of a country (ISO alpha-3; XKX for Kosovo) in a language, as the CLDR has it, or its code.

    >>> country_name("FIN", "bg")
    'Финландия'
    """
    from babel import Locale
    from babel.core import get_global

    short = "XK" if code == "XKX" else (get_global("territory_aliases").get(code) or [code])[0]
    return str(Locale(language).territories.get(short, code))


def _english(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _pieces(value: object, language: str) -> Iterator[TextRun]:
    if isinstance(value, LocalizedText):
        yield from value.pieces(language)
    elif language == "en" or not isinstance(value, int | float | date):
        yield _english(value), None
    else:
        yield _formatted(value, language), None


def _formatted(value: float | date, language: str) -> str:
    from babel.dates import format_date
    from babel.numbers import format_decimal

    if isinstance(value, date):
        return format_date(value, "medium", locale=language)
    return format_decimal(value, locale=language)


def _joined(pieces: Iterable[TextRun]) -> Iterator[TextRun]:
    """Yield the pieces, those in a row in one language as one."""
    text, language = "", None
    for piece, spoken in pieces:
        if spoken == language or not text:
            text, language = text + piece, spoken
        else:
            yield text, language
            text, language = piece, spoken
    if text:
        yield text, language
