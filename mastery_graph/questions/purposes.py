"""Purposes of recognition, as the graph describes them: code, name, required quality assurance, and role of the policy.

A purpose is a resource of the class `mg:Purpose`; rules have their weights for it (`mg:decisiveFor`,
`mg:supportingFor`). The shipped ones are in `ontology/purposes.ttl`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import Field
from pyoxigraph import Literal as Term
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from mastery_graph.errors import BadParameter
from mastery_graph.languages import Labelled, Message
from mastery_graph.languages.records import Localized
from mastery_graph.namespaces import NS, RDF, SKOS
from mastery_graph.queries import named_query
from mastery_graph.rdf import Row, link, term_text
from mastery_graph.records import Record
from mastery_graph.resources import folder
from mastery_graph.store.protocol import Store


class Purpose(Record):
    """A purpose of recognition."""

    iri: str
    code: str
    label: Localized
    assurance: Literal["esg", "eqavet"] | None
    """The framework of quality assurance that it requires; None where any counts."""
    informed_by_policy: bool
    """Whether the national policy of the destination is judged."""

    @property
    def name(self) -> str:
        """Its label as within a sentence, in all languages."""
        return self.label.lower()


def purposes_of(store: Store) -> Mapping[str, Purpose]:
    """Return the purposes that a graph describes, by code, sorted by code."""
    rows_by_code: dict[str, list[Row]] = {}
    for row in store.select(named_query("recognition/purposes").text):
        rows_by_code.setdefault(term_text(row["code"]), []).append(row)
    return {code: _purpose(code, rows) for code, rows in rows_by_code.items()}


def find_purpose(purposes: Mapping[str, Purpose], code: str) -> Purpose:
    """Return the purpose with this code. Raises `BadParameter`, which names those that exist."""
    if code not in purposes:
        raise BadParameter(
            Message("There is no purpose {name}.", name=repr(code)),
            Message("Use one of {names}.", names=", ".join(purposes)),
        )
    return purposes[code]


def purpose_types(store: Store) -> list[Triple]:
    """Return for each purpose of a graph the triple that states its class, as a check of statements needs it.

    A store that describes no purpose, such as an endpoint without the shipped graphs, has those that ship.
    """
    stored = [link(purpose.iri, RDF.type, NS.Purpose) for purpose in purposes_of(store).values()]
    return stored or [
        quad.triple for quad in _shipped() if quad.predicate.value == RDF.type and quad.object == NamedNode(NS.Purpose)
    ]


@cache
def shipped_purposes() -> tuple[str, ...]:
    """Return the codes of the purposes that ship, sorted: examples where there is no store to ask."""
    return tuple(
        sorted(
            quad.object.value
            for quad in _shipped()
            if quad.predicate.value == SKOS.notation and isinstance(quad.object, Term)
        )
    )


def _shipped() -> Iterator[Quad]:
    yield from parse(path=str(folder("ontology") / "purposes.ttl"), format=RdfFormat.TURTLE)


PurposeCode = Annotated[str, Field(max_length=100, examples=list(shipped_purposes()))]
"""The code of a purpose as a parameter; which codes exist depends on the graph."""


def _purpose(code: str, rows: list[Row]) -> Purpose:
    first = rows[0]
    return Purpose(
        iri=term_text(first["purpose"]),
        code=code,
        label=Labelled({_language(row): term_text(row["label"]) for row in rows}),
        assurance=term_text(first["assurance"]) if "assurance" in first else None,
        informed_by_policy=term_text(first["informed"]) == "true",
    )


def _language(row: Row) -> str:
    return getattr(row["label"], "language", None) or ""
