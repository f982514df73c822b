"""The quads that criteria are based on, read from the graph with their named graphs and their sources."""

from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode

from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Evidence, Origin, Outcome, Source, Strength
from mastery_graph.rdf import Row, Term, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import GRAPH, NS

_REFERENCE_GRAPHS = (
    "dataset",
    "elm",
    "esco",
    "esco-extract",
    "frameworks",
    "green-skills",
    "inferred",
    "mappings",
    "ontology",
)
_ORIGINS = {
    "registers": Origin.REGISTERED,
    "statements": Origin.STATED,
    **dict.fromkeys((*_REFERENCE_GRAPHS, "policy"), Origin.REFERENCED),
}
"""The origin of the statements of a named graph, by the first part of its name; all other graphs contain claims."""
_FULL_CONFIDENCE = {"high", "verified"}


def evidence_about(store: Store, subjects: Iterable[str], predicates: Iterable[str] = ()) -> tuple[Evidence, ...]:
    """Return the quads of the graph with these subjects, restricted to `predicates` if any are given."""
    nodes = [NamedNode(subject) for subject in dict.fromkeys(subjects)]
    if not nodes:
        return ()
    bindings: dict[str, list[Term]] = {"subject": list(nodes)}
    if predicate_nodes := [NamedNode(predicate) for predicate in predicates]:
        bindings["predicate"] = list(predicate_nodes)
    return _gather(store.select(named_query("evidence/statements").text, bindings))


def evidence_from_description(store: Store, description: str, predicates: Iterable[str] = ()) -> tuple[Evidence, ...]:
    """Return the quads of a description and its parts, all or those with one of these predicates."""
    bindings: dict[str, NamedNode | list[Term]] = {"description": NamedNode(description)}
    if predicate_nodes := [NamedNode(predicate) for predicate in predicates]:
        bindings["predicate"] = list(predicate_nodes)
    quads = _gather(store.select(named_query("evidence/statements-of-description").text, bindings))
    return tuple(
        quad if quad.origin is Origin.REGISTERED else quad.model_copy(update={"origin": Origin.CLAIMED})
        for quad in quads
    )


def origin_of(graph: str) -> Origin:
    """Return the origin of the statements of a named graph; those of an unknown graph are claims.

    >>> origin_of(GRAPH + "registers/deqar").value, origin_of(GRAPH + "credentials/submitted").value
    ('registered', 'claimed')
    """
    name = graph.removeprefix(GRAPH).partition("/")[0] if graph.startswith(GRAPH) else ""
    return _ORIGINS.get(name, Origin.CLAIMED)


def strength_of(outcome: Outcome, evidence: Iterable[Evidence]) -> Strength:
    """Return the strength of the weakest quad; `NONE` without evidence or for a criterion that does not apply."""
    quads = list(evidence)
    if not quads or outcome is Outcome.NOT_APPLICABLE:
        return Strength.NONE
    origins = {quad.origin for quad in quads}
    if Origin.CLAIMED in origins:
        return Strength.WEAK
    published = any(quad.predicate == NS.confidence and quad.object not in _FULL_CONFIDENCE for quad in quads)
    return Strength.SUBSTANTIAL if published or Origin.SEALED in origins else Strength.STRONG


def _gather(rows: Iterable[Row]) -> tuple[Evidence, ...]:
    sources_by_quad: dict[tuple[Term, ...], list[Source]] = {}
    for row in sorted(rows, key=_sort_key):
        sources = sources_by_quad.setdefault((row["subject"], row["predicate"], row["object"], row["graph"]), [])
        if "source" in row:
            title = term_text(row["sourceTitle"]) if "sourceTitle" in row else None
            sources.append(Source(iri=term_text(row["source"]), title=title))
    return tuple(_evidence(quad, sources) for quad, sources in sources_by_quad.items())


def _sort_key(row: Row) -> tuple[str, ...]:
    """Return a key that sorts rows in the same way on every engine, since engines order literals differently."""
    return tuple(str(row.get(column, "")) for column in ("subject", "predicate", "object", "graph", "source"))


def _evidence(quad: tuple[Term, ...], sources: list[Source]) -> Evidence:
    subject, predicate, value, graph = quad
    literal = isinstance(value, Literal)
    return Evidence(
        subject=term_text(subject),
        predicate=term_text(predicate),
        object=term_text(value),
        object_type="literal" if literal else "blank" if isinstance(value, BlankNode) else "iri",
        language=value.language if isinstance(value, Literal) else None,
        datatype=None if not isinstance(value, Literal) or value.language else value.datatype.value,
        graph=term_text(graph),
        origin=origin_of(term_text(graph)),
        sources=tuple(dict.fromkeys(sources)),
    )
