"""The criteria of recognition: each rule REC-* applied to one credential, destination and purpose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from pyoxigraph import Literal as Term

from mastery_graph.answers.accreditation import JudgedAccreditation, accreditations
from mastery_graph.answers.answer import Criterion, Outcome
from mastery_graph.answers.equivalence.closure import paths_to_esco
from mastery_graph.answers.equivalence.levels import Level, all_levels, historical
from mastery_graph.answers.equivalence.paths import path_evidence
from mastery_graph.answers.evidence import statements, text
from mastery_graph.answers.recognition.standing import Asked, JudgedStatement, judge, settled
from mastery_graph.answers.recognition.statements import Purpose, recognition_statements
from mastery_graph.answers.rules import Rules
from mastery_graph.answers.stackability.criteria import NOT_VERIFIED, Judgement, validity
from mastery_graph.answers.subject import Subject, assessment_evidence, level_evidence
from mastery_graph.credentials.description import AwardingBody
from mastery_graph.credentials.proofs.seal import Seal
from mastery_graph.credentials.workload import agree
from mastery_graph.languages import LANGUAGES, Country, English, Labelled, Listed, Sentence, together
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Row, Store
from mastery_graph.vocabulary import ADMS, CRED, DCTERMS, ELM, EQF, FOAF, NS, ROV, SKOS, TIED_TO

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
_EQF_LEVELS = {f"{EQF}{number}" for number in range(1, 9)}
_OF_A_PERSON = frozenset(
    (
        *(FOAF + name for name in ("name", "fullName", "givenName", "familyName")),
        *(ELM + "nationalID", ADMS + "identifier", SKOS + "notation"),
    )
)
"""What tells who the learner is: that somebody is named is cited, and not who."""
_SETTLES = {"REC-LEVEL": "level", "REC-OUTCOMES": "outcomes"}
"""The criterion that a recognition statement speaks to, by what it accepts something as."""


@dataclass(frozen=True)
class Case:
    """A credential, a destination and a purpose."""

    store: Store
    subject: Subject
    country: str
    purpose: Purpose
    day: date
    body: str | None = None
    """The body that asks: whose statements bind, and those that it has declared to follow."""

    @cached_property
    def statements(self) -> tuple[JudgedStatement, ...]:
        """The recognition statements that speak of the credential, its descriptions or its levels, judged."""
        description = self.subject.description
        level = self.subject.level
        names = [description.iri, *description.specifications]
        names += [level.national.uri] if level.national else []
        names += [f"{EQF}{level.eqf}"] if level.eqf else []
        about = recognition_statements(self.store, names)
        levels = {level.uri for level in self.there} | _EQF_LEVELS
        here = [one for one in about if one.speaks_to != "level" or (one.accepted_as or "") in levels]
        return judge(here, description, Asked(self.body, self.day, self.purpose))

    @cached_property
    def there(self) -> tuple[Level, ...]:
        """The levels of the destination."""
        return all_levels(self.store, self.country)

    @cached_property
    def destination(self) -> tuple[tuple[Level, ...], tuple[Level, ...], bool]:
        """The levels of the destination that compare, those without a verified referencing, and whether any has one."""
        eqf = self.subject.level.eqf
        comparable = tuple(level for level in self.there if eqf and level.eqf_level == eqf)
        unreferenced = tuple(level for level in self.there if level.open_because)
        return comparable, unreferenced, any(level.eqf_level for level in self.there)

    @cached_property
    def accreditations(self) -> tuple[JudgedAccreditation, ...]:
        """The accreditations of the credential, judged."""
        return accreditations(self.subject.description, self.subject.level.eqf, self.day)

    @cached_property
    def policy(self) -> Row | None:
        """What is known of the destination's policy."""
        rows = self.store.select(named_query("recognition/national-policy").text, {"country": Term(self.country)})
        return rows[0] if rows else None


def criteria(case: Case, rules: Rules) -> tuple[Criterion, ...]:
    """Return the criteria in the order of the rules."""
    judges: dict[str, Callable[[Case], Judgement]] = {
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
    judged = []
    for rule in RULES:
        criterion = rules.criterion(rule, *judges[rule](case))
        if rule in _SETTLES:
            criterion = settled(case.statements, _SETTLES[rule], criterion, case.store, case.destination[0])
        judged.append(criterion)
    return tuple(judged)


def _level(case: Case) -> Judgement:
    level = case.subject.level
    eqf, national = level.eqf, level.national
    here, open_levels, referenced = case.destination
    evidence = level_evidence(case.store, [case.subject], here or open_levels)
    if level.contradiction:
        return Outcome.UNMET, level.contradiction, evidence
    country = Country(case.country)
    unreferenced = Sentence("The levels of {country} have no verified referencing to compare by.", country=country)
    if eqf is None and national is None:
        written = case.subject.description.nqf_level
        unstated = Sentence("No level is stated.")
        told = [Sentence("The level {level} is not known here.", level=written) if written else unstated]
        told += [] if referenced else [unreferenced]
        return Outcome.UNKNOWN, Listed(told, " "), evidence
    if eqf is None and national is not None:
        reason = national.open_because or Sentence("no reason is recorded")
        open_level = Sentence(
            "{level} has no verified referencing to the EQF: {reason}.", level=national.label, reason=reason
        )
        return Outcome.UNKNOWN, open_level, evidence
    if here:
        names = ", ".join(level.label for level in here)
        compared = Sentence(
            "EQF level {level} compares with {names} in {country}.", level=eqf, names=names, country=country
        )
        past = [each.label for each in (*here, *level.nationals) if each.historical]
        return Outcome.MET, Listed([compared, *([historical(past)[1]] if past else [])], " "), evidence
    if not referenced:
        return Outcome.UNKNOWN, unreferenced, evidence
    if open_levels:
        partly = Sentence(
            "No referenced level of {country} is at EQF level {level}. Without a verified referencing: {levels}.",
            country=country,
            level=eqf,
            levels=", ".join(level.label for level in open_levels),
        )
        return Outcome.UNKNOWN, partly, evidence
    none = Sentence("No level of {country} is referenced to EQF level {level}.", country=country, level=eqf)
    return Outcome.UNMET, none, evidence


def _outcomes(case: Case) -> Judgement:
    outcomes = case.subject.description.outcomes
    evidence = case.subject.evidence([ELM + "learningOutcome", *TIED_TO])
    if not outcomes:
        return Outcome.UNKNOWN, Sentence("No learning outcome is stated."), evidence
    tied = {outcome.iri: (*outcome.concepts, *outcome.green_skills) for outcome in outcomes}
    paths = paths_to_esco(case.store, (concept for concepts in tied.values() for concept in concepts))
    leading = {iri: [paths[concept] for concept in concepts if concept in paths] for iri, concepts in tied.items()}
    evidence += path_evidence(
        case.store, [link for found in leading.values() for path in found[:1] for link in path.links]
    )
    silent = [outcome.title for outcome in outcomes if not tied[outcome.iri]]
    elsewhere = [outcome.title for outcome in outcomes if tied[outcome.iri] and not leading[outcome.iri]]
    if elsewhere:
        return (
            Outcome.UNMET,
            Sentence(
                "Tied to concepts from which no mapping known here leads to ESCO: {outcomes}.",
                outcomes="; ".join(elsewhere),
            ),
            evidence,
        )
    if silent:
        untied = Sentence("Tied to no concept, so that nothing leads to ESCO: {outcomes}.", outcomes="; ".join(silent))
        return Outcome.UNKNOWN, untied, evidence
    whole = Sentence("All {number} learning outcomes are stated, and lead to ESCO.", number=len(outcomes))
    return Outcome.MET, whole, evidence


def _workload(case: Case) -> Judgement:
    description = case.subject.description
    evidence = case.subject.evidence([ELM + "point", ELM + "framework", ELM + "volumeOfLearning"])
    if description.ects is None and description.hours is None:
        told = [Sentence("Neither ECTS credits nor hours are stated.")]
        if description.duration:
            told.append(Sentence("A duration of {duration} is no workload.", duration=description.duration))
        return Outcome.UNKNOWN, Listed(told, " "), evidence
    if description.ects is not None and description.hours is not None:
        ects, hours = float(description.ects), float(description.hours)
        if not agree(description.ects, description.hours):
            apart = Sentence(
                "{ects} ECTS and {hours} hours do not agree: a credit stands for 25 to 30 hours.",
                ects=ects,
                hours=hours,
            )
            return Outcome.UNMET, apart, evidence
        return (
            Outcome.MET,
            Sentence("{ects} ECTS and {hours} hours are stated, and agree.", ects=ects, hours=hours),
            (evidence),
        )
    if description.ects:
        stated = Sentence("The workload is stated: {ects} ECTS.", ects=float(description.ects))
    else:
        stated = Sentence("The workload is stated: {hours} hours.", hours=float(description.hours or 0))
    return Outcome.MET, stated, evidence


def _elements(case: Case) -> Judgement:
    from mastery_graph.validation import mandatory_properties, validate
    from mastery_graph.validation.submitted import as_document

    document = case.subject.document or as_document(case.store, case.subject.description.iri)
    report = validate(document, store=case.store)
    evidence = case.subject.evidence(mandatory_properties() - _OF_A_PERSON)
    mandatory = {element.name for element in report.completeness.elements}
    violated = [finding.element for finding in report.findings if finding.severity == "violation"]
    missing = [name for name in violated if name in mandatory]
    if missing:
        elements = Listed(_element(name) for name in dict.fromkeys(missing))
        return (
            Outcome.UNMET,
            Sentence("Mandatory standard elements are missing: {elements}.", elements=elements),
            (evidence),
        )
    return Outcome.MET, Sentence("All mandatory standard elements are present."), evidence


def _element(name: str) -> Labelled:
    """Return what validation calls an element, in each language."""
    from mastery_graph.validation.texts import Texts

    return Labelled({language: Texts(language)(name) for language in LANGUAGES})


def _assessment(case: Case) -> Judgement:
    assessments = case.subject.description.assessments
    evidence = assessment_evidence(case.subject)
    if not any(assessment.types for assessment in assessments):
        return Outcome.UNKNOWN, Sentence("No type of assessment is stated."), evidence
    verified = {each for assessment in assessments for each in assessment.verifications}
    if verified == {NOT_VERIFIED}:
        unseen = Sentence("The assessment was neither supervised nor was the learner identified.")
        return Outcome.UNMET, unseen, evidence
    told = [Sentence("The type of assessment is stated.")]
    if not verified:
        told.append(Sentence("Supervision and verification of identity are not stated, which is optional."))
    return Outcome.MET, Listed(told, " "), evidence


def _quality(case: Case) -> Judgement:
    description = case.subject.description
    evidence = case.subject.evidence([NS + "qualityAssuranceType", NS + "appliesIndicator", ELM + "accreditation"])
    rows = case.store.select(named_query("recognition/quality-assurance-types").text)
    families = {text(row["type"]): text(row["family"]) for row in rows}
    stated = {families.get(kind, "unknown") for kind in description.quality_assurance}
    if any(each.covers for each in case.accreditations):
        stated.add("any")
    if not stated:
        return Outcome.UNKNOWN, Sentence("No type of quality assurance is stated."), evidence
    wanted = _FAMILY.get(case.purpose)
    if wanted is None or stated & {wanted, "any"}:
        return Outcome.MET, Sentence("Quality assurance of a fitting type is stated."), evidence
    if "unknown" in stated:
        unclear = Sentence("Whether the stated type is of the kind of {family} is not known.", family=wanted.upper())
        return Outcome.UNKNOWN, unclear, evidence
    return (
        Outcome.UNMET,
        Sentence("Quality assurance by {family} is asked for this purpose; another is stated.", family=wanted.upper()),
        evidence,
    )


def _awarding_body(case: Case) -> Judgement:
    bodies = case.subject.description.awarding_bodies
    evidence = case.subject.evidence(
        [
            ELM + "awardingBody",
            CRED + "issuer",
            ROV + "legalName",
            ROV + "registration",
            ELM + "countryCode",
            ELM + "accreditation",
            ELM + "limitEQFLevel",
            ELM + "limitJurisdiction",
            ELM + "limitField",
            DCTERMS + "issued",
            ELM + "expiryDate",
        ]
    )
    named = {each.object for each in evidence}
    evidence += tuple(each for each in case.subject.evidence([SKOS + "notation"]) if each.subject in named)
    if not bodies:
        return Outcome.UNKNOWN, Sentence("The awarding body is not stated."), evidence
    unstated = [sentence for body in bodies if (sentence := _unstated(body))]
    if unstated:
        return Outcome.UNKNOWN, Listed(unstated, " "), evidence
    told = [
        Sentence("{body} ({country}) is identified.", body=body.name, country=Country(body.country or ""))
        for body in bodies
    ]
    if not case.accreditations:
        return Outcome.MET, Listed([*told, Sentence("No accreditation is given.")], " "), evidence
    if covering := [each.accreditation.title for each in case.accreditations if each.covers]:
        covered = Sentence("This is covered by: {accreditations}.", accreditations="; ".join(covering))
        return Outcome.MET, Listed([*told, covered], " "), evidence
    reasons = Listed((each.why for each in case.accreditations if each.why), " ")
    if any(each.covers is None for each in case.accreditations):
        open_question = Sentence("Whether an accreditation covers this credential is not known: {why}", why=reasons)
        return Outcome.UNKNOWN, open_question, evidence
    return Outcome.UNMET, Sentence("No accreditation covers this credential: {why}", why=reasons), evidence


def _unstated(body: AwardingBody) -> Sentence | None:
    """Return what is not stated of an awarding body; None where it is identified."""
    lacking = [
        name
        for name, value in (
            (Sentence("legal name"), body.name),
            (Sentence("country"), body.country),
            (Sentence("identifier"), body.registration),
        )
        if not value
    ]
    if not lacking:
        return None
    what = together(lacking)
    if body.name:
        return Sentence("Not stated of {body}: {what}.", body=body.name, what=what)
    return Sentence("Not stated of the awarding body: {what}.", what=what)


def _authenticity(case: Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.NOT_APPLICABLE, Sentence("A bare description is not issued, and carries no seal."), ()
    seal = case.subject.seal
    if seal.status == "absent":
        absent = Sentence("There is neither a seal nor a proof. The form that the issuer sealed would settle it.")
        return Outcome.UNKNOWN, absent, ()
    if seal.status == "broken":
        return Outcome.UNMET, Sentence("The seal is broken. {why}", why=seal.reason), ()
    return (Outcome.MET if seal.status == "valid" else Outcome.UNKNOWN), Listed(_about_seal(seal), " "), ()


def _about_seal(seal: Seal) -> Iterator[str]:
    """Yield what a seal that is not broken is worth, why, what was not consulted, and what would settle it."""
    if seal.status == "not-checked":
        yield Sentence("There is a seal or a proof, but it was not checked. {why}", why=seal.reason or "")
        yield Sentence("A check by the issuer, or with the tool of its format, would settle it.")
    elif seal.status == "intact":
        yield Sentence("The seal is intact, but its signer was not verified.")
        if seal.by:
            yield Sentence("It names {signer}.", signer=seal.by)
        if seal.reason:
            yield seal.reason
        yield Sentence(
            "A certificate of the issuer or awarding body that leads to a trust anchor, or a confirmation by that "
            "body, would settle it."
        )
    elif seal.at:
        yield Sentence(
            "The seal is valid: sealed by {signer} on {day}, with a certificate that leads to a configured trust "
            "anchor.",
            signer=seal.by,
            day=seal.at.date(),
        )
    if seal.not_checked:
        sources = Listed((Sentence(source) for source in seal.not_checked), "; ")
        yield Sentence("Not consulted: {sources}.", sources=sources)


def _validity(case: Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.NOT_APPLICABLE, Sentence("A bare description is not issued, and does not expire."), ()
    evidence = case.subject.evidence(
        [
            CRED + name
            for name in ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate", "credentialStatus")
        ]
    )
    outcome, reason = validity(case.subject, case.day)
    return outcome, Sentence("The credential: {why}", why=reason), evidence


def _national(case: Case) -> Judgement:
    row = case.policy
    if case.purpose == "employment":
        return Outcome.NOT_APPLICABLE, Sentence("For employment the national policy is not judged."), ()
    if row is None or text(row["status"]) == "unknown":
        unknown = Sentence(
            "The policy of {country} on micro-credentials is not known here.", country=Country(case.country)
        )
        return Outcome.UNKNOWN, unknown, statements(case.store, [text(row["policy"])]) if row else ()
    known = [Sentence("{status}.", status=Sentence(text(row["statusLabel"])))]
    known += [Sentence("Law: {law}.", law=English(text(row["legalBasis"])))] if "legalBasis" in row else []
    known += [Sentence("Credits: {range}.", range=English(text(row["creditRange"])))] if "creditRange" in row else []
    known += [Sentence("Note: {note}.", note=English(text(row["note"])))] if "note" in row else []
    evidence = statements(case.store, [text(row["policy"])])
    ects = case.subject.description.ects
    beyond = ects is not None and "creditsBelow" in row and ects >= Fraction(text(row["creditsBelow"]))
    if beyond:
        known.append(Sentence("The {ects} ECTS stated here are outside that range.", ects=float(ects or 0)))
        evidence += case.subject.evidence([ELM + "point"])
    unmet = beyond or text(row["status"]) == "not-yet-established"
    told = Sentence("{country}: {known}", country=Country(case.country), known=Listed(known, " "))
    return (Outcome.UNMET if unmet else Outcome.MET), told, evidence
