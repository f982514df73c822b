"""The quads that a criterion rests on, read from the graph together with their named graph and their source."""

from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode

from mastery_graph.answers.answer import Criterion, Dataset, Evidence, Outcome, Source
from mastery_graph.errors import StoreMissing
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Row, Store, Term
from mastery_graph.vocabulary import ID


def statements(store: Store, subjects: Iterable[str], predicates: Iterable[str] = ()) -> tuple[Evidence, ...]:
    """Return the statements of the graph about `subjects`, all or those with one of `predicates`."""
    about = [NamedNode(subject) for subject in dict.fromkeys(subjects)]
    if not about:
        return ()
    bindings: dict[str, list[Term]] = {"subject": list(about)}
    if only := [NamedNode(predicate) for predicate in predicates]:
        bindings["predicate"] = list(only)
    found: dict[tuple[Term, ...], list[Source]] = {}
    for row in store.select(named_query("evidence/statements").text, bindings):
        quad = (row["subject"], row["predicate"], row["object"], row["graph"])
        sources = found.setdefault(quad, [])
        if "source" in row:
            sources.append(
                Source(iri=text(row["source"]), title=text(row["sourceTitle"]) if "sourceTitle" in row else None)
            )
    return tuple(_evidence(quad, sources) for quad, sources in found.items())


def text(term: Term) -> str:
    """Return the text of a term: the IRI of a node, the lexical form of a literal."""
    return str(term) if isinstance(term, BlankNode) else term.value


def dataset(store: Store) -> Dataset:
    """Return which dataset the store holds. Raises `StoreMissing` where it says nothing of itself."""
    rows = store.select(named_query("browse/dataset").text)
    if not rows:
        raise StoreMissing("The store holds no mastery-graph dataset.", "Build it with `mastery-graph build`.")
    row = rows[0]
    return Dataset(
        iri=text(row["dataset"]),
        title=text(row["title"]),
        version=text(row["version"]),
        built=text(row["built"]),
        content_hash=text(row["hash"]),
        licence=text(row["licence"]),
    )


class Rules:
    """The rules of one kind of answer, as the graph describes them."""

    def __init__(self, store: Store, *ids: str) -> None:
        """Read the rules with these ids."""
        rows = store.select(named_query("evidence/rules").text, {"rule": [NamedNode(rule_iri(rule)) for rule in ids]})
        self._rows: dict[str, Row] = {text(row["id"]): row for row in rows}

    def criterion(
        self, rule: str, outcome: Outcome, explanation: str, evidence: tuple[Evidence, ...] = ()
    ) -> Criterion:
        """Return the criterion that applies one rule. Raises `KeyError` for a rule that the graph lacks."""
        row = self._rows[rule]
        return Criterion(
            rule=rule,
            title=text(row["title"]),
            outcome=outcome,
            explanation=explanation,
            evidence=evidence,
            source=text(row["source"]),
            page=rule_iri(rule),
        )


def rule_iri(rule: str) -> str:
    """Return the IRI of a rule.

    >>> rule_iri("LEVEL-1")
    'https://w3id.org/mastery-graph/id/rule/LEVEL-1'
    """
    return f"{ID}rule/{rule}"


def _evidence(quad: tuple[Term, ...], sources: list[Source]) -> Evidence:
    subject, predicate, value, graph = quad
    literal = isinstance(value, Literal)
    return Evidence(
        subject=text(subject),
        predicate=text(predicate),
        object=text(value),
        object_type="literal" if literal else "blank" if isinstance(value, BlankNode) else "iri",
        language=value.language if isinstance(value, Literal) else None,
        datatype=None if not isinstance(value, Literal) or value.language else value.datatype.value,
        graph=text(graph),
        sources=tuple(dict.fromkeys(sources)),
    )
