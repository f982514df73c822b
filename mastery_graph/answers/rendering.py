"""An answer in its faces: text for a terminal, HTML for a page, CSV for a spreadsheet, JSON-LD for linked data.

JSON is the model itself.
"""

import csv
import io
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from mastery_graph.answers.answer import Answer
from mastery_graph.vocabulary import DCTERMS, ID, NS, PROV, XSD

_CONTEXT: dict[str, Any] = {
    "@vocab": NS,
    "prov": PROV,
    "dcterms": DCTERMS,
    "derived_from": {"@id": "prov:wasDerivedFrom", "@type": "@id"},
    "generated_at": {"@id": "prov:generatedAtTime", "@type": XSD + "dateTime"},
    "page": {"@id": "prov:hadPlan", "@type": "@id"},
    "graph": {"@id": "prov:hadPrimarySource", "@type": "@id"},
    "iri": "@id",
    "uri": "@id",
}


def as_text(answer: Answer) -> str:
    """Return the answer as text: the verdict, each criterion with its reason, the dataset, the disclaimer."""
    return _environment().get_template("answer.txt").render(answer=answer, fields=_own_fields(answer))


def as_html(answer: Answer) -> str:
    """Return the answer as a piece of HTML, escaped, without a page around it."""
    return (
        _environment()
        .get_template("answer.html")
        .render(answer=answer, fields=_own_fields(answer), table=answer.table())
    )


def as_csv(answer: Answer) -> str:
    """Return the table of an answer as CSV (RFC 4180), empty for a kind that is no table.

    A text that a spreadsheet would run as a formula is given an apostrophe before it.
    """
    rows = answer.table()
    written = io.StringIO()
    if rows:
        writer = csv.DictWriter(written, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return written.getvalue()


def as_json_ld(answer: Answer) -> dict[str, Any]:
    """Return the answer as a JSON-LD object: an entity (PROV) derived from the dataset that it was asked of."""
    content = answer.model_dump(mode="json")
    return {
        "@context": _CONTEXT,
        "@id": f"urn:sha256:{identity(answer)}",
        "@type": "prov:Entity",
        "derived_from": answer.dataset.iri,
        **content,
    }


def identity(answer: Answer) -> str:
    """Return the hash of the question and the dataset: what gives this very answer again."""
    return answer.id


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _own_fields(answer: Answer) -> dict[str, Any]:
    """Return the fields that only this kind of answer has, as plain values."""
    common = {*Answer.model_fields, *Answer.model_computed_fields}
    return {name: value for name, value in answer.model_dump(mode="json").items() if name not in common}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mastery_graph.answers"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["identifiers"] = ID
    return environment
