"""Reports on a version of ESCO: its content, its differences from another version, and broken mappings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pyoxigraph import NamedNode

from mastery_graph.esco.loaded import esco_in
from mastery_graph.queries import named_query
from mastery_graph.questions.mapping_closure import Link, all_mappings
from mastery_graph.rdf import Row, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ESCO, SKOS

ESCO_PREFIX: Final = "http://data.europa.eu/esco/"
"""The prefix of the IRIs of ESCO's concepts."""
_RELATION_NAMES: Final = {
    SKOS.broader: "broader",
    "http://purl.org/dc/terms/isReplacedBy": "replaced by",
    **{
        ESCO + name: name
        for name in ("relatedEssentialSkill", "relatedOptionalSkill", "isEssentialSkillFor", "isOptionalSkillFor")
    },
}


@dataclass(slots=True)
class EscoConceptStatus:
    """The state of a concept in a version of ESCO: its English label, its status and its successors."""

    label: str | None = None
    status: str | None = None
    successors: list[str] = field(default_factory=list)

    @property
    def obsolete(self) -> bool:
        """Whether it is no longer in use."""
        return self.status == "obsolete" or bool(self.successors)


class NamedConcept(Record):
    """A concept and its label, if known."""

    uri: str
    label: str | None


class Obsolete(NamedConcept):
    """A concept that is no longer in use, and its successors, if ESCO names any."""

    successors: tuple[NamedConcept, ...]


class Relabelled(Record):
    """A concept whose preferred label in English has changed."""

    uri: str
    before: str
    after: str


class BrokenMapping(Record):
    """A mapping to a concept that is obsolete or missing in ESCO, with possible replacements."""

    subject: str
    relation: str
    object: str
    mapping_set: str | None
    concept: NamedConcept
    reason: Literal["obsolete", "missing"]
    successors: tuple[NamedConcept, ...]


class EscoContent(Record):
    """The content of a version of ESCO, or of the extract that ships."""

    version: str | None
    issued: str | None
    is_extract: bool = False
    """Whether it is only the extract that ships: a concept that it does not contain may exist."""
    triples: int
    concepts: dict[str, int]
    """The number of concepts by type; `Group` is every concept that is neither a skill nor an occupation."""
    relations: dict[str, int]
    languages: dict[str, int]
    """The number of preferred labels by language."""
    obsolete: tuple[Obsolete, ...]
    broken_mappings: tuple[BrokenMapping, ...]


class EscoDifference(Record):
    """The differences between a version of ESCO and an earlier one."""

    before: str | None
    after: str | None
    added: tuple[NamedConcept, ...]
    removed: tuple[NamedConcept, ...]
    became_obsolete: tuple[Obsolete, ...]
    relabelled: tuple[Relabelled, ...]


def esco_concept_statuses(store: Store, concepts: Iterable[str] | None = None) -> dict[str, EscoConceptStatus]:
    """Return the statuses of all concepts of ESCO in a store, or of those of `concepts` that it has."""
    bindings = {} if concepts is None else {"concept": [NamedNode(concept) for concept in sorted(concepts)]}
    statuses: dict[str, EscoConceptStatus] = {}
    for row in store.select(named_query("esco/standings").text, bindings):
        status = statuses.setdefault(term_text(row["concept"]), EscoConceptStatus())
        status.label = term_text(row["label"]) if "label" in row else status.label
        status.status = term_text(row["status"]) if "status" in row else status.status
        if "successor" in row and term_text(row["successor"]) not in status.successors:
            status.successors.append(term_text(row["successor"]))
    return statuses


def esco_content(store: Store, statuses: Mapping[str, EscoConceptStatus] | None = None) -> EscoContent:
    """Return the content of the ESCO in a store; `statuses` saves a query if they have been read already."""
    statuses = esco_concept_statuses(store) if statuses is None else statuses
    esco = esco_in(store)
    counts_by_type = {
        term_text(row["class"]): int(term_text(row["concepts"])) for row in _rows(store, "concepts-by-type")
    }
    skills, occupations = counts_by_type.get(ESCO.Skill, 0), counts_by_type.get(ESCO.Occupation, 0)
    return EscoContent(
        version=esco.content.version if esco else None,
        issued=esco.content.issued if esco else None,
        is_extract=esco is not None and esco.is_extract,
        triples=esco.content.triples if esco else 0,
        concepts={
            "Skill": skills,
            "Occupation": occupations,
            "Group": counts_by_type.get(SKOS.Concept, 0) - skills - occupations,
            "ConceptScheme": counts_by_type.get(SKOS.ConceptScheme, 0),
        },
        relations={
            _RELATION_NAMES[term_text(row["relation"])]: int(term_text(row["number"]))
            for row in _rows(store, "relations")
        },
        languages={term_text(row["language"]): int(term_text(row["labels"])) for row in _rows(store, "languages")},
        obsolete=tuple(_obsolete_concept(uri, statuses) for uri in sorted(statuses) if statuses[uri].obsolete),
        broken_mappings=tuple(
            mapping
            for mapping in broken_mappings(all_mappings(store), statuses)
            if mapping.reason != "missing" or not (esco and esco.is_extract)
        ),
    )


def esco_difference(before: Store, after: Store) -> EscoDifference:
    """Return the differences between the ESCO of one store and that of an earlier one."""
    old, new = esco_concept_statuses(before), esco_concept_statuses(after)
    common = sorted(old.keys() & new.keys())
    return EscoDifference(
        before=version_of(before),
        after=version_of(after),
        added=tuple(_named_concept(uri, new) for uri in sorted(new.keys() - old.keys())),
        removed=tuple(_named_concept(uri, old) for uri in sorted(old.keys() - new.keys())),
        became_obsolete=tuple(
            _obsolete_concept(uri, new) for uri in common if new[uri].obsolete and not old[uri].obsolete
        ),
        relabelled=tuple(
            Relabelled(uri=uri, before=old_label, after=new_label)
            for uri in common
            if (old_label := old[uri].label) and (new_label := new[uri].label) and old_label != new_label
        ),
    )


def version_of(store: Store) -> str | None:
    """Return the version of the ESCO in a store, or None if there is no ESCO or no version is stated."""
    esco = esco_in(store)
    return esco.content.version if esco else None


def broken_mappings(mappings: Iterable[Link], statuses: Mapping[str, EscoConceptStatus]) -> list[BrokenMapping]:
    """Return the mappings to concepts that are obsolete in ESCO, or are not in it, ordered by their ends."""
    broken = []
    for link in mappings:
        for concept in (link.start, link.end):
            status = statuses.get(concept)
            if not concept.startswith(ESCO_PREFIX) or (status and not status.obsolete):
                continue
            subject, relation, end = link.triple
            broken.append(
                BrokenMapping(
                    subject=subject,
                    relation=relation.value,
                    object=end,
                    mapping_set=link.mapping_set,
                    concept=_named_concept(concept, statuses),
                    reason="obsolete" if status else "missing",
                    successors=tuple(_named_concept(uri, statuses) for uri in current_successors(concept, statuses)),
                )
            )
    return sorted(broken, key=lambda mapping: (mapping.subject, mapping.relation, mapping.object))


def current_successors(concept: str, statuses: Mapping[str, EscoConceptStatus]) -> list[str]:
    """Return the direct and indirect successors of an obsolete concept that are in use, sorted."""
    in_use: dict[str, bool] = {}
    pending = [concept]
    while pending:
        for uri in statuses.get(pending.pop(), EscoConceptStatus()).successors:
            if uri not in in_use:
                in_use[uri] = uri in statuses and not statuses[uri].obsolete
                pending.append(uri)
    return sorted(uri for uri, is_usable in in_use.items() if is_usable)


def _named_concept(uri: str, statuses: Mapping[str, EscoConceptStatus]) -> NamedConcept:
    return NamedConcept(uri=uri, label=statuses[uri].label if uri in statuses else None)


def _obsolete_concept(uri: str, statuses: Mapping[str, EscoConceptStatus]) -> Obsolete:
    successors = tuple(_named_concept(successor, statuses) for successor in current_successors(uri, statuses))
    return Obsolete(uri=uri, label=statuses[uri].label, successors=successors)


def _rows(store: Store, name: str) -> list[Row]:
    return store.select(named_query(f"esco/{name}").text)
