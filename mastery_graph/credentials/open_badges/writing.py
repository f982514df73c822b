"""Write a credential, or a bare description, as Open Badges 3.0, with a list of what a badge cannot carry."""

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
_PROPERTY = {
    "eqfLevel": ELM + "EQFLevel",
    "nqfLevel": ELM + "NQFLevel",
    "thematicArea": ELM + "ISCEDFCode",
    "dcType": DCTERMS + "type",
    "idVerification": ELM + "idVerification",
    "mode": ELM + "mode",
}
_NAMES = {"http://data.europa.eu/snb/education-credit/6fcec5c5af": "ECTS"}
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
"""The classes that a badge tells by the place of a thing: reading it gives them back."""
_IDENTIFIERS = {
    "name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber",
    "isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId",
    "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
}  # fmt: skip

Node = dict[str, Any]


def as_badge(
    triples: Iterable[Triple], roots: Sequence[str], pointers: Mapping[str, str] | None = None
) -> tuple[Node, list[Note]]:
    """Return the first of the descriptions `roots` as an `OpenBadgeCredential`, or a bare one as an `Achievement`.

    The badge is not signed. The notes say what it cannot carry, and what stands in for what it must have.
    """
    root, *others = roots
    writing = _Writing(TrackedGraph(triples), pointers or {})
    if ELM + "EuropeanDigitalCredential" in writing.facts.types(root):
        badge = writing.credential(root)
    else:
        writing.speak(root)
        badge = writing.achievement(root, None)
    writing.leave(root, others)
    return {"@context": [CREDENTIALS_2, OPEN_BADGES], **badge}, writing.notes


class _Writing:
    def __init__(self, facts: TrackedGraph, pointers: Mapping[str, str]) -> None:
        self.facts = facts
        self.pointers = pointers
        self.notes: list[Note] = []
        self.language = UNDETERMINED

    def speak(self, *nodes: str | None) -> None:
        """Take the language of the first title: a badge has one."""
        for node in nodes:
            if languages := self.facts.languages(node, DCTERMS + "title"):
                self.language = languages[0]
                return

    def note(self, node: str, subject: str, message: str) -> None:
        self.notes.append(Note(self.pointers.get(node), subject, message))

    def leave(self, root: str, others: Sequence[str]) -> None:
        """Note what was not taken over, one note a node and property."""
        for node, name, partly in self.facts.left(root, _CLASSES):
            if name == "rdf:type":
                kinds = ", ".join(sorted(map(compact_iri, self.facts.types(node) - _CLASSES)))
                message = Message("A badge has no word for this class, and leaves it out: {kinds}.", kinds=kinds)
            elif partly:
                message = Message(
                    "{property} is carried in part: a badge has one language, and one value of most things.",
                    property=name,
                )
            else:
                message = Message(
                    "{property} has no place in Open Badges, and is left out with all that it says.", property=name
                )
            self.note(node, name, message)
        for other in others:
            self.note(other, other, Message("A badge holds one description: this one is left out."))
        for node in self.facts.apart([root, *others]):
            if self.pointers.get(node, "").startswith("/proof"):
                continue  # A proof is a graph of its own: the property that names it is noted.
            self.note(
                node, node, Message("The description does not lead here: this is left out with all that it says.")
            )

    def take_for(self, kind: str, node: str | None) -> None:
        """Note where a node is of another class than the one that its place in a badge tells."""
        if others := (self.facts.types(node) & _CLASSES) - {ELM + kind, FOAF + "Agent"}:
            named = ", ".join(sorted(map(compact_iri, others)))
            taken = Message("It is of the class {named}: a badge takes it for {kind}.", named=named, kind=f"elm:{kind}")
            self.note(node or "", "rdf:type", taken)

    def iri(self, node: str) -> str:
        """Return the IRI of a node; of one that has none of its own, a name that is the same each time."""
        if has_generated_id(node):
            return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, node)}"
        return self.facts.show(node)

    def credential(self, root: str) -> Node:
        facts = self.facts
        subject = facts.node(root, CRED + "credentialSubject")
        claim = facts.node(subject, ELM + "hasClaim")
        specification = facts.node(claim, ELM + "specifiedBy")
        self.speak(specification, claim, root)
        issuer = facts.node(root, CRED + "issuer")
        issued = facts.value(root, CRED + "issued", CRED + "issuanceDate")
        begins = facts.value(root, CRED + "validFrom")
        if begins is None and issued:
            self.note(
                root,
                "validFrom",
                Message("A badge must say from when it is valid: the date of issuing stands for it."),
            )
        self.take_for("Organisation", issuer)
        self.take_for("Person", subject)
        self.take_for("LearningAchievement", claim)
        self.take_for("LearningAchievementSpecification", specification)
        achievement = self.achievement(specification or claim or root, claim, issuer)
        return _filled(
            id=self.iri(root),
            type=["VerifiableCredential", "OpenBadgeCredential"],
            name=self.said(root, DCTERMS + "title") or achievement["name"],
            description=self.said(root, DCTERMS + "description"),
            issuer=self.profile(issuer) if issuer else None,
            validFrom=begins or issued,
            validUntil=facts.value(root, CRED + "validUntil", CRED + "expirationDate"),
            awardedDate=issued,
            credentialSchema=[SCHEMA],
            evidence=[self.evidence(one) for one in facts.nodes(root, CRED + "evidence")],
            credentialSubject=self.subject(subject, claim, achievement),
        )

    def said(self, node: str | None, *properties: str) -> str | None:
        return self.facts.text(node, self.language, *properties)

    def said_once(self, nodes: Sequence[str], prop: str) -> str | None:
        """Return the text of the first node that has one; a badge has no place for what the others say instead."""
        found = None
        for node in nodes:
            if found in (None, self.facts.peek_text(node, self.language, prop)):
                found = self.said(node, prop)
        return found

    def subject(self, person: str | None, claim: str | None, achievement: Node) -> Node:
        facts = self.facts
        activity = facts.node(claim, ELM + "influencedBy")
        period = facts.node(activity, DCTERMS + "temporal")
        return _filled(
            id=facts.show(person) if person and not has_generated_id(person) else None,
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
        name = self.said(person, FOAF + "fullName", FOAF + "name")
        if name is None:
            parts = [self.said(person, FOAF + part) for part in ("givenName", "familyName")]
            name = " ".join(filter(None, parts)) or None
        found = [("name", name)]
        found += [
            ("nationalIdentityNumber", facts.value(one, SKOS + "notation"))
            for one in facts.nodes(person, ELM + "nationalID")
        ]
        for contact in facts.nodes(person, ELM + "contactPoint"):
            found += [("emailAddress", self.mail(one)) for one in facts.nodes(contact, ELM + "emailAddress")]
        for one in facts.nodes(person, ADMS + "identifier"):
            if number := facts.value(one, SKOS + "notation"):
                found.append((self.scheme(one), number))
        for kind, value in found:
            if value:
                yield {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}

    def achievement(self, node: str, claim: str | None, issuer: str | None = None) -> Node:
        facts = self.facts
        nodes = [node] if claim in (None, node) else [node, claim]
        name = self.said_once(nodes, DCTERMS + "title")
        about = self.said_once(nodes, DCTERMS + "description")
        if about is None:
            self.note(node, "description", Message("A badge must have a description: the title stands for it."))
        assessments = [each for one in nodes for each in facts.nodes(one, ELM + "provenBy")]
        credit = facts.node(node, ELM + "creditPoint") or facts.node(claim, ELM + "creditPoint")
        codes = [self.identifier(one) for one in facts.nodes(node, ADMS + "identifier")]
        code = next((one for one in codes if one["identifierType"] == "ext:humanCode"), None)
        return _filled(
            id=self.iri(node),
            type=["Achievement"],
            name=name or "",
            description=about or name or "",
            inLanguage=self.language if self.language != UNDETERMINED else None,
            achievementType=self.kind(nodes),
            criteria=self.criteria(node, assessments),
            creditsAvailable=facts.number(credit, ELM + "point"),
            fieldOfStudy=self.field(node),
            humanCode=code["identifier"] if code else None,
            otherIdentifier=[one for one in codes if one is not code],
            creator=self.creator(nodes, issuer),
            alignment=[*(each for one in nodes for each in self.alignments(one)), *self.credit_system(credit, claim)],
            resultDescription=list(self.result_descriptions(assessments)),
        )

    def field(self, node: str) -> str | None:
        field = self.facts.node(node, ELM + "educationSubject")
        name = self.said(field, SKOS + "prefLabel")
        if field and name and not has_generated_id(self.facts.show(field)):
            self.note(
                node, "elm:educationSubject", Message("The field is carried by its name alone: {name}.", name=name)
            )
        return name

    def kind(self, nodes: list[str]) -> str | None:
        """Return the type of an achievement: its category, if Open Badges has it, or that it is a micro-credential."""
        facts = self.facts
        stated = (facts.peek_text(node, "en", ELM + "category") for node in nodes)
        typed = [node for node in nodes if MICRO_CREDENTIAL in facts.peek(node, DCTERMS + "type")]
        kind = next((one for one in stated if one in ACHIEVEMENT_TYPES or (one or "").startswith("ext:")), None)
        kind = kind or ("MicroCredential" if typed else None)
        for node in nodes:
            facts.take(node, kind, ELM + "category")
        if kind == "MicroCredential":
            for node in typed:
                facts.take(node, facts.show(MICRO_CREDENTIAL), DCTERMS + "type")
        return kind

    def creator(self, nodes: list[str], issuer: str | None) -> Node | None:
        facts = self.facts
        made = facts.node(nodes[0], DCTERMS + "creator")
        processes = [each for one in nodes for each in facts.nodes(one, ELM + "awardedBy", ELM + "awardingOpportunity")]
        bodies = [body for process in processes for body in facts.peek(process, ELM + "awardingBody")]
        awarding = next((body for body in bodies if body != issuer), None)
        if awarding and issuer and not made:
            self.note(
                awarding,
                "awardingBody",
                Message("The awarding body is not the issuer: it stands as creator of the achievement."),
            )
        nearest = made or awarding
        for process in processes:
            for body in filter(None, (issuer, nearest)):
                facts.take(process, body, ELM + "awardingBody")
        return self.profile(nearest) if nearest else None

    def criteria(self, node: str, assessments: list[str]) -> Node:
        """Return the criteria: those that a badge had, else by what the achievement is assessed."""
        facts = self.facts
        narrative = address = None
        for note in facts.peek(node, ELM + "additionalNote"):
            written = self.said(note, ELM + "noteLiteral") if CRITERIA in facts.peek(note, DCTERMS + "type") else None
            if written is None:
                continue
            if address is None and "://" in written and " " not in written:
                address = written
            elif narrative is None:
                narrative = written
            else:
                continue
            facts.take(node, note, ELM + "additionalNote")
            facts.take(note, facts.show(CRITERIA), DCTERMS + "type")
        if narrative is None and address is None:
            titles = dict.fromkeys(
                self.said(facts.node(one, ELM + "specifiedBy"), DCTERMS + "title") or self.said(one, DCTERMS + "title")
                for one in assessments
            )
            narrative = f"Assessed by: {', '.join(filter(None, titles))}." if any(titles) else None
        return _filled(id=address, narrative=narrative)

    def alignments(self, node: str) -> Iterator[Node]:
        facts = self.facts
        for outcome in facts.nodes(node, ELM + "learningOutcome"):
            title = self.said(outcome, DCTERMS + "title")
            about = self.said(outcome, DCTERMS + "description")
            concepts = facts.nodes(outcome, *TIED_TO)
            if not concepts:
                yield self.alignment(outcome, title, OUTCOME, about)
            for concept in concepts:
                yield self.alignment(concept, title, SKILL, about)
        for term in ALIGNED.values():
            for concept in facts.nodes(node, _PROPERTY[term]):
                name = self.said(concept, SKOS + "prefLabel")
                yield self.alignment(concept, name, LEVEL if "Level" in term else FIELD)

    def alignment(self, iri: str, name: str | None, kind: str, about: str | None = None) -> Node:
        framework = next((one for start, one in FRAMEWORKS.items() if iri.startswith(start)), None)
        fallback = _NAMES.get(iri) or f"{framework or 'Concept'} {iri.rpartition('/')[2]}"
        return _filled(
            type=["Alignment"],
            targetName=name or fallback,
            targetUrl=self.iri(iri),
            targetDescription=about,
            targetFramework=framework,
            targetType=kind,
        )

    def credit_system(self, credit: str | None, claim: str | None) -> Iterator[Node]:
        """Yield the credit system: a badge has one, for the credits available and for those earned."""
        facts = self.facts
        earned = next(iter(facts.peek(claim, ELM + "creditReceived")), None)
        of_earned = next(iter(facts.peek(earned, ELM + "framework")), None)
        system = facts.node(credit, ELM + "framework") if credit else of_earned
        if system is None:
            return
        facts.take(earned, system, ELM + "framework")
        if credit and earned and of_earned is None:
            self.note(earned, "elm:framework", "The credits received name no credit system: that of the others stands.")
        yield self.alignment(system, self.said(system, SKOS + "prefLabel"), CREDITS)

    def result_descriptions(self, assessments: list[str]) -> Iterator[Node]:
        facts = self.facts
        for node in dict.fromkeys(facts.node(one, ELM + "specifiedBy") or one for one in assessments):
            yield _filled(
                id=self.iri(node),
                type=["ResultDescription"],
                name=self.said(node, DCTERMS + "title") or "Assessment",
                resultType="Result",
                alignment=[
                    self.alignment(concept, self.said(concept, SKOS + "prefLabel"), kind)
                    for kind, term in ASSESSED.items()
                    for concept in facts.nodes(node, _PROPERTY[term])
                ],
            )

    def results(self, claim: str | None) -> Iterator[Node]:
        facts = self.facts
        for assessment in facts.nodes(claim, ELM + "provenBy"):
            specification = facts.node(assessment, ELM + "specifiedBy")
            grade = self.said(facts.node(assessment, ELM + "grade"), ELM + "noteLiteral", SKOS + "prefLabel")
            yield _filled(type=["Result"], resultDescription=self.iri(specification or assessment), value=grade)

    def evidence(self, node: str) -> Node:
        return _filled(
            id=self.iri(node),
            type=["Evidence"],
            name=self.said(node, DCTERMS + "title"),
            description=self.said(node, DCTERMS + "description"),
            narrative=self.facts.value(node, ELM + "evidenceStatement"),
        )

    def profile(self, node: str, within: Sequence[str] = ()) -> Node:
        """Return an organisation, and the one that it belongs to, unless that belongs to it in turn."""
        facts = self.facts
        page = facts.node(node, FOAF + "homepage", ELM + "homepage")
        contact = facts.node(node, ELM + "contactPoint")
        mail = facts.node(contact, ELM + "emailAddress")
        phone = facts.node(contact, ELM + "phone")
        logo = facts.value(facts.node(node, ELM + "logo"), ELM + "contentUrl")
        parent = next(iter(facts.peek(node, ORG + "subOrganizationOf")), None)
        if parent in {*within, node} or not facts.take(node, parent, ORG + "subOrganizationOf"):
            parent = None
        legal = [
            {"type": "IdentifierEntry", "identifier": number, "identifierType": REGISTRATION}
            for one in facts.nodes(node, ROV + "registration")
            if (number := facts.value(one, SKOS + "notation"))
        ]
        return _filled(
            id=self.iri(node),
            type=["Profile"],
            name=self.said(node, ROV + "legalName", SKOS + "prefLabel"),
            url=facts.value(page, ELM + "contentUrl"),
            email=self.mail(mail) if mail else None,
            phone=facts.value(phone, ELM + "phoneNumber"),
            address=self.address(facts.node(node, ELM + "location")),
            otherIdentifier=[*legal, *(self.identifier(one) for one in facts.nodes(node, ADMS + "identifier"))],
            image={"id": logo, "type": "Image"} if logo else None,
            parentOrg=self.profile(parent, [*within, node]) if parent else None,
        )

    def address(self, location: str | None) -> Node | None:
        address = self.facts.node(location, ELM + "address")
        written = self.said(self.facts.node(address, ELM + "fullAddress"), ELM + "noteLiteral")
        said = _filled(streetAddress=written, addressCountryCode=self.country(address))
        return {"type": ["Address"], **said} if said else None

    def country(self, address: str | None) -> str | None:
        for country in self.facts.peek(address, ELM + "countryCode"):
            if code := country_code(country):
                self.facts.take(address, self.facts.show(country), ELM + "countryCode")
                return code
        return None

    def mail(self, node: str) -> str | None:
        return None if has_generated_id(node) else self.facts.show(node).removeprefix("mailto:")

    def identifier(self, node: str) -> Node:
        number = self.facts.value(node, SKOS + "notation") or compact_iri(self.iri(node))
        return {"type": "IdentifierEntry", "identifier": number, "identifierType": self.scheme(node)}

    def scheme(self, node: str) -> str:
        """Return the type of an identifier: one that Open Badges knows, else an extension."""
        stated = self.facts.value(node, ELM + "schemeName") or "identifier"
        kind = _kind(stated)
        if kind not in (stated, f"ext:{stated}"):
            self.note(node, "elm:schemeName", f"The name of the scheme is written as {kind}.")
        return kind


def _filled(**properties: Any) -> Node:
    return {key: value for key, value in properties.items() if value is not None and value != []}


def _kind(scheme: str) -> str:
    """Return the type of an identifier: one that Open Badges knows, else an extension."""
    if scheme in _IDENTIFIERS or scheme.startswith("ext:"):
        return scheme
    return f"ext:{re.sub(r'[^A-Za-z0-9._-]+', '-', scheme)}"
