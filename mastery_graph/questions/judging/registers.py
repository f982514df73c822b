"""Entries of registers about awarding bodies: evidence that a claim cannot replace.

The registers are named graphs `registers/…`. A body is matched by its identifier and country, or by its IRI. Where the
register calls the body by another name than the description does, the match is left to a person.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from mastery_graph.credentials.description import Accreditation, AwardingBody, Description, day_of, moment_of
from mastery_graph.languages import Country, Labelled, Message
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Evidence, Origin, Source
from mastery_graph.rdf import Row, Term, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import COUNTRY, ELM, EQF, ROV

_PROPERTIES: Final = {
    "name": ROV + "legalName",
    "title": "http://purl.org/dc/terms/title",
    "type": "http://purl.org/dc/terms/type",
    "decision": ELM + "decision",
    "level": ELM + "limitEQFLevel",
    "field": ELM + "limitField",
    "issued": "http://purl.org/dc/terms/issued",
    "review": ELM + "reviewDate",
    "expires": ELM + "expiryDate",
}
"""The property that states each fact of an entry that is cited as evidence, by the name of the fact."""


class Register(Record):
    """A register that can settle what a claim cannot."""

    name: Localized
    page: str | None = None
    """Its address on the web."""
    country: str | None = None
    """ISO 3166-1 alpha-3, where it is the register of one country."""
    settles: tuple[str, ...] = ()
    """The rules that its entries settle."""


@dataclass(frozen=True)
class RegisteredBody:
    """An awarding body with its entries in registers: its accreditations, and why the match has to be confirmed."""

    body: AwardingBody
    accreditations: tuple[Accreditation, ...]
    evidence: tuple[Evidence, ...]
    doubt: Message | None = None
    """Why a person has to confirm that the entry is of this body; None where the names agree."""


@dataclass
class _Organisation:
    iri: str
    names: list[str] = field(default_factory=list)
    countries: set[str] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    accreditations: dict[str, dict[str, list[Term]]] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)


def registered_bodies(store: Store, description: Description) -> tuple[RegisteredBody, ...]:
    """Return the awarding bodies of a description that are in a register of the graph, with their accreditations."""
    bodies = description.awarding_bodies
    matches: dict[str, set[str]] = defaultdict(set)
    for body in bodies:
        if not body.iri.startswith("_:"):
            matches[body.iri].add(body.iri)
    notations = {body.registration for body in bodies if body.registration}
    if notations:
        terms: list[Term] = [Literal(notation) for notation in sorted(notations)]
        query = named_query("recognition/registered-organisations").text
        for row in store.select(query, {"notation": terms}):
            if isinstance(row["organisation"], NamedNode):
                matching_bodies = [body for body in bodies if body.registration == term_text(row["notation"])]
                for body in matching_bodies:
                    matches[term_text(row["organisation"])].add(body.iri)
    organisations = _organisations(store, matches)
    return tuple(
        registered
        for body in bodies
        if (
            registered := _registered_body(
                body, [organisation for organisation in organisations if body.iri in matches[organisation.iri]]
            )
        )
        is not None
    )


def known_registers(store: Store) -> tuple[tuple[Register, ...], tuple[Register, ...]]:
    """Return the registers that are loaded, and those that are known and not loaded."""
    rows: dict[str, list[Row]] = {}
    for row in store.select(named_query("recognition/registers").text):
        rows.setdefault(term_text(row["register"]), []).append(row)
    loaded = [_register(entries) for entries in rows.values() if any("graph" in row for row in entries)]
    missing = [_register(entries) for entries in rows.values() if not any("graph" in row for row in entries)]
    return tuple(loaded), tuple(missing)


def not_consulted(store: Store, countries: Iterable[str]) -> tuple[Register, ...]:
    """Return the registers that were not consulted: those that are known, and the national ones of these countries."""
    loaded, missing = known_registers(store)
    own = {register.country for register in (*loaded, *missing)}
    national = [
        Register(
            name=Message("national register of institutions and providers of {country}", country=Country(country)),
            country=country,
            settles=("REC-AWARDING-BODY", "REC-QUALITY"),
        )
        for country in sorted(set(countries) - own)
    ]
    return (*missing, *national)


def _organisations(store: Store, matches: Mapping[str, set[str]]) -> list[_Organisation]:
    if not matches:
        return []
    organisations: dict[str, _Organisation] = {}
    terms: list[Term] = [NamedNode(iri) for iri in sorted(matches)]
    for row in store.select(named_query("recognition/register-entries").text, {"organisation": terms}):
        organisation = organisations.setdefault(
            term_text(row["organisation"]), _Organisation(term_text(row["organisation"]))
        )
        fact, value = term_text(row["fact"]), row["value"]
        if "accreditation" in row:
            key = term_text(row["accreditation"])
            facts = organisation.accreditations.setdefault(key, defaultdict(list))
            if value not in facts[fact]:
                facts[fact].append(value)
        elif fact == "name":
            organisation.names.append(term_text(value))
        elif fact == "country":
            organisation.countries.add(term_text(value).removeprefix(COUNTRY))
        else:
            organisation.identifiers.add(term_text(value))
        if (evidence := _evidence(row)) is not None:
            organisation.evidence.append(evidence)
    return list(organisations.values())


def _registered_body(body: AwardingBody, organisations: Iterable[_Organisation]) -> RegisteredBody | None:
    """Return a body with its entries in registers of its country; None where it has none."""
    matching = [
        organisation
        for organisation in organisations
        if not organisation.countries or not body.country or body.country in organisation.countries
    ]
    if not matching:
        return None
    names = [name for organisation in matching for name in organisation.names]
    doubt = None
    if names and body.name and _comparable_name(body.name) not in {_comparable_name(name) for name in names}:
        doubt = Message(
            "The register has this identifier for {registered}, and the description names {body}: whether they are the "
            "same has to be confirmed.",
            registered=names[0],
            body=body.name,
        )
    return RegisteredBody(
        body,
        tuple(
            _accreditation(iri, facts, body)
            for organisation in matching
            for iri, facts in organisation.accreditations.items()
        ),
        tuple(dict.fromkeys(quad for organisation in matching for quad in organisation.evidence)),
        doubt,
    )


def _accreditation(iri: str, facts: Mapping[str, list[Term]], body: AwardingBody) -> Accreditation:
    def texts(fact: str) -> list[str]:
        return [term_text(value) for value in facts.get(fact, ())]

    titles = sorted(facts.get("title", ()), key=lambda value: getattr(value, "language", None) != "en")
    dates = {fact: texts(fact) for fact in ("issued", "review", "expires")}
    return Accreditation(
        iri=iri,
        title=term_text(titles[0]) if titles else iri,
        bodies=(body.iri,),
        levels=tuple(
            sorted(int(level.removeprefix(EQF)) for level in texts("level") if level.removeprefix(EQF).isdigit())
        ),
        countries=tuple(country.removeprefix(COUNTRY) for country in texts("country")),
        fields=tuple(texts("field")),
        issued=day_of(next(iter(dates["issued"]), None)),
        expires=day_of(next(iter(dates["expires"]), None)),
        review=day_of(next(iter(dates["review"]), None)),
        unreadable_dates=tuple(text for values in dates.values() for text in values if moment_of(text) is None),
        types=tuple(texts("type")),
        decision=next(iter(texts("decision")), None),
        conditions=tuple(texts("condition")),
        programmes=tuple(texts("programme")),
    )


def _register(rows: list[Row]) -> Register:
    names = {getattr(row["name"], "language", None) or "en": term_text(row["name"]) for row in rows}
    first = rows[0]
    return Register(
        name=Labelled(names),
        page=term_text(first["page"]) if "page" in first else None,
        country=term_text(first["country"]) if "country" in first else None,
        settles=tuple(sorted({term_text(row["rule"]) for row in rows if "rule" in row})),
    )


def _evidence(row: Row) -> Evidence | None:
    """Return a fact of an entry as evidence; None for a fact that is read through other nodes."""
    fact, value = term_text(row["fact"]), row["value"]
    predicate = _PROPERTIES.get(fact)
    if fact == "country" and "accreditation" in row:
        predicate = ELM + "limitJurisdiction"
    if predicate is None or isinstance(value, BlankNode):
        return None
    graph = term_text(row["graph"])
    return Evidence(
        subject=term_text(row["accreditation"]) if "accreditation" in row else term_text(row["organisation"]),
        predicate=predicate,
        object=term_text(value),
        object_type="literal" if isinstance(value, Literal) else "iri",
        language=value.language if isinstance(value, Literal) else None,
        datatype=value.datatype.value if isinstance(value, Literal) and not value.language else None,
        graph=graph,
        origin=Origin.REGISTERED,
        sources=(Source(iri=graph),),
    )


def _comparable_name(name: str) -> str:
    """Return a name without case, accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char))
    return " ".join(letters.split())
