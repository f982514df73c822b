"""The closure of mappings: the concepts that chains of links reach, with the relation and the confidence of each.

Rule SKILL-1: exact and exact give exact, exact and close give close, broad and narrow keep their direction and
compose with exact and with themselves, related composes with exact only. Nothing is promoted. Rule SKILL-2: the
confidence of a path is the product of its links'. Steps in the ESCO hierarchy are broad and narrow links; how many a
path may take is up to the caller. Rule ESCO-1: a concept that its owner has replaced is as good as its successor, and
close to each of them where there are several.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pyoxigraph import NamedNode

from mastery_graph.queries import named_query
from mastery_graph.rdf import Row, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, SKOS

_ESCO_PREFIX = "http://data.europa.eu/esco/"


class Relation(StrEnum):
    """The relation of a reached concept to the first: `NARROW` means that the reached one is narrower."""

    EXACT = "exactMatch"
    CLOSE = "closeMatch"
    BROAD = "broadMatch"
    NARROW = "narrowMatch"
    RELATED = "relatedMatch"

    @property
    def inverse(self) -> "Relation":
        """The relation in the opposite direction."""
        return {Relation.BROAD: Relation.NARROW, Relation.NARROW: Relation.BROAD}.get(self, self)

    def then(self, other: "Relation") -> "Relation | None":
        """Return the relation of two consecutive links, or None if they do not compose (SKILL-1).

        >>> Relation.EXACT.then(Relation.CLOSE).value, Relation.CLOSE.then(Relation.CLOSE)
        ('closeMatch', None)
        """
        if self is Relation.EXACT:
            return other
        if other is Relation.EXACT or (self is other and self in {Relation.BROAD, Relation.NARROW}):
            return self
        return None


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a path, read from `start` to `end`: a mapping, or a step in a concept hierarchy."""

    start: str
    relation: Relation
    end: str
    confidence: float | None
    """0 to 1; None if none is recorded. A step in the hierarchy is asserted by its owner and has 1."""
    record: str | None = None
    """The IRI of the mapping record."""
    justification: str | None = None
    comment: str | None = None
    hierarchy: bool = False
    replacement: bool = False
    """Whether the link represents the replacement of a concept by its owner."""
    subject: str = ""
    """The subject of the triple as it is recorded: `start`, or `end` if the link is read backwards."""
    mapping_set: str | None = None
    """The title of the mapping set, or its IRI, that holds the record."""

    @property
    def reversed(self) -> "Link":
        """The link in the opposite direction."""
        return replace(self, start=self.end, relation=self.relation.inverse, end=self.start)

    @property
    def triple(self) -> tuple[str, Relation, str]:
        """The triple as it is recorded, whatever the direction of the link."""
        forward = self.subject in {"", self.start}
        return (self.start, self.relation, self.end) if forward else (self.end, self.relation.inverse, self.start)


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of links from the first concept to the last, with the relation and confidence of the whole chain."""

    end: str
    relation: Relation
    links: tuple[Link, ...]
    confidence: float | None
    """The product of the links' confidences; None if one of them is unknown."""

    @property
    def reversed(self) -> "Path":
        """The path in the opposite direction."""
        links = tuple(link.reversed for link in reversed(self.links))
        return Path(links[-1].end if links else self.end, self.relation.inverse, links, self.confidence)

    @property
    def steps(self) -> int:
        """The number of steps in a concept hierarchy."""
        return sum(link.hierarchy for link in self.links)

    def better_than(self, other: "Path | None") -> bool:
        """Return whether this path has a higher confidence than `other`, or the same confidence and fewer links."""
        return other is None or self._rank > other._rank

    @property
    def _rank(self) -> tuple[float, int]:
        return (-1.0 if self.confidence is None else self.confidence, -len(self.links))


@dataclass(frozen=True, slots=True)
class Exploration:
    """The result of following links from a concept: the best paths, and the links of every concept on the way."""

    paths: list[Path]
    links: dict[str, list[Link]]


def reachable(store: Store, concept: str, hierarchy_steps: int = 0) -> list[Path]:
    """Return the best path to each reachable concept and relation, that to `concept` itself first."""
    return explore(store, concept, hierarchy_steps).paths


def explore(store: Store, concept: str, hierarchy_steps: int = 0) -> Exploration:
    """Return the best path to each reachable concept and relation, and the links encountered on the way.

    `hierarchy_steps` is the number of steps in a concept hierarchy (`skos:broader`) that a path may take. Cycles are
    safe: a path only replaces another if it has a higher confidence, or the same confidence and fewer links.
    """
    paths, links = _explore(store, [concept], hierarchy_steps)
    return Exploration(paths[concept], links)


def reachable_from(store: Store, concepts: Iterable[str], hierarchy_steps: int = 0) -> dict[str, list[Path]]:
    """Return the result of `reachable` for each of several concepts, with as many queries as for one concept."""
    return _explore(store, concepts, hierarchy_steps)[0]


def _explore(
    store: Store, concepts: Iterable[str], hierarchy_steps: int
) -> tuple[dict[str, list[Path]], dict[str, list[Link]]]:
    links: dict[str, list[Link]] = {}
    starts = {concept: Path(concept, Relation.EXACT, (), 1.0) for concept in concepts}
    best = {concept: {(concept, Relation.EXACT, 0): start} for concept, start in starts.items()}
    frontier = list(starts.items())
    while frontier:
        ends = {path.end for _, path in frontier} - links.keys()
        links |= links_of(store, ends, hierarchy=hierarchy_steps > 0)
        improved: dict[str, dict[tuple[str, Relation, int], Path]] = {concept: {} for concept in starts}
        for concept, path in frontier:
            better = improved[concept]
            for link in links[path.end]:
                longer = _extend(path, link)
                if longer is None or longer.steps > hierarchy_steps or longer.end == concept:
                    continue
                key = (longer.end, longer.relation, longer.steps)
                if longer.better_than(better.get(key) or best[concept].get(key)):
                    better[key] = longer
        for concept, better in improved.items():
            best[concept] |= better
        frontier = [(concept, path) for concept, better in improved.items() for path in better.values()]
    return {concept: list(paths.values()) for concept, paths in best.items()}, links


def paths_to_esco(store: Store, concepts: Iterable[str]) -> dict[str, Path]:
    """Return the best path from each concept to ESCO, empty for one of ESCO; concepts without a path are left out."""
    best_paths: dict[str, Path] = {}
    other_concepts = []
    for concept in concepts:
        if concept.startswith(_ESCO_PREFIX):
            best_paths[concept] = Path(concept, Relation.EXACT, (), 1.0)
        else:
            other_concepts.append(concept)
    for concept, paths in reachable_from(store, other_concepts).items():
        for path in paths:
            if path.end.startswith(_ESCO_PREFIX) and path.better_than(best_paths.get(concept)):
                best_paths[concept] = path
    return best_paths


def all_mappings(store: Store) -> list[Link]:
    """Return every mapping of the graph once, as it is recorded."""
    rows = store.select(named_query("equivalence/mapping-links").text)
    recorded = [row for row in rows if row["concept"] == row["subject"]]
    return _mappings(recorded)


def denied_mappings(store: Store, concepts: Iterable[str] | None = None) -> list[Link]:
    """Return the mappings of these concepts, or of all, that mapping sets explicitly deny."""
    bindings = {} if concepts is None else {"concept": [NamedNode(concept) for concept in sorted(set(concepts))]}
    if concepts is not None and not bindings["concept"]:
        return []
    rows = store.select(named_query("equivalence/denied-mappings").text, bindings)
    return list(dict.fromkeys(_mapping({**row, "concept": row["subject"]}) for row in rows))


def _extend(path: Path, link: Link) -> Path | None:
    relation = path.relation.then(link.relation)
    if relation is None:
        return None
    both_known = path.confidence is not None and link.confidence is not None
    confidence = path.confidence * link.confidence if both_known else None  # type: ignore[operator]  # both are known
    return Path(link.end, relation, (*path.links, link), confidence)


def links_of(store: Store, concepts: Iterable[str], *, hierarchy: bool = False) -> dict[str, list[Link]]:
    """Return the links of each of these concepts, read from it: its mappings and, with `hierarchy`, its hierarchy."""
    links: dict[str, list[Link]] = {concept: [] for concept in concepts}
    if not links:
        return links
    bindings = {"concept": [NamedNode(concept) for concept in sorted(links)]}
    for link in _mappings(store.select(named_query("equivalence/mapping-links").text, bindings)):
        links[link.start].append(link)
    for row in store.select(named_query("equivalence/replacement-links").text, bindings):
        link = _replacement(row)
        if link.start != link.end:
            links[link.start].append(link)
    if hierarchy:
        for row in store.select(named_query("equivalence/hierarchy-links").text, bindings):
            narrower, broader = term_text(row["narrower"]), term_text(row["broader"])
            up = term_text(row["concept"]) == narrower
            links[term_text(row["concept"])].append(
                Link(
                    start=narrower if up else broader,
                    relation=Relation.BROAD if up else Relation.NARROW,
                    end=broader if up else narrower,
                    confidence=1.0,
                    hierarchy=True,
                    subject=narrower,
                )
            )
    return links


def _replacement(row: Row) -> Link:
    replaced, successor = term_text(row["replaced"]), term_text(row["successor"])
    forward = term_text(row["concept"]) == replaced
    return Link(
        start=replaced if forward else successor,
        relation=Relation.CLOSE if term_text(row["several"]) == "true" else Relation.EXACT,
        end=successor if forward else replaced,
        confidence=1.0,
        replacement=True,
        subject=replaced if term_text(row["predicate"]) == DCTERMS.isReplacedBy else successor,
    )


def _mappings(rows: Iterable[Row]) -> list[Link]:
    """Return the links of these rows; a record that denies a mapping does not describe the triple that it denies."""
    links: dict[tuple[str, Relation, str, str | None], Link] = {}
    bare: dict[tuple[str, Relation, str], Link] = {}
    for row in rows:
        link = _mapping(row)
        if "modifier" in row or link.record is None:
            unrecorded = replace(link, record=None, confidence=None, justification=None, comment=None, mapping_set=None)
            bare.setdefault((link.start, link.relation, link.end), unrecorded)
        else:
            links[link.start, link.relation, link.end, link.record] = link
    recorded = {(link.start, link.relation, link.end) for link in links.values()}
    return [*links.values(), *(link for ends, link in bare.items() if ends not in recorded)]


def _mapping(row: Row) -> Link:
    subject, end = term_text(row["subject"]), term_text(row["object"])
    relation = Relation(term_text(row["relation"]).removeprefix(SKOS))
    forward = term_text(row["concept"]) == subject
    return Link(
        start=subject if forward else end,
        relation=relation if forward else relation.inverse,
        end=end if forward else subject,
        confidence=float(term_text(row["confidence"])) if "confidence" in row else None,
        record=term_text(row["record"]) if "record" in row else None,
        justification=term_text(row["justification"]) if "justification" in row else None,
        comment=term_text(row["comment"]) if "comment" in row else None,
        subject=subject,
        mapping_set=term_text(row["setTitle"]) if "setTitle" in row else None,
    )
