"""The translated texts of validation reports.

Shapes and code contain the English texts. The translations are gettext catalogues in `shapes/messages`, one file per
language, which are read without being compiled first. `{?name}` in a text is a placeholder, as in SHACL (5.3.2).
`make messages` updates the catalogues with the current texts.

>>> Translator("fi")("Corrects nothing, keeps {?this}.", this="that")
'Corrects nothing, keeps that.'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal

from mastery_graph.errors import BadParameter
from mastery_graph.languages.catalogue import LANGUAGES, catalogue_with, translations_in
from mastery_graph.resources import folder
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import NS, SH

SHAPES: Final = (
    "micro-credential.ttl",
    "mastery.ttl",
    "plausibility.ttl",
    "plain-messages.ttl",
    "elm-known-errors.ttl",
)
"""The shapes files whose texts are translated."""

_TEXT_PROPERTIES: Final = (SH + "name", SH + "message", NS + "fix")
WORDS: Final = ("violation", "warning", "info")
"""The severities, which are translated too."""

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_HEADER = """# The texts of validation reports: {language}. Keep what stands in {{?braces}} as it is.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates texts of reports into one language; a text without a translation stays in English.

    Raises `BadParameter` for a language that is not one of `LANGUAGES`.
    """

    language: str = "en"

    def __post_init__(self) -> None:
        """Refuse a language without a catalogue."""
        if self.language not in LANGUAGES:
            raise BadParameter(f"Reports are not written in {self.language!r}.", f"Use one of {', '.join(LANGUAGES)}.")

    def __call__(self, text: str, **values: object) -> str:
        """Return the translation of an English text, with its placeholders filled in."""
        template = translations(self.language).get(text, text)
        return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), template)


def placeholders(text: str) -> list[str]:
    """Return the names of the placeholders of a text, sorted.

    >>> placeholders("{?credits} and {$hours}")
    ['credits', 'hours']
    """
    return sorted(_PLACEHOLDER.findall(text))


@cache
def translations(language: str) -> Mapping[str, str]:
    """Return the translations into a language by English text; empty for English and for a language without any."""
    return translations_in(_file(language), language) if language in LANGUAGES else {}


def texts_of_reports() -> dict[str, list[str]]:
    """Return every English text of reports, with the files that contain it."""
    from babel.messages.extract import extract_from_dir

    files_by_text: dict[str, list[str]] = {}
    for name in SHAPES:
        for triple in read_turtle(folder("shapes") / name):
            if triple.predicate.value in _TEXT_PROPERTIES and isinstance(triple.object, Literal):
                files_by_text.setdefault(triple.object.value, []).append(name)
    package = Path(__file__).resolve().parent
    methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    messages = extract_from_dir(
        str(package),
        methods,
        options_map={"**": {"silent": "false"}},
        keywords={"N_": None, "translate": None, "_translate": None},
    )
    for file, _, message, _, _ in messages:
        files_by_text.setdefault(str(message), []).append(file)
    for word in WORDS:
        files_by_text.setdefault(word, []).append("report.py")
    return files_by_text


def update_catalogue(language: str) -> bytes:
    """Return the catalogue of a language with the current texts; a new text has an empty translation."""
    return _HEADER.format(language=language).encode() + catalogue_with(
        texts_of_reports(), translations(language), language
    )


def main() -> None:
    """Rewrite the catalogue of each language."""
    for language in LANGUAGES[1:]:
        _file(language).write_bytes(update_catalogue(language))


def _file(language: str) -> Path:
    return folder("shapes") / "messages" / f"{language}.po"


if __name__ == "__main__":
    main()
