"""The triples of the entries of a register, in the terms of the European Learning Model.

Every node has an IRI of its own, under the IRI of the register where the publication gives none, so that the hash of a
graph can be computed in parts.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from pyoxigraph import Triple

from mastery_graph.rdf import is_iri, link, typed, words
from mastery_graph.sources.registers.identifiers import normal_name, normal_notation
from mastery_graph.sources.registers.records import (
    AccreditationEntry,
    BodyIdentifier,
    Location,
    Organisation,
    Programme,
    RegisterSource,
)
from mastery_graph.vocabulary import ADMS, COUNTRY, DCTERMS, ELM, EQF, FOAF, ID, NS, RDF, RDFS, ROV, SKOS

_ECTS: Final = "http://data.europa.eu/snb/education-credit/6fcec5c5af"
_SETTLED_RULES: Final = ("REC-AWARDING-BODY", "REC-QUALITY")
_MICRO_CREDENTIAL: Final = ID + "description-type/micro-credential"


def register_triples(source: RegisterSource) -> Iterator[Triple]:
    """Yield the triples about a register itself: its publication, its day, its licence and the rules it settles."""
    yield link(source.iri, RDF.type, NS.Register)
    yield link(source.iri, DCTERMS.source, source.source)
    yield typed(source.iri, NS.asOf, source.as_of.isoformat(), "date")
    for rule in _SETTLED_RULES:
        yield link(source.iri, NS.settlesRule, f"{ID}rule/{rule}")
    if source.title:
        yield words(source.iri, SKOS.prefLabel, source.title, "en")
    if source.licence:
        yield link(source.iri, DCTERMS.license, source.licence)
    if source.country:
        yield words(source.iri, NS.countryCode, source.country)


def entry_triples(
    entry: Organisation | Location | AccreditationEntry | Programme, source: RegisterSource
) -> Iterator[Triple]:
    """Yield the triples of an entry."""
    if isinstance(entry, Organisation):
        return _organisation(entry, source)
    if isinstance(entry, Location):
        return _location(entry, source)
    if isinstance(entry, AccreditationEntry):
        return _accreditation(entry, source)
    return _programme(entry, source)


def node(source: RegisterSource, *parts: str) -> str:
    """Return the IRI of a node of a register that the publication gives none.

    An identifier that is an IRI itself, alone, is returned as it is.
    """
    if len(parts) == 1 and is_iri(parts[0]):
        return parts[0]
    return "/".join((source.iri, *(quote(part, safe="") for part in parts)))


def _organisation(entry: Organisation, source: RegisterSource) -> Iterator[Triple]:
    iri = node(source, entry.iri)
    yield link(iri, RDF.type, ELM.Organisation)
    yield link(iri, DCTERMS.source, source.source)
    for name in entry.names:
        yield words(iri, ROV.legalName, name.text, name.language)
    for normal in dict.fromkeys(normal_name(name.text) for name in entry.names):
        yield words(iri, NS.normalName, normal)
    for identifier in entry.identifiers:
        yield from _identifier(iri, entry.iri, identifier, source)
    if entry.location:
        yield link(iri, ELM.location, node(source, entry.location))
    elif entry.country:
        location = node(source, "location", entry.iri)
        yield link(iri, ELM.location, location)
        yield from _location(Location(location, entry.country), source)
    if entry.homepage and is_iri(entry.homepage):
        yield link(iri, FOAF.homepage, entry.homepage)
    for whole in entry.part_of:
        yield link(iri, "http://www.w3.org/ns/org#subOrganizationOf", node(source, whole))


def _identifier(owner: str, key: str, identifier: BodyIdentifier, source: RegisterSource) -> Iterator[Triple]:
    iri = node(source, "identifier", key, identifier.scheme or "", identifier.notation)
    yield link(owner, ADMS.identifier, iri)
    yield link(iri, RDF.type, ADMS.Identifier)
    yield words(iri, SKOS.notation, identifier.notation)
    yield words(iri, NS.normalNotation, normal_notation(identifier.notation))
    if identifier.scheme:
        yield words(iri, ELM.schemeName, identifier.scheme)
    if identifier.country:
        yield link(iri, DCTERMS.spatial, COUNTRY + identifier.country)


def _location(entry: Location, source: RegisterSource) -> Iterator[Triple]:
    iri = node(source, entry.iri)
    address = node(source, "address", entry.iri)
    yield link(iri, RDF.type, DCTERMS.Location)
    yield link(iri, ELM.address, address)
    yield link(address, ELM.countryCode, COUNTRY + entry.country)


def _accreditation(entry: AccreditationEntry, source: RegisterSource) -> Iterator[Triple]:
    iri = node(source, entry.iri)
    yield link(iri, RDF.type, ELM.Accreditation)
    yield link(iri, DCTERMS.source, source.source)
    yield words(iri, DCTERMS.title, entry.title.text, entry.title.language)
    for kind in entry.types:
        yield link(iri, DCTERMS.type, kind)
    for organisation in entry.organisations:
        yield link(iri, ELM.organisation, node(source, organisation))
    if entry.decision:
        decision = node(source, "decision", entry.decision)
        yield link(iri, ELM.decision, decision)
        yield words(decision, SKOS.prefLabel, entry.decision, "en")
    for predicate, values in (("limitField", entry.fields), ("limitJurisdiction", entry.jurisdictions)):
        for value in values:
            yield link(iri, ELM + predicate, value)
    for level in entry.levels:
        yield link(iri, ELM.limitEQFLevel, EQF + str(level))
    for programme, name in entry.programmes:
        yield link(iri, ELM.limitAbstractProgramme, node(source, programme))
        if name:
            yield words(node(source, programme), SKOS.prefLabel, name.text, name.language)
    dates = (
        (DCTERMS.issued, entry.issued),
        (ELM.reviewDate, entry.review),
        (ELM.expiryDate, entry.expires),
    )
    for predicate, day in dates:
        if day:
            yield typed(iri, predicate, day.isoformat(), "date")
    if entry.agency:
        yield link(iri, ELM.accreditingAgent, node(source, entry.agency))
    for number, remark in enumerate(entry.notes, 1):
        note = node(source, "note", entry.iri, str(number))
        yield link(iri, ELM.additionalNote, note)
        yield words(note, ELM.noteLiteral, remark.text, remark.language)
    if entry.page and is_iri(entry.page):
        yield link(iri, RDFS.seeAlso, entry.page)


def _programme(entry: Programme, source: RegisterSource) -> Iterator[Triple]:
    iri = node(source, entry.iri)
    yield link(iri, RDF.type, ELM.Qualification)
    yield link(iri, DCTERMS.source, source.source)
    if entry.is_micro_credential:
        yield link(iri, DCTERMS.type, _MICRO_CREDENTIAL)
    for title in entry.titles:
        yield words(iri, DCTERMS.title, title.text, title.language)
    if entry.organisations:
        awarding = node(source, "awarding", entry.iri)
        yield link(iri, ELM.awardingOpportunity, awarding)
        yield link(awarding, RDF.type, ELM.AwardingOpportunity)
        for organisation in entry.organisations:
            yield link(awarding, ELM.awardingBody, node(source, organisation))
    if entry.eqf_level:
        yield link(iri, ELM.EQFLevel, EQF + str(entry.eqf_level))
    if entry.nqf_level:
        yield link(iri, ELM.NQFLevel, entry.nqf_level)
    for code in entry.fields:
        yield link(iri, ELM.ISCEDFCode, code)
    for accreditation in entry.accreditations:
        yield link(iri, ELM.accreditation, node(source, accreditation))
    yield from _workload(iri, entry, source)
    yield from _outcomes(iri, entry, source)
    if entry.assessed:
        assessment = node(source, "assessment", entry.iri)
        yield link(iri, ELM.provenBy, assessment)
        yield link(assessment, RDF.type, ELM.LearningAssessmentSpecification)


def _workload(iri: str, entry: Programme, source: RegisterSource) -> Iterator[Triple]:
    if entry.ects:
        credit = node(source, "credit", entry.iri)
        yield link(iri, ELM.creditPoint, credit)
        yield link(credit, RDF.type, ELM.CreditPoint)
        yield link(credit, ELM.framework, _ECTS)
        yield words(credit, ELM.point, entry.ects)
    if entry.hours:
        yield typed(iri, ELM.volumeOfLearning, _duration(entry.hours), "duration")


def _duration(hours: str) -> str:
    whole, _, part = hours.partition(".")
    minutes = round(float(f"0.{part}") * 60) if part else 0
    return f"PT{int(whole)}H" + (f"{minutes}M" if minutes else "")


def _outcomes(iri: str, entry: Programme, source: RegisterSource) -> Iterator[Triple]:
    """Yield an outcome for each skill; the outcomes in words alone where no skill is stated."""
    for number, skill in enumerate(entry.skills, 1):
        outcome = node(source, "outcome", entry.iri, str(number))
        yield link(iri, ELM.learningOutcome, outcome)
        yield link(outcome, RDF.type, ELM.LearningOutcome)
        yield link(outcome, ELM.relatedESCOSkill, skill)
        if entry.outcome:
            yield words(outcome, DCTERMS.title, entry.outcome.text, entry.outcome.language)
    if entry.outcome and not entry.skills:
        outcome = node(source, "outcome", entry.iri, "1")
        yield link(iri, ELM.learningOutcome, outcome)
        yield link(outcome, RDF.type, ELM.LearningOutcome)
        yield words(outcome, DCTERMS.title, entry.outcome.text, entry.outcome.language)
