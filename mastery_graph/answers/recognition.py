"""Recognition: what a credential counts as in a country, on what ground, and what stands in the way.

The rules REC-*. Which of them decide for which purpose is data (`ontology/rules.ttl`). There is no "refused": a
difference is named, and the competent authority weighs it (Lisbon Recognition Convention, article VI.1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import ClassVar, Literal

from pyoxigraph import Literal as Term

from mastery_graph.answers.answer import Answer, Criterion, Evidence, Outcome, Record
from mastery_graph.answers.evidence import dataset, statements, text
from mastery_graph.answers.levels import Level, check_country, equivalent_levels
from mastery_graph.answers.rules import Rules
from mastery_graph.answers.stack_criteria import NOT_VERIFIED, Judgement, validity
from mastery_graph.answers.subject import Subject, level_of, subject
from mastery_graph.answers.workload import agree
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Row, Store
from mastery_graph.vocabulary import CRED, DCTERMS, ELM, EQF, NS

Purpose = Literal["academic", "training", "employment"]

RULES = (
    "REC-LEVEL",
    "REC-OUTCOMES",
    "REC-WORKLOAD",
    "REC-ELEMENTS",
    "REC-ASSESSMENT",
    "REC-QUALITY",
    "REC-AWARDING-BODY",
    "REC-AUTHENTICITY",
    "REC-VALIDITY",
    "REC-NATIONAL",
)
_FAMILY = {"academic": "esg", "training": "eqavet"}
_ESCO = "http://data.europa.eu/esco/"


class Translation(Record):
    """The level at home, its EQF level, and the levels of the destination that compare."""

    source: str | None
    """The label of the national level, where one is stated."""
    eqf_level: int | None
    destination: tuple[Level, ...]


class Action(Record):
    """What would change a criterion that is unmet or unknown, who can do it, and which vision speaks to it."""

    criterion: str
    action: str
    actor: str
    vision: str | None


class Recognition(Answer):
    """What it counts as: `recognisable`, `conditional`, `insufficient-information` or `not-comparable`."""

    kind: ClassVar[str] = "recognition"

    country: str
    purpose: Purpose
    level: Translation
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class _Case:
    """A credential, a destination and a purpose."""

    store: Store
    subject: Subject
    country: str
    purpose: Purpose
    day: date

    @cached_property
    def level(self) -> tuple[int | None, Level | None]:
        """The EQF level and the national level of the credential."""
        return level_of(self.store, self.subject.description)

    @cached_property
    def destination(self) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """The levels of the destination that compare, and those without a verified referencing."""
        eqf, _ = self.level
        answer = equivalent_levels(self.store, f"{EQF}{eqf or 1}", self.country)
        return (answer.equivalents if eqf else ()), answer.unreferenced

    @cached_property
    def policy(self) -> Row | None:
        """What is known of the destination's policy."""
        rows = self.store.select(named_query("recognition/national-policy").text, {"country": Term(self.country)})
        return rows[0] if rows else None


def recognition(
    store: Store,
    credential: str | SubmittedDocument,
    country: str,
    purpose: Purpose = "employment",
    on: date | None = None,
) -> Recognition:
    """Return what a credential counts as in a country (ISO alpha-3) for a purpose, on a day (UTC; today by default).

    Raises `UnknownResource`, `UnknownCountry`, `BadParameter` and `BadDocument`.
    """
    code = check_country(store, country)
    case = _Case(store, subject(store, credential), code, purpose, on or datetime.now(UTC).date())
    rules = Rules(store, *RULES)
    judges: dict[str, Callable[[_Case], Judgement]] = {
        "REC-LEVEL": _level,
        "REC-OUTCOMES": _outcomes,
        "REC-WORKLOAD": _workload,
        "REC-ELEMENTS": _elements,
        "REC-ASSESSMENT": _assessment,
        "REC-QUALITY": _quality,
        "REC-AWARDING-BODY": _awarding_body,
        "REC-AUTHENTICITY": _authenticity,
        "REC-VALIDITY": _validity,
        "REC-NATIONAL": _national,
    }
    judged = tuple(rules.criterion(rule, *judges[rule](case)) for rule in RULES)
    verdict = _verdict(judged, rules, purpose, case)
    eqf, national = case.level
    return Recognition(
        question={"credential": case.subject.name, "country": code, "purpose": purpose, "on": case.day.isoformat()},
        verdict=verdict,
        summary=_summary(verdict, case, judged, rules),
        criteria=judged,
        dataset=dataset(store),
        country=code,
        purpose=purpose,
        level=Translation(source=national.label if national else None, eqf_level=eqf, destination=case.destination[0]),
        actions=_actions(judged, rules),
    )


def _verdict(judged: tuple[Criterion, ...], rules: Rules, purpose: Purpose, case: _Case) -> str:
    decisive = {criterion for criterion in judged if purpose in rules[criterion.rule].decisive}
    supporting = {criterion for criterion in judged if purpose in rules[criterion.rule].supporting}
    level = next(criterion for criterion in judged if criterion.rule == "REC-LEVEL")
    if level in decisive and level.outcome is not Outcome.MET and _unreferenced(case):
        return "not-comparable"
    if any(criterion.outcome is Outcome.UNKNOWN for criterion in decisive):
        return "insufficient-information"
    if any(criterion.outcome is Outcome.UNMET for criterion in decisive | supporting):
        return "conditional"
    return "recognisable"


def _unreferenced(case: _Case) -> bool:
    """Return whether the framework at home, or that of the destination, has no verified referencing to compare by."""
    eqf, national = case.level
    here, open_levels = case.destination
    return (eqf is None and national is not None) or (eqf is not None and not here and bool(open_levels))


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


def _level(case: _Case) -> Judgement:
    eqf, national = case.level
    here, open_levels = case.destination
    evidence = case.subject.evidence([ELM + "EQFLevel", ELM + "NQFLevel"])
    involved = [*here, *([national] if national else []), *([] if here else open_levels)]
    evidence += statements(
        case.store,
        (level.referencing or level.uri for level in involved),
        [NS + name for name in ("nationalLevel", "eqfLevel", "basis", "confidence", "historical", "openBecause")],
    )
    if eqf is None and national is None:
        return Outcome.UNKNOWN, "No level is stated.", evidence
    if eqf is None and national is not None:
        reason = national.open_because or "no reason is recorded"
        return Outcome.UNKNOWN, f"{national.label} has no verified referencing to the EQF: {reason}.", evidence
    if national and national.eqf_level not in {None, eqf}:
        return (
            Outcome.UNMET,
            f"The stated EQF level {eqf} contradicts {national.label}, which is referenced to EQF level "
            f"{national.eqf_level}.",
            evidence,
        )
    if here:
        names = ", ".join(level.label for level in here)
        return Outcome.MET, f"EQF level {eqf} compares with {names} in {case.country}.", evidence
    if open_levels:
        return Outcome.UNKNOWN, f"The levels of {case.country} have no verified referencing to compare by.", evidence
    return Outcome.UNMET, f"No level of {case.country} is referenced to EQF level {eqf}.", evidence


def _outcomes(case: _Case) -> Judgement:
    outcomes = case.subject.description.outcomes
    evidence = case.subject.evidence([ELM + "learningOutcome", ELM + "relatedESCOSkill"])
    if not outcomes:
        return Outcome.UNKNOWN, "No learning outcome is stated.", evidence
    loose = [outcome.title for outcome in outcomes if not any(c.startswith(_ESCO) for c in outcome.concepts)]
    if loose:
        return Outcome.UNMET, f"Not tied to ESCO: {'; '.join(loose)}.", evidence
    return Outcome.MET, f"All {len(outcomes)} learning outcomes are stated and tied to ESCO.", evidence


def _workload(case: _Case) -> Judgement:
    description = case.subject.description
    evidence = case.subject.evidence([ELM + "point", ELM + "framework", ELM + "volumeOfLearning"])
    if description.ects is None and description.hours is None:
        duration = f" A duration of {description.duration} is no workload." if description.duration else ""
        return Outcome.UNKNOWN, f"Neither ECTS credits nor hours are stated.{duration}", evidence
    if description.ects is not None and description.hours is not None:
        both = f"{float(description.ects):g} ECTS and {float(description.hours):g} hours"
        if not agree(description.ects, description.hours):
            return Outcome.UNMET, f"{both} do not agree: a credit stands for 25 to 30 hours.", evidence
        return Outcome.MET, f"{both} are stated, and agree.", evidence
    stated = f"{float(description.ects):g} ECTS" if description.ects else f"{float(description.hours or 0):g} hours"
    return Outcome.MET, f"The workload is stated: {stated}.", evidence


def _elements(case: _Case) -> Judgement:
    from mastery_graph.validation import validate
    from mastery_graph.validation.submitted import as_document

    document = case.subject.document or as_document(case.store, case.subject.description.iri)
    report = validate(document, store=case.store)
    evidence = case.subject.evidence([DCTERMS + "title"])
    missing = [finding.element for finding in report.findings if finding.severity == "violation"]
    if missing:
        return Outcome.UNMET, f"Mandatory standard elements are missing: {', '.join(dict.fromkeys(missing))}.", evidence
    return Outcome.MET, "All mandatory standard elements are present.", evidence


def _assessment(case: _Case) -> Judgement:
    assessments = case.subject.description.assessments
    evidence = case.subject.evidence([ELM + "provenBy", DCTERMS + "type", ELM + "idVerification"])
    if not any(assessment.types for assessment in assessments):
        return Outcome.UNKNOWN, "No type of assessment is stated.", evidence
    verified = {each for assessment in assessments for each in assessment.verifications}
    if verified == {NOT_VERIFIED}:
        return Outcome.UNMET, "The assessment was neither supervised nor was the learner identified.", evidence
    supervision = "" if verified else " Supervision and verification of identity are not stated, which is optional."
    return Outcome.MET, f"The type of assessment is stated.{supervision}", evidence


def _quality(case: _Case) -> Judgement:
    description = case.subject.description
    evidence = case.subject.evidence([NS + "qualityAssuranceType", NS + "appliesIndicator", ELM + "accreditation"])
    rows = case.store.select(named_query("recognition/quality-assurance-types").text)
    families = {text(row["type"]): text(row["family"]) for row in rows}
    stated = {families.get(kind, "none") for kind in description.quality_assurance}
    if description.accreditations:
        stated.add("any")
    if not stated:
        return Outcome.UNKNOWN, "No type of quality assurance is stated.", evidence
    wanted = _FAMILY.get(case.purpose)
    if wanted is None or stated & {wanted, "any"}:
        return Outcome.MET, "Quality assurance of a fitting type is stated.", evidence
    return (
        Outcome.UNMET,
        f"Quality assurance by {wanted.upper()} is asked for this purpose; another is stated.",
        evidence,
    )


def _awarding_body(case: _Case) -> Judgement:
    description = case.subject.description
    body = description.awarding_body
    evidence = case.subject.evidence(
        [
            ELM + "awardingBody",
            "http://www.w3.org/ns/regorg#legalName",
            ELM + "countryCode",
            ELM + "limitEQFLevel",
            ELM + "limitJurisdiction",
            ELM + "limitField",
            ELM + "expiryDate",
        ]
    )
    if body is None:
        return Outcome.UNKNOWN, "The awarding body is not stated.", evidence
    lacking = [
        name
        for name, value in (("legal name", body.name), ("country", body.country), ("identifier", body.registration))
        if not value
    ]
    if lacking:
        return Outcome.UNKNOWN, f"The awarding body's {' and '.join(lacking)} are not stated.", evidence
    if not description.accreditations:
        return Outcome.MET, f"{body.name} ({body.country}) is identified. No accreditation is given.", evidence
    failures = [why for why in (_fails(case, index) for index in range(len(description.accreditations))) if why]
    if len(failures) == len(description.accreditations):
        return Outcome.UNMET, f"No accreditation covers this credential: {' '.join(failures)}", evidence
    return Outcome.MET, f"{body.name} ({body.country}) is identified, and its accreditation covers this.", evidence


def _fails(case: _Case, index: int) -> str | None:
    """Return why an accreditation does not cover the credential, or None where it does."""
    description = case.subject.description
    accreditation = description.accreditations[index]
    eqf, _ = case.level
    day = description.issued_at.date() if description.issued_at else case.day
    country = description.awarding_body.country if description.awarding_body else None
    if accreditation.issued and day < accreditation.issued:
        return f"{accreditation.title} begins on {accreditation.issued}."
    if accreditation.expires and day > accreditation.expires:
        return f"{accreditation.title} ended on {accreditation.expires}."
    if accreditation.levels and eqf is not None and eqf not in accreditation.levels:
        return f"{accreditation.title} is limited to EQF level {', '.join(map(str, accreditation.levels))}."
    if accreditation.countries and country not in accreditation.countries:
        return f"{accreditation.title} is limited to {', '.join(accreditation.countries)}."
    if accreditation.fields and description.fields and not set(accreditation.fields) & set(description.fields):
        return f"{accreditation.title} is limited to other fields."
    return None


def _authenticity(case: _Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.NOT_APPLICABLE, "A bare description is not issued, and carries no seal.", ()
    document = case.subject.document
    if document is None or document.seal.status == "absent":
        return Outcome.UNKNOWN, "There is no seal.", ()
    seal = document.seal
    if seal.status == "broken":
        return Outcome.UNMET, f"The seal is broken. {seal.reason}", ()
    if not seal.certificate_valid_then:
        return Outcome.UNMET, f"The certificate of {seal.by} was not valid at the time of sealing.", ()
    return (
        Outcome.MET,
        f"Sealed by {seal.by} on {seal.at:%Y-%m-%d}; the seal is unbroken. Not checked: {'; '.join(seal.not_checked)}.",
        (),
    )


def _validity(case: _Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.NOT_APPLICABLE, "A bare description is not issued, and does not expire.", ()
    evidence = case.subject.evidence(
        [CRED + name for name in ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate")]
    )
    outcome, reason = validity(case.subject, case.day)
    return outcome, f"The credential: {reason}", evidence


def _national(case: _Case) -> Judgement:
    row = case.policy
    if row is None or text(row["status"]) == "unknown":
        evidence: tuple[Evidence, ...] = statements(case.store, [text(row["policy"])]) if row else ()
        return Outcome.UNKNOWN, f"The policy of {case.country} on micro-credentials is not known here.", evidence
    known = [f"{text(row['statusLabel'])}."]
    known += [f"Law: {text(row['legalBasis'])}."] if "legalBasis" in row else []
    known += [f"Credits: {text(row['creditRange'])}."] if "creditRange" in row else []
    known += [f"Note: {text(row['note'])}."] if "note" in row else []
    outcome = Outcome.UNMET if text(row["status"]) == "not-yet-established" else Outcome.MET
    return outcome, f"{case.country}: {' '.join(known)}", statements(case.store, [text(row["policy"])])


def _summary(verdict: str, case: _Case, judged: tuple[Criterion, ...], rules: Rules) -> str:
    place = f"in {case.country} for the purpose {case.purpose}"
    title = case.subject.description.title
    weighing = {
        criterion.title
        for criterion in judged
        if criterion.outcome in {Outcome.UNMET, Outcome.UNKNOWN}
        and case.purpose in rules[criterion.rule].decisive | rules[criterion.rule].supporting
    }
    open_points = f" Open: {'; '.join(sorted(weighing))}." if weighing else ""
    return {
        "recognisable": f"{title} can be recognised {place}: nothing that decides stands in the way.{open_points}",
        "conditional": f"{title} can be recognised {place} on conditions.{open_points}",
        "insufficient-information": f"{title} cannot be judged {place} yet: information is missing.{open_points}",
        "not-comparable": f"{title} cannot be compared {place}: a level has no verified referencing.{open_points}",
    }[verdict]
