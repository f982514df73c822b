"""The criteria of recognition: each rule REC-* applied to one credential, destination and purpose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from pyoxigraph import Literal as Term

from mastery_graph.credentials.description import AwardingBody, Description
from mastery_graph.credentials.proofs.seal import Seal
from mastery_graph.credentials.workload import credits_agree_with_hours
from mastery_graph.languages import LANGUAGES, Country, EnglishText, Joined, Labelled, Message, join_with_and
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Criterion, Evidence, Origin, Outcome, Strength
from mastery_graph.questions.equivalence.levels import Level, all_levels, historical
from mastery_graph.questions.equivalence.paths import path_evidence
from mastery_graph.questions.esco.existence import Existence, existence_of
from mastery_graph.questions.evidence import evidence_about, strength_of
from mastery_graph.questions.judging.assurance import Assurance
from mastery_graph.questions.judging.subject import Subject, assessment_evidence, level_evidence
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.mapping_closure import paths_to_esco
from mastery_graph.questions.recognition_statements.applicability import (
    JudgedStatement,
    RecognitionContext,
    apply_statements,
    judge_statements,
)
from mastery_graph.questions.recognition_statements.records import Purpose, recognition_statements
from mastery_graph.questions.rules import Rules
from mastery_graph.questions.stackability.criteria import NOT_VERIFIED, Judgement, Weighed, validity
from mastery_graph.rdf import Row, term_text
from mastery_graph.store.protocol import Store
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
OF_A_CREDENTIAL = frozenset({"REC-AUTHENTICITY", "REC-VALIDITY"})
"""What only a credential that is presented can settle: of a bare description it is unknown, and does not count."""
DESCRIPTION_ONLY = Message("Description only: no credential was presented.")


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
    accept_claims: bool = False
    """Whether what the document claims of its level, its body and its quality assurance counts."""

    @cached_property
    def statements(self) -> tuple[JudgedStatement, ...]:
        """The recognition statements that speak of the credential, its descriptions or its levels, judged."""
        description = self.subject.description
        level = self.subject.level
        names = [description.iri, *description.specifications]
        names += [level.national.uri] if level.national else []
        names += [f"{EQF}{number}" for number in sorted(number for number in {level.eqf, level.claimed} if number)]
        about = recognition_statements(self.store, names)
        levels = {level.uri for level in self.there} | _EQF_LEVELS
        here = [one for one in about if one.speaks_to != "level" or (one.accepted_as or "") in levels]
        return judge_statements(here, description, RecognitionContext(self.body, self.day, self.purpose))

    @cached_property
    def there(self) -> tuple[Level, ...]:
        """The levels of the destination."""
        return all_levels(self.store, self.country)

    @property
    def eqf_level(self) -> int | None:
        """The EQF level that counts: one with a referencing, or a claimed one where claims are accepted."""
        return self.subject.level.supported(accept_claims=self.accept_claims)

    @cached_property
    def destination(self) -> tuple[Level, ...]:
        """The levels of the destination that compare."""
        return self._at(self.eqf_level)

    @cached_property
    def if_claim_holds(self) -> tuple[Level, ...]:
        """The levels of the destination that would compare if the level that is claimed were supported."""
        return () if self.eqf_level else self._at(self.subject.level.claimed)

    @property
    def is_referenced(self) -> bool:
        """Whether a level of the destination has a referencing."""
        return any(level.eqf_level for level in self.there)

    @cached_property
    def assurance(self) -> Assurance:
        """What is known of the awarding bodies and of the quality assurance."""
        return Assurance(self.store, self.subject, self.day, self.accept_claims)

    def _at(self, eqf: int | None) -> tuple[Level, ...]:
        return tuple(level for level in self.there if eqf and level.eqf_level == eqf)

    @cached_property
    def policy(self) -> Row | None:
        """What is known of the destination's policy."""
        rows = self.store.select(named_query("recognition/national-policy").text, {"country": Term(self.country)})
        return rows[0] if rows else None


def criteria(case: Case, rules: Rules) -> tuple[Criterion, ...]:
    """Return the criteria in the order of the rules."""
    judges: dict[str, Callable[[Case], Judgement | Weighed]] = {
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
            compared = case.destination or case.if_claim_holds
            criterion = apply_statements(case.statements, _SETTLES[rule], criterion, case.store, compared)
        judged.append(_without_a_valid_seal(case, criterion))
    return tuple(judged)


def _without_a_valid_seal(case: Case, criterion: Criterion) -> Criterion:
    """Return a criterion whose strength does not come from a seal that is unbroken only."""
    document = case.subject.document
    sealed = any(quad.origin is Origin.SEALED for quad in criterion.evidence)
    if not sealed or criterion.strength is not Strength.SUBSTANTIAL or (document and document.seal.status == "valid"):
        return criterion
    return criterion.model_copy(update={"strength": Strength.WEAK})


def _level(case: Case) -> Judgement | Weighed:
    level = case.subject.level
    country = Country(case.country)
    open_levels = tuple(each for each in case.there if each.open_because)
    evidence = level_evidence(case.store, [case.subject], case.destination or case.if_claim_holds or open_levels)
    if level.contradiction:
        return Outcome.UNMET, level.contradiction, evidence
    unreferenced = Message("The levels of {country} have no verified referencing to compare by.", country=country)
    eqf = case.eqf_level
    if eqf is None:
        return (
            Outcome.UNKNOWN,
            Joined([*_unsupported(case), *([] if case.is_referenced else [unreferenced])], " "),
            evidence,
        )
    notes = level.doubts
    if case.destination:
        names = ", ".join(each.label for each in case.destination)
        compared = Message(
            "EQF level {level} compares with {names} in {country}.", level=eqf, names=names, country=country
        )
        past = [each.label for each in (*case.destination, *level.nationals) if each.historical]
        told = Joined([compared, *([historical(past)[1]] if past else []), *notes], " ")
        return Outcome.MET, told, evidence, _strength_of_level(case, evidence)
    if not case.is_referenced:
        return Outcome.UNKNOWN, Joined([unreferenced, *notes], " "), evidence
    if open_levels:
        partly = Message(
            "No referenced level of {country} is at EQF level {level}. Without a verified referencing: {levels}.",
            country=country,
            level=eqf,
            levels=", ".join(each.label for each in open_levels),
        )
        return Outcome.UNKNOWN, Joined([partly, *notes], " "), evidence
    none = Message("No level of {country} is referenced to EQF level {level}.", country=country, level=eqf)
    return Outcome.UNMET, Joined([none, *notes], " "), evidence, _strength_of_level(case, evidence)


def _unsupported(case: Case) -> list[Message]:
    """Return why no level is supported, and what a claimed one would compare with."""
    level = case.subject.level
    if level.claimed is None and level.national is None:
        written = case.subject.description.nqf_level
        return [
            Message("The level {level} is not known here.", level=written)
            if written
            else Message("No level is stated.")
        ]
    told = list(level.doubts)
    if case.if_claim_holds:
        told.append(
            Message(
                "If the claim holds, EQF level {level} compares with {names} in {country}.",
                level=level.claimed,
                names=", ".join(each.label for each in case.if_claim_holds),
                country=Country(case.country),
            )
        )
    return told


def _strength_of_level(case: Case, evidence: tuple[Evidence, ...]) -> Strength:
    """Return how strong a supported level is: as strong as the referencings; a claimed or foreign one is weak."""
    if case.subject.level.referenced is None or case.subject.level.foreign:
        return Strength.WEAK
    return strength_of(Outcome.MET, (quad for quad in evidence if quad.origin is Origin.REFERENCED))


def _outcomes(case: Case) -> Judgement:
    outcomes = case.subject.description.outcomes
    evidence = case.subject.evidence([ELM + "learningOutcome", *TIED_TO])
    if not outcomes:
        return Outcome.UNKNOWN, Message("No learning outcome is stated."), evidence
    tied = {outcome.iri: (*outcome.concepts, *outcome.green_skills) for outcome in outcomes}
    paths = paths_to_esco(case.store, (concept for concepts in tied.values() for concept in concepts))
    leading = {iri: [paths[concept] for concept in concepts if concept in paths] for iri, concepts in tied.items()}
    evidence += path_evidence(
        case.store, [link for found in leading.values() for path in found[:1] for link in path.links]
    )
    ends = {path.end for found in leading.values() for path in found} | {
        each for named in tied.values() for each in named
    }
    existing = existence_of(case.store, ends)
    sound = {iri: [path for path in found if existing[path.end] is Existence.EXISTS] for iri, found in leading.items()}
    wrong = sorted({end for named in tied.values() for end in named if existing[end] is Existence.ABSENT})
    unsettled = [outcome for outcome in outcomes if tied[outcome.iri] and not sound[outcome.iri]]
    silent = [outcome.title for outcome in outcomes if not tied[outcome.iri]]
    elsewhere = [outcome.title for outcome in unsettled if not leading[outcome.iri]]
    open_ends = sorted(
        {path.end for outcome in unsettled for path in leading[outcome.iri] if existing[path.end] is Existence.UNKNOWN}
    )
    missing_ends = {path.end for outcome in unsettled for path in leading[outcome.iri]} - set(open_ends)
    if absent := sorted({*wrong, *missing_ends}):
        made_up = Message("No such concept exists in its vocabulary: {concepts}.", concepts="; ".join(absent))
        return Outcome.UNMET, made_up, evidence
    if elsewhere:
        return (
            Outcome.UNMET,
            Message(
                "Tied to concepts from which no mapping known here leads to ESCO: {outcomes}.",
                outcomes="; ".join(elsewhere),
            ),
            evidence,
        )
    if silent:
        untied = Message("Tied to no concept, so that nothing leads to ESCO: {outcomes}.", outcomes="; ".join(silent))
        return Outcome.UNKNOWN, untied, evidence
    if open_ends:
        unchecked = Message(
            "Whether these concepts exist cannot be checked, because ESCO is not loaded completely: {concepts}. "
            "`mastery-graph load esco` loads it.",
            concepts="; ".join(open_ends),
        )
        return Outcome.UNKNOWN, unchecked, evidence
    whole = Message("All {number} learning outcomes are stated, and lead to ESCO.", number=len(outcomes))
    return Outcome.MET, whole, evidence


def _workload(case: Case) -> Judgement:
    description = case.subject.description
    evidence = case.subject.evidence([ELM + "point", ELM + "framework", ELM + "volumeOfLearning"])
    if description.ects is None and description.hours is None:
        told = [Message("Neither ECTS credits nor hours are stated.")]
        if description.duration:
            told.append(Message("A duration of {duration} is no workload.", duration=description.duration))
        return Outcome.UNKNOWN, Joined(told, " "), evidence
    if description.ects is not None and description.hours is not None:
        ects, hours = float(description.ects), float(description.hours)
        if not credits_agree_with_hours(description.ects, description.hours):
            apart = Message(
                "{ects} ECTS and {hours} hours do not agree: a credit stands for 25 to 30 hours.",
                ects=ects,
                hours=hours,
            )
            return Outcome.UNMET, apart, evidence
        return (
            Outcome.MET,
            Message("{ects} ECTS and {hours} hours are stated, and agree.", ects=ects, hours=hours),
            (evidence),
        )
    if description.ects:
        stated = Message("The workload is stated: {ects} ECTS.", ects=float(description.ects))
    else:
        stated = Message("The workload is stated: {hours} hours.", hours=float(description.hours or 0))
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
        elements = Joined(_element(name) for name in dict.fromkeys(missing))
        return (
            Outcome.UNMET,
            Message("Mandatory standard elements are missing: {elements}.", elements=elements),
            (evidence),
        )
    return Outcome.MET, Message("All mandatory standard elements are present."), evidence


def _element(name: str) -> Labelled:
    """Return what validation calls an element, in each language."""
    from mastery_graph.validation.texts import Translator

    return Labelled({language: Translator(language)(name) for language in LANGUAGES})


def _assessment(case: Case) -> Judgement:
    assessments = case.subject.description.assessments
    evidence = assessment_evidence(case.subject)
    if not any(assessment.types for assessment in assessments):
        return Outcome.UNKNOWN, Message("No type of assessment is stated."), evidence
    verified = {each for assessment in assessments for each in assessment.verifications}
    if verified == {NOT_VERIFIED}:
        unseen = Message("The assessment was neither supervised nor was the learner identified.")
        return Outcome.UNMET, unseen, evidence
    told = [Message("The type of assessment is stated.")]
    if not verified:
        told.append(Message("Supervision and verification of identity are not stated, which is optional."))
    return Outcome.MET, Joined(told, " "), evidence


def _quality(case: Case) -> Weighed:
    claims = case.subject.evidence([NS + "qualityAssuranceType", NS + "appliesIndicator", ELM + "accreditation"])
    return case.assurance.quality(case.purpose, claims)


def _awarding_body(case: Case) -> Judgement | Weighed:
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
        return Outcome.UNKNOWN, Message("The awarding body is not stated."), evidence
    unstated = [sentence for body in bodies if (sentence := _unstated(body))]
    if unstated:
        return Outcome.UNKNOWN, Joined(unstated, " "), evidence
    identified = [
        Message("{body} ({country}) is identified.", body=body.name, country=Country(body.country or ""))
        for body in bodies
    ]
    outcome, reason, cited, strength = case.assurance.status_of_bodies(evidence)
    return outcome, Joined([*identified, reason], " "), cited, strength


def _unstated(body: AwardingBody) -> Message | None:
    """Return what is not stated of an awarding body; None where it is identified."""
    lacking = [
        name
        for name, value in (
            (Message("legal name"), body.name),
            (Message("country"), body.country),
            (Message("identifier"), body.registration),
        )
        if not value
    ]
    if not lacking:
        return None
    what = join_with_and(lacking)
    if body.name:
        return Message("Not stated of {body}: {what}.", body=body.name, what=what)
    return Message("Not stated of the awarding body: {what}.", what=what)


def _authenticity(case: Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.UNKNOWN, DESCRIPTION_ONLY, ()
    seal = case.subject.seal
    if seal.status == "absent":
        absent = Message("There is neither a seal nor a proof. The form that the issuer sealed would settle it.")
        return Outcome.UNKNOWN, absent, ()
    if seal.status == "broken":
        return Outcome.UNMET, Message("The seal is broken. {why}", why=seal.reason), ()
    return (Outcome.MET if seal.status == "valid" else Outcome.UNKNOWN), Joined(_about_seal(seal), " "), ()


def _about_seal(seal: Seal) -> Iterator[str]:
    """Yield what a seal that is not broken is worth, why, what was not consulted, and what would settle it."""
    if seal.status == "not-checked":
        yield Message("There is a seal or a proof, but it was not checked. {why}", why=seal.reason or "")
        yield Message("A check by the issuer, or with the tool of its format, would settle it.")
    elif seal.status == "intact":
        yield Message("The seal is intact, but its signer was not verified.")
        if seal.by:
            yield Message("It names {signer}.", signer=seal.by)
        if seal.reason:
            yield seal.reason
        yield Message(
            "A certificate of the issuer or awarding body that leads to a trust anchor, or a confirmation by that "
            "body, would settle it."
        )
    elif seal.at:
        yield Message(
            "The seal is valid: sealed by {signer} on {day}, with a certificate that leads to a configured trust "
            "anchor.",
            signer=seal.by,
            day=seal.at.date(),
        )
    if seal.not_checked:
        sources = Joined((Message(source) for source in seal.not_checked), "; ")
        yield Message("Not consulted: {sources}.", sources=sources)


def _validity(case: Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.UNKNOWN, DESCRIPTION_ONLY, ()
    evidence = case.subject.evidence(
        [
            CRED + name
            for name in ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate", "credentialStatus")
        ]
    )
    outcome, reason = validity(case.subject, case.day)
    return outcome, Message("The credential: {why}", why=reason), evidence


def _national(case: Case) -> Judgement:
    row = case.policy
    country = Country(case.country)
    if case.purpose == "employment":
        return Outcome.NOT_APPLICABLE, Message("For employment the national policy is not judged."), ()
    if row is None or term_text(row["status"]) == "unknown":
        unknown = Message("The policy of {country} on micro-credentials is not known here.", country=country)
        return Outcome.UNKNOWN, unknown, evidence_about(case.store, [term_text(row["policy"])]) if row else ()
    known = [Message("{status}.", status=Message(term_text(row["statusLabel"])))]
    known += [Message("Law: {law}.", law=EnglishText(term_text(row["legalBasis"])))] if "legalBasis" in row else []
    known += (
        [Message("Credits: {range}.", range=EnglishText(term_text(row["creditRange"])))] if "creditRange" in row else []
    )
    known += [Message("Note: {note}.", note=EnglishText(term_text(row["note"])))] if "note" in row else []
    evidence = evidence_about(case.store, [term_text(row["policy"])])
    outcome = Outcome.UNKNOWN if term_text(row["status"]) == "not-yet-established" else Outcome.NOT_APPLICABLE
    if "creditsBelow" in row:
        outcome, judged = _within(case.subject.description, Fraction(term_text(row["creditsBelow"])))
        known.append(judged)
        evidence += case.subject.evidence([ELM + "point", ELM + "volumeOfLearning"])
    return outcome, Message("{country}: {known}", country=country, known=Joined(known, " ")), evidence


def _within(description: Description, below: Fraction) -> tuple[Outcome, Message]:
    """Return whether the workload of a description stays below a number of ECTS credits, both as intervals."""
    workload = Credits.stated(description.ects, description.hours)
    if workload.upper is None:
        return Outcome.UNKNOWN, Message("Whether the workload is in that range is not known: none is stated.")
    if workload.lower >= below:
        return Outcome.UNMET, Message("The workload stated, {credits}, is outside that range.", credits=workload.words)
    if workload.upper < below:
        return Outcome.MET, Message("The workload stated, {credits}, is within that range.", credits=workload.words)
    return Outcome.UNKNOWN, Message(
        "The workload stated, {credits}, may be outside that range.", credits=workload.words
    )
