"""The writing side of the conversion: the triples that were used, the language, and the list of losses."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from mastery_graph.credentials.formats.open_badges.badge_reading import Node
from mastery_graph.credentials.formats.open_badges.terms import UNDETERMINED
from mastery_graph.credentials.formats.open_badges.tracked_graph import TrackedGraph, compact_iri, has_generated_id
from mastery_graph.credentials.note import Note
from mastery_graph.languages import Message
from mastery_graph.vocabulary import CRED, DCTERMS, ELM, FOAF, SKOS

_CLASSES = {
    CRED.VerifiableCredential, CRED.Evidence, DCTERMS.Location, DCTERMS.PeriodOfTime,
    FOAF.Agent, SKOS.Concept,
    *(
        ELM + name
        for name in (
            "EuropeanDigitalCredential", "Person", "Organisation", "LearningAchievement",
            "LearningAchievementSpecification", "LearningOutcome", "LearningAssessment",
            "LearningAssessmentSpecification", "LearningActivity", "AwardingProcess", "AwardingOpportunity",
            "CreditPoint", "Note", "Identifier", "LegalIdentifier", "ContactPoint", "Mailbox", "Phone", "Address",
            "WebResource", "MediaObject", "Evidence",
        )
    ),
}  # fmt: skip
"""The classes that are implied by the position of an object in a badge, so that reading restores them."""


class BadgeWriting:
    """The state of a conversion to a badge: the triples used, notes, and the language of its texts."""

    def __init__(self, facts: TrackedGraph, pointers: Mapping[str, str]) -> None:
        self.facts = facts
        self.pointers = pointers
        self.notes: list[Note] = []
        self.language = UNDETERMINED

    def choose_language(self, *nodes: str | None) -> None:
        """Set the language to that of the first title: a badge has a single language."""
        for node in nodes:
            if languages := self.facts.languages(node, DCTERMS.title):
                self.language = languages[0]
                return

    def note(self, node: str, subject: str, message: str) -> None:
        """Add a note on a node."""
        self.notes.append(Note(self.pointers.get(node), subject, message))

    def note_losses(self, root: str, others: Sequence[str]) -> None:
        """Add a note for each node and property that was not converted."""
        for node, name, is_partial in self.facts.losses(root, _CLASSES):
            if name == "rdf:type":
                kinds = ", ".join(sorted(map(compact_iri, self.facts.types(node) - _CLASSES)))
                message = Message("A badge has no word for this class, and leaves it out: {kinds}.", kinds=kinds)
            elif is_partial:
                message = Message(
                    "{property} is carried in part: a badge has one language, and one value of most things.",
                    property=name,
                )
            else:
                message = Message(
                    "Open Badges cannot express {property}: it is left out with all its contents.", property=name
                )
            self.note(node, name, message)
        for other in others:
            self.note(other, other, Message("A badge contains one description: this one is left out."))
        for node in self.facts.unreachable_nodes([root, *others]):
            if self.pointers.get(node, "").startswith("/proof"):
                continue  # A proof is a separate graph; there is a note for the property that refers to it.
            self.note(
                node, node, Message("The description does not refer to this: it is left out with all its properties.")
            )

    def note_other_classes(self, kind: str, node: str | None) -> None:
        """Add a note if a node has a class other than the one implied by its position in a badge."""
        if other_classes := (self.facts.types(node) & _CLASSES) - {ELM + kind, FOAF.Agent}:
            class_names = ", ".join(sorted(map(compact_iri, other_classes)))
            message = Message(
                "It is of the class {named}: a badge takes it for {kind}.", named=class_names, kind=f"elm:{kind}"
            )
            self.note(node or "", "rdf:type", message)

    def iri(self, node: str) -> str:
        """Return the IRI of a node; for one without an IRI, a reproducible UUID."""
        if has_generated_id(node):
            return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, node)}"
        return self.facts.use_iri(node)

    def text(self, node: str | None, *properties: str) -> str | None:
        """Return a text in the language of the badge, or else in any, and mark it as used."""
        return self.facts.text(node, self.language, *properties)

    def first_text(self, nodes: Sequence[str], prop: str) -> str | None:
        """Return the text of the first node that has one; equal texts of the other nodes are marked as used."""
        text = None
        for node in nodes:
            if text in (None, self.facts.peek_text(node, self.language, prop)):
                text = self.text(node, prop)
        return text


def without_empty(**properties: Any) -> Node:
    """Return a JSON object without the members that have no value."""
    return {key: value for key, value in properties.items() if value is not None and value != []}
