"""ELMO transcripts (EMREX, https://github.com/emrex-eu/elmo-schemas): one ELM credential for each passed course.

A position is the path of an element, such as `/elmo/report[1]/learningOpportunitySpecification[2]`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from mastery_graph.credentials.contexts import CREDENTIALS_1, ELM
from mastery_graph.credentials.countries import country_iri
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.pointers import relocate_pointer
from mastery_graph.errors import BadDocument
from mastery_graph.languages import Message
from mastery_graph.sources.entities import refuse_entities
from mastery_graph.vocabulary import EQF

_ROOT: Final = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?elmo[\s>]", re.DOTALL)
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_ECTS: Final = "http://data.europa.eu/snb/education-credit/6fcec5c5af"
_ISCED_F: Final = "http://data.europa.eu/snb/isced-f/"
Node = dict[str, Any]


@dataclass(frozen=True)
class TranscriptPart:
    """A passed course of a transcript as an ELM credential, with its positions and notes."""

    credential: Node
    pointers: Mapping[str, str]
    """The path of the element for each object of the credential, by its JSON pointer."""
    notes: tuple[Note, ...]
    is_signed: bool
    """Whether the transcript has an XML signature, which is not checked."""

    @property
    def place(self) -> str:
        """The path of the course."""
        return self.pointers["/credentialSubject/hasClaim"]

    def origin(self, pointer: str) -> str:
        """Return the path of the element for a pointer in the credential."""
        while pointer not in self.pointers and pointer:
            pointer = pointer.rpartition("/")[0]
        return relocate_pointer(self.pointers, pointer)


def is_transcript(text: str) -> bool:
    """Return whether a text is an ELMO document."""
    return _ROOT.match(text) is not None


def transcript_parts(text: str) -> tuple[TranscriptPart, ...]:
    """Return the passed courses of an ELMO document. Raises `BadDocument` if it has none, or is not well formed."""
    refuse_entities(text)
    try:
        root = fromstring(text.encode())  # noqa: S314  # entities are refused
    except ParseError as error:
        raise BadDocument(
            Message("The transcript is not well-formed XML: line {line}.", line=error.position[0]),
            line=error.position[0],
        ) from None
    transcript = _Transcript(root)
    parts = tuple(transcript.parts())
    if not parts:
        raise BadDocument(
            Message("The transcript (ELMO) contains no course that was passed."),
        )
    return parts


class _Transcript:
    """The elements of a transcript, with the path of each."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.paths = dict(_paths(root, f"/{_name(root)}"))
        self.is_signed = any(_name(element) == "Signature" for element in root.iter())
        self.notes: list[Note] = []

    def parts(self) -> Iterator[TranscriptPart]:
        """Yield the passed courses; the first has the notes on those that were not passed."""
        learner = _child(self.root, "learner")
        courses = [
            (report, course, instance)
            for report in _children(self.root, "report")
            for specification in _children(report, "learningOpportunitySpecification")
            for course, instance in self._courses(specification)
        ]
        for report, course, instance in courses:
            yield self._part(learner, report, course, instance)

    def _courses(self, specification: Element) -> Iterator[tuple[Element, Element]]:
        """Yield what was passed: a programme with credits, or else its parts, so that credits count once."""
        instance = _child(_child(specification, "specifies"), "learningOpportunityInstance")
        inner = [
            part
            for element in _children(specification, "hasPart")
            for part in _children(element, "learningOpportunitySpecification")
        ]
        has_credit = instance is not None and _child(instance, "credit") is not None
        if instance is not None and (has_credit or not inner):
            status = _text(instance, "status")
            if status in (None, "passed"):
                yield specification, instance
            else:
                message = Message("The course was not passed, and is left out.")
                self.notes.append(Note(self.paths[specification], "status", message))
        else:
            for part in inner:
                yield from self._courses(part)

    def _part(self, learner: Element | None, report: Element, course: Element, instance: Element) -> TranscriptPart:
        issuer = _child(report, "issuer")
        issued = _text(report, "issueDate") or _text(self.root, "generatedDate")
        organisation = _organisation(issuer)
        claim = _without_empty(
            type="LearningAchievement",
            title=_texts(course, "title"),
            awardedBy=_without_empty(
                type="AwardingProcess", awardingBody=[organisation], awardingDate=_moment(_text(instance, "date"))
            ),
            creditReceived=_credit(instance),
            provenBy=_assessment(instance),
            specifiedBy=_specification(course, instance),
        )
        credential = _without_empty(
            **{"@context": [CREDENTIALS_1, ELM]},
            type=["VerifiableCredential", "EuropeanDigitalCredential"],
            title=_texts(course, "title"),
            issuer=organisation,
            issuanceDate=_moment(issued),
            credentialSubject={**_person(learner), "hasClaim": claim},
        )
        paths = {
            "": report,
            "/issuer": issuer,
            "/credentialSubject": learner,
            "/credentialSubject/hasClaim": course,
            "/credentialSubject/hasClaim/awardedBy": issuer,
            "/credentialSubject/hasClaim/creditReceived": instance,
            "/credentialSubject/hasClaim/provenBy": instance,
            "/credentialSubject/hasClaim/specifiedBy": course,
        }
        pointers = {pointer: self.paths[element] for pointer, element in paths.items() if element is not None}
        notes, self.notes = tuple(self.notes), []
        return TranscriptPart(credential, pointers, notes, self.is_signed)


def _person(learner: Element | None) -> Node:
    identifiers = list(_children(learner, "identifier"))
    return _without_empty(
        type="Person",
        givenName=_language_map(_text(learner, "givenNames")),
        familyName=_language_map(_text(learner, "familyName")),
        dateOfBirth=_moment(_text(learner, "bday")),
        nationalID=[_identifier(item, "LegalIdentifier") for item in identifiers if "national" in _kind(item).lower()],
        identifier=[_identifier(item, "Identifier") for item in identifiers if "national" not in _kind(item).lower()],
    )


def _organisation(issuer: Element | None) -> Node:
    country = country_iri(_text(issuer, "country") or "")
    url = _text(issuer, "url")
    address = {"type": "Address", "countryCode": {"id": country, "type": "Concept"}} if country else None
    return _without_empty(
        type="Organisation",
        legalName=_texts(issuer, "title"),
        identifier=[_identifier(item, "Identifier") for item in _children(issuer, "identifier")],
        homepage={"type": "WebResource", "contentURL": url} if url else None,
        location={"type": "Location", "address": address} if address else None,
    )


def _specification(course: Element, instance: Element) -> Node:
    level, field = _eqf_level(instance), _text(course, "iscedCode")
    hours = _text(instance, "engagementHours")
    return _without_empty(
        type="LearningAchievementSpecification",
        title=_texts(course, "title"),
        description=_texts(course, "description"),
        identifier=[_identifier(item, "Identifier") for item in _children(course, "identifier")],
        eqfLevel={"id": EQF + level, "type": "Concept"} if level else None,
        thematicArea={"id": _ISCED_F + field, "type": "Concept"} if field else None,
        volumeOfLearning=_duration(hours),
        creditPoint=_credit(instance),
    )


def _credit(instance: Element) -> list[Node]:
    """Return the credits; only those of the scheme `ects` are ECTS."""
    points_by_system = []
    for credit in _children(instance, "credit"):
        scheme, points = _text(credit, "scheme") or "", _text(credit, "value")
        system: Node = {"type": "Concept", "prefLabel": {"en": scheme}}
        if scheme.strip().lower() == "ects":
            system = {"id": _ECTS, "type": "Concept", "prefLabel": {"en": "ECTS"}}
        if points:
            points_by_system.append({"type": "CreditPoint", "point": points, "framework": system})
    return points_by_system


def _eqf_level(instance: Element) -> str | None:
    for level in _children(instance, "level"):
        value = _text(level, "value") or ""
        if (_text(level, "type") or "").upper() == "EQF" and value in {*"12345678"}:
            return value
    return None


def _assessment(instance: Element) -> Node | None:
    grade = _text(instance, "resultLabel")
    if grade is None:
        return None
    return {"type": "LearningAssessment", "grade": {"type": "Note", "noteLiteral": {"en": grade}}}


def _identifier(element: Element, kind: str) -> Node:
    scheme = {"schemeName": _kind(element)} if kind == "Identifier" and _kind(element) else {}
    return {"type": kind, "notation": (element.text or "").strip(), **scheme}


def _kind(element: Element) -> str:
    return element.get("type", "")


def _duration(hours: str | None) -> str | None:
    try:
        minutes = round(float(hours or "") * 60)
    except (ValueError, OverflowError):
        return None
    return f"PT{minutes // 60}H" + (f"{minutes % 60}M" if minutes % 60 else "")


def _moment(text: str | None) -> str | None:
    """Return a date as a date and time: ELM states the beginning of the day."""
    if text is None:
        return None
    return f"{text}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


def _texts(element: Element | None, name: str) -> dict[str, str] | None:
    """Return the texts of the children with a name, by their language; without one, it is undetermined."""
    texts = {child.get(_LANGUAGE, "und"): (child.text or "").strip() for child in _children(element, name)}
    return {language: text for language, text in texts.items() if text} or None


def _language_map(text: str | None) -> dict[str, str] | None:
    return {"und": text} if text else None


def _text(element: Element | None, name: str) -> str | None:
    child = _child(element, name)
    return ((child.text or "").strip() or None) if child is not None else None


def _child(element: Element | None, name: str) -> Element | None:
    return next(_children(element, name), None)


def _children(element: Element | None, name: str) -> Iterator[Element]:
    return (child for child in (element if element is not None else ()) if _name(child) == name)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _paths(element: Element, path: str) -> Iterator[tuple[Element, str]]:
    yield element, path
    counts: dict[str, int] = {}
    for child in element:
        counts[_name(child)] = counts.get(_name(child), 0) + 1
        yield from _paths(child, f"{path}/{_name(child)}[{counts[_name(child)]}]")


def _without_empty(**members: Any) -> Node:
    return {name: value for name, value in members.items() if value not in (None, [], {})}
