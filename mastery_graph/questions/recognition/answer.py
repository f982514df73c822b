"""Recognition: what a credential counts as in a country, on what ground, and what stands in the way.

The rules REC-*. Which of them decide for which purpose is data (`ontology/rules.ttl`). There is no "refused": a
difference is named, and the competent authority weighs it (Lisbon Recognition Convention, article VI.1).
"""

from datetime import UTC, date, datetime
from typing import ClassVar, Final

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.languages import Country, Joined, Message, said
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Answer, Criterion, Outcome
from mastery_graph.questions.equivalence.levels import Level, all_levels, check_country
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.judging.assurance import ACCEPTED_CLAIMS
from mastery_graph.questions.judging.registers import Register, not_consulted
from mastery_graph.questions.judging.stated_level import HomeFrameworks
from mastery_graph.questions.judging.subject import read_subject
from mastery_graph.questions.recognition.criteria import DESCRIPTION_ONLY, OF_A_CREDENTIAL, RULES, Case, criteria
from mastery_graph.questions.recognition.differences import Difference, differences
from mastery_graph.questions.recognition_statements.applicability import RULES as STATEMENT_RULES
from mastery_graph.questions.recognition_statements.applicability import JudgedStatement, statement_criteria
from mastery_graph.questions.recognition_statements.records import Purpose
from mastery_graph.questions.rules import Rules
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

_SUMMARIES: Final = {
    "recognisable": said(
        "{title} can be recognised in {country} for the purpose {purpose}: nothing that decides stands in the way."
    ),
    "conditional": said("{title} can be recognised in {country} for the purpose {purpose} on conditions."),
    "insufficient-information": said(
        "{title} cannot be judged in {country} for the purpose {purpose} yet: information is missing."
    ),
    "not-comparable": said(
        "{title} cannot be compared in {country} for the purpose {purpose}: a framework has no verified referencing."
    ),
}


class Translation(Record):
    """The level at home, its EQF level, and the levels of the destination that compare."""

    source: str | None
    """The label of the national level, where one is stated."""
    eqf_level: int | None
    """The EQF level that a referencing supports; a claimed one only where claims are accepted."""
    destination: tuple[Level, ...]
    claimed_eqf_level: int | None = None
    """The EQF level that is claimed, and that no referencing supports."""
    if_claim_holds: tuple[Level, ...] = ()
    """The levels of the destination that would compare with the claimed one."""


class Action(Record):
    """What would change a criterion that is unmet or unknown, who can do it, and which vision speaks to it."""

    criterion: str
    action: Localized
    actor: Localized
    vision: str | None


class Recognition(Answer):
    """What it counts as: `recognisable`, `conditional`, `insufficient-information` or `not-comparable`."""

    kind: ClassVar[str] = "recognition"

    country: str
    purpose: Purpose
    level: Translation
    actions: tuple[Action, ...]
    differences: tuple[Difference, ...] = ()
    """Each shortfall as what was asked, what was found, and whether it may be substantial."""
    statements: tuple[JudgedStatement, ...] = ()
    """The recognition statements that speak of the credential, with what each is worth for this question."""
    not_consulted: tuple[Register, ...] = ()
    """The registers that could settle what is only claimed, and that were not consulted."""
    note: Localized | None = None
    """What has to be known of the answer first: that claims are accepted, that only a description was presented."""


def recognition(
    store: Store,
    credential: str | SubmittedDocument,
    country: str,
    purpose: Purpose = "employment",
    on: date | None = None,
    *,
    body: str | None = None,
    accept_claims: bool = False,
) -> Recognition:
    """Return what a credential counts as in a country (ISO alpha-3) for a purpose, on a day (UTC; today by default).

    `body` is the IRI of the body that asks: the recognition statements that it made, or follows, bind it. With
    `accept_claims`, what the document claims of its level, its awarding body and its quality assurance counts.
    Raises `UnknownResource`, `UnknownCountry`, `BadParameter` and `BadDocument`.
    """
    code = check_country(store, country)
    case = Case(
        store, read_subject(store, credential), code, purpose, on or datetime.now(UTC).date(), body, accept_claims
    )
    rules = Rules(store, *RULES, *STATEMENT_RULES)
    judged = criteria(case, rules)
    verdict = _verdict(judged, rules, purpose, case)
    level = case.subject.level
    return Recognition(
        question={"credential": case.subject.name, "country": code, "purpose": purpose, "on": case.day.isoformat()}
        | ({"body": body} if body else {})
        | ({"accept_claims": True} if accept_claims else {}),
        verdict=verdict,
        summary=_summary(verdict, case, judged, rules),
        criteria=(
            *statement_criteria(store, rules, case.statements),
            *judged,
            *replacement_criteria(store, concepts_of([case.subject.description])),
        ),
        dataset=dataset_of(store),
        country=code,
        purpose=purpose,
        level=Translation(
            source=level.national.label if level.national else None,
            eqf_level=case.eqf_level,
            destination=case.destination,
            claimed_eqf_level=level.claimed,
            if_claim_holds=case.if_claim_holds,
        ),
        actions=_actions(judged, rules),
        differences=differences(judged, rules, purpose),
        statements=case.statements,
        not_consulted=not_consulted(store, _countries(case)),
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


def _verdict(judged: tuple[Criterion, ...], rules: Rules, purpose: Purpose, case: Case) -> str:
    counted = [criterion for criterion in judged if _counts(criterion, case)]
    decisive = [criterion for criterion in counted if purpose in rules[criterion.rule].decisive]
    supporting = [criterion for criterion in counted if purpose in rules[criterion.rule].supporting]
    level = next((criterion for criterion in decisive if criterion.rule == "REC-LEVEL"), None)
    if level is not None and level.outcome is not Outcome.MET and _unreferenced(case):
        return "not-comparable"
    if any(criterion.outcome is Outcome.UNKNOWN for criterion in decisive):
        return "insufficient-information"
    if any(criterion.outcome is Outcome.UNMET for criterion in (*decisive, *supporting)):
        return "conditional"
    return "recognisable"


def _counts(criterion: Criterion, case: Case) -> bool:
    """Return whether a criterion counts in the verdict: what only a credential settles does not for a description."""
    return case.subject.description.issued or criterion.rule not in OF_A_CREDENTIAL


def _unreferenced(case: Case) -> bool:
    """Return whether a framework of the source's or of the destination's country is here, and none of it referenced."""
    level = case.subject.level
    if not case.is_referenced or level.home is HomeFrameworks.UNREFERENCED:
        return True
    if not level.nationals:
        return False
    frameworks = {each.framework_uri for each in level.nationals}
    own = [each for country in {each.country for each in level.nationals} for each in all_levels(case.store, country)]
    return not any(each.eqf_level for each in own if each.framework_uri in frameworks)


def _actions(judged: tuple[Criterion, ...], rules: Rules) -> tuple[Action, ...]:
    return tuple(
        Action(
            criterion=criterion.rule,
            action=rules[criterion.rule].mending or "",
            actor=actor,
            vision=next(iter(rules[criterion.rule].visions), None),
        )
        for criterion in judged
        if criterion.outcome in {Outcome.UNMET, Outcome.UNKNOWN}
        for actor in rules[criterion.rule].actors
    )


def _summary(verdict: str, case: Case, judged: tuple[Criterion, ...], rules: Rules) -> Joined:
    weighing = {
        criterion.title
        for criterion in judged
        if criterion.outcome in {Outcome.UNMET, Outcome.UNKNOWN}
        and _counts(criterion, case)
        and case.purpose in rules[criterion.rule].decisive | rules[criterion.rule].supporting
    }
    told = Message(
        _SUMMARIES[verdict],
        title=case.subject.description.title,
        country=Country(case.country),
        purpose=Message(case.purpose),
    )
    open_points = [Message("Open: {points}.", points=Joined(sorted(weighing), "; "))] if weighing else []
    return Joined([told, *open_points], " ")
