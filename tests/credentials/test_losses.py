"""What a badge does not carry of a description, and ELM not of a badge, is listed: all of it."""

import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.credentials.conversion import Conversion, convert_document
from mastery_graph.credentials.formats import TARGETS
from mastery_graph.credentials.formats.open_badges.terms import CRITERIA, MICRO_CREDENTIAL
from mastery_graph.credentials.formats.open_badges.tracked_graph import compact_iri
from mastery_graph.credentials.reading import read_value
from mastery_graph.vocabulary import COUNTRY, CRED, DCTERMS, ELM, NS, RDF, SKOS

_ROLES: dict[str, tuple[str, str]] = {
    "credential": (
        "elm:EuropeanDigitalCredential",
        "cred:issuer=body cred:credentialSubject=person cred:evidence=evidence dcterms:title dcterms:description "
        "cred:issued cred:issuanceDate cred:validFrom cred:validUntil cred:expirationDate "
        "cred:credentialSchema=concept",
    ),
    "person": (
        "elm:Person",
        "elm:hasClaim=claim foaf:fullName foaf:name foaf:givenName foaf:familyName elm:nationalID=identifier "
        "elm:contactPoint=contact adms:identifier=identifier elm:dateOfBirth",
    ),
    "claim": (
        "elm:LearningAchievement",
        "dcterms:title dcterms:description elm:specifiedBy=specification elm:creditReceived=credit "
        "elm:creditPoint=credit elm:provenBy=assessment elm:influencedBy=activity elm:awardedBy=awarding elm:category "
        "dcterms:type=kind elm:learningOutcome=outcome elm:NQFLevel=concept",
    ),
    "specification": (
        "elm:LearningAchievementSpecification",
        "dcterms:title dcterms:description elm:creditPoint=credit elm:provenBy=assessment elm:category "
        "dcterms:type=kind elm:learningOutcome=outcome elm:EQFLevel=concept elm:ISCEDFCode=concept "
        "elm:educationSubject=concept adms:identifier=identifier elm:additionalNote=note dcterms:creator=body "
        "elm:awardingOpportunity=awarding elm:mode=concept elm:volumeOfLearning mg:integration=concept",
    ),
    "credit": ("elm:CreditPoint", "elm:point=point elm:framework=concept"),
    "assessment": (
        "elm:LearningAssessment",
        "dcterms:title elm:specifiedBy=assessed elm:grade=note elm:idVerification=concept dcterms:type=concept",
    ),
    "assessed": (
        "elm:LearningAssessmentSpecification",
        "dcterms:title elm:mode=concept elm:idVerification=concept dcterms:type=concept",
    ),
    "activity": ("elm:LearningActivity", "dcterms:temporal=period dcterms:title elm:workload"),
    "period": ("dcterms:PeriodOfTime", "elm:startDate elm:endDate"),
    "awarding": ("elm:AwardingProcess", "elm:awardingBody=body elm:awardingDate"),
    "body": (
        "elm:Organisation",
        "rov:legalName skos:prefLabel rov:registration=identifier adms:identifier=identifier elm:homepage=page "
        "elm:logo=page elm:contactPoint=contact elm:location=location org:subOrganizationOf=body",
    ),
    "contact": ("elm:ContactPoint", "elm:emailAddress=concept elm:phone=phone"),
    "phone": ("elm:Phone", "elm:phoneNumber elm:dialNumber"),
    "page": ("elm:WebResource", "elm:contentUrl dcterms:title"),
    "location": ("dcterms:Location", "elm:address=address dcterms:description"),
    "address": ("elm:Address", "elm:countryCode=country elm:fullAddress=note"),
    "identifier": ("elm:Identifier", "skos:notation elm:schemeName"),
    "note": ("elm:Note", "elm:noteLiteral dcterms:type=kind"),
    "outcome": (
        "elm:LearningOutcome",
        "dcterms:title dcterms:description elm:relatedESCOSkill=concept elm:relatedSkill=concept "
        "mg:attestsGreenSkill=concept",
    ),
    "evidence": ("elm:Evidence", "dcterms:title dcterms:description elm:evidenceStatement"),
    "concept": ("skos:Concept", "skos:prefLabel skos:notation"),
}
"""Each kind of node: its class, and what it can say, where a property leads to a node with that node's kind."""
_NAMESPACES = {
    "elm": ELM,
    "cred": CRED,
    "dcterms": DCTERMS,
    "skos": SKOS,
    "mg": NS,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "adms": "http://www.w3.org/ns/adms#",
    "rov": "http://www.w3.org/ns/regorg#",
    "org": "http://www.w3.org/ns/org#",
}
_SAID_OTHERWISE = {COUNTRY + "ITA": '"IT"', MICRO_CREDENTIAL: '"MicroCredential"', CRITERIA: '"criteria"'}
_OF_CONCEPTS = {SKOS + "prefLabel", SKOS + "notation"}


def _full(name: str) -> str:
    prefix, local = name.split(":")
    return _NAMESPACES[prefix] + local


class _Document:
    """A description made up by chance, in which each text and each IRI occurs once."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.triples: list[Triple] = []
        self.nodes: list[tuple[str, str]] = []
        self.count = 0
        self.root = self.node("credential")

    def one_more(self) -> int:
        self.count += 1
        return self.count

    def node(self, role: str, depth: int = 0) -> str:
        if role == "country" and self.chance.random() < 0.8:
            return COUNTRY + "ITA"
        if role == "kind" and self.chance.random() < 0.7:
            return self.chance.choice([CRITERIA, MICRO_CREDENTIAL])
        if depth > 2 and self.chance.random() < 0.1 and (known := [iri for iri, kind in self.nodes if kind == role]):
            return self.chance.choice(known)
        made = self.chance.random() < 0.3
        iri = f"urn:sha256:0#/n{self.one_more()}x" if made else f"urn:n:n{self.one_more()}x"
        self.nodes.append((iri, role))
        if role in _ROLES and self.chance.random() > 0.1:
            self.describe(iri, role, depth)
        return iri

    def describe(self, iri: str, role: str, depth: int) -> None:
        kind, properties = _ROLES[role]
        other = self.chance.choice(list(_ROLES.values()))[0]
        self.say(iri, RDF + "type", NamedNode(_full(kind if depth < 3 or self.chance.random() > 0.1 else other)))
        if self.chance.random() < 0.1:
            self.say(iri, RDF + "type", NamedNode("urn:n:Class"))
        for written in [*properties.split(), "elm:more"]:
            name, _, leads_to = written.partition("=")
            for _ in range(self.chance.choice([0, 1, 1, 1, 2]) if depth < 8 else 0):
                as_told = self.chance.random() > 0.05
                if (leads_to not in {"", "point"}) == as_told:
                    self.say(iri, _full(name), NamedNode(self.node(leads_to or "unknown", depth + 1)))
                else:
                    self.say(iri, _full(name), self.text(leads_to))

    def text(self, kind: str) -> Literal:
        number = self.one_more()
        if kind == "point":
            return Literal(self.chance.choice([f"{10000 + number}", f"t{number}x to 3"]))
        written = self.chance.choice([f"t{number}x"] * 5 + [f"ext:t{number}x", "Course", "MicroCredential"])
        return Literal(written, language=self.chance.choice(["en", "it", None]))

    def say(self, iri: str, prop: str, value: NamedNode | Literal) -> None:
        self.triples.append(Triple(NamedNode(iri), NamedNode(prop), value))


def _unlisted(document: _Document) -> list[str]:
    """The statements that the badge does not carry, and that no note tells."""
    names = {triple.subject.value: triple.subject.value for triple in document.triples}
    badge, notes = TARGETS["openbadge"].write(document.triples, [document.root], names)
    written = json.dumps(badge, ensure_ascii=False, allow_nan=False)
    told = {(note.pointer, note.subject) for note in notes}
    said: dict[str, list[Triple]] = {}
    for triple in document.triples:
        said.setdefault(triple.subject.value, []).append(triple)
    found, seen, waiting = [], {document.root}, [document.root]
    while waiting:
        node = waiting.pop()
        for triple in said.get(node, []):
            prop, value = triple.predicate.value, triple.object
            if (node, compact_iri(prop)) in told or prop == RDF + "type":
                if prop == RDF + "type" and value.value == "urn:n:Class" and (node, "rdf:type") not in told:
                    found.append(str(triple))
                continue
            if isinstance(value, NamedNode) and any(
                t.predicate.value != RDF + "type" for t in said.get(value.value, [])
            ):
                if value.value not in seen:
                    seen.add(value.value)
                    waiting.append(value.value)
                continue
            concept = any(t.object.value == SKOS + "Concept" for t in said[node])
            if concept and prop in _OF_CONCEPTS and f'"{node}"' in written:
                continue
            if _SAID_OTHERWISE.get(value.value, value.value) not in written:
                found.append(str(triple))
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_what_a_badge_does_not_carry_is_listed(chance: Random) -> None:
    assert _unlisted(_Document(chance)) == []


_CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
_ECTS = {"id": "http://data.europa.eu/snb/education-credit/6fcec5c5af", "type": "Concept"}
_CLAIM = "/credentialSubject/hasClaim"


def _converted(credential: dict[str, Any] | None = None, **claim: Any) -> Conversion:
    document = {
        "@context": _CONTEXT,
        "id": "urn:credential:1",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issued": "2024-03-03T00:00:00Z",
        "validFrom": "2024-03-03T00:00:00Z",
        "credentialSubject": {
            "type": "Person",
            "hasClaim": {
                "type": "LearningAchievement",
                "title": {"en": "Waste"},
                "description": {"en": "Sorting."},
                **claim,
            },
        },
    }
    return convert_document(read_value(document | (credential or {})), "openbadge")


def _told(done: Conversion) -> set[tuple[str | None, str]]:
    return {(loss.pointer, loss.subject) for loss in done.lost}


def test_the_system_of_the_credits_received_goes_to_a_badge_and_back() -> None:
    done = _converted(creditReceived={"type": "CreditPoint", "point": "2", "framework": _ECTS})
    assert done.lost == ()
    assert done.document["credentialSubject"]["creditsEarned"] == 2
    back = convert_document(read_value(done.document), "elm").document["credentialSubject"]["hasClaim"][
        "creditReceived"
    ]
    assert (back["point"], back["framework"]["id"]) == ("2", _ECTS["id"])


def test_another_system_of_the_credits_received_is_listed() -> None:
    other = {"id": "http://data.europa.eu/snb/education-credit/other", "type": "Concept"}
    done = _converted(
        creditReceived={"type": "CreditPoint", "point": "2", "framework": other},
        creditPoint={"type": "CreditPoint", "point": "2", "framework": _ECTS},
    )
    assert _told(done) == {(f"{_CLAIM}/creditReceived", "elm:framework")}


def test_credits_that_are_no_number_are_listed() -> None:
    for said in ("2 to 3", "nan"):
        done = _converted(creditReceived={"type": "CreditPoint", "point": said, "framework": _ECTS})
        assert "creditsEarned" not in done.document["credentialSubject"]
        assert _told(done) == {(f"{_CLAIM}/creditReceived", "elm:point")}


def test_a_date_of_issuance_is_listed_only_where_it_differs() -> None:
    assert _told(_converted({"issuanceDate": "2024-03-03T00:00:00Z"})) == set()
    assert _told(_converted({"issuanceDate": "2024-01-01T00:00:00Z"})) == {("", "cred:issuanceDate")}


def test_a_category_that_a_badge_does_not_know_is_listed() -> None:
    assert _told(_converted(category={"en": "Summer school"})) == {(_CLAIM, "elm:category")}


def test_a_category_beside_the_type_of_a_micro_credential_is_carried_and_the_type_listed() -> None:
    kind = {"id": MICRO_CREDENTIAL, "type": "Concept"}
    assert _told(_converted(category={"en": "Course"}, dcType=kind)) == {(_CLAIM, "dcterms:type")}
    assert _told(_converted(category={"en": "MicroCredential"}, dcType=kind)) == set()


def test_an_assessment_without_a_grade_is_carried_and_its_own_title_listed() -> None:
    exam = {"id": "urn:exam:1", "type": "LearningAssessmentSpecification", "title": {"en": "Written exam"}}
    done = _converted(
        provenBy={"type": "LearningAssessment", "title": {"en": "Exam in Dublin"}, "specifiedBy": exam},
    )
    assert done.document["credentialSubject"]["result"] == [{"type": ["Result"], "resultDescription": "urn:exam:1"}]
    assert _told(done) == {(f"{_CLAIM}/provenBy", "dcterms:title")}


def test_a_claim_of_another_class_is_listed() -> None:
    for kind in ("LearningEntitlement", "LearningActivity"):
        assert _told(_converted(type=kind)) == {(_CLAIM, "rdf:type")}


def test_a_class_that_reading_a_badge_does_not_give_back_is_listed() -> None:
    done = _converted(specifiedBy={"type": "Qualification", "title": {"en": "Waste"}})
    assert _told(done) == {(f"{_CLAIM}/specifiedBy", "rdf:type")}


def test_what_the_description_does_not_lead_to_is_listed() -> None:
    apart = {"id": "urn:apart:1", "type": "Organisation", "legalName": {"en": "Elsewhere"}}
    assert _told(_converted({"@included": [apart]})) == {("/@included/0", "urn:apart:1")}


def test_a_proof_is_listed_once() -> None:
    proof = {"type": "DataIntegrityProof", "created": "2024-01-01T00:00:00Z"}
    assert _told(_converted({"proof": proof})) == {("", "https://w3id.org/security#proof")}


_OBJECTS = {
    "credential": "name description issuer=profile validFrom validUntil awardedDate issuanceDate expirationDate "
    "evidence=evidence* credentialSubject=subject proof=proof refreshService=proof",
    "subject": "activityStartDate activityEndDate creditsEarned=number identifier=identity* result=result* "
    "achievement=achievement licenseNumber",
    "identity": "identityType=identityType identityHash hashed=boolean salt more",
    "result": "resultDescription=iri value status achievedLevel",
    "achievement": "inLanguage=language name description criteria=criteria achievementType fieldOfStudy humanCode "
    "creditsAvailable=number otherIdentifier=entry* creator=profile alignment=alignment* tag "
    "resultDescription=described* version",
    "criteria": "narrative more",
    "entry": "identifier identifierType more",
    "alignment": "targetName targetUrl=iri targetType=targetType targetFramework targetDescription targetCode",
    "described": "name resultType alignment=alignment*",
    "evidence": "name description narrative genre",
    "profile": "name url=iri email phone address=address otherIdentifier=entry* image=image description",
    "address": "streetAddress postalCode addressLocality addressRegion addressCountry geo",
    "image": "caption",
    "proof": "proofValue",
}
"""Each kind of object of a badge, and its keys; `*` marks a list of objects."""
_ONE_OF = {
    "identityType": ["name", "emailAddress", "nationalIdentityNumber", "ext:number"],
    "targetType": ["ext:Level", "ext:Field", "ext:Skill", "ext:LearningOutcome", "ext:CreditSystem", "CTDL", "CFItem"],
    "boolean": [False, True],
    "language": ["en"],
}
_STARTS = ["http://data.europa.eu/esco/skill/", "http://data.europa.eu/snb/eqf/", "http://data.europa.eu/snb/isced-f/"]
_STARTS += ["http://data.europa.eu/snb/education-credit/", "https://a.example/"]


class _Badge:
    """A badge made up by chance, in which each text occurs once."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.count = 0
        types = ["VerifiableCredential", "OpenBadgeCredential"]
        context = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
        self.document = {"@context": context, "type": types} | self.object("credential")

    def object(self, role: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for written in _OBJECTS[role].split():
            key, _, kind = written.partition("=")
            if self.chance.random() < 0.8 or kind in {"achievement", "subject"}:
                many = [self.value(kind.rstrip("*")) for _ in range(self.chance.choice([1, 1, 2, 3]))]
                found[key] = many if kind.endswith("*") else many[0]
        return found

    def value(self, kind: str) -> Any:
        if kind in _OBJECTS:
            return self.object(kind)
        if kind in _ONE_OF:
            return self.chance.choice(_ONE_OF[kind])
        self.count += 1
        if kind == "number":
            return self.chance.choice([10000 + self.count, f"t{self.count}x"])
        return (self.chance.choice(_STARTS) if kind == "iri" else "") + f"t{self.count}x"


def _unnoted(badge: dict[str, Any]) -> list[str]:
    """The places of a badge whose text is neither in what was read, nor noted."""
    document = read_value(badge)
    read = "\n".join(map(str, document.triples))
    noted = {note.pointer for note in document.notes}

    def walk(value: Any, pointer: str, key: str) -> list[str]:
        if pointer in noted or key in {"@context", "type", "hashed", "identityType", "targetType", "inLanguage"}:
            return []
        if isinstance(value, dict):
            if value.get("identityHash") and f"{pointer}/identityHash" in noted:
                value = {key: one for key, one in value.items() if key != "salt"}
            if f"{pointer}/targetUrl" in noted:
                return []
            return [each for name, one in value.items() for each in walk(one, f"{pointer}/{name}", name)]
        if isinstance(value, list):
            return [each for place, one in enumerate(value) for each in walk(one, f"{pointer}/{place}", key)]
        return [] if str(value) in read else [f"{pointer} {value}"]

    return walk(badge, "", "")


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_what_elm_does_not_carry_of_a_badge_is_noted(chance: Random) -> None:
    assert _unnoted(_Badge(chance).document) == []
