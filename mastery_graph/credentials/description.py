"""Credential descriptions as records, read from the triples of a store."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction

from pydantic import BaseModel, ConfigDict
from pyoxigraph import BlankNode, Literal, NamedNode

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.rdf import Row, Term
from mastery_graph.sources.registers.records import BodyIdentifier
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import COUNTRY, DESCRIPTIONS, ELM, EQF, ID, XSD

ECTS = "http://data.europa.eu/snb/education-credit/6fcec5c5af"
STAND_ALONE = ID + "integration/stand-alone"
_INTEGRATED = ID + "integration/integrated"
NEEDED = Message(
    "It must describe an elm:Qualification, or a credential of the type EuropeanDigitalCredential. In JSON-LD, name "
    "both contexts: https://www.w3.org/2018/credentials/v1 (for id and type) and "
    "http://data.europa.eu/snb/model/context/edc-ap."
)
"""The requirements for a document to contain a description."""
_IRI_FACTS = frozenset({"specification", "requires", "nqf", "concept", "skill"})
"""The facts whose values must be IRIs. A literal is ignored here and reported by the shapes."""
_EQF_LEVELS = frozenset("12345678")
_MAX_WEIGHT = 1000
_SCHEMES = {ELM.vatIdentifier: "VAT", ELM.taxIdentifier: "tax", ELM.eidasLegalIdentifier: "eIDAS"}
"""The scheme of an identifier that its property tells."""
_TARGET = ID + "description-type/target-qualification"
_POINTS = re.compile(r"\d{1,4}(?:[.,]\d{1,6})?(?:E-?\d)?")
"""JSON-LD writes the number 2.5 as 2.5E0."""
_BIRTH_DATE = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)(?P<time>T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?")
_NO_REQUIREMENT = frozenset(
    ("", "-", "n/a", "none", "no entry requirements", "nessuno", "ninguno", "няма", "ei ole", "keine", "aucun")
)
"""Texts that mean "no requirement", in lower case."""
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?)?")


class _DescriptionRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LearningOutcome(_DescriptionRecord):
    """A learning outcome: its title, and the concepts and green skills that it refers to."""

    iri: str
    title: str
    concepts: tuple[str, ...] = ()
    green_skills: tuple[str, ...] = ()
    weight: float = 1.0


class Assessment(_DescriptionRecord):
    """An assessment: its type, and how the learner was supervised and identified (concepts of the EU's lists)."""

    iri: str
    types: tuple[str, ...] = ()
    verifications: tuple[str, ...] = ()
    grade: str | None = None
    """The grade achieved, as stated."""


class Accreditation(_DescriptionRecord):
    """An accreditation with its limits (levels, countries, fields); an empty limit does not restrict it."""

    iri: str
    title: str
    bodies: tuple[str, ...] = ()
    """The accredited bodies: awarding bodies, or the issuer; empty if the description itself is accredited."""
    levels: tuple[int, ...] = ()
    countries: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    issued: date | None = None
    expires: date | None = None
    unreadable_dates: tuple[str, ...] = ()
    """Stated start and end dates that cannot be parsed."""
    types: tuple[str, ...] = ()
    """Concepts of the EU's list of accreditation types."""
    decision: str | None = None
    """The decision as stated, or its IRI."""
    conditions: tuple[str, ...] = ()
    review: date | None = None
    """The day by which it is to be reviewed."""
    programmes: tuple[str, ...] = ()
    """The descriptions that it covers."""


class AwardingBody(_DescriptionRecord):
    """An awarding body: legal name, country (ISO alpha-3) and identifiers, as far as they are stated."""

    iri: str
    name: str | None = None
    country: str | None = None
    registration: str | None = None
    """Its legal identifier."""
    identifiers: tuple[BodyIdentifier, ...] = ()
    """All identifiers, the legal one among them."""


class HolderIdentifier(_DescriptionRecord):
    """An identifier of a learner: its value, country (an IRI of the EU's list) and scheme, if stated."""

    notation: str
    country: str | None = None
    scheme: str | None = None
    national: bool = True
    """Whether it is stated as the learner's national identifier rather than one of another scheme."""


class BirthDate(_DescriptionRecord):
    """A date of birth: the day, and whether it is certain (a time of day can make it ambiguous)."""

    day: date
    exact: bool = True


class Holder(_DescriptionRecord):
    """The holder of a credential: all names, dates of birth and identifiers that it states for the learner."""

    iri: str
    identifiers: tuple[HolderIdentifier, ...] = ()
    names: tuple[str, ...] = ()
    birth_dates: tuple[BirthDate, ...] = ()

    @property
    def name(self) -> str | None:
        """The first of the names."""
        return next(iter(self.names), None)


class Description(_DescriptionRecord):
    """A description of a micro-credential or qualification, bare or within an issued credential.

    `ects` are ECTS credits, `hours` hours of learning; a duration in weeks or months is in `duration` only.
    """

    iri: str
    title: str
    issued: bool
    is_target: bool = False
    specifications: tuple[str, ...] = ()
    """The descriptions that an issued credential is an instance of."""
    holder: Holder | None = None
    awarding_bodies: tuple[AwardingBody, ...] = ()
    """The awarding bodies; the issuer if none is stated."""
    accreditations: tuple[Accreditation, ...] = ()
    eqf_level: int | None = None
    further_eqf_levels: tuple[int, ...] = ()
    """Further EQF levels that it states; they contradict `eqf_level`."""
    nqf_level: str | None = None
    further_nqf_levels: tuple[str, ...] = ()
    ects: Fraction | None = None
    further_ects: tuple[Fraction, ...] = ()
    """Further numbers of ECTS credits that it states; they contradict `ects`."""
    hours: Fraction | None = None
    duration: str | None = None
    outcomes: tuple[LearningOutcome, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    modes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    quality_assurance: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    entry_requirements: tuple[str, ...] = ()
    """The entry requirements as text, each in one language, preferably English."""
    integration: str | None = None
    """How it can be used according to its issuer: stackable, integrated or stand-alone. A partial qualification (ELM
    `isPartialQualification`) is integrated."""
    integration_contradicts: bool = False
    """Whether it is declared both stand-alone and stackable or integrated."""
    issued_at: datetime | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    statuses: tuple[str, ...] = ()
    """The IRIs of its credential statuses (revocation, suspension), which are not looked up."""
    unreadable_dates: tuple[str, ...] = ()
    """Stated dates of issuing or validity that cannot be parsed."""

    @property
    def stand_alone(self) -> bool:
        """Whether its issuer declares it stand-alone only."""
        return self.integration == STAND_ALONE and not self.integration_contradicts

    @property
    def awarding_body(self) -> AwardingBody | None:
        """The first of the awarding bodies."""
        return next(iter(self.awarding_bodies), None)


def describe(store: Store, iri: str) -> Description:
    """Return the description with an IRI. Raises `UnknownResource` if the store has no such description.

    Raises `BadDocument` if an outcome has an invalid weight.
    """
    rows = _rows(store, "facts", iri)
    facts = _facts(rows)
    volumes = [row["value"] for row in rows if _text(row["fact"]) == "volume"]
    classes = set(facts["class"])
    if not classes & DESCRIPTIONS:
        raise UnknownResource(
            Message("{iri} is not a credential description in the graph.", iri=iri),
            Message("Send the description itself, or take an IRI of the catalogue."),
        )
    first = {name: values[0] for name, values in facts.items()}
    eqf = sorted(int(level) for level in {level.removeprefix(EQF) for level in facts["eqf"]} & _EQF_LEVELS)
    hours, duration = hours_and_duration(volumes)
    ects = _ects(store, iri)
    integrations = sorted({*facts["integration"], *([_INTEGRATED] if {"true", "1"} & set(facts["partial"]) else [])})
    return Description(
        iri=iri,
        title=first.get("title", "") or iri,
        issued=ELM.EuropeanDigitalCredential in classes,
        is_target=_TARGET in facts["kind"],
        specifications=tuple(facts["specification"]),
        holder=_holder(store, iri) if facts["holder"] else None,
        awarding_bodies=_awarding_bodies(store, iri),
        accreditations=_accreditations(store, iri),
        eqf_level=eqf[0] if eqf else None,
        further_eqf_levels=tuple(eqf[1:]),
        nqf_level=first.get("nqf"),
        further_nqf_levels=tuple(facts["nqf"][1:]),
        ects=ects[0] if ects else None,
        further_ects=ects[1:],
        hours=hours,
        duration=duration or first.get("duration"),
        outcomes=_outcomes(store, iri),
        assessments=_assessments(store, iri),
        modes=tuple(facts["mode"]),
        fields=tuple(facts["field"]),
        quality_assurance=tuple(facts["quality"]),
        indicators=tuple(facts["indicator"]),
        requires=tuple(facts["requires"]),
        entry_requirements=_entry_requirements(store, iri),
        integration=next(iter(integrations), None),
        integration_contradicts=STAND_ALONE in integrations and len(integrations) > 1,
        issued_at=moment_of(first.get("issued")),
        valid_from=moment_of(first.get("validFrom")),
        valid_until=moment_of(first.get("validUntil")),
        statuses=tuple(facts["status"]),
        unreadable_dates=tuple(
            written
            for fact in ("issued", "validFrom", "validUntil")
            for written in facts[fact]
            if not moment_of(written)
        ),
    )


def describe_document(document: SubmittedDocument) -> list[Description]:
    """Return the descriptions in a document, issued credentials first.

    Raises `BadDocument` if there is none.
    """
    results = [describe(document.store, iri) for iri in descriptions(document.store)]
    if not results:
        raise BadDocument(
            Message("The document contains no credential description."),
            NEEDED,
        )
    return results


def descriptions(store: Store) -> list[str]:
    """Return the IRIs of the descriptions in a store, issued credentials first."""
    return [_text(row["description"]) for row in store.select(named_query("description/roots").text)]


def _facts(rows: list[Row]) -> dict[str, list[str]]:
    facts: dict[str, list[str]] = defaultdict(list)
    # English first, so that the first of several texts is displayed
    for row in sorted(rows, key=lambda row: getattr(row["value"], "language", None) != "en"):
        fact, value = _text(row["fact"]), row["value"]
        if _is_usable(fact, value):
            facts[fact].append(_text(value))
    return facts


def _is_usable(fact: str, value: Term) -> bool:
    """Return whether a value is usable for a fact: some facts need an IRI, not a literal."""
    return fact not in _IRI_FACTS or isinstance(value, NamedNode)


def _rows(store: Store, name: str, iri: str) -> list[Row]:
    return store.select(named_query(f"description/{name}").text, {"description": NamedNode(iri)})


def _text(term: Term) -> str:
    return str(term) if isinstance(term, BlankNode) else term.value


def _group_rows(rows: list[Row], key: str) -> dict[str, dict[str, list[str]]]:
    """Group rows by one column; return the distinct values of the other columns, English texts first."""
    groups: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        group = groups.setdefault(_text(row[key]), defaultdict(list))
        for name, value in row.items():
            text = _text(value)
            if text not in group[name] and _is_usable(name, value):
                english = isinstance(value, Literal) and value.language == "en"
                group[name].insert(0 if english else len(group[name]), text)
    return groups


def _first(group: dict[str, list[str]], name: str) -> str | None:
    return group[name][0] if group[name] else None


def _outcomes(store: Store, iri: str) -> tuple[LearningOutcome, ...]:
    return tuple(
        LearningOutcome(
            iri=outcome,
            title=_first(group, "title") or outcome,
            concepts=tuple(group["concept"]),
            green_skills=tuple(group["skill"]),
            weight=_weight(_first(group, "weight"), outcome),
        )
        for outcome, group in _group_rows(_rows(store, "outcomes", iri), "outcome").items()
    )


def _weight(text: str | None, outcome: str) -> float:
    if text is None:
        return 1.0
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight <= _MAX_WEIGHT:
        raise BadDocument(
            Message(
                "The weight {text} of the outcome {outcome} is not a number above 0 and up to {max_weight}.",
                text=repr(text),
                outcome=outcome,
                max_weight=_MAX_WEIGHT,
            ),
            Message("Correct it, or leave it out: an outcome without one has the weight 1."),
        )
    return weight


def _assessments(store: Store, iri: str) -> tuple[Assessment, ...]:
    return tuple(
        Assessment(
            iri=assessment,
            types=tuple(group["type"]),
            verifications=tuple(group["verification"]),
            grade=_first(group, "grade"),
        )
        for assessment, group in _group_rows(_rows(store, "assessments", iri), "assessment").items()
    )


def _awarding_bodies(store: Store, iri: str) -> tuple[AwardingBody, ...]:
    """Return the awarding bodies; the issuer if none is stated."""
    rows = _rows(store, "awarding-bodies", iri)
    awarding_rows = [row for row in rows if _text(row["role"]) == "awarding-body"]
    return tuple(
        AwardingBody(
            iri=body,
            name=_first(group, "name"),
            country=next(
                (country.removeprefix(COUNTRY) for country in group["country"] if country.startswith(COUNTRY)), None
            ),
            registration=_first(group, "registration"),
            identifiers=_body_identifiers(row for row in rows if _text(row["body"]) == body),
        )
        for body, group in _group_rows(awarding_rows or rows, "body").items()
    )


def _body_identifiers(rows: Iterable[Row]) -> tuple[BodyIdentifier, ...]:
    """Return the identifiers in the rows of a body; a VAT number is of the scheme VAT if it states none."""
    identifiers = (
        BodyIdentifier(
            _text(row["identifier"]),
            _text(row["scheme"]) if "scheme" in row else _SCHEMES.get(_text(row["property"])),
        )
        for row in rows
        if "identifier" in row
    )
    return tuple(dict.fromkeys(identifiers))


def _accreditations(store: Store, iri: str) -> tuple[Accreditation, ...]:
    return tuple(
        Accreditation(
            iri=accreditation,
            title=_first(group, "title") or accreditation,
            bodies=tuple(group["body"]),
            levels=tuple(int(level.removeprefix(EQF)) for level in group["level"] if level.removeprefix(EQF).isdigit()),
            countries=tuple(country.removeprefix(COUNTRY) for country in group["country"]),
            fields=tuple(group["field"]),
            issued=day_of(_first(group, "issued")),
            expires=day_of(_first(group, "expires")),
            unreadable_dates=tuple(text for text in (*group["issued"], *group["expires"]) if not moment_of(text)),
            types=tuple(group["type"]),
        )
        for accreditation, group in _group_rows(_rows(store, "accreditations", iri), "accreditation").items()
    )


def _ects(store: Store, iri: str) -> tuple[Fraction, ...]:
    """Return the distinct numbers of ECTS credits that a description states, in ascending order."""
    all_points = (
        credit_points(_text(row["points"]))
        for row in _rows(store, "credits", iri)
        if "framework" in row and _text(row["framework"]) == ECTS
    )
    return tuple(sorted({points for points in all_points if points}))


def credit_points(text: str) -> Fraction | None:
    """Parse a number of credits; return None if it is no number above 0 and up to 1000.

    >>> credit_points("2,5"), credit_points("2.5E0")
    (Fraction(5, 2), Fraction(5, 2))
    """
    if not _POINTS.fullmatch(text.strip()):
        return None
    points = Fraction(text.strip().replace(",", "."))
    return points if 0 < points <= 1000 else None


def hours_and_duration(volumes: Sequence[Term]) -> tuple[Fraction | None, str | None]:
    """Return the hours of a duration in hours and minutes, or else the duration as text.

    A store normalises durations (PT48H to P2D), so a day in an `xsd:duration` is 24 hours. In a plain literal of a
    submitted document, days are calendar days and not a workload.
    """
    for volume in volumes:
        match = _DURATION.fullmatch(_text(volume))
        by_value = isinstance(volume, Literal) and volume.datatype.value == XSD.duration
        if match and (match[2] or match[3] or (match[1] and by_value)):
            return 24 * int(match[1] or 0) + int(match[2] or 0) + Fraction(int(match[3] or 0), 60), None
    return None, _text(volumes[0]) if volumes else None


def _holder(store: Store, iri: str) -> Holder | None:
    """Return the learner; None if the credential states none or has several subjects."""
    rows = _rows(store, "holders", iri)
    holders = _group_rows(rows, "holder")
    if len(holders) != 1:
        return None
    ((holder, group),) = holders.items()
    combined_name = " ".join([*group["given"][:1], *group["family"][:1]])
    identifier_rows = [row for row in rows if "notation" in row and _text(row["notation"]).strip()]
    return Holder(
        iri=holder,
        identifiers=tuple(dict.fromkeys(_identifier(row) for row in identifier_rows)),
        names=tuple(group["name"]) or ((combined_name,) if combined_name else ()),
        birth_dates=tuple(dict.fromkeys(date for text in group["born"] if (date := birth_date(text)))),
    )


def _identifier(row: Row) -> HolderIdentifier:
    return HolderIdentifier(
        notation=_text(row["notation"]),
        country=_text(row["country"]) if "country" in row else None,
        scheme=_text(row["scheme"]) if "scheme" in row else None,
        national=_text(row["kind"]) == "national",
    )


def birth_date(text: str) -> BirthDate | None:
    """Parse a date of birth; return None if the text is no date.

    It is a calendar day, so a time zone does not change it. A time of day other than midnight is probably midnight
    converted from another time zone, so the previous or next day may be meant.

    >>> birth_date("1990-05-17T00:00:00+02:00"), birth_date("1990-05-16T22:00:00Z").exact
    (BirthDate(day=datetime.date(1990, 5, 17), exact=True), False)
    """
    match = _BIRTH_DATE.fullmatch(text.strip())
    if match is None:
        return None
    try:
        day = date.fromisoformat(match["day"])
    except ValueError:
        return None
    return BirthDate(day=day, exact=not (match["time"] or "").strip("T0:."))


def _entry_requirements(store: Store, iri: str) -> tuple[str, ...]:
    """Return the texts of the entry requirements, without those that mean "none"."""
    rows = _rows(store, "entry-requirements", iri)
    texts = [row["requirement"].value for row in rows if isinstance(row["requirement"], Literal)]
    for group in _group_rows(rows, "requirement").values():
        texts += group["text"][:1]
    normalised_texts = (" ".join(text.split()) for text in texts)
    return tuple(dict.fromkeys(text for text in normalised_texts if text.casefold().rstrip(".") not in _NO_REQUIREMENT))


def moment_of(text: str | None) -> datetime | None:
    """Parse a date and time; return it in UTC. Without a time zone it is taken as UTC; None if it cannot be parsed."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def day_of(text: str | None) -> date | None:
    """Parse a date; return the day in UTC, or None if it cannot be parsed."""
    moment = moment_of(text)
    return moment.date() if moment else None
