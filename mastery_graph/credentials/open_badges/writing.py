"""Conversion of a credential, or a bare description, to Open Badges 3.0, with a list of what is lost."""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import Triple

from mastery_graph.credentials.contexts import CREDENTIALS_2, OPEN_BADGES
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.open_badges.terms import (
    ACHIEVEMENT_TYPES,
    ALIGNED,
    ASSESSED,
    CREDITS,
    CRITERIA,
    FIELD,
    FRAMEWORKS,
    LEVEL,
    MICRO_CREDENTIAL,
    OUTCOME,
    REGISTRATION,
    SKILL,
    UNDETERMINED,
    country_code,
)
from mastery_graph.credentials.open_badges.tracked_graph import TrackedGraph, compact_iri, has_generated_id
from mastery_graph.languages import Message
from mastery_graph.vocabulary import ADMS, CRED, DCTERMS, ELM, FOAF, ORG, ROV, SKOS, TIED_TO

SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}
_PROPERTY_OF_TERM = {
    "eqfLevel": ELM + "EQFLevel",
    "nqfLevel": ELM + "NQFLevel",
    "thematicArea": ELM + "ISCEDFCode",
    "dcType": DCTERMS + "type",
    "idVerification": ELM + "idVerification",
    "mode": ELM + "mode",
}
_CREDIT_SYSTEM_NAMES = {"http://data.europa.eu/snb/education-credit/6fcec5c5af": "ECTS"}
_CLASSES = {
    CRED + "VerifiableCredential", CRED + "Evidence", DCTERMS + "Location", DCTERMS + "PeriodOfTime",
    FOAF + "Agent", SKOS + "Concept",
    *(
        ELM + name
        for name in (
            "EuropeanDigitalCredential", "Person", "Organisation", "LearningAchievement",
            "LearningAchievementSpecification", "LearningOutcome", "LearningAssessment",
            "LearningAssessmentSpecification", "LearningActivity", "AwardingProcess", "AwardingOpportunity",
            "CreditPoint", "Note", "Identifier", "LegalIdentifier", "ContactPoint", "Mailbox", "Phone", "Address",
            "WebResource", "MediaObject", "Evidence",
        )
    ),
}  # fmt: skip
"""The classes that are implied by the position of an object in a badge, so that reading restores them."""
_IDENTIFIER_TYPES = {
    "name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber",
    "isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId",
    "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
}  # fmt: skip

Node = dict[str, Any]


def as_badge(
    triples: Iterable[Triple], roots: Sequence[str], pointers: Mapping[str, str] | None = None
) -> tuple[Node, list[Note]]:
    """Return the first of the descriptions `roots` as an `OpenBadgeCredential`, or a bare one as an `Achievement`.

    The badge is not signed. The notes list what it cannot express, and substitutes for required members.
    """
    root, *others = roots
    writer = _BadgeWriter(TrackedGraph(triples), pointers or {})
    if ELM + "EuropeanDigitalCredential" in writer.facts.types(root):
        badge = writer.credential(root)
    else:
        writer.choose_language(root)
        badge = writer.achievement(root, None)
    writer.note_losses(root, others)
    return {"@context": [CREDENTIALS_2, OPEN_BADGES], **badge}, writer.notes


class _BadgeWriter:
    def __init__(self, facts: TrackedGraph, pointers: Mapping[str, str]) -> None:
        self.facts = facts
        self.pointers = pointers
        self.notes: list[Note] = []
        self.language = UNDETERMINED

    def choose_language(self, *nodes: str | None) -> None:
        """Set the language to that of the first title: a badge has a single language."""
        for node in nodes:
            if languages := self.facts.languages(node, DCTERMS + "title"):
                self.language = languages[0]
                return

    def note(self, node: str, subject: str, message: str) -> None:
        self.notes.append(Note(self.pointers.get(node), subject, message))

    def note_losses(self, root: str, others: Sequence[str]) -> None:
        """Add a note for each node and property that was not converted."""
        for node, name, is_partial in self.facts.losses(root, _CLASSES):
            if name == "rdf:type":
                kinds = ", ".join(sorted(map(compact_iri, self.facts.types(node) - _CLASSES)))
                message = Message("A badge has no word for this class, and leaves it out: {kinds}.", kinds=kinds)
            elif is_partial:
                message = Message(
                    "{property} is carried in part: a badge has one language, and one value of most things.",
                    property=name,
                )
            else:
                message = Message(
                    "Open Badges cannot express {property}: it is left out with all its contents.", property=name
                )
            self.note(node, name, message)
        for other in others:
            self.note(other, other, Message("A badge contains one description: this one is left out."))
        for node in self.facts.unreachable_nodes([root, *others]):
            if self.pointers.get(node, "").startswith("/proof"):
                continue  # A proof is a separate graph; there is a note for the property that refers to it.
            self.note(
                node, node, Message("The description does not refer to this: it is left out with all its properties.")
            )

    def note_other_classes(self, kind: str, node: str | None) -> None:
        """Add a note if a node has a class other than the one implied by its position in a badge."""
        if other_classes := (self.facts.types(node) & _CLASSES) - {ELM + kind, FOAF + "Agent"}:
            class_names = ", ".join(sorted(map(compact_iri, other_classes)))
            message = Message(
                "It is of the class {named}: a badge takes it for {kind}.", named=class_names, kind=f"elm:{kind}"
            )
            self.note(node or "", "rdf:type", message)

    def iri(self, node: str) -> str:
        """Return the IRI of a node; for one without an IRI, a reproducible UUID."""
        if has_generated_id(node):
            return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, node)}"
        return self.facts.use_iri(node)

    def credential(self, root: str) -> Node:
        facts = self.facts
        subject = facts.node(root, CRED + "credentialSubject")
        claim = facts.node(subject, ELM + "hasClaim")
        specification = facts.node(claim, ELM + "specifiedBy")
        self.choose_language(specification, claim, root)
        issuer = facts.node(root, CRED + "issuer")
        issued = facts.value(root, CRED + "issued", CRED + "issuanceDate")
        valid_from = facts.value(root, CRED + "validFrom")
        if valid_from is None and issued:
            self.note(
                root,
                "validFrom",
                Message("Open Badges require a date of validity; the date of issuing is used instead."),
            )
        self.note_other_classes("Organisation", issuer)
        self.note_other_classes("Person", subject)
        self.note_other_classes("LearningAchievement", claim)
        self.note_other_classes("LearningAchievementSpecification", specification)
        achievement = self.achievement(specification or claim or root, claim, issuer)
        return _without_empty(
            id=self.iri(root),
            type=["VerifiableCredential", "OpenBadgeCredential"],
            name=self.text(root, DCTERMS + "title") or achievement["name"],
            description=self.text(root, DCTERMS + "description"),
            issuer=self.profile(issuer) if issuer else None,
            validFrom=valid_from or issued,
            validUntil=facts.value(root, CRED + "validUntil", CRED + "expirationDate"),
            awardedDate=issued,
            credentialSchema=[SCHEMA],
            evidence=[self.evidence(evidence) for evidence in facts.nodes(root, CRED + "evidence")],
            credentialSubject=self.subject(subject, claim, achievement),
        )

    def text(self, node: str | None, *properties: str) -> str | None:
        return self.facts.text(node, self.language, *properties)

    def first_text(self, nodes: Sequence[str], prop: str) -> str | None:
        """Return the text of the first node that has one; equal texts of the other nodes are marked as used."""
        text = None
        for node in nodes:
            if text in (None, self.facts.peek_text(node, self.language, prop)):
                text = self.text(node, prop)
        return text

    def subject(self, person: str | None, claim: str | None, achievement: Node) -> Node:
        facts = self.facts
        activity = facts.node(claim, ELM + "influencedBy")
        period = facts.node(activity, DCTERMS + "temporal")
        return _without_empty(
            id=facts.use_iri(person) if person and not has_generated_id(person) else None,
            type=["AchievementSubject"],
            identifier=list(self.identity(person)),
            activityStartDate=facts.value(period, ELM + "startDate"),
            activityEndDate=facts.value(period, ELM + "endDate"),
            creditsEarned=facts.number(facts.node(claim, ELM + "creditReceived"), ELM + "point"),
            result=list(self.results(claim)),
            achievement=achievement,
        )

    def identity(self, person: str | None) -> Iterator[Node]:
        facts = self.facts
        name = self.text(person, FOAF + "fullName", FOAF + "name")
        if name is None:
            parts = [self.text(person, FOAF + part) for part in ("givenName", "familyName")]
            name = " ".join(filter(None, parts)) or None
        identifiers = [("name", name)]
        identifiers += [
            ("nationalIdentityNumber", facts.value(identifier, SKOS + "notation"))
            for identifier in facts.nodes(person, ELM + "nationalID")
        ]
        for contact in facts.nodes(person, ELM + "contactPoint"):
            identifiers += [
                ("emailAddress", self.mail(mailbox)) for mailbox in facts.nodes(contact, ELM + "emailAddress")
            ]
        for identifier in facts.nodes(person, ADMS + "identifier"):
            if number := facts.value(identifier, SKOS + "notation"):
                identifiers.append((self.scheme(identifier), number))
        for kind, value in identifiers:
            if value:
                yield {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}

    def achievement(self, node: str, claim: str | None, issuer: str | None = None) -> Node:
        facts = self.facts
        nodes = [node] if claim in (None, node) else [node, claim]
        name = self.first_text(nodes, DCTERMS + "title")
        description = self.first_text(nodes, DCTERMS + "description")
        if description is None:
            self.note(node, "description", Message("Open Badges require a description; the title is used instead."))
        assessments = [assessment for owner in nodes for assessment in facts.nodes(owner, ELM + "provenBy")]
        credit = facts.node(node, ELM + "creditPoint") or facts.node(claim, ELM + "creditPoint")
        codes = [self.identifier(identifier) for identifier in facts.nodes(node, ADMS + "identifier")]
        code = next((entry for entry in codes if entry["identifierType"] == "ext:humanCode"), None)
        return _without_empty(
            id=self.iri(node),
            type=["Achievement"],
            name=name or "",
            description=description or name or "",
            inLanguage=self.language if self.language != UNDETERMINED else None,
            achievementType=self.kind(nodes),
            criteria=self.criteria(node, assessments),
            creditsAvailable=facts.number(credit, ELM + "point"),
            fieldOfStudy=self.field(node),
            humanCode=code["identifier"] if code else None,
            otherIdentifier=[entry for entry in codes if entry is not code],
            creator=self.creator(nodes, issuer),
            alignment=[
                *(alignment for owner in nodes for alignment in self.alignments(owner)),
                *self.credit_system(credit, claim),
            ],
            resultDescription=list(self.result_descriptions(assessments)),
        )

    def field(self, node: str) -> str | None:
        field = self.facts.node(node, ELM + "educationSubject")
        name = self.text(field, SKOS + "prefLabel")
        if field and name and not has_generated_id(self.facts.use_iri(field)):
            self.note(
                node, "elm:educationSubject", Message("The field is carried by its name alone: {name}.", name=name)
            )
        return name

    def kind(self, nodes: list[str]) -> str | None:
        """Return the type of an achievement: its category, if Open Badges defines it, or `MicroCredential`."""
        facts = self.facts
        categories = (facts.peek_text(node, "en", ELM + "category") for node in nodes)
        micro_credentials = [node for node in nodes if MICRO_CREDENTIAL in facts.peek(node, DCTERMS + "type")]
        kind = next(
            (
                category
                for category in categories
                if category in ACHIEVEMENT_TYPES or (category or "").startswith("ext:")
            ),
            None,
        )
        kind = kind or ("MicroCredential" if micro_credentials else None)
        for node in nodes:
            facts.mark_used(node, kind, ELM + "category")
        if kind == "MicroCredential":
            for node in micro_credentials:
                facts.mark_used(node, facts.use_iri(MICRO_CREDENTIAL), DCTERMS + "type")
        return kind

    def creator(self, nodes: list[str], issuer: str | None) -> Node | None:
        facts = self.facts
        creator = facts.node(nodes[0], DCTERMS + "creator")
        processes = [
            process for node in nodes for process in facts.nodes(node, ELM + "awardedBy", ELM + "awardingOpportunity")
        ]
        bodies = [body for process in processes for body in facts.peek(process, ELM + "awardingBody")]
        other_body = next((body for body in bodies if body != issuer), None)
        if other_body and issuer and not creator:
            self.note(
                other_body,
                "awardingBody",
                Message("The awarding body is not the issuer: it is written as the creator of the achievement."),
            )
        awarding_creator = creator or other_body
        for process in processes:
            for body in filter(None, (issuer, awarding_creator)):
                facts.mark_used(process, body, ELM + "awardingBody")
        return self.profile(awarding_creator) if awarding_creator else None

    def criteria(self, node: str, assessments: list[str]) -> Node:
        """Return the criteria: those from a badge, or else the titles of the assessments."""
        facts = self.facts
        narrative = address = None
        for note in facts.peek(node, ELM + "additionalNote"):
            text = self.text(note, ELM + "noteLiteral") if CRITERIA in facts.peek(note, DCTERMS + "type") else None
            if text is None:
                continue
            if address is None and "://" in text and " " not in text:
                address = text
            elif narrative is None:
                narrative = text
            else:
                continue
            facts.mark_used(node, note, ELM + "additionalNote")
            facts.mark_used(note, facts.use_iri(CRITERIA), DCTERMS + "type")
        if narrative is None and address is None:
            titles = dict.fromkeys(
                self.text(facts.node(assessment, ELM + "specifiedBy"), DCTERMS + "title")
                or self.text(assessment, DCTERMS + "title")
                for assessment in assessments
            )
            narrative = f"Assessed by: {', '.join(filter(None, titles))}." if any(titles) else None
        return _without_empty(id=address, narrative=narrative)

    def alignments(self, node: str) -> Iterator[Node]:
        facts = self.facts
        for outcome in facts.nodes(node, ELM + "learningOutcome"):
            title = self.text(outcome, DCTERMS + "title")
            description = self.text(outcome, DCTERMS + "description")
            concepts = facts.nodes(outcome, *TIED_TO)
            if not concepts:
                yield self.alignment(outcome, title, OUTCOME, description)
            for concept in concepts:
                yield self.alignment(concept, title, SKILL, description)
        for term in ALIGNED.values():
            for concept in facts.nodes(node, _PROPERTY_OF_TERM[term]):
                name = self.text(concept, SKOS + "prefLabel")
                yield self.alignment(concept, name, LEVEL if "Level" in term else FIELD)

    def alignment(self, iri: str, name: str | None, kind: str, description: str | None = None) -> Node:
        framework = next(
            (framework_name for prefix, framework_name in FRAMEWORKS.items() if iri.startswith(prefix)), None
        )
        fallback = _CREDIT_SYSTEM_NAMES.get(iri) or f"{framework or 'Concept'} {iri.rpartition('/')[2]}"
        return _without_empty(
            type=["Alignment"],
            targetName=name or fallback,
            targetUrl=self.iri(iri),
            targetDescription=description,
            targetFramework=framework,
            targetType=kind,
        )

    def credit_system(self, credit: str | None, claim: str | None) -> Iterator[Node]:
        """Yield the credit system: a badge has a single one, for the credits available and those earned."""
        facts = self.facts
        earned_credit = next(iter(facts.peek(claim, ELM + "creditReceived")), None)
        earned_system = next(iter(facts.peek(earned_credit, ELM + "framework")), None)
        system = facts.node(credit, ELM + "framework") if credit else earned_system
        if system is None:
            return
        facts.mark_used(earned_credit, system, ELM + "framework")
        if credit and earned_credit and earned_system is None:
            self.note(
                earned_credit, "elm:framework", "The credits received name no credit system: that of the others stands."
            )
        yield self.alignment(system, self.text(system, SKOS + "prefLabel"), CREDITS)

    def result_descriptions(self, assessments: list[str]) -> Iterator[Node]:
        facts = self.facts
        for node in dict.fromkeys(
            facts.node(assessment, ELM + "specifiedBy") or assessment for assessment in assessments
        ):
            yield _without_empty(
                id=self.iri(node),
                type=["ResultDescription"],
                name=self.text(node, DCTERMS + "title") or "Assessment",
                resultType="Result",
                alignment=[
                    self.alignment(concept, self.text(concept, SKOS + "prefLabel"), kind)
                    for kind, term in ASSESSED.items()
                    for concept in facts.nodes(node, _PROPERTY_OF_TERM[term])
                ],
            )

    def results(self, claim: str | None) -> Iterator[Node]:
        facts = self.facts
        for assessment in facts.nodes(claim, ELM + "provenBy"):
            specification = facts.node(assessment, ELM + "specifiedBy")
            grade = self.text(facts.node(assessment, ELM + "grade"), ELM + "noteLiteral", SKOS + "prefLabel")
            yield _without_empty(type=["Result"], resultDescription=self.iri(specification or assessment), value=grade)

    def evidence(self, node: str) -> Node:
        return _without_empty(
            id=self.iri(node),
            type=["Evidence"],
            name=self.text(node, DCTERMS + "title"),
            description=self.text(node, DCTERMS + "description"),
            narrative=self.facts.value(node, ELM + "evidenceStatement"),
        )

    def profile(self, node: str, children: Sequence[str] = ()) -> Node:
        """Return an organisation with its parent organisations; a circular parent is omitted."""
        facts = self.facts
        page = facts.node(node, FOAF + "homepage", ELM + "homepage")
        contact = facts.node(node, ELM + "contactPoint")
        mail = facts.node(contact, ELM + "emailAddress")
        phone = facts.node(contact, ELM + "phone")
        logo = facts.value(facts.node(node, ELM + "logo"), ELM + "contentUrl")
        parent = next(iter(facts.peek(node, ORG + "subOrganizationOf")), None)
        if parent in {*children, node} or not facts.mark_used(node, parent, ORG + "subOrganizationOf"):
            parent = None
        registrations = [
            {"type": "IdentifierEntry", "identifier": number, "identifierType": REGISTRATION}
            for registration in facts.nodes(node, ROV + "registration")
            if (number := facts.value(registration, SKOS + "notation"))
        ]
        return _without_empty(
            id=self.iri(node),
            type=["Profile"],
            name=self.text(node, ROV + "legalName", SKOS + "prefLabel"),
            url=facts.value(page, ELM + "contentUrl"),
            email=self.mail(mail) if mail else None,
            phone=facts.value(phone, ELM + "phoneNumber"),
            address=self.address(facts.node(node, ELM + "location")),
            otherIdentifier=[
                *registrations,
                *(self.identifier(identifier) for identifier in facts.nodes(node, ADMS + "identifier")),
            ],
            image={"id": logo, "type": "Image"} if logo else None,
            parentOrg=self.profile(parent, [*children, node]) if parent else None,
        )

    def address(self, location: str | None) -> Node | None:
        address = self.facts.node(location, ELM + "address")
        street_address = self.text(self.facts.node(address, ELM + "fullAddress"), ELM + "noteLiteral")
        members = _without_empty(streetAddress=street_address, addressCountryCode=self.country(address))
        return {"type": ["Address"], **members} if members else None

    def country(self, address: str | None) -> str | None:
        for country in self.facts.peek(address, ELM + "countryCode"):
            if code := country_code(country):
                self.facts.mark_used(address, self.facts.use_iri(country), ELM + "countryCode")
                return code
        return None

    def mail(self, node: str) -> str | None:
        return None if has_generated_id(node) else self.facts.use_iri(node).removeprefix("mailto:")

    def identifier(self, node: str) -> Node:
        number = self.facts.value(node, SKOS + "notation") or compact_iri(self.iri(node))
        return {"type": "IdentifierEntry", "identifier": number, "identifierType": self.scheme(node)}

    def scheme(self, node: str) -> str:
        """Return the type of an identifier: a type that Open Badges defines, or else an extension."""
        name = self.facts.value(node, ELM + "schemeName") or "identifier"
        kind = _identifier_type(name)
        if kind not in (name, f"ext:{name}"):
            self.note(node, "elm:schemeName", f"The name of the scheme is written as {kind}.")
        return kind


def _without_empty(**properties: Any) -> Node:
    return {key: value for key, value in properties.items() if value is not None and value != []}


def _identifier_type(scheme: str) -> str:
    """Return the type of an identifier: a type that Open Badges defines, or else an extension."""
    if scheme in _IDENTIFIER_TYPES or scheme.startswith("ext:"):
        return scheme
    return f"ext:{re.sub(r'[^A-Za-z0-9._-]+', '-', scheme)}"
