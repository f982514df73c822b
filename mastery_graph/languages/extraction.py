"""Extractor of all texts that a person reads, and updater of the catalogue of each language: `make messages`.

The texts come from the code, the templates, the shapes and the ontology of a source tree. A new text gets an empty
translation, to be written by a person; an unused one is removed. To add a language, add it to `LANGUAGES` and run this.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from pyoxigraph import Literal, RdfFormat, parse

from mastery_graph.languages.catalogue import TRANSLATIONS, catalogue_of
from mastery_graph.languages.sentence import shacl_pattern
from mastery_graph.vocabulary import ID, NS, SH, SKOS

KEYWORDS: Final[Mapping[str, Any]] = {
    "Message": None,
    "N_": None,
    "_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
"""The functions whose arguments are texts, as gettext names them, and `Message`."""

ROOT: Final = Path(__file__).resolve().parents[2]
_TEXTS_OF_SHAPES: Final = ((SH.name, ""), (SH.message, ""), (NS.fix, ""))
_TEXTS_OF_GRAPH: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "shapes/micro-credential.ttl": _TEXTS_OF_SHAPES,
    "shapes/mastery.ttl": _TEXTS_OF_SHAPES,
    "shapes/plausibility.ttl": _TEXTS_OF_SHAPES,
    "shapes/plain-messages.ttl": _TEXTS_OF_SHAPES,
    "shapes/elm-known-errors.ttl": _TEXTS_OF_SHAPES,
    "ontology/nqf.ttl": ((NS.openBecause, ""), (SKOS.note, ID + "referencing/")),
    "ontology/further-frameworks.ttl": ((NS.openBecause, ""), (SKOS.note, ID + "referencing/")),
    "ontology/green-skills.ttl": ((SKOS.editorialNote, ""),),
    "ontology/policies.ttl": ((SKOS.prefLabel, ID + "policy-status/"),),
}
"""The Turtle files with texts to translate: the properties, each with the prefix of the IRIs of its subjects."""
_TURTLE: Final = {
    directory: [
        (file.partition("/")[2], "mastery_graph.languages.extraction:extract_turtle")
        for file in _TEXTS_OF_GRAPH
        if file.startswith(f"{directory}/")
    ]
    for directory in ("shapes", "ontology")
}
_TEMPLATES: Final = [("**.html", "jinja2"), ("**.svg", "jinja2"), ("**.txt", "jinja2")]
_SOURCES: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "mastery_graph": [("**.py", "python"), *_TEMPLATES],
    "api/mastery_api": [("**.py", "python")],
    "api/web/templates": _TEMPLATES,
    **_TURTLE,
}
"""The folders with texts, and the extraction methods of Babel for the files in each."""
_HEADER: Final = """# The texts of mastery-graph: {name}. Keep the names in {{braces}}. Terms: docs/glossary.md.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def extract_turtle(
    stream: BinaryIO,
    keywords: Sequence[str],  # noqa: ARG001  # the signature of an extraction method of Babel
    comment_tags: Sequence[str],  # noqa: ARG001
    options: Mapping[str, Any],  # noqa: ARG001
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Yield the English texts of a file of shapes or of the ontology: an extraction method of Babel."""
    file = Path(stream.name).resolve().relative_to(ROOT).as_posix()
    properties = _TEXTS_OF_GRAPH[file]
    for quad in parse(stream, format=RdfFormat.TURTLE):
        subject = getattr(quad.subject, "value", "")
        is_text = any(quad.predicate.value == name and subject.startswith(prefix) for name, prefix in properties)
        if is_text and isinstance(quad.object, Literal):
            yield 0, None, shacl_pattern(quad.object.value), []


def template() -> Catalog:
    """Return a catalogue of all texts, each with the files that use it, without translations."""
    catalogue = Catalog(fuzzy=False)
    for directory, methods in _SOURCES.items():
        messages = extract_from_dir(
            ROOT / directory, methods, options_map={"**": {"silent": "false"}}, keywords=KEYWORDS
        )
        for file, _, text, _, context in messages:
            catalogue.add(text, locations=[(f"{directory}/{file}", 0)], context=context)
    return catalogue


def update_catalogue(content: bytes, language: str) -> bytes:
    """Return the content of a catalogue (`.po`) with the current texts, in their order."""
    existing = read_po(io.BytesIO(content), locale=language)
    catalogue = Catalog(locale=language, fuzzy=False)
    for message in template():
        if message.id:
            present = existing.get(message.id, message.context)
            files = sorted({file for file, _ in message.locations})
            catalogue.add(
                message.id,
                present.string if present else "",
                locations=[(file, 0) for file in files],
                context=message.context,
            )
    output = io.BytesIO()
    write_po(output, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=True)
    return _header(language, catalogue.plural_forms).encode() + output.getvalue()


def _header(language: str, plural_forms: str) -> str:
    from babel import Locale

    return _HEADER.format(name=Locale(language).english_name, language=language, plural_forms=plural_forms)


def main() -> None:
    """Rewrite the catalogue of each language."""
    for language in TRANSLATIONS:
        path = catalogue_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(update_catalogue(path.read_bytes() if path.is_file() else b"", language))


if __name__ == "__main__":
    main()
