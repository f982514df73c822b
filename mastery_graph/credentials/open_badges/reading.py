"""Conversion of an Open Badges 3.0 credential, or a bare achievement, to ELM.

The credential becomes an ELM credential, its subject a person with one claim per achievement, and the achievement a
specification. Alignments become learning outcomes, levels and fields, depending on their targets. Objects keep their
ids, so that every node can be traced to its position. A note is added for each property without counterpart in ELM.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote

from mastery_graph.credentials.note import Note
from mastery_graph.credentials.open_badges.terms import (
    ALIGNED,
    ASSESSED,
    CREDENTIAL_TYPES,
    CREDIT_SYSTEM,
    CREDITS,
    CRITERIA,
    FIELD,
    FRAMEWORKS,
    LEVEL,
    MICRO_CREDENTIAL,
    OUTCOME,
    REGISTRATION,
    SKILL,
    SKILLS,
    UNDETERMINED,
    country_iri,
)
from mastery_graph.languages import Message

Node = dict[str, Any]


def is_badge(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON document is an Open Badges 3.0 credential or achievement and not also an ELM credential."""
    types = set(map(str, _list(document.get("type"))))
    if "EuropeanDigitalCredential" in types:
        return False
    return bool(types & {*CREDENTIAL_TYPES, "Achievement"})


def as_elm(badge: Node, pointers: dict[str, str], base: str) -> tuple[Node, list[Note]]:
    """Return the badge as a JSON object in ELM terms, and notes on the parts without counterpart in ELM.

    Every object of `badge` must have an id whose pointer is in `pointers`; pointers of new objects are added. `base` is
    the IRI of the document, which is the prefix of the ids of new objects.
    """
    converter = _BadgeReader(pointers, base)
    if "Achievement" in _list(badge.get("type")):
        return converter.achievement(badge, bare=True), converter.notes
    return converter.credential(badge), converter.notes


class _BadgeObject:
    """An object of the badge. Members that are not read by the end have no counterpart in ELM."""

    def __init__(self, value: Node, converter: "_BadgeReader") -> None:
        self.value = value
        self.iri = str(value.get("@id", value.get("id")))
        self.converter = converter
        self.read_keys = {"id", "@id", "type", "@type", "@context"}

    def get(self, key: str) -> Any:
        self.read_keys.add(key)
        return self.value.get(key)

    def text(self, key: str) -> str | None:
        """Return a text; for any other value, add a note and return None."""
        value = self.get(key)
        if isinstance(value, str) and value:
            return value
        if value not in (None, ""):
            self.note(key, Message("{key} is not a text, and is left out.", key=key))
        return None

    def number(self, key: str) -> float | None:
        """Return a number; for any other value, add a note and return None."""
        value = self.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if value is not None:
            self.note(key, Message("{key} is not a number, and is left out.", key=key))
        return None

    def objects(self, key: str) -> Iterator["_BadgeObject"]:
        """Yield the objects of a property; an IRI is an object with only an id."""
        for value in _list(self.get(key)):
            if isinstance(value, str) and value:
                yield _BadgeObject({"id": value}, self.converter)
            elif isinstance(value, dict):
                yield _BadgeObject(value, self.converter)
            elif value not in (None, ""):
                self.note(key, Message("{key} is not an object, and is left out.", key=key))

    def note(self, key: str, message: str) -> None:
        pointer = self.converter.pointers.get(self.iri)
        place = None if pointer is None else f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        self.converter.notes.append(Note(place, key, message))

    def note_unread(self) -> None:
        """Add a note for each member that was not read."""
        for key in self.value:
            if key not in self.read_keys:
                self.note(key, Message("{key} has no counterpart in ELM, and is left out.", key=key))


class _BadgeReader:
    def __init__(self, pointers: dict[str, str], base: str) -> None:
        self.pointers = pointers
        self.base = base
        self.notes: list[Note] = []
        self.language = UNDETERMINED

    def language_map(self, text: str | None) -> dict[str, str] | None:
        """Return a text as a language map."""
        return {self.language: text} if text else None

    def new_node(self, source: _BadgeObject, name: str, kind: str, **properties: Any) -> Node:
        """Return a new node for members of a badge object; its id maps to the position of that object."""
        pointer = self.pointers.get(source.iri)
        if pointer is None:
            return _node(f"{source.iri}~{name}", kind, **properties)
        iri = f"{self.base}#{quote(pointer, safe='/')}~{name}"
        self.pointers[iri] = pointer
        return _node(iri, kind, **properties)

    def concept(self, source: _BadgeObject, iri: str | None, label: dict[str, str] | None = None) -> Any:
        """Return a concept of a published vocabulary that the object refers to."""
        return None if iri is None else self.node_for(source, iri, "Concept", prefLabel=label)

    def node_for(self, source: _BadgeObject, iri: str, kind: str, **properties: Any) -> Node:
        """Return a node for an IRI that is a value in the badge."""
        if source.iri in self.pointers:
            self.pointers.setdefault(iri, self.pointers[source.iri])
        return _node(iri, kind, **properties)

    def credential(self, badge: Node) -> Node:
        source = _BadgeObject(badge, self)
        for subject in _list(badge.get("credentialSubject")):
            achievement = subject.get("achievement") if isinstance(subject, dict) else None
            if isinstance(achievement, dict) and isinstance(achievement.get("inLanguage"), str):
                self.language = achievement["inLanguage"]
        issuers = [self.profile(issuer) for issuer in source.objects("issuer")]
        issued = source.text("awardedDate")
        valid_from = source.text("validFrom")
        if issued is None and valid_from and not badge.get("issuanceDate"):
            issued = valid_from
            source.note(
                "validFrom", Message("No date of issuing is stated; the date from which it is valid is used instead.")
            )
        credential = _node(
            source.iri,
            ["VerifiableCredential", "EuropeanDigitalCredential"],
            title=self.language_map(source.text("name")),
            description=self.language_map(source.text("description")),
            issuer=issuers,
            issued=issued,
            issuanceDate=source.text("issuanceDate"),
            validFrom=valid_from,
            validUntil=source.text("validUntil"),
            expirationDate=source.text("expirationDate"),
            credentialSchema=source.get("credentialSchema"),
            credentialStatus=source.get("credentialStatus"),
            evidence=[self.evidence(evidence) for evidence in source.objects("evidence")],
            credentialSubject=[self.subject(subject, issuers) for subject in source.objects("credentialSubject")],
        )
        if source.get("proof"):
            source.note(
                "proof",
                Message("The proof covers the badge as it was sent; it was not checked, and is not carried over."),
            )
        source.note_unread()
        return credential

    def subject(self, source: _BadgeObject, issuers: list[Node]) -> Node:
        earned = source.number("creditsEarned")
        results = list(source.objects("result"))
        period = {"startDate": source.text("activityStartDate"), "endDate": source.text("activityEndDate")}
        claims = []
        for achievement in source.objects("achievement"):
            claim = self.new_node(achievement, "claim", "LearningAchievement")
            system = self.credit_system(achievement)
            specification = self.achievement(achievement.value, credited=earned is not None)
            claims.append(
                _node(
                    claim["id"],
                    "LearningAchievement",
                    title=specification.get("title"),
                    awardedBy=self.new_node(
                        achievement,
                        "awarding",
                        "AwardingProcess",
                        awardingBody=[{"id": issuer["id"]} for issuer in issuers],
                    )
                    if issuers
                    else None,
                    creditReceived=self.credit(achievement, "earned", earned, system),
                    provenBy=[self.result(result) for result in results],
                    influencedBy=self.new_node(
                        achievement,
                        "activity",
                        "LearningActivity",
                        temporal=self.new_node(achievement, "period", "PeriodOfTime", **period),
                    )
                    if any(period.values())
                    else None,
                    specifiedBy=specification,
                )
            )
        for key in ("creditsEarned", "result", "activityStartDate", "activityEndDate"):
            if source.value.get(key) and not claims:
                source.note(key, Message("{key} is of no achievement, and is left out.", key=key))
        person = _node(source.iri, "Person", hasClaim=claims, **self.identity(source))
        source.note_unread()
        return person

    def identity(self, source: _BadgeObject) -> Node:
        """Return the members for the identifiers of a subject: name, national number, e-mail, others."""
        members: dict[str, list[Any]] = {}
        for index, entry in enumerate(source.objects("identifier")):
            kind, value = entry.text("identityType") or "identifier", entry.text("identityHash")
            hashed = entry.get("hashed")
            if hashed is not False and value:
                entry.get("salt")
            entry.note_unread()
            if value is None:
                entry.note(
                    "identityType", Message("The {kind} of the learner has no value, and is left out.", kind=kind)
                )
            elif hashed is not False:
                entry.note(
                    "identityHash",
                    Message("The {kind} of the learner is hashed, and says nothing readable.", kind=kind),
                )
            elif kind == "name" and "fullName" in members:
                entry.note("identityHash", Message("The learner has one name in ELM: this one is left out."))
            elif kind == "name":
                members.setdefault("fullName", []).append({self.language: value})
            elif kind == "nationalIdentityNumber":
                members.setdefault("nationalID", []).append(_node(entry.iri, "LegalIdentifier", notation=value))
            elif kind == "emailAddress":
                contact = self.node_for(entry, f"mailto:{value}", "Mailbox")
                members.setdefault("contactPoint", []).append(
                    self.new_node(source, f"contact{index}", "ContactPoint", emailAddress=contact)
                )
            else:
                members.setdefault("identifier", []).append(
                    _node(entry.iri, "Identifier", notation=value, schemeName=kind)
                )
        return {key: values[0] if key == "fullName" else values for key, values in members.items()}

    def achievement(self, value: Node, *, bare: bool = False, credited: bool = False) -> Node:
        """Return an achievement as a specification; `credited` is whether the learner earned credits for it."""
        source = _BadgeObject(value, self)
        self.language = source.text("inLanguage") or self.language
        available = source.number("creditsAvailable")
        specification = _node(
            source.iri,
            "LearningAchievementSpecification",
            title=self.language_map(source.text("name")),
            description=self.language_map(source.text("description")),
            additionalNote=[note for criteria in source.objects("criteria") for note in self.criteria(criteria)],
            creditPoint=self.credit(source, "credit", available, self.credit_system(source)),
            educationSubject=self.field(source),
            identifier=self.identifiers(source),
            provenBy=[self.assessment(description) for description in source.objects("resultDescription")],
            **self.kind(source),
            **self.alignments(source, credited=credited or available is not None),
            **self.creator(source, bare=bare),
        )
        source.note_unread()
        return specification

    def creator(self, source: _BadgeObject, *, bare: bool) -> Node:
        """Return the creator of an achievement; for a bare one, it is used as the awarding body."""
        bodies = [self.profile(creator) for creator in source.objects("creator")]
        if not bodies:
            return {}
        if not bare:
            return {"creator": bodies}
        source.note(
            "creator", Message("The awarding body is not stated; the creator of the achievement is used instead.")
        )
        return {"awardingOpportunity": self.new_node(source, "awarding", "AwardingOpportunity", awardingBody=bodies)}

    def kind(self, source: _BadgeObject) -> Node:
        kind = source.text("achievementType")
        if kind is None:
            return {}
        known = {"dcType": self.concept(source, MICRO_CREDENTIAL)} if kind == "MicroCredential" else {}
        return {"category": {"en": kind}, **known}

    def criteria(self, source: _BadgeObject) -> Iterator[Node]:
        narrative = source.text("narrative")
        address = source.value.get("id")
        source.note_unread()
        criteria_type = self.concept(source, CRITERIA)
        if narrative:
            yield self.new_node(
                source, "narrative", "Note", noteLiteral=self.language_map(narrative), dcType=criteria_type
            )
        if isinstance(address, str) and "://" not in address:
            source.note("id", Message("The address of the criteria is none that can be opened, and is left out."))
        elif isinstance(address, str):
            yield self.new_node(source, "address", "Note", noteLiteral=self.language_map(address), dcType=criteria_type)

    def field(self, source: _BadgeObject) -> Node | None:
        name = source.text("fieldOfStudy")
        return self.new_node(source, "field", "Concept", prefLabel=self.language_map(name)) if name else None

    def identifiers(self, source: _BadgeObject) -> list[Node]:
        identifiers = []
        for entry in source.objects("otherIdentifier"):
            number, scheme = entry.text("identifier"), entry.text("identifierType")
            identifiers.append(_node(entry.iri, "Identifier", notation=number, schemeName=scheme))
            entry.note_unread()
        if code := source.text("humanCode"):
            identifiers.append(self.new_node(source, "code", "Identifier", notation=code, schemeName="humanCode"))
        return identifiers

    def organisation_identifiers(self, source: _BadgeObject) -> Node:
        """Return the identifiers of an organisation, with its legal registration separate from the others."""
        identifiers = self.identifiers(source)
        legal = [
            identifier | {"type": "LegalIdentifier"}
            for identifier in identifiers
            if identifier.get("schemeName") == REGISTRATION
        ]
        for identifier in legal:
            del identifier["schemeName"]
        return {
            "registration": legal or None,
            "identifier": [identifier for identifier in identifiers if identifier.get("schemeName") != REGISTRATION],
        }

    def credit_system(self, achievement: _BadgeObject) -> Node | None:
        """Return the credit system from the alignments of an achievement, as `creditsAvailable` does not state it."""
        for alignment in _list(achievement.value.get("alignment")):
            target = alignment.get("targetUrl") if isinstance(alignment, dict) else None
            if isinstance(target, str) and _names_credits(target, alignment.get("targetType")):
                name = alignment.get("targetName")
                label = self.language_map(name) if isinstance(name, str) else None
                return self.node_for(achievement, target, "Concept", prefLabel=label)
        return None

    def credit(self, source: _BadgeObject, name: str, points: float | None, system: Node | None) -> Node | None:
        if points is None:
            return None
        if system is None and name == "credit":
            source.note(
                "creditsAvailable", Message("The credits name no credit system, so that they are not read as ECTS.")
            )
        return self.new_node(source, name, "CreditPoint", point=f"{points:g}", framework=system)

    def alignments(self, source: _BadgeObject, *, credited: bool) -> Node:
        """Return the outcomes (with their concepts), levels and fields in the alignments of an achievement.

        Alignments with the same name are one outcome with several concepts.
        """
        outcomes: dict[str, Node] = {}
        members: dict[str, list[Node]] = {}
        system = self.credit_system(source)
        for alignment in source.objects("alignment"):
            target, kind = alignment.text("targetUrl"), alignment.text("targetType")
            term = (
                None
                if target is None
                else _lookup_prefix(ALIGNED, target) or ("thematicArea" if kind == FIELD else None)
            )
            if target is None:
                alignment.note("targetUrl", Message("The alignment leads nowhere, and is left out."))
            elif _names_credits(target, kind):
                name = self.language_map(alignment.text("targetName"))
                if system != self.node_for(alignment, target, "Concept", prefLabel=name):
                    alignment.note("targetUrl", Message("The credits have one credit system: this one is left out."))
                elif not credited:
                    alignment.note("targetUrl", Message("The credit system is of no credits, and is left out."))
                self.note_details(alignment, target, CREDITS)
            elif term:
                label = self.language_map(alignment.text("targetName"))
                members.setdefault(term, []).append(self.concept(alignment, target, label))
                self.note_details(alignment, target, FIELD if term == "thematicArea" else LEVEL)
            elif kind in {"ceterms:Credential", "CTDL", LEVEL}:
                level = Message("The alignment leads to a level of another framework, and is left out.")
                other = Message("The alignment leads to a credential, not to a skill, and is left out.")
                alignment.note("targetUrl", level if kind == LEVEL else other)
            else:
                self.outcome(alignment, target, kind, outcomes)
        return {**members, **({"learningOutcome": list(outcomes.values())} if outcomes else {})}

    def outcome(self, alignment: _BadgeObject, target: str, kind: str | None, outcomes: dict[str, Node]) -> None:
        """Add an alignment to the outcome of the same name, or create that outcome."""
        name, description = alignment.text("targetName"), self.language_map(alignment.text("targetDescription"))
        iri = target if kind == OUTCOME else alignment.iri
        new_outcome = self.node_for(
            alignment, iri, "LearningOutcome", title=self.language_map(name), description=description
        )
        outcome = outcomes.setdefault(name or target, new_outcome)
        if description and outcome.setdefault("description", description) != description:
            alignment.note(
                "targetDescription", Message("The outcome of this name is described otherwise: this is left out.")
            )
        if kind != OUTCOME:
            term = _lookup_prefix(SKILLS, target) or "relatedSkill"
            outcome.setdefault(term, []).append(self.concept(alignment, target))
        elif target != outcome["id"]:
            alignment.note("targetUrl", Message("The outcome of this name has another address: this one is left out."))
        self.note_details(alignment, target, OUTCOME if kind == OUTCOME else SKILL)

    def note_details(self, alignment: _BadgeObject, target: str, implied_type: str) -> None:
        """Add notes for the type and framework of an alignment, unless they are implied by its target."""
        if (kind := alignment.text("targetType")) not in (None, implied_type):
            alignment.note(
                "targetType",
                Message("The type of the alignment, {kind}, has no counterpart in ELM, and is left out.", kind=kind),
            )
        framework = alignment.text("targetFramework")
        if framework not in (None, _lookup_prefix(FRAMEWORKS, target)):
            alignment.note(
                "targetFramework",
                Message("The framework {framework} has no counterpart in ELM, and is left out.", framework=framework),
            )
        alignment.note_unread()

    def assessment(self, source: _BadgeObject) -> Node:
        members: dict[str, list[Node]] = {}
        for alignment in source.objects("alignment"):
            target, kind = alignment.text("targetUrl"), alignment.text("targetType")
            if target and (term := ASSESSED.get(kind or "")):
                label = self.language_map(alignment.text("targetName"))
                members.setdefault(term, []).append(self.concept(alignment, target, label))
                self.note_details(alignment, target, kind or "")
            else:
                alignment.note(
                    "targetUrl", Message("An alignment of a result tells no assessment that ELM has, and is left out.")
                )
        assessment = _node(
            source.iri, "LearningAssessmentSpecification", title=self.language_map(source.text("name")), **members
        )
        if source.get("resultType") not in (None, "Result"):
            source.note("resultType", Message("The type of a result has no counterpart in ELM, and is left out."))
        source.note_unread()
        return assessment

    def result(self, source: _BadgeObject) -> Node:
        grade = source.text("value") or source.text("status")
        description_iri = source.text("resultDescription")
        result = _node(
            source.iri,
            "LearningAssessment",
            grade=self.new_node(source, "grade", "Note", noteLiteral=self.language_map(grade)) if grade else None,
            specifiedBy={"id": description_iri} if description_iri else None,
        )
        source.note_unread()
        return result

    def evidence(self, source: _BadgeObject) -> Node:
        evidence = _node(
            source.iri,
            "Evidence",
            title=self.language_map(source.text("name")),
            description=self.language_map(source.text("description")),
            evidenceStatement=source.text("narrative"),
        )
        source.note_unread()
        return evidence

    def profile(self, source: _BadgeObject) -> Node:
        """Return an issuer or a creator as an organisation."""
        name, url, email, phone = (source.text(key) for key in ("name", "url", "email", "phone"))
        contact: Node | Literal[""] = (
            self.new_node(
                source,
                "contact",
                "ContactPoint",
                emailAddress=self.node_for(source, f"mailto:{email}", "Mailbox") if email else None,
                phone=self.new_node(source, "phone", "Phone", phoneNumber=phone) if phone else None,
            )
            if email or phone
            else ""
        )
        body = _node(
            source.iri,
            "Organisation",
            legalName=self.language_map(name),
            homepage=self.new_node(source, "homepage", "WebResource", contentURL=url) if url else None,
            contactPoint=contact or None,
            location=[self.location(address) for address in source.objects("address")],
            **self.organisation_identifiers(source),
            logo=[self.image(image) for image in source.objects("image")],
            subOrganizationOf=[self.profile(parent) for parent in source.objects("parentOrg")],
        )
        source.note_unread()
        return body

    def location(self, source: _BadgeObject) -> Node:
        code = source.text("addressCountryCode")
        country = country_iri(code) if code else None
        if code and country is None:
            source.note(
                "addressCountryCode", Message("{code} is not a two-letter country code (ISO 3166-1).", code=code)
            )
        parts = [source.text(key) for key in ("streetAddress", "postalCode", "addressLocality", "addressRegion")]
        full_address = ", ".join(filter(None, [*parts, source.text("addressCountry")]))
        address = _node(
            source.iri,
            "Address",
            countryCode=self.concept(source, country),
            fullAddress=self.new_node(source, "written", "Note", noteLiteral=self.language_map(full_address))
            if full_address
            else None,
        )
        source.note_unread()
        return self.new_node(source, "location", "Location", address=address)

    def image(self, source: _BadgeObject) -> Node:
        address = source.iri if "://" in source.iri or source.iri.startswith("data:") else None
        if address is None and "id" in source.value:
            source.note("id", Message("The address of the image is none that can be opened, and is left out."))
        source.note_unread()
        return self.new_node(source, "image", "MediaObject", contentURL=address)


def _node(iri: str, kind: str | list[str], **properties: Any) -> Node:
    members = {key: value for key, value in properties.items() if value is not None and value not in ([], {})}
    return {"id": iri, "type": kind, **members}


def _names_credits(target: str, kind: object) -> bool:
    return target.startswith(CREDIT_SYSTEM) or kind == CREDITS


def _lookup_prefix(table: Mapping[str, str], iri: str) -> str | None:
    return next((value for prefix, value in table.items() if iri.startswith(prefix)), None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
