"""Answers as text for a terminal, HTML for a page, CSV for a spreadsheet and JSON-LD for linked data.

The JSON form of an answer is the model itself.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from functools import cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader

from mastery_graph.hyperlinks import is_followable
from mastery_graph.languages import country_name, translation
from mastery_graph.languages.catalogue import find_translation
from mastery_graph.languages.records import localize
from mastery_graph.languages.sentence import LocalizedText
from mastery_graph.languages.templates import localized_environment
from mastery_graph.questions.answer import Answer, Evidence, Origin
from mastery_graph.spreadsheet import safe_cell
from mastery_graph.vocabulary import DCAT, DCTERMS, ID, NS, PROV, RDF, SKOS, XSD

_CONTEXT: dict[str, Any] = {
    "@version": 1.1,
    "question": {"@id": NS.question, "@type": "@json"},
    "verdict": NS.verdict,
    "summary": SKOS.definition,
    "disclaimer": DCTERMS.rights,
    "derived_from": {"@id": PROV.wasDerivedFrom, "@type": "@id"},
    "dataset": {
        "@id": PROV.hadPrimarySource,
        "@context": {
            "title": DCTERMS.title,
            "version": DCAT.version,
            "built": {"@id": PROV.generatedAtTime, "@type": XSD.dateTime},
            "content_hash": NS.contentHash,
            "licence": {"@id": DCTERMS.license, "@type": "@id"},
            "version_of": {"@id": DCTERMS.isVersionOf, "@type": "@id"},
        },
    },
    "criteria": {
        "@id": NS.criterion,
        "@context": {
            "title": DCTERMS.title,
            "outcome": NS.outcome,
            "explanation": SKOS.definition,
            "page": {"@id": NS.appliesRule, "@type": "@id"},
            "source": DCTERMS.bibliographicCitation,
            "derived_from": {"@id": PROV.wasDerivedFrom, "@type": "@id"},
        },
    },
    "rests_on": {
        "@id": PROV.wasDerivedFrom,
        "@context": {
            "about": {"@id": RDF.subject, "@type": "@id"},
            "property": {"@id": RDF.predicate, "@type": "@id"},
            "value": RDF.object,
            "named_graph": {"@id": NS.statedIn, "@type": "@id"},
            "cites": {"@id": DCTERMS.source, "@type": "@id"},
        },
    },
}
"""The JSON-LD context: keys of an answer that it does not contain have no RDF form."""
_WIDTH = 140
HIDDEN_FIELDS: Final = ("uri", "framework_uri", "referencing", "position", "outcome", "by_outcome", "record", "kind")
"""Fields of records that are not shown as columns in HTML."""
TRANSLATED_COLUMNS: Final = ("given_by", "of", "outcome", "standing", "status", "substantial")
"""Columns with values of a fixed vocabulary: codes in JSON and CSV, translated for readers."""
COUNTRY_COLUMNS: Final = ("country", "other_country")
"""Columns with a country: its code (ISO 3166-1 alpha-3) in JSON and CSV, its name for readers."""


def as_text(answer: Answer, language: str = "en") -> str:
    """Return the answer as text: the verdict, each criterion with its reason, the dataset and the disclaimer."""
    localized_answer = localize(answer, language)
    template = _environment(language).get_template("answer.txt")
    return template.render(
        answer=localized_answer,
        fields=_own_fields(localized_answer),
        table=lambda: _draw_table(localize(localized_answer.table(), language), language),
    )


def as_html(answer: Answer, language: str = "en") -> str:
    """Return the answer as an escaped fragment of HTML, without a page around it."""
    localized_answer = localize(answer, language)
    table = localize(localized_answer.table(), language)
    return (
        _environment(language)
        .get_template("answer.html")
        .render(answer=localized_answer, fields=_own_fields(localized_answer), table=table, headings=answer.headings())
    )


def as_json(answer: Answer, language: str = "en", indent: int | None = None) -> str:
    """Return the answer as JSON: the model itself, with its messages in a language."""
    return localize(answer, language).model_dump_json(indent=indent)


def as_csv(answer: Answer, language: str = "en") -> str:
    """Return the table of an answer as CSV (RFC 4180), empty for a kind without a table.

    A text that a spreadsheet would run as a formula is prefixed with an apostrophe. The column names are the same in
    each language.
    """
    rows = localize(localize(answer, language).table(), language)
    buffer = io.StringIO()
    if rows:
        writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue()


def as_json_ld(answer: Answer, language: str = "en") -> dict[str, Any]:
    """Return the answer as a JSON-LD object: an entity (PROV) derived from a version of the dataset and from quads.

    It contains the JSON answer unchanged; the context and the key `rests_on` make it linked data. The answer and each
    of its criteria `prov:wasDerivedFrom` the statements that they are based on, each with its named graph and the
    sources that the graph cites.
    """
    content = localize(answer, language).model_dump(mode="json")
    quads: dict[Evidence, dict[str, Any]] = {}
    for criterion in answer.criteria:
        for quad in criterion.evidence:
            quads.setdefault(quad, _statement(quad))
    criteria = [
        {
            "@type": [NS.Criterion, PROV.Entity],
            **plain,
            "derived_from": [quads[quad]["@id"] for quad in criterion.evidence],
        }
        for criterion, plain in zip(answer.criteria, content["criteria"], strict=True)
    ]
    version = f"urn:sha256:{answer.dataset.content_hash}"
    return {
        "@context": _context(language),
        "@id": f"urn:sha256:{answer.id}",
        "@type": [NS.Answer, PROV.Entity],
        **content,
        "derived_from": version,
        "dataset": {"@id": version, "@type": DCAT.Dataset, "version_of": answer.dataset.iri, **content["dataset"]},
        "criteria": criteria,
        "rests_on": list(quads.values()),
    }


def _context(language: str) -> dict[str, Any]:
    """Return the JSON-LD context, with this language for the messages."""
    in_language = {name: {"@id": _CONTEXT[name], "@language": language} for name in ("summary", "disclaimer")}
    of_criteria = _CONTEXT["criteria"]["@context"]
    explanation = {"@id": of_criteria["explanation"], "@language": language}
    criteria = {**_CONTEXT["criteria"], "@context": {**of_criteria, "explanation": explanation}}
    return {**_CONTEXT, **in_language, "criteria": criteria}


def _draw_table(rows: list[dict[str, object]], language: str) -> str:
    """Draw the rows of a table for a terminal; return an empty text for no rows."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    if not rows:
        return ""
    table = Table(*(_heading(language, name) for name in rows[0]), box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(_cell_text(language, name, value) for name, value in row.items()))
    buffer = io.StringIO()
    Console(file=buffer, width=_WIDTH).print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())


def _statement(quad: Evidence) -> dict[str, Any]:
    """Return a quad as a reified statement with the hash of its content as its IRI."""
    if quad.object_type == "literal":
        value: dict[str, str] = {"@value": quad.object}
        value |= {"@language": quad.language} if quad.language else {"@type": quad.datatype or XSD.string}
    else:
        value = {"@id": quad.object}
    content = "\n".join((quad.subject, quad.predicate, json.dumps(value, sort_keys=True), quad.graph))
    return {
        "@id": f"urn:sha256:{hashlib.sha256(content.encode()).hexdigest()}",
        "@type": [RDF.Statement, PROV.Entity],
        "about": quad.subject,
        "property": quad.predicate,
        "value": value,
        "named_graph": quad.graph,
        "cites": [source.iri for source in quad.sources],
    }


def _own_fields(answer: Answer) -> dict[str, Any]:
    """Return the fields that only this kind of answer has, as plain values."""
    common = {*Answer.model_fields, *Answer.model_computed_fields}
    return {name: value for name, value in answer.model_dump(mode="json").items() if name not in common}


def _heading(language: str, name: str) -> str:
    """Return the name of a field, or the heading of a column, in a readable form and in a language."""
    if isinstance(name, LocalizedText):
        return localize(name, language)
    words = name.replace("_", " ")
    return find_translation(words, language, "field") or translation(words, language)


def _origins(quads: Iterable[Evidence]) -> list[Origin]:
    """Return the distinct origins of evidence, in the order of their definition."""
    present = {quad.origin for quad in quads}
    return [origin for origin in Origin if origin in present]


def _cell_text(language: str, column: str, value: object) -> str:
    """Return a value of a column as text: countries by name, values of a fixed vocabulary translated."""
    text = "" if value is None else str(value)
    if column in COUNTRY_COLUMNS:
        return country_name(text, language) if text else ""
    return translation(text, language) if column in TRANSLATED_COLUMNS else text


@cache
def _environment(language: str) -> Environment:
    environment = localized_environment(PackageLoader("mastery_graph.questions"), language)
    environment.globals |= {"identifiers": ID, "hidden": HIDDEN_FIELDS}
    environment.tests["followable"] = is_followable
    environment.filters |= {
        "heading": partial(_heading, language),
        "origins": lambda quads: ", ".join(_heading(language, origin.value) for origin in _origins(quads)),
        "country": lambda code: country_name(code, language),
        "cell": lambda value, column: _cell_text(language, column, value),
    }
    return environment
