"""Read an Open Badges 3.0 credential, or a bare achievement, as ELM.

The credential becomes an ELM credential, its subject a person with one claim an achievement, the achievement a
specification; alignments become learning outcomes, levels and fields, by where they lead. Each object keeps its id, so
that every node leads back to its place. What ELM has no counterpart for is noted, property by property.
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
    """Return whether a JSON document is an Open Badges 3.0 credential or achievement, and no ELM credential as well."""
    types = set(map(str, _list(document.get("type"))))
    if "EuropeanDigitalCredential" in types:
        return False
    return bool(types & {*CREDENTIAL_TYPES, "Achievement"})


def as_elm(badge: Node, pointers: dict[str, str], base: str) -> tuple[Node, list[Note]]:
    """Return the badge as a JSON object in the terms of ELM, and the notes on what has no counterpart there.

    Every object of `badge` has an id, whose pointer is in `pointers`; the pointers of new objects are added. `base` is
    the IRI of the document, in which new objects are named.
    """
    reading = _Reading(pointers, base)
    if "Achievement" in _list(badge.get("type")):
        return reading.achievement(badge, bare=True), reading.notes
    return reading.credential(badge), reading.notes


class _Object:
    """An object of the badge. What nobody takes from it has no counterpart."""

    def __init__(self, value: Node, reading: "_Reading") -> None:
        self.value = value
        self.iri = str(value.get("@id", value.get("id")))
        self.reading = reading
        self.taken = {"id", "@id", "type", "@type", "@context"}

    def take(self, key: str) -> Any:
        self.taken.add(key)
        return self.value.get(key)

    def text(self, key: str) -> str | None:
        """Return a text; anything else is noted and left out."""
        value = self.take(key)
        if isinstance(value, str) and value:
            return value
        if value not in (None, ""):
            self.note(key, Message("{key} is not a text, and is left out.", key=key))
        return None

    def number(self, key: str) -> float | None:
        """Return a number; anything else is noted and left out."""
        value = self.take(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if value is not None:
            self.note(key, Message("{key} is not a number, and is left out.", key=key))
        return None

    def objects(self, key: str) -> Iterator["_Object"]:
        """Yield the objects of a property; an IRI in place of one is an object that says nothing more."""
        for value in _list(self.take(key)):
            if isinstance(value, str) and value:
                yield _Object({"id": value}, self.reading)
            elif isinstance(value, dict):
                yield _Object(value, self.reading)
            elif value not in (None, ""):
                self.note(key, Message("{key} is not an object, and is left out.", key=key))

    def note(self, key: str, message: str) -> None:
        pointer = self.reading.pointers.get(self.iri)
        place = None if pointer is None else f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        self.reading.notes.append(Note(place, key, message))

    def done(self) -> None:
        """Note what was not taken."""
        for key in self.value:
            if key not in self.taken:
                self.note(key, Message("{key} has no counterpart in ELM, and is left out.", key=key))


class _Reading:
    def __init__(self, pointers: dict[str, str], base: str) -> None:
        self.pointers = pointers
        self.base = base
        self.notes: list[Note] = []
        self.language = UNDETERMINED

    def said(self, text: str | None) -> dict[str, str] | None:
        """Return a text as a map from its language."""
        return {self.language: text} if text else None

    def new(self, of: _Object, name: str, kind: str, **properties: Any) -> Node:
        """Return an object that the badge says without having it: its id leads to the object that says it."""
        pointer = self.pointers.get(of.iri)
        if pointer is None:
            return _node(f"{of.iri}~{name}", kind, **properties)
        iri = f"{self.base}#{quote(pointer, safe='/')}~{name}"
        self.pointers[iri] = pointer
        return _node(iri, kind, **properties)

    def concept(self, of: _Object, iri: str | None, label: dict[str, str] | None = None) -> Any:
        """Return a concept of a published vocabulary, as the object names it."""
        return None if iri is None else self.named(of, iri, "Concept", prefLabel=label)

    def named(self, of: _Object, iri: str, kind: str, **properties: Any) -> Node:
        """Return an object with an IRI of its own that the badge gives as a value."""
        if of.iri in self.pointers:
            self.pointers.setdefault(iri, self.pointers[of.iri])
        return _node(iri, kind, **properties)

    def credential(self, badge: Node) -> Node:
        source = _Object(badge, self)
        for subject in _list(badge.get("credentialSubject")):
            achievement = subject.get("achievement") if isinstance(subject, dict) else None
            if isinstance(achievement, dict) and isinstance(achievement.get("inLanguage"), str):
                self.language = achievement["inLanguage"]
        issuer = [self.profile(one) for one in source.objects("issuer")]
        issued = source.text("awardedDate")
        begins = source.text("validFrom")
        if issued is None and begins and not badge.get("issuanceDate"):
            issued = begins
            source.note(
                "validFrom", Message("No date of issuing is stated; the date from which it is valid stands for it.")
            )
        credential = _node(
            source.iri,
            ["VerifiableCredential", "EuropeanDigitalCredential"],
            title=self.said(source.text("name")),
            description=self.said(source.text("description")),
            issuer=issuer,
            issued=issued,
            issuanceDate=source.text("issuanceDate"),
            validFrom=begins,
            validUntil=source.text("validUntil"),
            expirationDate=source.text("expirationDate"),
            credentialSchema=source.take("credentialSchema"),
            credentialStatus=source.take("credentialStatus"),
            evidence=[self.evidence(one) for one in source.objects("evidence")],
            credentialSubject=[self.subject(one, issuer) for one in source.objects("credentialSubject")],
        )
        if source.take("proof"):
            source.note(
                "proof",
                Message("The proof covers the badge as it was sent; it was not checked, and is not carried over."),
            )
        source.done()
        return credential

    def subject(self, source: _Object, issuer: list[Node]) -> Node:
        earned = source.number("creditsEarned")
        results = list(source.objects("result"))
        period = {"startDate": source.text("activityStartDate"), "endDate": source.text("activityEndDate")}
        claims = []
        for achievement in source.objects("achievement"):
            claim = self.new(achievement, "claim", "LearningAchievement")
            system = self.credit_system(achievement)
            specification = self.achievement(achievement.value, credited=earned is not None)
            claims.append(
                _node(
                    claim["id"],
                    "LearningAchievement",
                    title=specification.get("title"),
                    awardedBy=self.new(
                        achievement, "awarding", "AwardingProcess", awardingBody=[{"id": one["id"]} for one in issuer]
                    )
                    if issuer
                    else None,
                    creditReceived=self.credit(achievement, "earned", earned, system),
                    provenBy=[self.result(one) for one in results],
                    influencedBy=self.new(
                        achievement,
                        "activity",
                        "LearningActivity",
                        temporal=self.new(achievement, "period", "PeriodOfTime", **period),
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
        source.done()
        return person

    def identity(self, source: _Object) -> Node:
        """Return what the identifiers of a subject say: a name, a national number, an address, or another number."""
        found: dict[str, list[Any]] = {}
        for place, entry in enumerate(source.objects("identifier")):
            kind, value = entry.text("identityType") or "identifier", entry.text("identityHash")
            hashed = entry.take("hashed")
            if hashed is not False and value:
                entry.take("salt")
            entry.done()
            if value is None:
                entry.note(
                    "identityType", Message("The {kind} of the learner has no value, and is left out.", kind=kind)
                )
            elif hashed is not False:
                entry.note(
                    "identityHash",
                    Message("The {kind} of the learner is hashed, and says nothing readable.", kind=kind),
                )
            elif kind == "name" and "fullName" in found:
                entry.note("identityHash", Message("The learner has one name in ELM: this one is left out."))
            elif kind == "name":
                found.setdefault("fullName", []).append({self.language: value})
            elif kind == "nationalIdentityNumber":
                found.setdefault("nationalID", []).append(_node(entry.iri, "LegalIdentifier", notation=value))
            elif kind == "emailAddress":
                contact = self.named(entry, f"mailto:{value}", "Mailbox")
                found.setdefault("contactPoint", []).append(
                    self.new(source, f"contact{place}", "ContactPoint", emailAddress=contact)
                )
            else:
                found.setdefault("identifier", []).append(
                    _node(entry.iri, "Identifier", notation=value, schemeName=kind)
                )
        return {key: values[0] if key == "fullName" else values for key, values in found.items()}

    def achievement(self, value: Node, *, bare: bool = False, credited: bool = False) -> Node:
        """Return an achievement as a specification; `credited` where the learner got credits for it."""
        source = _Object(value, self)
        self.language = source.text("inLanguage") or self.language
        available = source.number("creditsAvailable")
        specification = _node(
            source.iri,
            "LearningAchievementSpecification",
            title=self.said(source.text("name")),
            description=self.said(source.text("description")),
            additionalNote=[note for one in source.objects("criteria") for note in self.criteria(one)],
            creditPoint=self.credit(source, "credit", available, self.credit_system(source)),
            educationSubject=self.field(source),
            identifier=self.identifiers(source),
            provenBy=[self.assessment(one) for one in source.objects("resultDescription")],
            **self.kind(source),
            **self.alignments(source, credited=credited or available is not None),
            **self.creator(source, bare=bare),
        )
        source.done()
        return specification

    def creator(self, source: _Object, *, bare: bool) -> Node:
        """Return who made the achievement: of a bare one, the nearest that it says to an awarding body."""
        bodies = [self.profile(one) for one in source.objects("creator")]
        if not bodies:
            return {}
        if not bare:
            return {"creator": bodies}
        source.note(
            "creator", Message("The creator of the achievement stands for its awarding body, which is not stated.")
        )
        return {"awardingOpportunity": self.new(source, "awarding", "AwardingOpportunity", awardingBody=bodies)}

    def kind(self, source: _Object) -> Node:
        kind = source.text("achievementType")
        if kind is None:
            return {}
        known = {"dcType": self.concept(source, MICRO_CREDENTIAL)} if kind == "MicroCredential" else {}
        return {"category": {"en": kind}, **known}

    def criteria(self, source: _Object) -> Iterator[Node]:
        narrative = source.text("narrative")
        address = source.value.get("id")
        source.done()
        marked = self.concept(source, CRITERIA)
        if narrative:
            yield self.new(source, "narrative", "Note", noteLiteral=self.said(narrative), dcType=marked)
        if isinstance(address, str) and "://" not in address:
            source.note("id", Message("The address of the criteria is none that can be opened, and is left out."))
        elif isinstance(address, str):
            yield self.new(source, "address", "Note", noteLiteral=self.said(address), dcType=marked)

    def field(self, source: _Object) -> Node | None:
        name = source.text("fieldOfStudy")
        return self.new(source, "field", "Concept", prefLabel=self.said(name)) if name else None

    def identifiers(self, source: _Object) -> list[Node]:
        found = []
        for one in source.objects("otherIdentifier"):
            number, scheme = one.text("identifier"), one.text("identifierType")
            found.append(_node(one.iri, "Identifier", notation=number, schemeName=scheme))
            one.done()
        if code := source.text("humanCode"):
            found.append(self.new(source, "code", "Identifier", notation=code, schemeName="humanCode"))
        return found

    def registered(self, source: _Object) -> Node:
        """Return the identifiers of an organisation: its legal registration apart from the others."""
        found = self.identifiers(source)
        legal = [one | {"type": "LegalIdentifier"} for one in found if one.get("schemeName") == REGISTRATION]
        for one in legal:
            del one["schemeName"]
        return {
            "registration": legal or None,
            "identifier": [one for one in found if one.get("schemeName") != REGISTRATION],
        }

    def credit_system(self, achievement: _Object) -> Node | None:
        """Return the credit system that an alignment of the achievement names: `creditsAvailable` itself names none."""
        for one in _list(achievement.value.get("alignment")):
            target = one.get("targetUrl") if isinstance(one, dict) else None
            if isinstance(target, str) and _names_credits(target, one.get("targetType")):
                name = one.get("targetName")
                label = self.said(name) if isinstance(name, str) else None
                return self.named(achievement, target, "Concept", prefLabel=label)
        return None

    def credit(self, source: _Object, name: str, points: float | None, system: Node | None) -> Node | None:
        if points is None:
            return None
        if system is None and name == "credit":
            source.note(
                "creditsAvailable", Message("The credits name no credit system, so that they are not read as ECTS.")
            )
        return self.new(source, name, "CreditPoint", point=f"{points:g}", framework=system)

    def alignments(self, source: _Object, *, credited: bool) -> Node:
        """Return what the alignments of an achievement say: outcomes with their concepts, levels and fields.

        Alignments with the same name are one outcome, tied to several concepts.
        """
        outcomes: dict[str, Node] = {}
        found: dict[str, list[Node]] = {}
        system = self.credit_system(source)
        for one in source.objects("alignment"):
            target, kind = one.text("targetUrl"), one.text("targetType")
            said = None if target is None else _by_start(ALIGNED, target) or ("thematicArea" if kind == FIELD else None)
            if target is None:
                one.note("targetUrl", Message("The alignment leads nowhere, and is left out."))
            elif _names_credits(target, kind):
                name = self.said(one.text("targetName"))
                if system != self.named(one, target, "Concept", prefLabel=name):
                    one.note("targetUrl", Message("The credits have one credit system: this one is left out."))
                elif not credited:
                    one.note("targetUrl", Message("The credit system is of no credits, and is left out."))
                self.named_only(one, target, CREDITS)
            elif said:
                label = self.said(one.text("targetName"))
                found.setdefault(said, []).append(self.concept(one, target, label))
                self.named_only(one, target, FIELD if said == "thematicArea" else LEVEL)
            elif kind in {"ceterms:Credential", "CTDL", LEVEL}:
                level = Message("The alignment leads to a level of another framework, and is left out.")
                other = Message("The alignment leads to a credential, not to a skill, and is left out.")
                one.note("targetUrl", level if kind == LEVEL else other)
            else:
                self.outcome(one, target, kind, outcomes)
        return {**found, **({"learningOutcome": list(outcomes.values())} if outcomes else {})}

    def outcome(self, one: _Object, target: str, kind: str | None, outcomes: dict[str, Node]) -> None:
        """Add an alignment to the outcome of its name, or begin one."""
        name, about = one.text("targetName"), self.said(one.text("targetDescription"))
        iri = target if kind == OUTCOME else one.iri
        begun = self.named(one, iri, "LearningOutcome", title=self.said(name), description=about)
        outcome = outcomes.setdefault(name or target, begun)
        if about and outcome.setdefault("description", about) != about:
            one.note("targetDescription", Message("The outcome of this name is described otherwise: this is left out."))
        if kind != OUTCOME:
            said = _by_start(SKILLS, target) or "relatedSkill"
            outcome.setdefault(said, []).append(self.concept(one, target))
        elif target != outcome["id"]:
            one.note("targetUrl", Message("The outcome of this name has another address: this one is left out."))
        self.named_only(one, target, OUTCOME if kind == OUTCOME else SKILL)

    def named_only(self, one: _Object, target: str, implied: str) -> None:
        """Note what an alignment says beyond its target, unless the target tells it."""
        if (kind := one.text("targetType")) not in (None, implied):
            one.note(
                "targetType",
                Message("The type of the alignment, {kind}, has no counterpart in ELM, and is left out.", kind=kind),
            )
        framework = one.text("targetFramework")
        if framework not in (None, _by_start(FRAMEWORKS, target)):
            one.note(
                "targetFramework",
                Message("The framework {framework} has no counterpart in ELM, and is left out.", framework=framework),
            )
        one.done()

    def assessment(self, source: _Object) -> Node:
        found: dict[str, list[Node]] = {}
        for one in source.objects("alignment"):
            target, kind = one.text("targetUrl"), one.text("targetType")
            if target and (said := ASSESSED.get(kind or "")):
                label = self.said(one.text("targetName"))
                found.setdefault(said, []).append(self.concept(one, target, label))
                self.named_only(one, target, kind or "")
            else:
                one.note(
                    "targetUrl", Message("An alignment of a result tells no assessment that ELM has, and is left out.")
                )
        assessment = _node(source.iri, "LearningAssessmentSpecification", title=self.said(source.text("name")), **found)
        if source.take("resultType") not in (None, "Result"):
            source.note("resultType", Message("The type of a result has no counterpart in ELM, and is left out."))
        source.done()
        return assessment

    def result(self, source: _Object) -> Node:
        grade = source.text("value") or source.text("status")
        described = source.text("resultDescription")
        result = _node(
            source.iri,
            "LearningAssessment",
            grade=self.new(source, "grade", "Note", noteLiteral=self.said(grade)) if grade else None,
            specifiedBy={"id": described} if described else None,
        )
        source.done()
        return result

    def evidence(self, source: _Object) -> Node:
        evidence = _node(
            source.iri,
            "Evidence",
            title=self.said(source.text("name")),
            description=self.said(source.text("description")),
            evidenceStatement=source.text("narrative"),
        )
        source.done()
        return evidence

    def profile(self, source: _Object) -> Node:
        """Return an issuer or a creator as an organisation."""
        name, url, email, phone = (source.text(key) for key in ("name", "url", "email", "phone"))
        contact: Node | Literal[""] = (
            self.new(
                source,
                "contact",
                "ContactPoint",
                emailAddress=self.named(source, f"mailto:{email}", "Mailbox") if email else None,
                phone=self.new(source, "phone", "Phone", phoneNumber=phone) if phone else None,
            )
            if email or phone
            else ""
        )
        body = _node(
            source.iri,
            "Organisation",
            legalName=self.said(name),
            homepage=self.new(source, "homepage", "WebResource", contentURL=url) if url else None,
            contactPoint=contact or None,
            location=[self.location(one) for one in source.objects("address")],
            **self.registered(source),
            logo=[self.image(one) for one in source.objects("image")],
            subOrganizationOf=[self.profile(one) for one in source.objects("parentOrg")],
        )
        source.done()
        return body

    def location(self, source: _Object) -> Node:
        code = source.text("addressCountryCode")
        country = country_iri(code) if code else None
        if code and country is None:
            source.note(
                "addressCountryCode", Message("{code} is no country code of two letters (ISO 3166-1).", code=code)
            )
        parts = [source.text(key) for key in ("streetAddress", "postalCode", "addressLocality", "addressRegion")]
        written = ", ".join(filter(None, [*parts, source.text("addressCountry")]))
        address = _node(
            source.iri,
            "Address",
            countryCode=self.concept(source, country),
            fullAddress=self.new(source, "written", "Note", noteLiteral=self.said(written)) if written else None,
        )
        source.done()
        return self.new(source, "location", "Location", address=address)

    def image(self, source: _Object) -> Node:
        address = source.iri if "://" in source.iri or source.iri.startswith("data:") else None
        if address is None and "id" in source.value:
            source.note("id", Message("The address of the image is none that can be opened, and is left out."))
        source.done()
        return self.new(source, "image", "MediaObject", contentURL=address)


def _node(iri: str, kind: str | list[str], **properties: Any) -> Node:
    said = {key: value for key, value in properties.items() if value is not None and value not in ([], {})}
    return {"id": iri, "type": kind, **said}


def _names_credits(target: str, kind: object) -> bool:
    return target.startswith(CREDIT_SYSTEM) or kind == CREDITS


def _by_start(table: Mapping[str, str], iri: str) -> str | None:
    return next((said for start, said in table.items() if iri.startswith(start)), None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
