"""The catalogue of translations: one gettext file per language with all texts that a person reads.

English is the source language. A translator edits `locales/<language>/LC_MESSAGES/messages.po`; it is read without
compilation (decision 0005). `make messages` brings the files up to date with the texts.
"""

import io
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "it": "Italiano",
    "es": "Español",
    "bg": "Български",
    "fi": "Suomi",
}
"""The languages by code, each with its own name; English, the language of the texts, is first."""

TRANSLATIONS: Final = tuple(LANGUAGES)[1:]
"""The languages with a catalogue: all but English."""

if TYPE_CHECKING:
    LanguageCode = str
else:
    LanguageCode = Literal[tuple(LANGUAGES)]
"""The code of a language, as the type of an option or a parameter."""

LANGUAGE_CODES: Final = f"{', '.join(tuple(LANGUAGES)[:-1])} or {tuple(LANGUAGES)[-1]}"
"""The codes as a phrase, for descriptions of options and parameters."""


def catalogue_of(language: str) -> Path:
    """Return the path of the catalogue of a language."""
    return Path(__file__).resolve().parent / "locales" / language / "LC_MESSAGES" / "messages.po"


class _NoTranslation(NullTranslations):
    """A catalogue without translations: each text has the translation ""."""

    def gettext(self, message: str) -> str:  # noqa: ARG002
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002
        return ""

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002
        return ""


@cache
def translations(language: str) -> NullTranslations:
    """Return the translations of a language: empty for English and unknown languages, "" for what has none."""
    if language not in TRANSLATIONS:
        return _NoTranslation()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with catalogue_of(language).open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    compiled_translations = GNUTranslations(compiled)
    compiled_translations.add_fallback(_NoTranslation())
    return compiled_translations


def find_translation(text: str, language: str, context: str | None = None) -> str | None:
    """Return the translation of an English text or pattern, in a context (`msgctxt`); None if there is none."""
    if not text:
        return None
    catalogue = translations(language)
    return (catalogue.pgettext(context, text) if context else catalogue.gettext(text)) or None


def find_plural(singular: str, plural: str, count: float, language: str) -> str | None:
    """Return the translation of a text for this count, in the plural form of the language; None if there is none."""
    number = int(count) if count == int(count) else 2  # a fraction takes the plural
    return translations(language).ngettext(singular, plural, number) or None


def translation(text: str, language: str, context: str | None = None) -> str:
    """Return the translation of an English text or pattern, or the text itself if there is none.

    >>> translation("There is no path.", "fi")
    'Polkua ei ole.'
    """
    return find_translation(text, language, context) or text
