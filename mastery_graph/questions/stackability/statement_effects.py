"""Effects of recognition statements on a stack: the statements about a credential, and the outcomes that they add."""

from collections.abc import Sequence
from dataclasses import replace

from mastery_graph.credentials.description import Description
from mastery_graph.questions.judging.subject import Subject
from mastery_graph.questions.recognition_statements.applicability import (
    Applicability,
    JudgedStatement,
    RecognitionContext,
    judge_statements,
)
from mastery_graph.questions.recognition_statements.records import RecognitionStatement, recognition_statements
from mastery_graph.questions.stackability.outcome_coverage import OfferedOutcome, offered_by
from mastery_graph.store.protocol import Store


def statements_about(store: Store, credential: Subject, context: RecognitionContext) -> tuple[JudgedStatement, ...]:
    """Return the recognition statements about the outcomes or the credits of a credential, judged."""
    description = credential.description
    statements = recognition_statements(store, [description.iri, *description.specifications])
    return judge_statements(
        [statement for statement in statements if statement.speaks_to != "level"], description, context
    )


def applying_statements(
    judgements: Sequence[JudgedStatement], speaks_to: str, decision: str
) -> list[RecognitionStatement]:
    """Return the statements that apply, about one matter (`outcomes`, `workload`) and with one decision."""
    return [
        judgement.statement
        for judgement in judgements
        if judgement.standing is Applicability.APPLIES
        and (judgement.statement.speaks_to, judgement.statement.decision) == (speaks_to, decision)
    ]


def offered_outcomes(description: Description, judgements: Sequence[JudgedStatement] = ()) -> list[OfferedOutcome]:
    """Return the outcomes of a description, and those as which a statement that applies accepts it."""
    refused = frozenset(
        statement.accepted_as or "" for statement in applying_statements(judgements, "outcomes", "not-accepted")
    )
    own_outcomes = [replace(outcome, not_accepted_as=refused) for outcome in offered_by(description)]
    accepted = dict.fromkeys(
        statement.accepted_as or "" for statement in applying_statements(judgements, "outcomes", "accepted")
    )
    return own_outcomes + [OfferedOutcome(iri, description.title, (iri,), description.iri, refused) for iri in accepted]
