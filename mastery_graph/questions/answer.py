"""What every answer has in common: a verdict, the criteria it rests on, the dataset it was asked of."""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field, computed_field

from mastery_graph.dataset_identity import Dataset
from mastery_graph.languages import Message
from mastery_graph.languages.records import Localized
from mastery_graph.records import Record

DISCLAIMER: Final = Message(
    "This is information, not a decision. It shows what the published sources in the graph say; "
    "the competent authority or institution decides."
)


class Outcome(StrEnum):
    """The outcome of a criterion. Missing information is `unknown`, never `unmet` and never `met`."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


class Origin(StrEnum):
    """Who says what a criterion is based on."""

    CLAIMED = "claimed"
    """The document, of itself."""
    SEALED = "sealed"
    """The document, under an unbroken seal of the body that it speaks about."""
    REGISTERED = "registered"
    """A register in the graph."""
    STATED = "stated"
    """A recognition statement."""
    REFERENCED = "referenced"
    """The referencing table, with its report; other reference data of the dataset, with its source."""


class Strength(StrEnum):
    """How much the evidence of a criterion is worth, in the sense of Nuffic's Micro-Evaluator (our defaults)."""

    STRONG = "strong"
    """Registered, stated or referenced, in force, and matched by identifier."""
    SUBSTANTIAL = "substantial"
    """The same with conditions, with an overdue review or published only; or sealed by a valid seal."""
    WEAK = "weak"
    """Claimed, or matched by name."""
    NONE = "none"
    """There is no evidence."""


class Source(Record):
    """Where a statement comes from: its IRI and, where the graph has one, its title."""

    iri: str
    title: str | None = None


class Evidence(Record):
    """One quad that a criterion rests on. `graph` is the named graph, `sources` what the graph cites for it.

    `origin` says who makes the statement: a document of itself, a register, a binding statement, reference data.
    """

    subject: str
    predicate: str
    object: str
    object_type: Annotated[str, Field(pattern="^(iri|literal|blank)$")] = "iri"
    language: str | None = None
    datatype: str | None = None
    graph: str
    origin: Origin = Origin.CLAIMED
    sources: tuple[Source, ...] = ()


class Criterion(Record):
    """A rule applied: its id and title, the outcome, why in one or two sentences, and the quads it rests on."""

    rule: str
    title: Localized
    outcome: Outcome
    explanation: Localized
    strength: Strength = Strength.NONE
    """How much the evidence is worth."""
    evidence: tuple[Evidence, ...] = ()
    source: str = ""
    """The source of the rule itself, such as `EQF Annex III`."""
    page: str = ""
    """The IRI of the rule, which leads to its page."""


class Answer(Record):
    """What every answer carries. Subclasses add the fields of their kind and name it in `kind`."""

    kind: ClassVar[str] = "answer"

    question: dict[str, object]
    """The question, normalised: the parameters that give this very answer again."""
    verdict: str
    summary: Localized
    """The verdict as one sentence for a person."""
    criteria: tuple[Criterion, ...]
    dataset: Dataset
    disclaimer: Localized = DISCLAIMER

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def id(self) -> str:
        """The SHA-256 of the kind, the question and the dataset's hash: the same for the same question."""
        identity = {"kind": self.kind, "question": self.question, "dataset": self.dataset.content_hash}
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def question_to_keep(self) -> dict[str, object]:
        """Return the question as it is kept for a permalink; of what could be personal, only the hash."""
        return self.question

    def table(self) -> list[dict[str, object]]:
        """Return the answer as the rows of one table, by column; empty for a kind that is no table."""
        return []


def criterion_of(criteria: tuple[Criterion, ...], rule: str) -> Criterion:
    """Return the criterion of one rule. Raises `KeyError` where the answer has none of it."""
    for criterion in criteria:
        if criterion.rule == rule:
            return criterion
    raise KeyError(rule)
