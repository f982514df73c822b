"""The texts of a report in five languages.

English is the language of the shapes and of the code. The others are gettext catalogues in `shapes/messages`, one file
a language, read as they are: a translator edits a file, and no step follows. `{?name}` in a text is filled in, as in
SHACL (5.3.2). `make messages` brings the catalogues up to date with the texts there are.

>>> Texts("fi")("Corrects nothing, keeps {?this}.", this="that")
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
"""The files of shapes whose texts are translated."""

_TRANSLATED: Final = (SH + "name", SH + "message", NS + "fix")
WORDS: Final = ("violation", "warning", "info")
"""Words of a report's own that are told as they are: severities."""

_FILLED = re.compile(r"\{[?$](\w+)\}")
_HEAD = """# The texts of validation reports: {language}. Keep what stands in {{?braces}} as it is.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def said(text: str) -> str:
    """Return the text as it is: marks an English text in the code as one that is translated."""
    return text


@dataclass(frozen=True, slots=True)
class Translator:
    """The texts in one language; English where a translation is missing.

    Raises `BadParameter` for a language that is none of `LANGUAGES`.
    """

    language: str = "en"

    def __post_init__(self) -> None:
        """Refuse a language in which nothing is written."""
        if self.language not in LANGUAGES:
            raise BadParameter(f"Reports are not written in {self.language!r}.", f"Use one of {', '.join(LANGUAGES)}.")

    def __call__(self, text: str, **values: object) -> str:
        """Return an English text in this language, with its values filled in."""
        template = translations(self.language).get(text, text)
        return _FILLED.sub(lambda match: str(values.get(match[1], match[0])), template)


def placeholders(text: str) -> list[str]:
    """Return the names that are filled in, sorted.

    >>> blanks("{?credits} and {$hours}")
    ['credits', 'hours']
    """
    return sorted(_FILLED.findall(text))


@cache
def translations(language: str) -> Mapping[str, str]:
    """Return the translations into a language by the English text; empty for English and for a language without any."""
    return translations_in(_file(language), language) if language in LANGUAGES else {}


def texts_of_reports() -> dict[str, list[str]]:
    """Return every English text that a report can say, and where each is said."""
    from babel.messages.extract import extract_from_dir

    found: dict[str, list[str]] = {}
    for name in SHAPES:
        for triple in read_turtle(folder("shapes") / name):
            if triple.predicate.value in _TRANSLATED and isinstance(triple.object, Literal):
                found.setdefault(triple.object.value, []).append(name)
    here = Path(__file__).resolve().parent
    kinds = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    extracted = extract_from_dir(
        str(here), kinds, options_map={"**": {"silent": "false"}}, keywords={"said": None, "told": None, "_told": None}
    )
    for file, _, message, _, _ in extracted:
        found.setdefault(str(message), []).append(file)
    for word in WORDS:
        found.setdefault(word, []).append("report.py")
    return found


def update_catalogue(language: str) -> bytes:
    """Return the catalogue of a language with the texts that there are now; a new text has an empty translation."""
    return _HEAD.format(language=language).encode() + catalogue_with(
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
