"""The catalogues of what answers and errors say: gettext files, one a language, read as they are.

English is the language of the code. A translator edits a file in `catalogues`, and no step follows (decision 0005).
"""

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
