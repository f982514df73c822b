"""What a version of ESCO holds, how it differs from another one, and which mappings to it break."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pyoxigraph import NamedNode

from mastery_graph.esco.versions import ESCO_GRAPH
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.queries import named_query
from mastery_graph.questions.mapping_closure import Link, all_mappings
from mastery_graph.rdf import Row, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ESCO, SKOS

CONCEPTS: Final = "http://data.europa.eu/esco/"
"""The beginning of the IRIs of ESCO's concepts."""
_SHORT: Final = {
    SKOS + "broader": "broader",
    "http://purl.org/dc/terms/isReplacedBy": "replaced by",
    **{
        ESCO + name: name
        for name in ("relatedEssentialSkill", "relatedOptionalSkill", "isEssentialSkillFor", "isOptionalSkillFor")
    },
}


@dataclass(slots=True)
class EscoConceptStatus:
    """How a concept of ESCO stands in a version: its English label, its status, what replaces it."""

    label: str | None = None
    status: str | None = None
    successors: list[str] = field(default_factory=list)

    @property
    def obsolete(self) -> bool:
        """Whether it is no longer in use."""
        return self.status == "obsolete" or bool(self.successors)


class NamedConcept(Record):
    """A concept and what it is called, where that is known."""

    uri: str
    label: str | None


class Obsolete(NamedConcept):
    """A concept that is no longer in use, and what takes its place, if ESCO says so."""

    successors: tuple[NamedConcept, ...]


class Relabelled(Record):
    """A concept whose preferred label in English has changed."""

    uri: str
    before: str
    after: str


class BrokenMapping(Record):
    """A mapping to a concept that is obsolete or missing in ESCO, with what it may be mapped to instead."""

    subject: str
    relation: str
    object: str
    mapping_set: str | None
    concept: NamedConcept
    reason: Literal["obsolete", "missing"]
    successors: tuple[NamedConcept, ...]


class EscoContent(Record):
    """What a version of ESCO holds."""

    version: str | None
    issued: str | None
    triples: int
    concepts: dict[str, int]
    """The number of concepts by type; `Group` is every concept that is neither a skill nor an occupation."""
    relations: dict[str, int]
    languages: dict[str, int]
    """The number of preferred labels by language."""
    obsolete: tuple[Obsolete, ...]
    broken_mappings: tuple[BrokenMapping, ...]


class EscoDifference(Record):
    """What one version of ESCO has that an earlier one has not, and the other way round."""

    before: str | None
    after: str | None
    added: tuple[NamedConcept, ...]
    removed: tuple[NamedConcept, ...]
    became_obsolete: tuple[Obsolete, ...]
    relabelled: tuple[Relabelled, ...]


def esco_concept_statuses(store: Store, concepts: Iterable[str] | None = None) -> dict[str, EscoConceptStatus]:
    """Return how each concept of ESCO, or each of these that it has, stands in a store."""
    bindings = {} if concepts is None else {"concept": [NamedNode(concept) for concept in sorted(concepts)]}
    found: dict[str, EscoConceptStatus] = {}
    for row in store.select(named_query("esco/standings").text, bindings):
        standing = found.setdefault(term_text(row["concept"]), EscoConceptStatus())
        standing.label = term_text(row["label"]) if "label" in row else standing.label
        standing.status = term_text(row["status"]) if "status" in row else standing.status
        if "successor" in row and term_text(row["successor"]) not in standing.successors:
            standing.successors.append(term_text(row["successor"]))
    return found


def esco_content(store: Store, known: Mapping[str, EscoConceptStatus] | None = None) -> EscoContent:
    """Return what the ESCO in a store holds; `known` are its standings, where they have been read already."""
    stands = esco_concept_statuses(store) if known is None else known
    content = read_description(store).get(ESCO_GRAPH)
    kinds = {term_text(row["class"]): int(term_text(row["concepts"])) for row in _rows(store, "concepts-by-type")}
    skills, occupations = kinds.get(ESCO + "Skill", 0), kinds.get(ESCO + "Occupation", 0)
    return EscoContent(
        version=content.version if content else None,
        issued=content.issued if content else None,
        triples=content.triples if content else 0,
        concepts={
            "Skill": skills,
            "Occupation": occupations,
            "Group": kinds.get(SKOS + "Concept", 0) - skills - occupations,
            "ConceptScheme": kinds.get(SKOS + "ConceptScheme", 0),
        },
        relations={
            _SHORT[term_text(row["relation"])]: int(term_text(row["number"])) for row in _rows(store, "relations")
        },
        languages={term_text(row["language"]): int(term_text(row["labels"])) for row in _rows(store, "languages")},
        obsolete=tuple(_obsolete(uri, stands) for uri in sorted(stands) if stands[uri].obsolete),
        broken_mappings=tuple(broken_mappings(all_mappings(store), stands)),
    )


def esco_difference(before: Store, after: Store) -> EscoDifference:
    """Return how the ESCO of one store differs from that of an earlier one."""
    old, new = esco_concept_statuses(before), esco_concept_statuses(after)
    both = sorted(old.keys() & new.keys())
    return EscoDifference(
        before=version_of(before),
        after=version_of(after),
        added=tuple(_named(uri, new) for uri in sorted(new.keys() - old.keys())),
        removed=tuple(_named(uri, old) for uri in sorted(old.keys() - new.keys())),
        became_obsolete=tuple(_obsolete(uri, new) for uri in both if new[uri].obsolete and not old[uri].obsolete),
        relabelled=tuple(
            Relabelled(uri=uri, before=was, after=is_now)
            for uri in both
            if (was := old[uri].label) and (is_now := new[uri].label) and was != is_now
        ),
    )


def version_of(store: Store) -> str | None:
    """Return the version of the ESCO in a store, or None where there is none, or none is told."""
    content = read_description(store).get(ESCO_GRAPH)
    return content.version if content else None


def broken_mappings(mappings: Iterable[Link], stands: Mapping[str, EscoConceptStatus]) -> list[BrokenMapping]:
    """Return the mappings to concepts that are obsolete in ESCO, or are not in it, ordered by their ends."""
    found = []
    for link in mappings:
        for concept in (link.start, link.end):
            standing = stands.get(concept)
            if not concept.startswith(CONCEPTS) or (standing and not standing.obsolete):
                continue
            subject, relation, end = link.triple
            found.append(
                BrokenMapping(
                    subject=subject,
                    relation=relation.value,
                    object=end,
                    mapping_set=link.mapping_set,
                    concept=_named(concept, stands),
                    reason="obsolete" if standing else "missing",
                    successors=tuple(_named(uri, stands) for uri in current_successors(concept, stands)),
                )
            )
    return sorted(found, key=lambda one: (one.subject, one.relation, one.object))


def current_successors(concept: str, stands: Mapping[str, EscoConceptStatus]) -> list[str]:
    """Return what is in use in the place of an obsolete concept: successors, and theirs where they are obsolete too."""
    found: dict[str, bool] = {}
    waiting = [concept]
    while waiting:
        for uri in stands.get(waiting.pop(), EscoConceptStatus()).successors:
            if uri not in found:
                found[uri] = uri in stands and not stands[uri].obsolete
                waiting.append(uri)
    return sorted(uri for uri, usable in found.items() if usable)


def _named(uri: str, stands: Mapping[str, EscoConceptStatus]) -> NamedConcept:
    return NamedConcept(uri=uri, label=stands[uri].label if uri in stands else None)


def _obsolete(uri: str, stands: Mapping[str, EscoConceptStatus]) -> Obsolete:
    successors = tuple(_named(each, stands) for each in current_successors(uri, stands))
    return Obsolete(uri=uri, label=stands[uri].label, successors=successors)


def _rows(store: Store, name: str) -> list[Row]:
    return store.select(named_query(f"esco/{name}").text)
