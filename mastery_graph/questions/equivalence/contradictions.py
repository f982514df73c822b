"""Contradictions among mappings, each with the smallest set of links that causes it.

Rule SKILL-3, after the SKOS Reference: exact match is disjoint with broad and related match (S46), and exact match is
transitive (S45), so that a chain of exact matches must not join two concepts of one scheme, or levels at two EQF
levels. Contradictions are reported, not resolved: no link is dropped because of one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from mastery_graph.languages import N_, Message
from mastery_graph.queries import named_query
from mastery_graph.questions.mapping_closure import Link, Relation
from mastery_graph.rdf import term_text
from mastery_graph.store.protocol import Store

if TYPE_CHECKING:
    from networkx import DiGraph, Graph

_Node = tuple[str, Relation]


class ContradictionKind(StrEnum):
    """The kind of a contradiction."""

    EXACT_AND_BROAD = "exact-and-broad"
    EXACT_AND_RELATED = "exact-and-related"
    BROAD_CIRCLE = "broad-circle"
    ONE_SCHEME = "two-concepts-of-one-scheme"
    TWO_EQF_LEVELS = "two-eqf-levels"
    DENIED = "denied"


_EXPLANATIONS = {
    ContradictionKind.EXACT_AND_BROAD: N_(
        "{one} and {other} are mapped as exact matches, and one as broader than the other."
    ),
    ContradictionKind.EXACT_AND_RELATED: N_("{one} and {other} are mapped as exact matches, and as merely related."),
    ContradictionKind.BROAD_CIRCLE: N_("{one} is mapped as broader than {other}, and {other} as broader than {one}."),
    ContradictionKind.ONE_SCHEME: N_(
        "{one} and {other} are two concepts of one scheme, and are joined by exact matches."
    ),
    ContradictionKind.TWO_EQF_LEVELS: N_("{one} and {other} are at different EQF levels, and exact matches join them."),
    ContradictionKind.DENIED: N_("That {one} corresponds to {other} follows from mappings, and is denied by one."),
}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two concepts about which mappings contradict each other, and the fewest links that do."""

    kind: ContradictionKind
    concepts: tuple[str, str]
    links: tuple[Link, ...]
    denial: Link | None = None
    """The mapping that a mapping set denies, if the contradiction involves one."""

    @property
    def explanation(self) -> Message:
        """The contradiction in a sentence."""
        first, second = self.concepts
        return Message(_EXPLANATIONS[self.kind], one=first, other=second)

    @property
    def mapping_sets(self) -> tuple[str, ...]:
        """The titles of the mapping sets whose authors could resolve it."""
        links = (*self.links, *((self.denial,) if self.denial else ()))
        return tuple(sorted({link.mapping_set for link in links if link.mapping_set}))


@dataclass(frozen=True, slots=True)
class ConceptStatus:
    """The schemes of a concept, its EQF level if it is a level, and whether it is still in use."""

    schemes: frozenset[str] = frozenset()
    eqf: str | None = None
    obsolete: bool = False
    successor: str | None = None


def concept_statuses(store: Store, concepts: Iterable[str]) -> dict[str, ConceptStatus]:
    """Return the status of each of these concepts; those that the graph does not describe are left out."""
    nodes = [NamedNode(concept) for concept in sorted(set(concepts))]
    if not nodes:
        return {}
    schemes: dict[str, set[str]] = defaultdict(set)
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in store.select(named_query("equivalence/schemes").text, {"concept": nodes}):
        concept = term_text(row["concept"])
        if "scheme" in row:
            schemes[concept].add(term_text(row["scheme"]))
        facts[concept] |= {
            name: term_text(row[name]) for name in ("eqf", "status", "obsolete", "successor") if name in row
        }
    return {
        concept: ConceptStatus(
            schemes=frozenset(schemes[concept]),
            eqf=facts[concept].get("eqf"),
            obsolete=facts[concept].get("status") == "obsolete" or facts[concept].get("obsolete") in {"true", "1"},
            successor=facts[concept].get("successor"),
        )
        for concept in {*schemes, *facts}
    }


def contradictions(
    links: Iterable[Link], denials: Iterable[Link] = (), statuses: Mapping[str, ConceptStatus] | None = None
) -> list[Contradiction]:
    """Return the contradictions among `links`, and between `links` and `denials`, those with the fewest links first.

    Links may be in either direction and may be repeated. `statuses` has the schemes and EQF levels of the concepts.
    """
    links_by_ends: dict[tuple[str, Relation, str], Link] = {}
    for link in links:
        links_by_ends.setdefault((link.start, link.relation, link.end), link)
        links_by_ends.setdefault((link.end, link.relation.inverse, link.start), link.reversed)
    chains = _Chains(links_by_ends.values())
    contradictions_by_links: dict[frozenset[tuple[str, Relation, str]], Contradiction] = {}
    for contradiction in (
        *_broader_contradictions(chains, links_by_ends.values()),
        *_related_contradictions(chains, links_by_ends.values()),
        *_exact_group_contradictions(chains, statuses or {}),
        *_denial_contradictions(chains, denials),
    ):
        triples = frozenset(link.triple for link in contradiction.links) | (
            {contradiction.denial.triple} if contradiction.denial else set()
        )
        contradictions_by_links.setdefault(triples, contradiction)
    return sorted(
        contradictions_by_links.values(),
        key=lambda contradiction: (len(contradiction.links), contradiction.kind, contradiction.concepts),
    )


class _Chains:
    """Chains of links and their relations: a graph whose nodes are concepts with the relation that reaches them."""

    def __init__(self, links: Iterable[Link]) -> None:
        import networkx

        self._graph: DiGraph[_Node] = networkx.DiGraph()
        exact: Graph[str] = networkx.Graph()
        for link in sorted(links, key=lambda link: (link.start, link.relation, link.end)):
            for relation in Relation:
                if composed := relation.then(link.relation):
                    self._graph.add_edge((link.start, relation), (link.end, composed), link=link)
            if link.relation is Relation.EXACT:
                exact.add_edge(link.start, link.end)
        self.exact_groups = [sorted(group) for group in networkx.connected_components(exact)]

    def shortest(self, start: str, relation: Relation, end: str) -> tuple[Link, ...] | None:
        """Return the shortest chain of links between two concepts that composes to the relation, or None."""
        import networkx

        source, target = (start, Relation.EXACT), (end, relation)
        if source not in self._graph or target not in self._graph:
            return None
        try:
            nodes = networkx.shortest_path(self._graph, source, target)
        except networkx.NetworkXNoPath:
            return None
        return tuple(self._graph.edges[pair]["link"] for pair in pairwise(nodes))


def _broader_contradictions(chains: _Chains, links: Iterable[Link]) -> Iterator[Contradiction]:
    for link in links:
        if link.relation is not Relation.BROAD:
            continue
        ends = (link.end, link.start)
        if same := chains.shortest(link.end, Relation.EXACT, link.start):
            yield Contradiction(ContradictionKind.EXACT_AND_BROAD, ends, (link, *same))
        elif circle := chains.shortest(link.end, Relation.BROAD, link.start):
            yield Contradiction(ContradictionKind.BROAD_CIRCLE, ends, (link, *circle))


def _related_contradictions(chains: _Chains, links: Iterable[Link]) -> Iterator[Contradiction]:
    for link in links:
        if link.relation is Relation.RELATED and (same := chains.shortest(link.start, Relation.EXACT, link.end)):
            yield Contradiction(ContradictionKind.EXACT_AND_RELATED, (link.start, link.end), (link, *same))


def _exact_group_contradictions(chains: _Chains, statuses: Mapping[str, ConceptStatus]) -> Iterator[Contradiction]:
    """Yield the contradictions in groups of exact matches.

    Of each scheme, these are neighbours in the order of their IRIs; of two EQF levels, one pair of concepts.
    """
    for group in chains.exact_groups:
        by_scheme: dict[str, list[str]] = defaultdict(list)
        by_level: dict[str, str] = {}
        for concept in group:
            status = statuses.get(concept, ConceptStatus())
            for scheme in status.schemes:
                by_scheme[scheme].append(concept)
            if status.eqf:
                by_level.setdefault(status.eqf, concept)
        levels = combinations([by_level[level] for level in sorted(by_level)], 2)
        pairs = dict.fromkeys(levels, ContradictionKind.TWO_EQF_LEVELS)
        for members in by_scheme.values():
            pairs |= {pair: ContradictionKind.ONE_SCHEME for pair in pairwise(members) if pair not in pairs}
        for (first, second), kind in sorted(pairs.items()):
            if chain := chains.shortest(first, Relation.EXACT, second):
                yield Contradiction(kind, (first, second), chain)


def _denial_contradictions(chains: _Chains, denials: Iterable[Link]) -> Iterator[Contradiction]:
    for denial in denials:
        # an exact match is a close match too (SKOS Reference, S42)
        relations = [Relation.EXACT, Relation.CLOSE] if denial.relation is Relation.CLOSE else [denial.relation]
        denied_chains = [
            chain for relation in relations if (chain := chains.shortest(denial.start, relation, denial.end))
        ]
        if denied_chains:
            yield Contradiction(
                ContradictionKind.DENIED, (denial.start, denial.end), min(denied_chains, key=len), denial
            )
