"""Answers to recognition questions: how a credential is treated in a country, by the rules REC-*.

Which rules decide for which purpose is data (`ontology/rules.ttl`). There is no verdict "refused": a difference is
named, and the competent authority weighs it (Lisbon Recognition Convention, article VI.1).
"""

from datetime import UTC, date, datetime
from typing import ClassVar, Final

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.languages import N_, Country, Joined, Message
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Answer, Criterion, Outcome, disclaimer_for
from mastery_graph.questions.equivalence.levels import Level, all_levels, check_country
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.judging.assurance import ACCEPTED_CLAIMS
from mastery_graph.questions.judging.registers import Register, consulted_registers
from mastery_graph.questions.judging.stated_level import HomeFrameworks
from mastery_graph.questions.judging.subject import read_subject
from mastery_graph.questions.purposes import PurposeCode, find_purpose, purposes_of
from mastery_graph.questions.recognition.actions import (
    Action,
    InformationRequest,
    actions,
    information_requests,
    remedies_of,
)
from mastery_graph.questions.recognition.criteria import DESCRIPTION_ONLY, OF_A_CREDENTIAL, RULES, Case, criteria
from mastery_graph.questions.recognition.differences import Difference, differences
from mastery_graph.questions.recognition_statements.applicability import RULES as STATEMENT_RULES
from mastery_graph.questions.recognition_statements.applicability import JudgedStatement, statement_criteria
from mastery_graph.questions.rules import Rules
from mastery_graph.questions.verdicts import NEGATIVE, Verdict
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class RecognitionVerdict(Verdict):
    """How a credential is treated in a country, for a purpose."""

    RECOGNISABLE = N_("recognisable"), N_("All decisive criteria are met.")
    CONDITIONAL = N_("conditional"), N_("A decisive or supporting criterion is not met.")
    INSUFFICIENT_INFORMATION = N_("insufficient-information"), N_("Information on a decisive criterion is missing.")
    NOT_COMPARABLE = (
        N_("not-comparable"),
        N_("A framework has no referencing, so the levels cannot be compared."),
        NEGATIVE,
    )


_SUMMARIES: Final = {
    RecognitionVerdict.RECOGNISABLE: N_(
        "{title} can be recognised in {country} for the purpose {purpose}: all decisive criteria are met."
    ),
    RecognitionVerdict.CONDITIONAL: N_(
        "{title} can be recognised in {country} for the purpose {purpose} on conditions."
    ),
    RecognitionVerdict.INSUFFICIENT_INFORMATION: N_(
        "{title} cannot be judged in {country} for the purpose {purpose} yet: information is missing."
    ),
    RecognitionVerdict.NOT_COMPARABLE: N_(
        "{title} cannot be compared in {country} for the purpose {purpose}: a framework has no referencing."
    ),
}


class Translation(Record):
    """The level in the country of origin, its EQF level, and the comparable levels of the destination."""

    source: str | None
    """The label of the national level, where one is stated."""
    eqf_level: int | None
    """The EQF level that a referencing supports, or a claimed one where claims are accepted."""
    destination: tuple[Level, ...]
    claimed_eqf_level: int | None = None
    """The EQF level that is claimed without the support of a referencing."""
    if_claim_holds: tuple[Level, ...] = ()
    """The levels of the destination that would compare with the claimed one."""


class Recognition(Answer):
    """Whether a credential can be recognised."""

    kind: ClassVar[str] = "recognition"

    verdict: RecognitionVerdict
    country: str
    purpose: PurposeCode
    level: Translation
    actions: tuple[Action, ...]
    differences: tuple[Difference, ...] = ()
    """Each shortfall: what is required, what was found, and whether it may be substantial."""
    requests: tuple[InformationRequest, ...] = ()
    """The information that is missing, and what would supply it."""
    statements: tuple[JudgedStatement, ...] = ()
    """The recognition statements about the credential, with their applicability to this question."""
    consulted: tuple[Register, ...] = ()
    """The registers that were consulted, with the days on which their entries were true."""
    not_consulted: tuple[Register, ...] = ()
    """The registers that were not consulted and could settle what is only claimed."""
    note: Localized | None = None
    """Caveats of the answer: that claims are accepted, that only a description was presented."""


def recognition(
    store: Store,
    credential: str | SubmittedDocument,
    country: str,
    purpose: str = "employment",
    on: date | None = None,
    *,
    body: str | None = None,
    accept_claims: bool = False,
) -> Recognition:
    """Return whether a credential can be recognised in a country (ISO alpha-3) for a purpose.

    `purpose` is the code of a purpose that the graph describes. `on` is the day of the question (UTC; today by
    default). `body` is the IRI of the recognising body: the recognition
    statements that it made, or follows, bind it. With `accept_claims`, the claims of the document about its level, its
    awarding body and its quality assurance count.
    Raises `UnknownResource`, `UnknownCountry`, `BadParameter` and `BadDocument`.
    """
    code = check_country(store, country)
    sought = find_purpose(purposes_of(store), purpose)
    day = on or datetime.now(UTC).date()
    case = Case(store, read_subject(store, credential), code, sought, day, body, accept_claims)
    rules = Rules(store, *RULES, *STATEMENT_RULES)
    judgements = criteria(case, rules)
    verdict = _verdict(judgements, rules, case)
    level = case.subject.level
    consulted, not_consulted = consulted_registers(store, _countries(case))
    remedies = remedies_of(store, judgements, rules)
    return Recognition(
        question={"credential": case.subject.name, "country": code, "purpose": purpose, "on": case.day.isoformat()}
        | ({"body": body} if body else {})
        | ({"accept_claims": True} if accept_claims else {}),
        verdict=verdict,
        summary=_summary(verdict, case, judgements, rules),
        criteria=(
            *statement_criteria(store, rules, case.statements),
            *judgements,
            *replacement_criteria(store, concepts_of([case.subject.description])),
        ),
        dataset=dataset_of(store),
        disclaimer=disclaimer_for([code, *_countries(case)]),
        country=code,
        purpose=purpose,
        level=Translation(
            source=level.national.label if level.national else None,
            eqf_level=case.eqf_level,
            destination=case.destination,
            claimed_eqf_level=level.claimed,
            if_claim_holds=case.if_claim_holds,
        ),
        actions=actions(judgements, rules, remedies),
        requests=information_requests([criterion for criterion in judgements if _counts(criterion, case)], remedies),
        differences=differences(judgements, rules, case.purpose),
        statements=case.statements,
        consulted=consulted,
        not_consulted=not_consulted,
        note=_note(case),
    )


def _countries(case: Case) -> list[str]:
    return [body.country for body in case.subject.description.awarding_bodies if body.country]


def _note(case: Case) -> Joined | None:
    notes = []
    if case.accept_claims:
        notes.append(ACCEPTED_CLAIMS)
    if not case.subject.description.issued:
        notes.append(DESCRIPTION_ONLY)
    return Joined(notes, " ") if notes else None


def _verdict(judgements: tuple[Criterion, ...], rules: Rules, case: Case) -> RecognitionVerdict:
    purpose = case.purpose.code
    relevant = [criterion for criterion in judgements if _counts(criterion, case)]
    decisive = [criterion for criterion in relevant if purpose in rules[criterion.rule].decisive]
    supporting = [criterion for criterion in relevant if purpose in rules[criterion.rule].supporting]
    level = next((criterion for criterion in decisive if criterion.rule == "REC-LEVEL"), None)
    if level is not None and level.outcome is not Outcome.MET and _unreferenced(case):
        return RecognitionVerdict.NOT_COMPARABLE
    if any(criterion.outcome is Outcome.UNKNOWN for criterion in decisive):
        return RecognitionVerdict.INSUFFICIENT_INFORMATION
    if any(criterion.outcome is Outcome.UNMET for criterion in (*decisive, *supporting)):
        return RecognitionVerdict.CONDITIONAL
    return RecognitionVerdict.RECOGNISABLE


def _counts(criterion: Criterion, case: Case) -> bool:
    """Return whether a criterion counts: those of an issued credential do not for a bare description."""
    return case.subject.description.issued or criterion.rule not in OF_A_CREDENTIAL


def _unreferenced(case: Case) -> bool:
    """Return whether the frameworks at the source, or those of the destination, have no referencing."""
    stated = case.subject.level
    if not case.is_referenced or stated.home is HomeFrameworks.UNREFERENCED:
        return True
    if not stated.nationals:
        return False
    frameworks = {level.framework_uri for level in stated.nationals}
    home_levels = [
        level for country in {level.country for level in stated.nationals} for level in all_levels(case.store, country)
    ]
    return not any(level.eqf_level for level in home_levels if level.framework_uri in frameworks)


def _summary(verdict: RecognitionVerdict, case: Case, judgements: tuple[Criterion, ...], rules: Rules) -> Joined:
    open_criteria = {
        criterion.title
        for criterion in judgements
        if criterion.outcome in {Outcome.UNMET, Outcome.UNKNOWN}
        and _counts(criterion, case)
        and case.purpose.code in rules[criterion.rule].decisive | rules[criterion.rule].supporting
    }
    sentence = Message(
        _SUMMARIES[verdict],
        title=case.subject.description.title,
        country=Country(case.country),
        purpose=case.purpose.name,
    )
    open_points = [Message("Open: {points}.", points=Joined(sorted(open_criteria), "; "))] if open_criteria else []
    return Joined([sentence, *open_points], " ")
