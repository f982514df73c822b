"""The difference between two versions of the dataset: triples, resources and mappings, in bounded memory.

Both are read as sorted lines (see `lines`) and merged, so that neither is held in memory. A mapping whose relation or
target has changed counts as remapped, not as removed and added.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from mastery_graph.sources.sssom import RELATIONS
from mastery_graph.vocabulary import DCTERMS, RDFS, SKOS

_LABEL_PROPERTIES: Final = (SKOS.prefLabel, RDFS.label, DCTERMS.title)


@dataclass(frozen=True, slots=True)
class NamedResource:
    """A resource and its label."""

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
    """A mapping in the older version, and the changed mapping in the newer one."""

    before: Mapping
    after: Mapping


@dataclass(slots=True)
class DatasetDifference:
    """What was added, removed and changed between an older and a newer version."""

    statements_added: dict[str, int] = field(default_factory=dict)
    """Number of triples, by graph."""
    statements_removed: dict[str, int] = field(default_factory=dict)
    resources_added: list[NamedResource] = field(default_factory=list)
    resources_removed: list[NamedResource] = field(default_factory=list)
    resources_changed: list[NamedResource] = field(default_factory=list)
    """Resources in both versions whose description differs."""
    mappings_added: list[Mapping] = field(default_factory=list)
    mappings_removed: list[Mapping] = field(default_factory=list)
    remapped: list[Remapped] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether the two versions are equal."""
        return not self.statements_added and not self.statements_removed


def compare_dumps(old: Iterable[bytes], new: Iterable[bytes]) -> DatasetDifference:
    """Return the difference between two versions, each passed as sorted N-Quads lines."""
    difference = DatasetDifference()
    for subject, before, after in _pair_by_subject(_by_subject(old), _by_subject(new)):
        old_lines, new_lines = before - after, after - before
        if not old_lines and not new_lines:
            continue
        removed, added = _quads(old_lines), _quads(new_lines)
        _count(difference.statements_removed, removed)
        _count(difference.statements_added, added)
        _add_mappings(difference, removed, added)
        if subject.startswith(b"<"):
            resource = NamedResource(subject[1:-1].decode(), _label(after or before))
            target = difference.resources_changed if before and after else difference.resources_added if after else None
            (difference.resources_removed if target is None else target).append(resource)
    return difference


def _by_subject(lines: Iterable[bytes]) -> Iterator[tuple[bytes, set[bytes]]]:
    for subject, group in groupby(lines, key=lambda line: line.partition(b" ")[0]):
        yield subject, set(group)


def _pair_by_subject(
    old: Iterator[tuple[bytes, set[bytes]]], new: Iterator[tuple[bytes, set[bytes]]]
) -> Iterator[tuple[bytes, set[bytes], set[bytes]]]:
    """Yield each subject with its lines in both versions, in order; an empty set if a version has none."""
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
    """Return the sort key of a subject: with the space that follows it in its lines, by which these are sorted."""
    return subject + b" "


def _quads(lines: Iterable[bytes]) -> list[Quad]:
    return list(parse(b"".join(sorted(lines)), format=RdfFormat.N_QUADS))


def _count(by_graph: dict[str, int], quads: Iterable[Quad]) -> None:
    for quad in quads:
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        by_graph[graph] = by_graph.get(graph, 0) + 1


def _label(lines: Iterable[bytes]) -> str | None:
    labels: dict[tuple[bool, int], str] = {}
    for quad in _quads(line for line in lines if any(name.encode() in line for name in _LABEL_PROPERTIES)):
        if quad.predicate.value in _LABEL_PROPERTIES and isinstance(quad.object, Literal):
            labels[quad.object.language != "en", _LABEL_PROPERTIES.index(quad.predicate.value)] = quad.object.value
    return labels[min(labels)] if labels else None


def _add_mappings(difference: DatasetDifference, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
    old_mappings, new_mappings = _mappings(removed), _mappings(added)
    for same in (_same_target, _same_relation):
        for before in list(old_mappings):
            after = next((mapping for mapping in new_mappings if same(before, mapping)), None)
            if after:
                old_mappings.remove(before)
                new_mappings.remove(after)
                difference.remapped.append(Remapped(before, after))
    difference.mappings_removed += old_mappings
    difference.mappings_added += new_mappings


def _mappings(quads: Iterable[Quad]) -> list[Mapping]:
    return sorted(
        {
            Mapping(str(getattr(quad.subject, "value", quad.subject)), quad.predicate.value, quad.object.value)
            for quad in quads
            if quad.predicate.value in RELATIONS and isinstance(quad.object, NamedNode)
        },
        key=lambda mapping: (mapping.subject, mapping.relation, mapping.target),
    )


def _same_target(before: Mapping, after: Mapping) -> bool:
    return before.target == after.target


def _same_relation(before: Mapping, after: Mapping) -> bool:
    return before.relation == after.relation
