"""What differs between two versions of the dataset: statements, resources and mappings, in bounded memory.

Both are read as sorted lines (see `lines`) and merged, so that neither is held. A mapping counts as re-mapped where
its relation or its target changed, not as one removed and one added.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from mastery_graph.sources.sssom import RELATIONS
from mastery_graph.vocabulary import DCTERMS, RDFS, SKOS

_NAMING: Final = (SKOS + "prefLabel", RDFS + "label", DCTERMS + "title")


@dataclass(frozen=True, slots=True)
class NamedResource:
    """A resource and what it is called."""

    iri: str
    label: str | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping: subject, relation, target."""

    subject: str
    relation: str
    target: str


@dataclass(frozen=True, slots=True)
class Remapped:
    """A mapping of one version and what it became in the other."""

    before: Mapping
    after: Mapping


@dataclass(slots=True)
class DatasetDifference:
    """What the newer version has that the older has not, and the other way round."""

    statements_added: dict[str, int] = field(default_factory=dict)
    """Number of statements, by graph."""
    statements_removed: dict[str, int] = field(default_factory=dict)
    resources_added: list[NamedResource] = field(default_factory=list)
    resources_removed: list[NamedResource] = field(default_factory=list)
    resources_changed: list[NamedResource] = field(default_factory=list)
    """Resources of both that are described otherwise."""
    mappings_added: list[Mapping] = field(default_factory=list)
    mappings_removed: list[Mapping] = field(default_factory=list)
    remapped: list[Remapped] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether the two say the same."""
        return not self.statements_added and not self.statements_removed


def compare_dumps(old: Iterable[bytes], new: Iterable[bytes]) -> DatasetDifference:
    """Return what differs between two versions, each given as sorted N-Quads lines."""
    found = DatasetDifference()
    for subject, before, after in _side_by_side(_by_subject(old), _by_subject(new)):
        gone, come = before - after, after - before
        if not gone and not come:
            continue
        removed, added = _quads(gone), _quads(come)
        _count(found.statements_removed, removed)
        _count(found.statements_added, added)
        _tell_mappings(found, removed, added)
        if subject.startswith(b"<"):
            named = NamedResource(subject[1:-1].decode(), _label(after or before))
            into = found.resources_changed if before and after else found.resources_added if after else None
            (found.resources_removed if into is None else into).append(named)
    return found


def _by_subject(lines: Iterable[bytes]) -> Iterator[tuple[bytes, set[bytes]]]:
    for subject, group in groupby(lines, key=lambda line: line.partition(b" ")[0]):
        yield subject, set(group)


def _side_by_side(
    old: Iterator[tuple[bytes, set[bytes]]], new: Iterator[tuple[bytes, set[bytes]]]
) -> Iterator[tuple[bytes, set[bytes], set[bytes]]]:
    """Yield each subject with its lines in both, in order; an empty set where one has none."""
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and _key(left[0]) < _key(right[0])):
            assert left is not None  # noqa: S101  # by the loop's condition
            yield left[0], left[1], set()
            left = next(old, None)
        elif left is None or _key(right[0]) < _key(left[0]):
            yield right[0], set(), right[1]
            right = next(new, None)
        else:
            yield left[0], left[1], right[1]
            left, right = next(old, None), next(new, None)


def _key(subject: bytes) -> bytes:
    """Return what subjects are ordered by: as their lines are, which go on with a space."""
    return subject + b" "


def _quads(lines: Iterable[bytes]) -> list[Quad]:
    return list(parse(b"".join(sorted(lines)), format=RdfFormat.N_QUADS))


def _count(by_graph: dict[str, int], quads: Iterable[Quad]) -> None:
    for quad in quads:
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        by_graph[graph] = by_graph.get(graph, 0) + 1


def _label(lines: Iterable[bytes]) -> str | None:
    found: dict[tuple[bool, int], str] = {}
    for quad in _quads(line for line in lines if any(name.encode() in line for name in _NAMING)):
        if quad.predicate.value in _NAMING and isinstance(quad.object, Literal):
            found[quad.object.language != "en", _NAMING.index(quad.predicate.value)] = quad.object.value
    return found[min(found)] if found else None


def _tell_mappings(found: DatasetDifference, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
    gone, come = _mappings(removed), _mappings(added)
    for same in (_same_target, _same_relation):
        for before in list(gone):
            after = next((one for one in come if same(before, one)), None)
            if after:
                gone.remove(before)
                come.remove(after)
                found.remapped.append(Remapped(before, after))
    found.mappings_removed += gone
    found.mappings_added += come


def _mappings(quads: Iterable[Quad]) -> list[Mapping]:
    return sorted(
        {
            Mapping(str(getattr(quad.subject, "value", quad.subject)), quad.predicate.value, quad.object.value)
            for quad in quads
            if quad.predicate.value in RELATIONS and isinstance(quad.object, NamedNode)
        },
        key=lambda one: (one.subject, one.relation, one.target),
    )


def _same_target(before: Mapping, after: Mapping) -> bool:
    return before.target == after.target


def _same_relation(before: Mapping, after: Mapping) -> bool:
    return before.relation == after.relation
