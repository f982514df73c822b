"""Write a credential, or a bare description, as Open Badges 3.0, with a list of what a badge cannot carry."""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import Triple

from mastery_graph.credentials.contexts import CREDENTIALS_2, OPEN_BADGES
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.open_badges.facts import Facts, short
from mastery_graph.credentials.open_badges.terms import (
    ACHIEVEMENT_TYPES,
    ALIGNED,
    ASSESSED,
    CRITERIA,
    GREEN_SKILL,
    MICRO_CREDENTIAL,
    OUTCOME,
    REGISTRATION,
    SKILL,
    UNDETERMINED,
    country_code,
)
from mastery_graph.vocabulary import CRED, DCTERMS, ELM, EQF, NS, SKOS

SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}
_ADMS, _FOAF, _ROV, _ORG = (
    "http://www.w3.org/ns/adms#",
    "http://xmlns.com/foaf/0.1/",
    "http://www.w3.org/ns/regorg#",
    "http://www.w3.org/ns/org#",
)
_MADE = "urn:sha256:"
"""Begins the names that reading gave to objects without an id."""
_PROPERTY = {
    "eqfLevel": ELM + "EQFLevel",
    "nqfLevel": ELM + "NQFLevel",
    "thematicArea": ELM + "ISCEDFCode",
    "dcType": DCTERMS + "type",
    "idVerification": ELM + "idVerification",
    "mode": ELM + "mode",
}
_FRAMEWORKS = {
    "http://data.europa.eu/esco/": "ESCO",
    GREEN_SKILL: "MASTERY green skills (provisional working set)",
    EQF: "European Qualifications Framework",
    "http://data.europa.eu/snb/qdr/": "National qualifications framework",
    "http://data.europa.eu/snb/isced-f/": "ISCED-F 2013",
    "http://data.europa.eu/snb/education-credit/": "Credit system",
}
_NAMES = {"http://data.europa.eu/snb/education-credit/6fcec5c5af": "ECTS"}
_IDENTIFIERS = {
    "name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber",
    "isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId",
    "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
}  # fmt: skip

Node = dict[str, Any]


def as_badge(
    triples: Iterable[Triple], root: str, pointers: Mapping[str, str] | None = None
) -> tuple[Node, list[Note]]:
    """Return the description `root` as an `OpenBadgeCredential`, or a bare one as an `Achievement`.

    The badge is not signed. The notes say what it cannot carry, and what stands in for what it must have.
    """
    writing = _Writing(Facts(triples), pointers or {})
    if ELM + "EuropeanDigitalCredential" in writing.facts.types(root):
        badge = writing.credential(root)
    else:
        writing.speak(root)
        badge = writing.achievement(root, None)
    writing.leave(root)
    return {"@context": [CREDENTIALS_2, OPEN_BADGES], **badge}, writing.notes


class _Writing:
    def __init__(self, facts: Facts, pointers: Mapping[str, str]) -> None:
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

    def leave(self, root: str) -> None:
        """Note what was not taken over, one note a node and property."""
        for node, name, partly in self.facts.left(root):
            self.note(
                node,
                name,
                f"{name} is carried in part: a badge has one language, and one value of most things."
                if partly
                else f"{name} has no place in Open Badges, and is left out with all that it says.",
            )

    def credential(self, root: str) -> Node:
        facts = self.facts
        subject = facts.node(root, CRED + "credentialSubject")
        claim = facts.node(subject, ELM + "hasClaim")
        specification = facts.node(claim, ELM + "specifiedBy")
        self.speak(specification, claim, root)
        issuer = facts.node(root, CRED + "issuer")
        issued = facts.value(root, CRED + "issued") or facts.value(root, CRED + "issuanceDate")
        facts.value(root, CRED + "issuanceDate")
        begins = facts.value(root, CRED + "validFrom")
        if begins is None and issued:
            self.note(root, "validFrom", "A badge must say from when it is valid: the date of issuing stands for it.")
        achievement = self.achievement(specification or claim or root, claim, issuer)
        return _filled(
            id=_iri(root),
            type=["VerifiableCredential", "OpenBadgeCredential"],
            name=self.said(root, DCTERMS + "title") or achievement["name"],
            description=self.said(root, DCTERMS + "description"),
            issuer=self.profile(issuer) if issuer else None,
            validFrom=begins or issued,
            validUntil=facts.value(root, CRED + "validUntil") or facts.value(root, CRED + "expirationDate"),
            awardedDate=issued,
            credentialSchema=[SCHEMA],
            evidence=[self.evidence(one) for one in facts.nodes(root, CRED + "evidence")],
            credentialSubject=self.subject(subject, claim, achievement),
        )

    def said(self, node: str | None, *properties: str) -> str | None:
        return self.facts.text(node, self.language, *properties)

    def subject(self, person: str | None, claim: str | None, achievement: Node) -> Node:
        facts = self.facts
        activity = facts.node(claim, ELM + "influencedBy")
        period = facts.node(activity, DCTERMS + "temporal")
        credit = facts.node(claim, ELM + "creditReceived")
        facts.node(credit, ELM + "framework")
        return _filled(
            id=person if person and not person.startswith((_MADE, "_:")) else None,
            type=["AchievementSubject"],
            identifier=list(self.identity(person)),
            activityStartDate=facts.value(period, ELM + "startDate"),
            activityEndDate=facts.value(period, ELM + "endDate"),
            creditsEarned=_number(facts.value(credit, ELM + "point")),
            result=list(self.results(claim)),
            achievement=achievement,
        )

    def identity(self, person: str | None) -> Iterator[Node]:
        facts = self.facts
        name = self.said(person, _FOAF + "fullName", _FOAF + "name")
        if name is None:
            parts = [self.said(person, _FOAF + part) for part in ("givenName", "familyName")]
            name = " ".join(filter(None, parts)) or None
        found = [("name", name)]
        found += [
            ("nationalIdentityNumber", facts.value(one, SKOS + "notation"))
            for one in facts.nodes(person, ELM + "nationalID")
        ]
        for contact in facts.nodes(person, ELM + "contactPoint"):
            found += [
                ("emailAddress", one.removeprefix("mailto:")) for one in facts.nodes(contact, ELM + "emailAddress")
            ]
        for one in facts.nodes(person, _ADMS + "identifier"):
            found.append(
                (_kind(facts.value(one, ELM + "schemeName") or "identifier"), facts.value(one, SKOS + "notation"))
            )
        for kind, value in found:
            if value:
                yield {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}

    def achievement(self, node: str, claim: str | None, issuer: str | None = None) -> Node:
        facts = self.facts
        nodes = [node] if claim in (None, node) else [node, claim]
        name = next(filter(None, [self.said(one, DCTERMS + "title") for one in nodes]), None)
        about = next(filter(None, [self.said(one, DCTERMS + "description") for one in nodes]), None)
        if about is None:
            self.note(node, "description", "A badge must have a description: the title stands for it.")
        assessments = [each for one in nodes for each in facts.nodes(one, ELM + "provenBy")]
        credit = facts.node(node, ELM + "creditPoint") or facts.node(claim, ELM + "creditPoint")
        codes = [self.identifier(one) for one in facts.nodes(node, _ADMS + "identifier")]
        field = facts.node(node, ELM + "educationSubject")
        return _filled(
            id=_iri(node),
            type=["Achievement"],
            name=name or "",
            description=about or name or "",
            inLanguage=self.language if self.language != UNDETERMINED else None,
            achievementType=self.kind(nodes),
            criteria=self.criteria(node, assessments),
            creditsAvailable=_number(facts.value(credit, ELM + "point")),
            fieldOfStudy=self.said(field, SKOS + "prefLabel"),
            humanCode=next((one["identifier"] for one in codes if one["identifierType"] == "ext:humanCode"), None),
            otherIdentifier=[one for one in codes if one["identifierType"] != "ext:humanCode"],
            creator=self.creator(nodes, issuer),
            alignment=[*(each for one in nodes for each in self.alignments(one)), *self.credit_system(credit)],
            resultDescription=list(self.result_descriptions(assessments)),
        )

    def kind(self, nodes: list[str]) -> str | None:
        for node in nodes:
            stated = self.facts.text(node, "en", ELM + "category")
            if stated and (stated in ACHIEVEMENT_TYPES or stated.startswith("ext:")):
                self.micro(node)
                return stated
            if self.micro(node):
                return "MicroCredential"
        return None

    def micro(self, node: str) -> bool:
        """Return whether a description is typed as a micro-credential."""
        facts = self.facts
        return MICRO_CREDENTIAL in facts.peek(node, DCTERMS + "type") and facts.take(node, MICRO_CREDENTIAL)

    def creator(self, nodes: list[str], issuer: str | None) -> Node | None:
        facts = self.facts
        made = facts.node(nodes[0], DCTERMS + "creator")
        bodies = [
            body
            for node in nodes
            for process in facts.nodes(node, ELM + "awardedBy", ELM + "awardingOpportunity")
            for body in facts.nodes(process, ELM + "awardingBody")
        ]
        awarding = next((body for body in bodies if body != issuer), None)
        if awarding and issuer and not made:
            self.note(
                awarding,
                "awardingBody",
                "The awarding body is not the issuer: it stands as creator of the achievement.",
            )
        nearest = made or awarding
        return self.profile(nearest) if nearest else None

    def criteria(self, node: str, assessments: list[str]) -> Node:
        """Return the criteria: those that a badge had, else by what the achievement is assessed."""
        facts = self.facts
        written = []
        for note in facts.peek(node, ELM + "additionalNote"):
            if CRITERIA in facts.nodes(note, DCTERMS + "type"):
                facts.take(node, note)
                written.append(self.said(note, ELM + "noteLiteral") or "")
        address = next((one for one in written if "://" in one and " " not in one), None)
        narrative = next((one for one in written if one != address), None)
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
            concepts = facts.nodes(outcome, ELM + "relatedESCOSkill", ELM + "relatedSkill", NS + "attestsGreenSkill")
            if not concepts:
                yield self.alignment(outcome, title, OUTCOME, about)
            for concept in concepts:
                yield self.alignment(concept, title, SKILL, about)
        for term in ALIGNED.values():
            for concept in facts.nodes(node, _PROPERTY[term]):
                name = self.said(concept, SKOS + "prefLabel")
                yield self.alignment(concept, name, "ext:Level" if "Level" in term else "ext:Field")

    def alignment(self, iri: str, name: str | None, kind: str, about: str | None = None) -> Node:
        framework = next((one for start, one in _FRAMEWORKS.items() if iri.startswith(start)), None)
        fallback = _NAMES.get(iri) or f"{framework or 'Concept'} {iri.rpartition('/')[2]}"
        return _filled(
            type=["Alignment"],
            targetName=name or fallback,
            targetUrl=_iri(iri),
            targetDescription=about,
            targetFramework=framework,
            targetType=kind,
        )

    def credit_system(self, credit: str | None) -> Iterator[Node]:
        if system := self.facts.node(credit, ELM + "framework"):
            yield self.alignment(system, self.said(system, SKOS + "prefLabel"), "ext:CreditSystem")

    def result_descriptions(self, assessments: list[str]) -> Iterator[Node]:
        facts = self.facts
        for node in dict.fromkeys(facts.node(one, ELM + "specifiedBy") or one for one in assessments):
            yield _filled(
                id=_iri(node),
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
            self.said(assessment, DCTERMS + "title")
            grade = self.said(facts.node(assessment, ELM + "grade"), ELM + "noteLiteral", SKOS + "prefLabel")
            if grade:
                yield {"type": ["Result"], "resultDescription": _iri(specification or assessment), "value": grade}

    def evidence(self, node: str) -> Node:
        return _filled(
            id=_iri(node),
            type=["Evidence"],
            name=self.said(node, DCTERMS + "title"),
            description=self.said(node, DCTERMS + "description"),
            narrative=self.facts.value(node, ELM + "evidenceStatement"),
        )

    def profile(self, node: str, within: Sequence[str] = ()) -> Node:
        """Return an organisation, and the one that it belongs to, unless that belongs to it in turn."""
        facts = self.facts
        page = facts.node(node, _FOAF + "homepage", ELM + "homepage")
        contact = facts.node(node, ELM + "contactPoint")
        mail = facts.node(contact, ELM + "emailAddress")
        phone = facts.node(contact, ELM + "phone")
        logo = facts.value(facts.node(node, ELM + "logo"), ELM + "contentUrl")
        parent = facts.node(node, _ORG + "subOrganizationOf")
        legal = [
            {"type": "IdentifierEntry", "identifier": number, "identifierType": REGISTRATION}
            for one in facts.nodes(node, _ROV + "registration")
            if (number := facts.value(one, SKOS + "notation"))
        ]
        return _filled(
            id=_iri(node),
            type=["Profile"],
            name=self.said(node, _ROV + "legalName", SKOS + "prefLabel"),
            url=facts.value(page, ELM + "contentUrl"),
            email=mail.removeprefix("mailto:") if mail else None,
            phone=facts.value(phone, ELM + "phoneNumber"),
            address=self.address(facts.node(node, ELM + "location")),
            otherIdentifier=[*legal, *(self.identifier(one) for one in facts.nodes(node, _ADMS + "identifier"))],
            image={"id": logo, "type": "Image"} if logo else None,
            parentOrg=self.profile(parent, [*within, node]) if parent and parent not in {*within, node} else None,
        )

    def address(self, location: str | None) -> Node | None:
        address = self.facts.node(location, ELM + "address")
        country = self.facts.node(address, ELM + "countryCode")
        written = self.said(self.facts.node(address, ELM + "fullAddress"), ELM + "noteLiteral")
        said = _filled(streetAddress=written, addressCountryCode=country_code(country) if country else None)
        return {"type": ["Address"], **said} if said else None

    def identifier(self, node: str) -> Node:
        return {
            "type": "IdentifierEntry",
            "identifier": self.facts.value(node, SKOS + "notation") or short(node),
            "identifierType": _kind(self.facts.value(node, ELM + "schemeName") or "identifier"),
        }


def _filled(**properties: Any) -> Node:
    return {key: value for key, value in properties.items() if value is not None and value != []}


def _iri(node: str) -> str:
    """Return the IRI of a node; of one that has none of its own, a name that is the same each time."""
    if node.startswith((_MADE, "_:")):
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, node)}"
    return node


def _kind(scheme: str) -> str:
    """Return the type of an identifier: one that Open Badges knows, else an extension."""
    if scheme in _IDENTIFIERS or scheme.startswith("ext:"):
        return scheme
    return f"ext:{re.sub(r'[^A-Za-z0-9._-]+', '-', scheme)}"


def _number(text: str | None) -> float | None:
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        return None
