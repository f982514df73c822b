"""The common parts of every answer: the verdict, the criteria that it is based on and the dataset that was queried."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, computed_field

from mastery_graph.dataset_identity import Dataset
from mastery_graph.languages import Joined, Message
from mastery_graph.languages.records import Localized
from mastery_graph.questions.verdicts import Verdict
from mastery_graph.records import Record

DISCLAIMER: Final = Message(
    "This is information, not a decision. It shows what the published sources in the graph say; "
    "the competent authority or institution decides."
)
_KOSOVO_FOOTNOTE: Final = Message(
    "Kosovo: this designation is without prejudice to positions on status, and is in line with UNSCR 1244/1999 and the "
    "ICJ Opinion on the Kosovo declaration of independence."
)


def disclaimer_for(countries: Iterable[str | None]) -> Localized:
    """Return the disclaimer, with the footnote of the EU where a country (ISO alpha-3) of the answer is Kosovo."""
    return Joined([DISCLAIMER, _KOSOVO_FOOTNOTE], " ") if "XKX" in countries else DISCLAIMER


class Outcome(StrEnum):
    """The outcome of a criterion. Missing information is `unknown`, never `unmet` and never `met`."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


class Origin(StrEnum):
    """The kind of source that a criterion is based on."""

    CLAIMED = "claimed"
    """The document makes the statement about itself."""
    SEALED = "sealed"
    """The document makes the statement under a valid seal of the body that the statement is about."""
    REGISTERED = "registered"
    """A register in the graph."""
    STATED = "stated"
    """A recognition statement."""
    REFERENCED = "referenced"
    """The referencing table with its report, or other reference data of the dataset with its source."""


class Strength(StrEnum):
    """The strength of the evidence of a criterion, in the sense of Nuffic's Micro-Evaluator (our defaults)."""

    STRONG = "strong"
    """Registered, stated or referenced, in force, and matched by identifier."""
    SUBSTANTIAL = "substantial"
    """As strong, but with conditions, an overdue review or published data only; or covered by a valid seal."""
    WEAK = "weak"
    """Claimed, or matched by name."""
    NONE = "none"
    """There is no evidence."""


class Source(Record):
    """The source of a statement: its IRI and, where the graph has one, its title."""

    iri: str
    title: str | None = None


class Evidence(Record):
    """One quad that a criterion is based on. `graph` is the named graph, `sources` are the sources cited for it.

    `origin` is the kind of source: a document about itself, a register, a binding statement or reference data.
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
    """The result of applying a rule: its outcome, the reason in one or two sentences, and the quads it is based on."""

    rule: str
    title: Localized
    outcome: Outcome
    explanation: Localized
    strength: Strength = Strength.NONE
    """The strength of the evidence."""
    evidence: tuple[Evidence, ...] = ()
    source: str = ""
    """The source of the rule itself, such as `EQF Annex III`."""
    page: str = ""
    """The IRI of the rule, which resolves to its page."""
    remedy: str | None = Field(default=None, exclude=True)
    """What would change it (`questions/remedies.py`), where the reason needs another remedy than the rule's own."""


def _meaning_of_verdict(fields: Mapping[str, Any]) -> Message | str:
    """Return the meaning of the verdict among the fields of an answer; "" if there is no valid one."""
    verdict = fields.get("verdict")
    return Message(verdict.meaning) if verdict else ""


class Answer(Record):
    """The fields that every answer has. Subclasses add the fields of their kind and name it in `kind`."""

    kind: ClassVar[str] = "answer"

    question: Annotated[dict[str, object], Field(title="Parameters")]
    """The question, normalised: the parameters that reproduce this answer."""
    verdict: Verdict
    verdict_meaning: Localized = Field(default_factory=_meaning_of_verdict)
    """The meaning of the verdict as one sentence, the same for each answer with this verdict."""
    summary: Localized
    """The verdict as one sentence for a person."""
    criteria: tuple[Criterion, ...]
    dataset: Dataset
    disclaimer: Localized = DISCLAIMER

    @computed_field  # type: ignore[prop-decorator]  # mypy does not support decorated properties
    @property
    def id(self) -> str:
        """The SHA-256 of the kind, the question and the dataset's hash: one question has one id per dataset."""
        identity = {"kind": self.kind, "question": self.question, "dataset": self.dataset.content_hash}
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def question_to_keep(self) -> dict[str, object]:
        """Return the question as it is stored for a permalink, with hashes in place of what could be personal."""
        return self.question

    def table(self) -> list[dict[str, object]]:
        """Return the answer as the rows of one table, by column; empty for a kind without a table."""
        return []

    def headings(self) -> dict[str, str]:
        """Return the headings for readers of the columns of the table whose name is not made of words, by name."""
        return {}


def criterion_of(criteria: tuple[Criterion, ...], rule: str) -> Criterion:
    """Return the criterion of one rule. Raises `KeyError` if the answer has none."""
    for criterion in criteria:
        if criterion.rule == rule:
            return criterion
    raise KeyError(rule)
