"""What a question is about: a description in the graph, or a document that was sent with the question."""

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
"""What is said of a seal that fits the document."""


@dataclass(frozen=True)
class Subject:
    """A description, with the store that holds its statements and the document that it came in."""

    description: Description
    store: Store
    graph: Store
    """What the levels and the concepts are looked up in."""
    document: SubmittedDocument | None = None

    @property
    def name(self) -> str:
        """The IRI, or the hash of the document: what the question is kept as."""
        return f"sha256:{self.document.sha256}" if self.document else self.description.iri

    @cached_property
    def learning(self) -> frozenset[object]:
        """What tells the learning that it is about: two subjects that share one of these are about the same."""
        specified = frozenset(self.description.specifications)
        content = self.document.content if self.document else frozenset()
        return frozenset(filter(None, (self.description.iri, specified, content)))

    @cached_property
    def seal(self) -> Seal:
        """What its seal is worth: from the document, or as the graph has recorded the signatures of a loaded one."""
        if self.document:
            return self.document.seal
        return seal_of(stored_signatures(self.store, self.description.iri), self.store, [self.description.iri])

    @cached_property
    def level(self) -> StatedLevel:
        """What its levels come to."""
        return stated_level(self.graph, self.description)

    def evidence(self, predicates: Iterable[str] = ()) -> tuple[Evidence, ...]:
        """Return what the description states with these properties; everything, where none is named."""
        wanted = set(predicates)
        return tuple(quad for quad in self._statements if not wanted or quad.predicate in wanted)

    @cached_property
    def _statements(self) -> tuple[Evidence, ...]:
        """What the description states, read once for all criteria."""
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


def stated_evidence(of: Iterable[Subject], *predicates: str) -> tuple[Evidence, ...]:
    """Return what descriptions state with these properties; everything, where none is named."""
    return tuple(quad for one in of for quad in one.evidence(predicates))


def level_evidence(store: Store, of: Sequence[Subject], beside: Iterable[Level] = ()) -> tuple[Evidence, ...]:
    """Return what is stated of levels, with the referencings of those stated and of the levels `beside` them."""
    national = (level for one in of for level in one.level.nationals)
    return stated_evidence(of, ELM + "EQFLevel", ELM + "NQFLevel") + referencing_evidence(store, [*beside, *national])


def assessment_evidence(one: Subject) -> tuple[Evidence, ...]:
    """Return what is stated of how the learner was assessed: the assessments, their types, who saw to it."""
    proofs = one.evidence([ELM + "provenBy", ELM + "idVerification"])
    assessed = {quad.object for quad in proofs if quad.predicate == ELM + "provenBy"}
    specified = tuple(quad for quad in one.evidence([ELM + "specifiedBy"]) if quad.subject in assessed)
    typed = assessed | {quad.object for quad in specified}
    return proofs + specified + tuple(quad for quad in one.evidence([DCTERMS + "type"]) if quad.subject in typed)


SubjectInput = str | SubmittedDocument | Subject
"""What a question is asked about: an IRI of the graph, a document, or either as it was read before."""


def read_subject(store: Store, given: SubjectInput) -> Subject:
    """Return the subject that an IRI of the graph, or a document, stands for; one that was read before as it is.

    Raises `UnknownResource`, `NotAnIRI`, `BadDocument`, and `ContradictoryCredits`.
    """
    if isinstance(given, Subject):
        return given
    if isinstance(given, SubmittedDocument):
        found = Subject(describe_document(given)[0], given.store, store, given)
    elif is_iri(given):
        source = isolate_credential(store, given) or store
        found = Subject(describe(source, given), source, store)
    else:
        raise NotAnIRI(
            Message("{text} is neither an IRI nor a document.", text=repr(given)),
            Message("Give the IRI of a description."),
        )
    _refuse_contradiction(found.description)
    return found


def read_subjects(store: Store, given: Iterable[SubjectInput]) -> list[Subject]:
    """Return the subjects that these stand for, each once, in the order of their names: the order asked is nothing.

    Raises what `subject` raises.
    """
    named = {one.name: one for one in (read_subject(store, each) for each in given)}
    return [named[name] for name in sorted(named)]


def _refuse_contradiction(description: Description) -> None:
    if description.ects is not None and description.further_ects:
        listed = join_with_and([f"{float(each):g}" for each in (description.ects, *description.further_ects)])
        raise ContradictoryCredits(
            Message(
                "{title} states {credits} ECTS credits: they contradict each other, and nothing says which is meant.",
                title=description.title,
                credits=listed,
            ),
            Message("State one number of credits for the whole, and those of a part with the part."),
        )
