"""What a question is about: a description in the graph, or a document that was sent with the question."""

from collections.abc import Iterable
from dataclasses import dataclass

from mastery_graph.answers.answer import Evidence
from mastery_graph.answers.equivalence.levels import Level, levels
from mastery_graph.answers.evidence import statements_of
from mastery_graph.credentials.description import Description, describe, describe_document
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadParameter
from mastery_graph.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Subject:
    """A description, with the store that holds its statements and the document that it came in."""

    description: Description
    store: Store
    document: SubmittedDocument | None = None

    @property
    def name(self) -> str:
        """The IRI, or the hash of the document: what the question is kept as."""
        return f"sha256:{self.document.sha256}" if self.document else self.description.iri

    def evidence(self, predicates: Iterable[str]) -> tuple[Evidence, ...]:
        """Return what the description states with these properties."""
        return statements_of(self.store, self.description.iri, predicates)


def subject(store: Store, given: str | SubmittedDocument) -> Subject:
    """Return the subject that an IRI of the graph, or a document, stands for.

    Raises `UnknownResource`, `BadParameter` where the text is no IRI, and `BadDocument`.
    """
    if isinstance(given, SubmittedDocument):
        return Subject(describe_document(given)[0], given.store, given)
    if "://" not in given or any(character in given for character in ' <>"{}|\\^`'):
        raise BadParameter(f"{given!r} is neither an IRI nor a document.", "Give the IRI of a description.")
    return Subject(describe(store, given), store)


def level_of(store: Store, description: Description) -> tuple[int | None, Level | None]:
    """Return the EQF level of a description, stated or through its national level's referencing, and that level."""
    national = next(iter(levels(store, [description.nqf_level])), None) if description.nqf_level else None
    if description.eqf_level is not None:
        return description.eqf_level, national
    return (national.eqf_level if national else None), national
