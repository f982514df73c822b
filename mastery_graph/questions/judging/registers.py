"""Entries of registers about awarding bodies: evidence that a claim cannot replace.

The registers are named graphs `registers/…`. A body is matched by an accreditation that its credential cites, by its
IRI, by an identifier within its scheme, and its country. Where the register has another name or another scheme, or
only the name agrees, the match is left to a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from mastery_graph.credentials.description import Accreditation, AwardingBody, Description, day_of, moment_of
from mastery_graph.languages import Country, Labelled, Message
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Evidence, Origin, Source
from mastery_graph.rdf import Row, Term, term_text
from mastery_graph.records import Record
from mastery_graph.sources.registers.identifiers import normal_name, normal_notation, normal_scheme
from mastery_graph.sources.registers.records import BodyIdentifier
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import COUNTRY, ELM, EQF, ROV

_PROPERTIES: Final = {
    "name": ROV.legalName,
    "title": "http://purl.org/dc/terms/title",
    "type": "http://purl.org/dc/terms/type",
    "decision": ELM.decision,
    "level": ELM.limitEQFLevel,
    "field": ELM.limitField,
    "issued": "http://purl.org/dc/terms/issued",
    "review": ELM.reviewDate,
    "expires": ELM.expiryDate,
}
"""The property that states each fact of an entry that is cited as evidence, by the name of the fact."""


class Register(Record):
    """A register that can settle what a claim cannot."""

    iri: str | None = None
    """None for a national register that is not known by name."""
    name: Localized
    page: str | None = None
    """Its address on the web."""
    country: str | None = None
    """ISO 3166-1 alpha-3, where it is the register of one country."""
    settles: tuple[str, ...] = ()
    """The rules that its entries settle."""
    as_of: date | None = None
    """The day on which its entries were true, where it is loaded and the day is stated."""


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
    matches = _Matches()
    for body in description.awarding_bodies:
        if not body.iri.startswith("_:"):
            matches.add(body.iri, body)
    _match_cited_accreditations(store, description, matches)
    _match_identifiers(store, description.awarding_bodies, matches)
    organisations = {organisation.iri: organisation for organisation in _organisations(store, matches.organisations)}
    unmatched = [body for body in description.awarding_bodies if not matches.of(body) & organisations.keys()]
    named = _Matches()
    _match_names(store, unmatched, named)
    organisations |= {organisation.iri: organisation for organisation in _organisations(store, named.organisations)}
    registered = (
        _registered_body(
            body,
            [organisations[iri] for iri in sorted((matches.of(body) | named.of(body)) & organisations.keys())],
            matches.doubts | named.doubts,
        )
        for body in description.awarding_bodies
    )
    return tuple(body for body in registered if body is not None)


class _Matches:
    """Which organisations of registers may be which awarding bodies, and what makes a match doubtful."""

    def __init__(self) -> None:
        self._organisations: dict[str, set[str]] = defaultdict(set)
        self._certain: set[tuple[str, str]] = set()
        self._doubts: dict[tuple[str, str], Message] = {}

    @property
    def organisations(self) -> set[str]:
        """The IRIs of all organisations that match a body."""
        return {iri for organisations in self._organisations.values() for iri in organisations}

    @property
    def doubts(self) -> dict[tuple[str, str], Message]:
        """By body and organisation: why the match has to be confirmed, where nothing makes it certain."""
        return {pair: doubt for pair, doubt in self._doubts.items() if pair not in self._certain}

    def add(self, organisation: str, body: AwardingBody, doubt: Message | None = None) -> None:
        """Add a match."""
        self._organisations[body.iri].add(organisation)
        if doubt is None:
            self._certain.add((body.iri, organisation))
        else:
            self._doubts.setdefault((body.iri, organisation), doubt)

    def of(self, body: AwardingBody) -> set[str]:
        """Return the IRIs of the organisations that match a body."""
        return self._organisations.get(body.iri, set())


def _match_cited_accreditations(store: Store, description: Description, matches: _Matches) -> None:
    """Match the bodies whose accreditations, cited by the credential, are in a register."""
    cited = [accreditation for accreditation in description.accreditations if not accreditation.iri.startswith("_:")]
    if not cited:
        return
    terms: list[Term] = [NamedNode(iri) for iri in sorted({accreditation.iri for accreditation in cited})]
    query = named_query("recognition/accredited-organisations").text
    for row in store.select(query, {"accreditation": terms}):
        for accreditation in cited:
            if accreditation.iri == term_text(row["accreditation"]):
                for body in description.awarding_bodies:
                    if body.iri in accreditation.bodies or not accreditation.bodies:
                        matches.add(term_text(row["organisation"]), body)


def _match_identifiers(store: Store, bodies: Sequence[AwardingBody], matches: _Matches) -> None:
    """Match bodies by their identifiers, in any spelling; another scheme makes a match doubtful."""
    spellings: dict[str, list[tuple[AwardingBody, BodyIdentifier]]] = defaultdict(list)
    for body in bodies:
        for identifier in body.identifiers:
            for spelling in dict.fromkeys((identifier.notation, normal_notation(identifier.notation))):
                spellings[spelling].append((body, identifier))
    terms: list[Term] = [Literal(spelling) for spelling in sorted(spellings) if spelling]
    if not terms:
        return
    for row in store.select(named_query("recognition/registered-organisations").text, {"notation": terms}):
        registered_scheme = normal_scheme(term_text(row["scheme"])) if "scheme" in row else None
        for body, identifier in spellings[term_text(row["notation"])]:
            scheme = normal_scheme(identifier.scheme)
            doubt = None
            if scheme and registered_scheme and scheme != registered_scheme:
                doubt = Message(
                    "The register has the identifier {identifier} within the scheme {registered}, and the description "
                    "within {stated}: whether they are the same has to be confirmed.",
                    identifier=identifier.notation,
                    registered=term_text(row["scheme"]),
                    stated=identifier.scheme,
                )
            matches.add(term_text(row["organisation"]), body, doubt)


def _match_names(store: Store, bodies: Sequence[AwardingBody], matches: _Matches) -> None:
    """Match bodies by their names alone, which is never certain."""
    names = {normal_name(body.name): body for body in bodies if body.name}
    if not names:
        return
    terms: list[Term] = [Literal(name) for name in sorted(names)]
    for row in store.select(named_query("recognition/organisations-by-name").text, {"name": terms}):
        body = names[term_text(row["name"])]
        doubt = Message(
            "A register has a body of the name {name}, and no identifier ties it to the description: whether they are "
            "the same has to be confirmed.",
            name=body.name,
        )
        matches.add(term_text(row["organisation"]), body, doubt)


def known_registers(store: Store) -> tuple[tuple[Register, ...], tuple[Register, ...]]:
    """Return the registers that are loaded, and those that are known and not loaded."""
    rows: dict[str, list[Row]] = {}
    for row in store.select(named_query("recognition/registers").text):
        rows.setdefault(term_text(row["register"]), []).append(row)
    loaded = [_register(entries) for entries in rows.values() if any("graph" in row for row in entries)]
    missing = [_register(entries) for entries in rows.values() if not any("graph" in row for row in entries)]
    return tuple(loaded), tuple(missing)


def consulted_registers(store: Store, countries: Iterable[str]) -> tuple[tuple[Register, ...], tuple[Register, ...]]:
    """Return the registers that were consulted, and those that were not and could settle something.

    The latter are those that are known, and the national ones of these countries (ISO 3166-1 alpha-3).
    """
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
    return loaded, (*missing, *national)


def _organisations(store: Store, iris: Iterable[str]) -> list[_Organisation]:
    terms: list[Term] = [NamedNode(iri) for iri in sorted(iris)]
    if not terms:
        return []
    organisations: dict[str, _Organisation] = {}
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


def _registered_body(
    body: AwardingBody, organisations: Iterable[_Organisation], doubts: Mapping[tuple[str, str], Message]
) -> RegisteredBody | None:
    """Return a body with its entries in registers of its country; None where it has none.

    Where some matches are certain, the doubtful ones are left out.
    """
    matching = [
        organisation
        for organisation in organisations
        if not organisation.countries or not body.country or body.country in organisation.countries
    ]
    if not matching:
        return None
    certain = [organisation for organisation in matching if (body.iri, organisation.iri) not in doubts]
    doubt = None if certain else doubts[body.iri, matching[0].iri]
    matching = certain or matching
    names = [name for organisation in matching for name in organisation.names]
    if names and body.name and normal_name(body.name) not in {normal_name(name) for name in names}:
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
        decision=_decision(facts.get("decision", ())),
        conditions=tuple(texts("condition")),
        programmes=tuple(texts("programme")),
    )


def _decision(values: Iterable[Term]) -> str | None:
    """Return a decision: its label where there is one, otherwise its IRI."""
    labels_first = sorted(values, key=lambda value: not isinstance(value, Literal))
    return next(map(term_text, labels_first), None)


def _register(rows: list[Row]) -> Register:
    names = {getattr(row["name"], "language", None) or "en": term_text(row["name"]) for row in rows}
    first = rows[0]
    return Register(
        iri=term_text(first["register"]),
        name=Labelled(names),
        page=term_text(first["page"]) if "page" in first else None,
        country=term_text(first["country"]) if "country" in first else None,
        settles=tuple(sorted({term_text(row["rule"]) for row in rows if "rule" in row})),
        as_of=max((day for row in rows if "asOf" in row and (day := day_of(term_text(row["asOf"])))), default=None),
    )


def _evidence(row: Row) -> Evidence | None:
    """Return a fact of an entry as evidence; None for a fact that is read through other nodes."""
    fact, value = term_text(row["fact"]), row["value"]
    predicate = _PROPERTIES.get(fact)
    if fact == "country" and "accreditation" in row:
        predicate = ELM.limitJurisdiction
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
