"""Criteria of recognition: each rule REC-* applied to a credential, a destination and a purpose."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Final

from pyoxigraph import Literal as Term

from mastery_graph.credentials.description import AwardingBody, Description
from mastery_graph.credentials.proofs.seal import Seal
from mastery_graph.credentials.workload import credits_agree_with_hours
from mastery_graph.esco.loaded import has_only_extract
from mastery_graph.languages import LANGUAGES, Country, EnglishText, Joined, Labelled, Message, join_with_and, ngettext
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Criterion, Evidence, Origin, Outcome, Strength
from mastery_graph.questions.equivalence.levels import (
    Level,
    all_levels,
    confidence_sentences,
    historical,
    levels_in_use,
    levels_in_use_first,
)
from mastery_graph.questions.equivalence.paths import path_evidence
from mastery_graph.questions.esco.existence import Existence, existence_of
from mastery_graph.questions.evidence import evidence_about, strength_of
from mastery_graph.questions.judging.assurance import Assurance
from mastery_graph.questions.judging.subject import Subject, assessment_evidence, level_evidence
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.mapping_closure import paths_to_esco
from mastery_graph.questions.purposes import Purpose
from mastery_graph.questions.recognition_statements.applicability import (
    JudgedStatement,
    RecognitionContext,
    apply_statements,
    judge_statements,
)
from mastery_graph.questions.recognition_statements.records import recognition_statements
from mastery_graph.questions.rules import Judge, Judgement, Rules
from mastery_graph.questions.stackability.criteria import NOT_VERIFIED, validity
from mastery_graph.rdf import Row, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ADMS, CRED, DCTERMS, ELM, EQF, FOAF, NS, ROV, SKOS, TIED_TO

_EQF_LEVELS = {f"{EQF}{number}" for number in range(1, 9)}
_PERSONAL_PROPERTIES = frozenset(
    (
        *(FOAF + name for name in ("name", "fullName", "givenName", "familyName")),
        *(ELM.nationalID, ADMS.identifier, SKOS.notation),
    )
)
"""Properties that identify the learner: they are never cited as evidence."""
_SETTLES = {"REC-LEVEL": "level", "REC-OUTCOMES": "outcomes"}
"""The kind of recognition statement that settles a criterion, by the id of its rule."""
OF_A_CREDENTIAL = frozenset({"REC-AUTHENTICITY", "REC-VALIDITY", "REC-IDENTIFICATION"})
"""Rules that only a presented credential can settle: for a bare description they are unknown and do not count."""
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
    """The recognising body: statements that it made, or has declared to follow, bind it."""
    accept_claims: bool = False
    """Whether claims of the document about its level, its awarding body and its quality assurance count."""

    @cached_property
    def statements(self) -> tuple[JudgedStatement, ...]:
        """The recognition statements about the credential, its descriptions or its levels, judged.

        A statement on an EQF level concerns only a level that is supported: what a document claims of itself makes no
        statement apply to it.
        """
        description = self.subject.description
        level = self.subject.level
        subjects = [description.iri, *description.specifications]
        subjects += [level.national.uri] if level.national else []
        subjects += [f"{EQF}{self.eqf_level}"] if self.eqf_level else []
        statements = recognition_statements(self.store, subjects)
        levels = {level.uri for level in self.destination_levels} | _EQF_LEVELS
        relevant = [
            statement
            for statement in statements
            if statement.speaks_to != "level" or (statement.accepted_as or "") in levels
        ]
        return judge_statements(relevant, description, RecognitionContext(self.body, self.day, self.purpose))

    @cached_property
    def destination_levels(self) -> tuple[Level, ...]:
        """The levels of the destination."""
        return all_levels(self.store, self.country)

    @property
    def eqf_level(self) -> int | None:
        """The EQF level that counts: supported by a referencing, or claimed where claims are accepted."""
        return self.subject.level.supported(accept_claims=self.accept_claims)

    @cached_property
    def destination(self) -> tuple[Level, ...]:
        """The comparable levels of the destination."""
        return self._at(self.eqf_level)

    @cached_property
    def if_claim_holds(self) -> tuple[Level, ...]:
        """The levels of the destination that would be comparable if the claimed level were supported."""
        return () if self.eqf_level else self._at(self.subject.level.claimed)

    @property
    def is_referenced(self) -> bool:
        """Whether any level of the destination has a referencing."""
        return any(level.eqf_level for level in self.destination_levels)

    @cached_property
    def assurance(self) -> Assurance:
        """The status of the awarding bodies and of the quality assurance."""
        return Assurance(self.store, self.subject, self.day, self.accept_claims)

    def _at(self, eqf: int | None) -> tuple[Level, ...]:
        return levels_in_use_first(level for level in self.destination_levels if eqf and level.eqf_level == eqf)

    @cached_property
    def policy(self) -> Row | None:
        """The national policy of the destination, where the graph has one."""
        rows = self.store.select(named_query("recognition/national-policy").text, {"country": Term(self.country)})
        return rows[0] if rows else None


def criteria(case: Case, rules: Rules) -> tuple[Criterion, ...]:
    """Return the criteria in the order of the rules."""
    return tuple(_without_a_valid_seal(case, _with_statements(case, rule)) for rule in rules.judge(RULES, case))


def _with_statements(case: Case, criterion: Criterion) -> Criterion:
    """Return a criterion as the recognition statements about its aspect settle it."""
    aspect = _SETTLES.get(criterion.rule)
    if aspect is None:
        return criterion
    compared = case.destination or case.if_claim_holds
    settled = apply_statements(case.statements, aspect, criterion, case.store, compared)
    if settled.outcome is Outcome.UNMET and settled.explanation != criterion.explanation:
        return settled.model_copy(update={"remedy": "ask-for-reasons"})
    return settled


def _without_a_valid_seal(case: Case, criterion: Criterion) -> Criterion:
    """Return a criterion with weak strength where only a seal without a verified signer supports it."""
    document = case.subject.document
    is_sealed = any(quad.origin is Origin.SEALED for quad in criterion.evidence)
    if (
        not is_sealed
        or criterion.strength is not Strength.SUBSTANTIAL
        or (document and document.seal.status == "valid")
    ):
        return criterion
    return criterion.model_copy(update={"strength": Strength.WEAK})


def _level(case: Case) -> Judgement:
    stated = case.subject.level
    country = Country(case.country)
    open_levels = tuple(level for level in case.destination_levels if level.open_because)
    evidence = level_evidence(case.store, [case.subject], case.destination or case.if_claim_holds or open_levels)
    if stated.contradiction:
        return Outcome.UNMET, stated.contradiction, evidence, None, "correct-level"
    unreferenced = Message("The levels of {country} have no referencing to compare by.", country=country)
    eqf = case.eqf_level
    if eqf is None:
        explanation = Joined([*_unsupported(case), *([] if case.is_referenced else [unreferenced])], " ")
        return Outcome.UNKNOWN, explanation, evidence, None, _remedy_of_level(case)
    notes = stated.doubts
    if case.destination:
        labels = ", ".join(level.label for level in levels_in_use(case.destination))
        compared = Message(
            "EQF level {level} compares with {names} in {country}.", level=eqf, names=labels, country=country
        )
        involved = (*stated.nationals, *case.destination)
        outcome, marked = historical(involved)
        marking = [marked] if outcome is Outcome.MET else []
        explanation = Joined([compared, *marking, *confidence_sentences(involved), *notes], " ")
        return Outcome.MET, explanation, evidence, _strength_of_level(case, evidence)
    if not case.is_referenced:
        remedy = "reference-framework" if case.destination_levels else "add-framework"
        return Outcome.UNKNOWN, Joined([unreferenced, *notes], " "), evidence, None, remedy
    if open_levels:
        sentence = Message(
            "No referenced level of {country} is at EQF level {level}. Without a referencing: {levels}.",
            country=country,
            level=eqf,
            levels=", ".join(level.label for level in open_levels),
        )
        return Outcome.UNKNOWN, Joined([sentence, *notes], " "), evidence, None, "reference-framework"
    no_level = Message("No level of {country} is referenced to EQF level {level}.", country=country, level=eqf)
    return Outcome.UNMET, Joined([no_level, *notes], " "), evidence, _strength_of_level(case, evidence)


def _remedy_of_level(case: Case) -> str | None:
    """Return what would change that no level is supported; None where a level has to be stated, as the rule says."""
    stated = case.subject.level
    if stated.national is not None:
        return "reference-framework"
    if case.subject.description.nqf_level:
        return "add-framework"
    return "state-national-level" if stated.claimed is not None else None


def _unsupported(case: Case) -> list[Message]:
    """Return why no level is supported, and which levels a claimed one would compare with."""
    stated = case.subject.level
    if stated.claimed is None and stated.national is None:
        nqf_level = case.subject.description.nqf_level
        return [Message("Unknown level: {level}.", level=nqf_level) if nqf_level else Message("No level is stated.")]
    sentences = list(stated.doubts)
    if case.if_claim_holds:
        sentences.append(
            Message(
                "If the claim holds, EQF level {level} compares with {names} in {country}.",
                level=stated.claimed,
                names=", ".join(level.label for level in levels_in_use(case.if_claim_holds)),
                country=Country(case.country),
            )
        )
    return sentences


def _strength_of_level(case: Case, evidence: tuple[Evidence, ...]) -> Strength:
    """Return how strong a supported level is: as strong as the referencings; a claimed or foreign one is weak."""
    if case.subject.level.referenced is None or case.subject.level.foreign:
        return Strength.WEAK
    return strength_of(Outcome.MET, (quad for quad in evidence if quad.origin is Origin.REFERENCED))


def _outcomes(case: Case) -> Judgement:
    outcomes = case.subject.description.outcomes
    evidence = case.subject.evidence([ELM.learningOutcome, *TIED_TO])
    if not outcomes:
        return Outcome.UNKNOWN, Message("No learning outcome is stated."), evidence
    concepts_of_outcome = {outcome.iri: (*outcome.concepts, *outcome.green_skills) for outcome in outcomes}
    paths = paths_to_esco(case.store, (concept for concepts in concepts_of_outcome.values() for concept in concepts))
    paths_of_outcome = {
        iri: [paths[concept] for concept in concepts if concept in paths]
        for iri, concepts in concepts_of_outcome.items()
    }
    evidence += path_evidence(
        case.store,
        [link for outcome_paths in paths_of_outcome.values() for path in outcome_paths[:1] for link in path.links],
    )
    ends = {path.end for outcome_paths in paths_of_outcome.values() for path in outcome_paths} | {
        concept for concepts in concepts_of_outcome.values() for concept in concepts
    }
    existence = existence_of(case.store, ends)
    sound_paths = {
        iri: [path for path in outcome_paths if existence[path.end] is Existence.EXISTS]
        for iri, outcome_paths in paths_of_outcome.items()
    }
    absent_concepts = sorted(
        {
            concept
            for concepts in concepts_of_outcome.values()
            for concept in concepts
            if existence[concept] is Existence.ABSENT
        }
    )
    unsettled = [outcome for outcome in outcomes if concepts_of_outcome[outcome.iri] and not sound_paths[outcome.iri]]
    untied = [outcome.title for outcome in outcomes if not concepts_of_outcome[outcome.iri]]
    unmapped = [outcome.title for outcome in unsettled if not paths_of_outcome[outcome.iri]]
    unchecked_ends = sorted(
        {
            path.end
            for outcome in unsettled
            for path in paths_of_outcome[outcome.iri]
            if existence[path.end] is Existence.UNKNOWN
        }
    )
    missing_ends = {path.end for outcome in unsettled for path in paths_of_outcome[outcome.iri]} - set(unchecked_ends)
    if absent := sorted({*absent_concepts, *missing_ends}):
        nonexistent = Message("No such concept exists in its vocabulary: {concepts}.", concepts="; ".join(absent))
        return Outcome.UNMET, nonexistent, evidence, None, "correct-concepts"
    if unmapped:
        return (
            Outcome.UNMET,
            Message(
                "No known mapping links the concepts of these outcomes to ESCO: {outcomes}.",
                outcomes="; ".join(unmapped),
            ),
            evidence,
        )
    if untied:
        no_concept = Message(
            "These outcomes name no concept, so they cannot be traced to ESCO: {outcomes}.", outcomes="; ".join(untied)
        )
        return Outcome.UNKNOWN, no_concept, evidence
    if unchecked_ends:
        names = "; ".join(unchecked_ends)
        unchecked = (
            Message(
                "Whether these concepts exist cannot be checked, because only an extract of ESCO is loaded: "
                "{concepts}. `mastery-graph load esco` loads all of ESCO.",
                concepts=names,
            )
            if has_only_extract(case.store)
            else Message(
                "Whether these concepts exist cannot be checked, because ESCO is not loaded completely: {concepts}. "
                "`mastery-graph load esco` loads it.",
                concepts=names,
            )
        )
        return Outcome.UNKNOWN, unchecked, evidence, None, "load-esco"
    complete = ngettext(
        "The learning outcome is stated and can be traced to ESCO.",
        "All {count} learning outcomes are stated and can be traced to ESCO.",
        len(outcomes),
    )
    return Outcome.MET, complete, evidence


def _workload(case: Case) -> Judgement:
    description = case.subject.description
    evidence = case.subject.evidence([ELM.point, ELM.framework, ELM.volumeOfLearning])
    if description.ects is None and description.hours is None:
        sentences = [Message("Neither ECTS credits nor hours are stated.")]
        if description.duration:
            sentences.append(
                Message("A duration ({duration}) does not state the workload.", duration=description.duration)
            )
        return Outcome.UNKNOWN, Joined(sentences, " "), evidence
    if description.ects is not None and description.hours is not None:
        ects, hours = float(description.ects), float(description.hours)
        if not credits_agree_with_hours(description.ects, description.hours):
            disagreement = Message(
                "{ects} ECTS and {hours} hours do not agree: one credit corresponds to 25 to 30 hours.",
                ects=ects,
                hours=hours,
            )
            return Outcome.UNMET, disagreement, evidence, None, "correct-workload"
        return (
            Outcome.MET,
            Message("{ects} ECTS and {hours} hours are stated, and agree.", ects=ects, hours=hours),
            evidence,
        )
    if description.ects:
        stated = Message("The workload is stated: {ects} ECTS.", ects=float(description.ects))
    else:
        stated = ngettext(
            "The workload is stated: {count} hour.",
            "The workload is stated: {count} hours.",
            float(description.hours or 0),
        )
    return Outcome.MET, stated, evidence


def _elements(case: Case) -> Judgement:
    from mastery_graph.validation import mandatory_properties, validate
    from mastery_graph.validation.submitted import as_document

    document = case.subject.document or as_document(case.store, case.subject.description.iri)
    report = validate(document, store=case.store)
    evidence = case.subject.evidence(mandatory_properties() - _PERSONAL_PROPERTIES)
    mandatory = {element.name for element in report.completeness.elements}
    violated = [finding.element for finding in report.findings if finding.severity == "violation"]
    missing = [name for name in violated if name in mandatory]
    if missing:
        elements = Joined(_element(name) for name in dict.fromkeys(missing))
        return (
            Outcome.UNMET,
            Message("Mandatory standard elements are missing: {elements}.", elements=elements),
            evidence,
        )
    return Outcome.MET, Message("All mandatory standard elements are present."), evidence


def _element(name: str) -> Labelled:
    """Return the name of an element in each language, as used by validation."""
    from mastery_graph.validation.texts import Translator

    return Labelled({language: Translator(language)(name) for language in LANGUAGES})


def _assessment(case: Case) -> Judgement:
    evidence = assessment_evidence(case.subject)
    if not any(assessment.types for assessment in case.subject.description.assessments):
        return Outcome.UNKNOWN, Message("No type of assessment is stated."), evidence
    return Outcome.MET, Message("The type of assessment is stated."), evidence


def _identification(case: Case) -> Judgement:
    """Judge whether the identity of the learner was verified at the assessment (ELM `idVerification`)."""
    if not case.subject.description.issued:
        return Outcome.UNKNOWN, DESCRIPTION_ONLY, (), None, "present-credential"
    verifications = {
        verification for item in case.subject.description.assessments for verification in item.verifications
    }
    evidence = tuple(quad for quad in assessment_evidence(case.subject) if quad.predicate == ELM + "idVerification")
    if not verifications:
        silent = Message("Whether the identity of the learner was verified at the assessment is not stated.")
        return Outcome.UNKNOWN, silent, evidence
    if verifications == {NOT_VERIFIED}:
        unsupervised = Message("The assessment was neither supervised nor was the learner identified.")
        return Outcome.UNMET, unsupervised, evidence, None, "supervise-assessment"
    return Outcome.MET, Message("How the assessment was supervised and the learner identified is stated."), evidence


def _quality(case: Case) -> Judgement:
    claims = case.subject.evidence([NS.qualityAssuranceType, NS.appliesIndicator, ELM.accreditation])
    return case.assurance.quality(case.purpose, claims)


def _awarding_body(case: Case) -> Judgement:
    bodies = case.subject.description.awarding_bodies
    evidence = case.subject.evidence(
        [
            ELM.awardingBody,
            CRED.issuer,
            ROV.legalName,
            ROV.registration,
            ADMS.identifier,
            ELM.eidasLegalIdentifier,
            ELM.vatIdentifier,
            ELM.taxIdentifier,
            ELM.countryCode,
            ELM.accreditation,
            ELM.limitEQFLevel,
            ELM.limitJurisdiction,
            ELM.limitField,
            DCTERMS.issued,
            ELM.expiryDate,
        ]
    )
    identifiers = {quad.object for quad in evidence}
    evidence += tuple(quad for quad in case.subject.evidence([SKOS.notation]) if quad.subject in identifiers)
    if not bodies:
        return Outcome.UNKNOWN, Message("The awarding body is not stated."), evidence, None, "identify-body"
    matched = {registered.body.iri for registered in case.assurance.bodies if not registered.doubt}
    missing = [sentence for body in bodies if (sentence := _missing_identification(body, matched))]
    if missing:
        hints = [registered.doubt for registered in case.assurance.bodies if registered.doubt]
        return Outcome.UNKNOWN, Joined([*missing, *hints], " "), evidence, None, "identify-body"
    identified = [
        Message("{body} ({country}) is identified.", body=body.name, country=Country(body.country or ""))
        for body in bodies
    ]
    outcome, reason, evidence, strength, remedy = case.assurance.status_of_bodies(evidence)
    return outcome, Joined([*identified, reason], " "), evidence, strength, remedy


def _missing_identification(body: AwardingBody, matched: AbstractSet[str]) -> Message | None:
    """Return which properties of an awarding body are missing; None where it is identified.

    A body that is matched with an entry of a register needs no identifier of its own.
    """
    missing = [
        name
        for name, value in (
            (Message("legal name"), body.name),
            (Message("country"), body.country),
            (Message("identifier"), body.identifiers or body.iri in matched),
        )
        if not value
    ]
    if not missing:
        return None
    missing_names = join_with_and(missing)
    if body.name:
        return Message("Not stated of {body}: {what}.", body=body.name, what=missing_names)
    return Message("Not stated of the awarding body: {what}.", what=missing_names)


def _authenticity(case: Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.UNKNOWN, DESCRIPTION_ONLY, (), None, "present-credential"
    seal = case.subject.seal
    if seal.status == "absent":
        absent = Message("There is neither a seal nor a proof. The form that the issuer sealed would settle it.")
        return Outcome.UNKNOWN, absent, (), None, "present-sealed-original"
    if seal.status == "broken":
        broken = Message("The seal is broken. {why}", why=seal.reason)
        return Outcome.UNMET, broken, (), None, "present-sealed-original"
    outcome = Outcome.MET if seal.status == "valid" else Outcome.UNKNOWN
    return outcome, Joined(_seal_sentences(seal), " "), (), None, "verify-signer"


def _seal_sentences(seal: Seal) -> Iterator[str]:
    """Yield sentences about a seal that is not broken: its status, reasons, sources not consulted, and next steps."""
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
        return Outcome.UNKNOWN, DESCRIPTION_ONLY, (), None, "present-credential"
    evidence = case.subject.evidence(
        [
            CRED + name
            for name in ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate", "credentialStatus")
        ]
    )
    outcome, reason = validity(case.subject, case.day)
    remedy = "present-valid-credential" if outcome is Outcome.UNMET else "confirm-validity"
    return outcome, Message("The credential: {why}", why=reason), evidence, None, remedy


def _national(case: Case) -> Judgement:
    row = case.policy
    country = Country(case.country)
    if not case.purpose.informed_by_policy:
        not_judged = Message("For {purpose} the national policy is not judged.", purpose=case.purpose.name)
        return Outcome.NOT_APPLICABLE, not_judged, ()
    if row is None or term_text(row["status"]) == "unknown":
        unknown = Message("This dataset has no policy of {country} on micro-credentials.", country=country)
        evidence = evidence_about(case.store, [term_text(row["policy"])]) if row else ()
        return Outcome.UNKNOWN, unknown, evidence, Strength.NONE, "add-national-policy"
    sentences = [Message("{status}.", status=Message(term_text(row["statusLabel"])))]
    sentences += [Message("Law: {law}.", law=EnglishText(term_text(row["legalBasis"])))] if "legalBasis" in row else []
    sentences += (
        [Message("Credits: {range}.", range=EnglishText(term_text(row["creditRange"])))] if "creditRange" in row else []
    )
    sentences += [Message("Note: {note}.", note=EnglishText(term_text(row["note"])))] if "note" in row else []
    evidence = evidence_about(case.store, [term_text(row["policy"])])
    outcome = Outcome.UNKNOWN if term_text(row["status"]) == "not-yet-established" else Outcome.NOT_APPLICABLE
    if "creditsBelow" in row:
        outcome, judgement = _within_limit(case.subject.description, Fraction(term_text(row["creditsBelow"])))
        sentences.append(judgement)
        evidence += case.subject.evidence([ELM.point, ELM.volumeOfLearning])
    return (
        outcome,
        Message("{country}: {known}", country=Country(case.country, article=False), known=Joined(sentences, " ")),
        evidence,
        None,
        "stay-in-range" if outcome is Outcome.UNMET else None,
    )


def _within_limit(description: Description, limit: Fraction) -> tuple[Outcome, Message]:
    """Return whether the workload of a description stays below a number of ECTS credits, both as intervals."""
    workload = Credits.of(description.ects, description.hours)
    if workload.upper is None:
        return Outcome.UNKNOWN, Message("Whether the workload is in that range is not known: none is stated.")
    if workload.lower >= limit:
        return Outcome.UNMET, Message("The workload stated, {credits}, is outside that range.", credits=workload.words)
    if workload.upper < limit:
        return Outcome.MET, Message("The workload stated, {credits}, is within that range.", credits=workload.words)
    return Outcome.UNKNOWN, Message(
        "The workload stated, {credits}, may be outside that range.", credits=workload.words
    )


RULES: Final[Mapping[str, Judge[Case]]] = {
    "REC-LEVEL": _level,
    "REC-OUTCOMES": _outcomes,
    "REC-WORKLOAD": _workload,
    "REC-ELEMENTS": _elements,
    "REC-ASSESSMENT": _assessment,
    "REC-IDENTIFICATION": _identification,
    "REC-QUALITY": _quality,
    "REC-AWARDING-BODY": _awarding_body,
    "REC-AUTHENTICITY": _authenticity,
    "REC-VALIDITY": _validity,
    "REC-NATIONAL": _national,
}
"""The judge of each rule, in the order of the answer."""
