"""Subjects of questions: descriptions in the graph, and documents that are sent with a question."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from mastery_graph.credentials.collection import isolate_credential
from mastery_graph.credentials.description import Description, describe, describe_document
from mastery_graph.credentials.proofs.seal import Seal, seal_of
from mastery_graph.credentials.proofs.stored import stored_signatures
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import ContradictoryCredits, NotAnIRI
from mastery_graph.languages import Message, join_with_and
from mastery_graph.questions.answer import Evidence, Origin
from mastery_graph.questions.equivalence.levels import Level, referencing_evidence
from mastery_graph.questions.evidence import evidence_from_description
from mastery_graph.questions.judging.stated_level import StatedLevel, stated_level
from mastery_graph.rdf import is_iri
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, ELM

_UNBROKEN = frozenset({"valid", "intact"})
"""The statuses of a seal that fits the document."""


@dataclass(frozen=True)
class Subject:
    """A description, with the store of its triples and the document that it was read from."""

    description: Description
    store: Store
    graph: Store
    """The store in which levels and concepts are looked up."""
    document: SubmittedDocument | None = None

    @property
    def name(self) -> str:
        """The IRI, or the hash of the document: how a stored question refers to the subject."""
        return f"sha256:{self.document.sha256}" if self.document else self.description.iri

    @cached_property
    def learning(self) -> frozenset[object]:
        """The keys of the learning that the subject is about: subjects that share a key are about the same learning."""
        specified = frozenset(self.description.specifications)
        content = self.document.content if self.document else frozenset()
        return frozenset(filter(None, (self.description.iri, specified, content)))

    @cached_property
    def seal(self) -> Seal:
        """The seal: of the document, or by the signatures that the graph has recorded of a loaded one."""
        if self.document:
            return self.document.seal
        return seal_of(stored_signatures(self.store, self.description.iri), self.store, [self.description.iri])

    @cached_property
    def level(self) -> StatedLevel:
        """The stated levels, resolved with the graph."""
        return stated_level(self.graph, self.description)

    def evidence(self, predicates: Iterable[str] = ()) -> tuple[Evidence, ...]:
        """Return the quads of the description with these properties; all quads, where none is named."""
        properties = set(predicates)
        return tuple(quad for quad in self._statements if not properties or quad.predicate in properties)

    @cached_property
    def _statements(self) -> tuple[Evidence, ...]:
        """The quads of the description, read once for all criteria."""
        quads = evidence_from_description(self.store, self.description.iri)
        if not self.is_sealed:
            return quads
        return tuple(quad.model_copy(update={"origin": Origin.SEALED}) for quad in quads)

    @cached_property
    def is_sealed(self) -> bool:
        """Whether an unbroken seal of an awarding body of the credential is on the document."""
        if self.document is None or self.document.seal.status not in _UNBROKEN:
            return False
        signers = {name.casefold().strip() for name in re.split(r"[;,]", self.document.seal.by or "")}
        names = {body.name.casefold().strip() for body in self.description.awarding_bodies if body.name}
        return bool(names & signers)


def stated_evidence(subjects: Iterable[Subject], *predicates: str) -> tuple[Evidence, ...]:
    """Return the quads of descriptions with these properties; all quads, where none is named."""
    return tuple(quad for subject in subjects for quad in subject.evidence(predicates))


def level_evidence(store: Store, subjects: Sequence[Subject], further: Iterable[Level] = ()) -> tuple[Evidence, ...]:
    """Return the quads about levels, with the referencings of the stated levels and of `further` ones."""
    national = (level for subject in subjects for level in subject.level.nationals)
    return stated_evidence(subjects, ELM.EQFLevel, ELM.NQFLevel) + referencing_evidence(store, [*further, *national])


def assessment_evidence(subject: Subject) -> tuple[Evidence, ...]:
    """Return the quads about assessment: the assessments, their types, and the supervision."""
    proofs = subject.evidence([ELM.provenBy, ELM.idVerification])
    assessments = {quad.object for quad in proofs if quad.predicate == ELM.provenBy}
    specifications = tuple(quad for quad in subject.evidence([ELM.specifiedBy]) if quad.subject in assessments)
    typed = assessments | {quad.object for quad in specifications}
    return proofs + specifications + tuple(quad for quad in subject.evidence([DCTERMS.type]) if quad.subject in typed)


SubjectInput = str | SubmittedDocument | Subject
"""A subject as the caller provides it: an IRI of the graph, a document, or a subject that was read before."""


def read_subject(store: Store, source: SubjectInput) -> Subject:
    """Return the subject of an IRI of the graph or of a document; a subject that was read before is returned as it is.

    Raises `UnknownResource`, `NotAnIRI`, `BadDocument`, and `ContradictoryCredits`.
    """
    if isinstance(source, Subject):
        return source
    if isinstance(source, SubmittedDocument):
        subject = Subject(describe_document(source)[0], source.store, store, source)
    elif is_iri(source):
        origin = isolate_credential(store, source) or store
        subject = Subject(describe(origin, source), origin, store)
    else:
        raise NotAnIRI(
            Message("{text} is neither an IRI nor a document.", text=repr(source)),
            Message("Give the IRI of a description."),
        )
    _refuse_contradiction(subject.description)
    return subject


def read_subjects(store: Store, sources: Iterable[SubjectInput]) -> list[Subject]:
    """Return the subjects of these sources without duplicates, in the order of their names.

    Raises what `read_subject` raises.
    """
    subjects = {subject.name: subject for subject in (read_subject(store, source) for source in sources)}
    return [subjects[name] for name in sorted(subjects)]


def _refuse_contradiction(description: Description) -> None:
    if description.ects is not None and description.further_ects:
        enumeration = join_with_and([f"{float(ects):g}" for ects in (description.ects, *description.further_ects)])
        raise ContradictoryCredits(
            Message(
                "{title} states {credits} ECTS credits: they contradict each other, and nothing says which is meant.",
                title=description.title,
                credits=enumeration,
            ),
            Message("State one number of credits for the whole, and those of a part with the part."),
        )
