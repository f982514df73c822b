"""Updater of the catalogues of the messages of answers and errors, from the code and the graph: `make messages`.

A new text gets an empty translation, to be written by a person; an unused one is removed from the catalogue.
"""

from pathlib import Path
from typing import Final

from pyoxigraph import Literal

from mastery_graph.languages import LANGUAGES
from mastery_graph.languages.catalogue import catalogue_of, catalogue_with, translations_in
from mastery_graph.resources import folder
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import ID, NS, SKOS

_HEADER: Final = """# What answers and errors say: {language}. Keep what stands in {{braces}} and after % as it is.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_KEYWORDS: Final = {"Message": None, "N_": None, "_": None}
_PACKAGES: Final = (
    "cli",
    "concept_search",
    "credentials",
    "languages",
    "linked_data",
    "mappings",
    "permalinks",
    "questions",
    "sources",
    "store",
)
_MESSAGE_ONLY_PACKAGES: Final = ("mastery_graph/validation", "api/mastery_api")
"""Packages with catalogues of their own: only their messages (`Message`) are translated here."""
_CODE: Final = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_GRAPH_TEXTS: Final = (
    ("nqf.ttl", NS + "openBecause", ""),
    ("nqf.ttl", SKOS + "note", ""),
    ("green-skills.ttl", SKOS + "editorialNote", ""),
    ("policies.ttl", SKOS + "prefLabel", ID + "policy-status/"),
)
"""Texts of the graph to translate: a file, a property, and the prefix of the IRIs of its subjects."""
WORDS: Final = {
    "purposes": ("academic", "training", "employment"),
    "statuses": ("Not Found", "Method Not Allowed"),
    "origins": ("claimed", "sealed", "registered", "stated", "referenced"),
    "strengths": ("strong", "substantial", "weak", "none"),
    "outcomes": ("met", "unmet", "unknown", "not-applicable"),
    "verdicts": (
        "alike",
        "attested",
        "comparable",
        "compared",
        "conditional",
        "contradicted",
        "covered",
        "different",
        "framework-not-covered",
        "insufficient-information",
        "mapped",
        "no-mapping-known",
        "none-attested",
        "not-comparable",
        "not-covered",
        "not-stackable",
        "nothing-fits",
        "out-of-date",
        "partially-stackable",
        "partly-attested",
        "partly-covered",
        "recognisable",
        "stackable",
        "undetermined",
    ),
    "fields": (
        "EQF level",
        "action",
        "actions",
        "actor",
        "asked",
        "aspect",
        "aspects",
        "attested by",
        "bound",
        "candidates",
        "citation",
        "code",
        "comparisons",
        "confidence",
        "contested",
        "contradictions",
        "country",
        "coverage at most",
        "covered by",
        "credential",
        "criterion",
        "description",
        "differences",
        "ects",
        "eqf level",
        "equivalents",
        "explanation",
        "figures",
        "found",
        "found in",
        "framework",
        "gap",
        "given by",
        "grade",
        "historical",
        "hours",
        "in catalogue",
        "label",
        "language",
        "left",
        "left out",
        "level",
        "matched",
        "name",
        "next",
        "not closed because",
        "not compared because",
        "not consulted",
        "note",
        "obsolete",
        "of",
        "open because",
        "optimal",
        "other country",
        "other framework",
        "other level",
        "other referencing",
        "other uri",
        "outcome",
        "outcomes",
        "page",
        "reason",
        "referencing",
        "relation",
        "right",
        "score",
        "sectors",
        "sentence",
        "served by",
        "skill",
        "skills",
        "source",
        "standing",
        "start",
        "statements",
        "status",
        "substantial",
        "successor",
        "suggestions",
        "title",
        "unreferenced",
        "uri",
        "value",
        "vision",
        "weight",
        "why",
    ),
    "values": (
        "applies",
        "caller",
        "cannot-be-told",
        "default",
        "does-not-apply",
        "hint",
        "may-be",
        "missing",
        "not-by-itself",
        "not-judged",
        "partial",
        "preset",
        "sector",
    ),
}
"""Words of answers that are codes in JSON and are translated for readers."""


def answer_texts() -> dict[str, list[str]]:
    """Return every English text and pattern of answers and errors, each with the places where it is used."""
    from babel.messages.extract import extract_from_dir

    package = Path(__file__).resolve().parents[1]
    texts: dict[str, list[str]] = {}
    for part in _PACKAGES:
        for file, _, message, _, _ in extract_from_dir(str(package / part), _CODE, keywords=_KEYWORDS):
            texts.setdefault(str(message), []).append(f"{part}/{file}")
    for part in _MESSAGE_ONLY_PACKAGES:
        directory = package.parent / part
        for file, _, message, _, _ in extract_from_dir(
            str(directory), [("**.py", "python")], keywords={"Message": None}
        ):
            texts.setdefault(str(message), []).append(f"{directory.name}/{file}")
    for file, _, message, _, _ in extract_from_dir(str(package), [("errors.py", "python")], keywords=_KEYWORDS):
        texts.setdefault(str(message), []).append(file)
    for name, predicate, kind in _GRAPH_TEXTS:
        for triple in read_turtle(folder("ontology") / name):
            subject = getattr(triple.subject, "value", "")
            value = triple.object
            if triple.predicate.value == predicate and subject.startswith(kind) and isinstance(value, Literal):
                texts.setdefault(value.value, []).append(name)
    for kind, words in WORDS.items():
        for word in words:
            texts.setdefault(word, []).append(kind)
    return texts


def update_catalogue(language: str) -> bytes:
    """Return the catalogue of a language, updated to the current texts."""
    present = translations_in(catalogue_of(language), language)
    return _HEADER.format(language=language).encode() + catalogue_with(answer_texts(), present, language)


def main() -> None:
    """Rewrite the catalogue of each language."""
    for language in LANGUAGES[1:]:
        catalogue_of(language).write_bytes(update_catalogue(language))


if __name__ == "__main__":
    main()
