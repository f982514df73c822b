"""Reader of a set of green skills with its mappings to ESCO: Turtle, or two CSV tables.

The bundled set is a working set. Any other set in one of the two formats can replace it; no other part of the project
depends on the codes or the number of green skills.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Triple

from mastery_graph.errors import BadSource
from mastery_graph.rdf import link, typed, words
from mastery_graph.sources.tables import TableRow, bad_row, rows
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import DCTERMS, EQF, ID, NS, RDF, SEMAPV, SKOS, SSSOM

SCHEME = ID + "green-skill"
MAPPING_SET = ID + "mapping-set/green-skills-esco"

_SOURCE = ID + "source/mastery-graph"
_GREENCOMP = "https://publications.jrc.ec.europa.eu/repository/handle/JRC128040"
_ESCO = "http://data.europa.eu/esco/concept-scheme/skills"
_SKILL_COLUMNS = ("skill_code", "name_en", "sectors", "eqf_min", "eqf_max", "greencomp")
_MAPPING_COLUMNS = ("skill_code", "esco_uri", "esco_label", "mapping_relation", "justification")
_CONFIDENCE = {
    "exactMatch": "1.0",
    "closeMatch": "0.8",
    "narrowMatch": "0.9",
    "broadMatch": "0.9",
    "relatedMatch": "0.7",
}
_MAPPING_TYPES = {SSSOM.Mapping, SSSOM.MappingSet}
_MAPPING_PREDICATES = {SKOS + relation for relation in _CONFIDENCE}


@dataclass(frozen=True, slots=True)
class GreenSkillSet:
    """The triples of a set: the skills, and their mappings with the SSSOM records."""

    skills: list[Triple]
    mappings: list[Triple]


def read_green_skills(path: Path) -> GreenSkillSet:
    """Return the set of a Turtle file (`.ttl`) or a CSV table (`.csv`), with its mappings.

    For a table `NAME.csv`, mappings are read from `NAME-esco-mappings.csv` or `green-skill-esco-mappings.csv` in the
    same folder; a set without mappings is accepted. Raises `OntologyError` or `BadSource`, with the
    line or the row.
    """
    if path.suffix.lower() == ".csv":
        return _separate_mappings(list(_read_tables(path)))
    return _separate_mappings(read_turtle(path))


def _separate_mappings(triples: list[Triple]) -> GreenSkillSet:
    """Separate the mappings and their records from the skills."""
    records = {
        triple.subject
        for triple in triples
        if triple.predicate.value == RDF.type
        and isinstance(triple.object, NamedNode)
        and triple.object.value in _MAPPING_TYPES
    }
    mappings: list[Triple] = []
    skills: list[Triple] = []
    for triple in dict.fromkeys(triples):
        if isinstance(triple.subject, BlankNode):
            raise BadSource("A set of green skills names its skills and mappings by IRI; it has a blank node.")
        is_mapping = triple.subject in records or triple.predicate.value in _MAPPING_PREDICATES
        (mappings if is_mapping else skills).append(triple)
    return GreenSkillSet(skills, mappings)


def _read_tables(path: Path) -> Iterator[Triple]:
    yield from _scheme()
    codes = set()
    for number, row in rows(path, _SKILL_COLUMNS):
        code = row["skill_code"]
        if not re.fullmatch(r"[A-Za-z0-9_-]+", code):
            raise bad_row(path, number, f"skill_code is {code!r}, and must be letters, digits, - and _ only.")
        if code in codes:
            raise bad_row(path, number, f"the skill {code} is there already.")
        if not row["name_en"]:
            raise bad_row(path, number, "name_en is empty.")
        for column in ("eqf_min", "eqf_max"):
            if row[column] not in tuple("12345678"):
                raise bad_row(path, number, f"{column} is {row[column]!r}, and must be 1 to 8.")
        if row["eqf_min"] > row["eqf_max"]:
            raise bad_row(path, number, "eqf_min is above eqf_max.")
        codes.add(code)
        yield from _skill(row)
    candidates = (path.with_name(f"{path.stem}-esco-mappings.csv"), path.with_name("green-skill-esco-mappings.csv"))
    mapping_table = next((candidate for candidate in candidates if candidate.exists()), None)
    if mapping_table:
        yield from _mapping_set()
        for number, row in rows(mapping_table, _MAPPING_COLUMNS):
            if row["skill_code"] not in codes:
                raise bad_row(mapping_table, number, f"there is no skill {row['skill_code']!r} in {path.name}.")
            if row["mapping_relation"] not in _CONFIDENCE:
                raise bad_row(
                    mapping_table, number, f"mapping_relation is {row['mapping_relation']!r}, not a SKOS mapping."
                )
            if not re.fullmatch(r"http://data\.europa\.eu/esco/[\w./-]+", row["esco_uri"]):
                raise bad_row(mapping_table, number, f"esco_uri is {row['esco_uri']!r}, which is not an ESCO URI.")
            yield from _mapping(row, number - 1)


def _scheme() -> Iterator[Triple]:
    yield link(SCHEME, RDF.type, SKOS.ConceptScheme)
    yield words(SCHEME, SKOS.prefLabel, "Enabling green skills", "en")
    yield words(SCHEME, SKOS.definition, "The green skills that micro-credentials of the project attest.", "en")
    yield typed(SCHEME, NS.provisional, "true", "boolean")
    yield words(
        SCHEME,
        SKOS.editorialNote,
        "A working set. The official MASTERY list (deliverable D2.2) is not public, so these skills were chosen for "
        "this project from ESCO's green collection, with at least three for each sector. Choice, EQF ranges, GreenComp "
        "links and mappings are editorial judgement; the names in Italian, Spanish, Bulgarian and Finnish are the "
        "project's own and not reviewed by native speakers. The official list replaces the set as a whole.",
        "en",
    )
    yield link(SCHEME, DCTERMS.source, _SOURCE)


def _skill(row: TableRow) -> Iterator[Triple]:
    skill = f"{SCHEME}/{row['skill_code']}"
    yield link(skill, RDF.type, NS.GreenSkill)
    yield words(skill, SKOS.notation, row["skill_code"])
    for column, name in row.items():
        kind, _, language = column.partition("_")
        if name and kind in {"name", "definition"} and re.fullmatch(r"[a-z]{2}", language):
            yield words(skill, SKOS + ("prefLabel" if kind == "name" else "definition"), name, language)
    yield link(skill, SKOS.inScheme, SCHEME)
    for sector in _split_values(row["sectors"]):
        yield link(skill, NS.inSector, f"{ID}sector/{_slug(sector)}")
    yield link(skill, NS.minimumEQFLevel, EQF + row["eqf_min"])
    yield link(skill, NS.maximumEQFLevel, EQF + row["eqf_max"])
    for competence in _split_values(row["greencomp"]):
        concept = f"{ID}greencomp/{_slug(competence)}"
        yield link(skill, NS.greenComp, concept)
        yield link(concept, RDF.type, NS.GreenCompCompetence)
        yield words(concept, SKOS.prefLabel, competence, "en")
        yield link(concept, DCTERMS.source, _GREENCOMP)
        yield link(_GREENCOMP, RDF.type, DCTERMS.BibliographicResource)
        yield words(_GREENCOMP, DCTERMS.title, "GreenComp: the European sustainability competence framework", "en")
    yield link(skill, DCTERMS.source, _SOURCE)


def _mapping_set() -> Iterator[Triple]:
    yield link(MAPPING_SET, RDF.type, SSSOM.MappingSet)
    yield words(MAPPING_SET, DCTERMS.title, "Green skills to ESCO", "en")
    yield words(
        MAPPING_SET,
        SSSOM.comment,
        "Relations, justifications and confidences are this project's judgement; the confidence follows the relation. "
        "No exact match is claimed.",
        "en",
    )
    yield link(MAPPING_SET, SSSOM.license, "https://creativecommons.org/licenses/by-sa/4.0/")
    yield link(MAPPING_SET, SSSOM.subject_source, SCHEME)
    yield link(MAPPING_SET, SSSOM.object_source, _ESCO)
    yield words(MAPPING_SET, SSSOM.object_source_version, "1.2.0")
    yield link(MAPPING_SET, DCTERMS.source, _SOURCE)


def _mapping(row: TableRow, number: int) -> Iterator[Triple]:
    skill, concept = f"{SCHEME}/{row['skill_code']}", row["esco_uri"]
    relation = row["mapping_relation"]
    record = f"{ID}mapping/{row['skill_code']}-{number:03}"
    yield link(skill, SKOS + relation, concept)
    yield link(record, RDF.type, SSSOM.Mapping)
    yield link(record, DCTERMS.isPartOf, MAPPING_SET)
    yield link(record, SSSOM.subject_id, skill)
    yield link(record, SSSOM.predicate_id, SKOS + relation)
    yield link(record, SSSOM.object_id, concept)
    yield words(record, SSSOM.object_label, row["esco_label"], "en")
    yield link(record, SSSOM.mapping_justification, SEMAPV.ManualMappingCuration)
    yield typed(record, SSSOM.confidence, _CONFIDENCE[relation], "double")
    yield words(record, SSSOM.author_label, "mastery-graph editors")
    yield typed(record, SSSOM.mapping_date, "2026-11-24", "date")
    yield words(record, SSSOM.comment, row["justification"], "en")
    yield link(record, DCTERMS.source, _SOURCE)


def _split_values(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
