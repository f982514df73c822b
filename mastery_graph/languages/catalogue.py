"""The catalogues of what answers and errors say: gettext files, one a language, read as they are.

English is the language of the code. A translator edits a file in `catalogues`, and no step follows (decision 0005).
"""

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "it", "es", "bg", "fi")
"""The languages, English first."""


def catalogue_of(language: str) -> Path:
    """Return the file of a language."""
    return Path(__file__).resolve().parent / "catalogues" / f"{language}.po"


def translations_in(file: Path, language: str) -> dict[str, str]:
    """Return the translations of a catalogue by the English text; empty where there is no such file."""
    from babel.messages.pofile import read_po

    if not file.is_file():
        return {}
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale=language)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def catalogue_with(texts: Mapping[str, list[str]], present: Mapping[str, str], language: str) -> bytes:
    """Return a catalogue of texts, each with the files that say it, without a head; a new text has no translation."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalogue = Catalog(locale=language, fuzzy=False)
    for text, files in sorted(texts.items()):
        catalogue.add(text, present.get(text, ""), locations=[(file, 0) for file in sorted(set(files))])
    written = io.BytesIO()
    write_po(written, catalogue, width=120, include_lineno=False, omit_header=True)
    return written.getvalue()


@cache
def translations(language: str) -> Mapping[str, str]:
    """Return what answers and errors say in a language, by the English pattern; empty for English and the unknown."""
    return translations_in(catalogue_of(language), language) if language in LANGUAGES[1:] else {}


def translation(text: str, language: str) -> str:
    """Return an English text or pattern in a language; as it is where there is no translation.

    >>> translation("There is no path.", "fi")
    'Polkua ei ole.'
    """
    return translations(language).get(text, text)
