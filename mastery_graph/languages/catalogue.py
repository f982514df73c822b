"""The gettext catalogues of user-facing messages: one `.po` file per language, read without compilation.

English is the source language. A translator edits a file in `catalogues`; no build step follows (decision 0005).
"""

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "it", "es", "bg", "fi")
"""The languages, English first."""


def catalogue_of(language: str) -> Path:
    """Return the path of the catalogue of a language."""
    return Path(__file__).resolve().parent / "catalogues" / f"{language}.po"


def translations_in(file: Path, language: str) -> dict[str, str]:
    """Return the translations in a catalogue by their English text; empty if the file does not exist."""
    from babel.messages.pofile import read_po

    if not file.is_file():
        return {}
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def catalogue_with(texts: Mapping[str, list[str]], existing: Mapping[str, str], language: str) -> bytes:
    """Return a catalogue (`.po`, without a header) of texts, each with the files that use it.

    Translations are taken from `existing`; a text that is not in it has an empty translation.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalogue = Catalog(locale=language, fuzzy=False)
    for text, files in sorted(texts.items()):
        catalogue.add(text, existing.get(text, ""), locations=[(file, 0) for file in sorted(set(files))])
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=120, include_lineno=False, omit_header=True)
    return buffer.getvalue()


@cache
def translations(language: str) -> Mapping[str, str]:
    """Return all translations of a language by their English pattern; empty for English and unknown languages."""
    return translations_in(catalogue_of(language), language) if language in LANGUAGES[1:] else {}


def translation(text: str, language: str) -> str:
    """Return the translation of an English text or pattern, or the text itself if there is none.

    >>> translation("There is no path.", "fi")
    'Polkua ei ole.'
    """
    return translations(language).get(text, text)
