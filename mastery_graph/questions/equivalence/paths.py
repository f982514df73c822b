"""Paths of mappings in answers: their steps, the weakest link and the quads that they are based on."""

from collections.abc import Iterable, Sequence

from mastery_graph.questions.answer import Evidence
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.mapping_closure import Link, Path, Relation
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, SKOS

_REPLACEMENT_PROPERTIES = ("isReplacedBy", "replaces")


class Step(Record):
    """One link of a path, read from `subject` to `object`, with its justification and its confidence (0 to 1)."""

    subject: str
    relation: str
    object: str
    confidence: float | None
    justification: str | None
    comment: str | None
    record: str | None
    mapping_set: str | None = None
    """The title of the mapping set that contains the record."""
    replacement: bool = False
    """Whether the owner of the framework replaced one concept by the other (ESCO-1)."""


def step_of(link: Link) -> Step:
    """Return a link as a step of an answer."""
    return Step(
        subject=link.start,
        relation=link.relation.value,
        object=link.end,
        confidence=link.confidence,
        justification=link.justification,
        comment=link.comment,
        record=link.record,
        mapping_set=link.mapping_set,
        replacement=link.replacement,
    )


def steps_of(path: Path) -> tuple[Step, ...]:
    """Return the links of a path as steps of an answer."""
    return tuple(step_of(link) for link in path.links)


def weakest_link(links: Iterable[Link]) -> Link | None:
    """Return the link with the lowest confidence, an unrecorded one being the lowest; None without links."""
    return min(
        links,
        key=lambda link: (-1.0 if link.confidence is None else link.confidence, link.start, link.end),
        default=None,
    )


def path_evidence(store: Store, links: Sequence[Link]) -> tuple[Evidence, ...]:
    """Return the quads that the links of a path are based on: their triples and the records of the mappings."""
    records = evidence_about(store, (link.record for link in links if link.record))
    triple_names = {
        (link.subject, (link.relation if link.subject == link.start else link.relation.inverse).value, _other_end(link))
        for link in links
    }
    predicates = [
        *(SKOS + name for name in (*(relation.value for relation in Relation), "broader")),
        *(DCTERMS + name for name in _REPLACEMENT_PROPERTIES),
    ]
    quads = evidence_about(store, (link.subject for link in links), predicates)
    hierarchy = {(link.subject, _other_end(link)) for link in links if link.hierarchy}
    replaced = {(link.subject, _other_end(link)) for link in links if link.replacement}
    matching = tuple(
        quad
        for quad in quads
        if (quad.subject, quad.predicate.removeprefix(SKOS), quad.object) in triple_names
        or (quad.predicate == SKOS.broader and (quad.subject, quad.object) in hierarchy)
        or (quad.predicate.removeprefix(DCTERMS) in _REPLACEMENT_PROPERTIES and (quad.subject, quad.object) in replaced)
    )
    return matching + records


def _other_end(link: Link) -> str:
    return link.end if link.subject == link.start else link.start
