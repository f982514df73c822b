"""Readers of the CSV tables of the ESCO download: skills, groups, occupations, their hierarchy and relations.

Rows become the same triples as in the official Turtle: the ESCO model (http://data.europa.eu/esco/model#) and SKOS.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Triple

from mastery_graph.errors import BadSource
from mastery_graph.rdf import link, typed, words
from mastery_graph.sources.tables import Readable, TableRow, bad_row, rows
from mastery_graph.vocabulary import DCTERMS, ESCO, ISO_THES, RDF, SKOS

_BASE = "http://data.europa.eu/esco/"
_SCHEME = _BASE + "concept-scheme/"
_IRI_PATTERN = re.compile(r"http://data\.europa\.eu/[^\s,|<>\"{}\\^`]+")
_CLASSES = {
    "KnowledgeSkillCompetence": ESCO.Skill,
    "SkillGroup": SKOS.Concept,
    "ISCOGroup": SKOS.Concept,
    "Occupation": ESCO.Occupation,
}
_COLLECTIONS = {
    "greenSkillsCollection": _SCHEME + "green",
    "digitalSkillsCollection": _SCHEME + "6c930acd-c104-4ece-acf7-f44fd7333036",
    "digCompSkillsCollection": _SCHEME + "digcomp",
}
_RELATIONS = {"essential": ESCO.relatedEssentialSkill, "optional": ESCO.relatedOptionalSkill}


@dataclass(slots=True)
class EscoReport:
    """The contents of a download. Complete once all triples have been read."""

    files_read: list[str] = field(default_factory=list)
    files_missing: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    """The languages of the CSV files."""
    concepts: Counter[str] = field(default_factory=Counter)
    """Rows by type of concept, such as `Occupation`."""
    relations: Counter[str] = field(default_factory=Counter)
    """Rows by kind of relation, such as `essential`."""


def kind_and_language(name: str) -> tuple[str, str]:
    """Return the kind of a file of the download and its language, from its name.

    >>> kind_and_language("skillGroups_fi.csv")
    ('skillGroups', 'fi')
    """
    kind, _, language = name.removesuffix(".csv").rpartition("_")
    return kind, language


def read_table(file: Readable, report: EscoReport) -> Iterator[Triple]:
    """Yield the triples of one CSV file, some more than once. Raises `BadSource` with the file and reason."""
    kind, language = kind_and_language(file.name)
    columns, read = READERS[kind]
    for number, row in rows(file, columns):
        try:
            yield from read(row, language, report)
            if collection := _COLLECTIONS.get(kind):
                yield link(row["conceptUri"], SKOS.inScheme, collection)
        except ValueError as error:
            raise bad_row(file, number, f"{error}.") from None


def _concept(row: TableRow, language: str, report: EscoReport) -> Iterator[Triple]:
    concept, kind = row["conceptUri"], row["conceptType"]
    if not _IRI_PATTERN.fullmatch(concept):
        raise BadSource(f"{concept!r} is not the URI of an ESCO concept.")
    report.concepts[kind] += 1
    yield link(concept, RDF.type, _CLASSES.get(kind, SKOS.Concept))
    yield link(concept, RDF.type, SKOS.Concept)
    yield words(concept, SKOS.prefLabel, row["preferredLabel"], language)
    labels = {"", row["preferredLabel"]}
    for column, predicate in (("altLabels", "altLabel"), ("hiddenLabels", "hiddenLabel")):
        for label in re.split(r"\s*(?:\||\n)\s*", row.get(column, "")):
            if label not in labels:  # the tables repeat labels; kinds of SKOS labels are disjoint (S13)
                labels.add(label)
                yield words(concept, SKOS + predicate, label, language)
    for column, predicate in (
        ("description", DCTERMS.description),
        ("definition", SKOS.definition),
        ("scopeNote", SKOS.scopeNote),
    ):
        if text := row.get(column):
            yield words(concept, predicate, text, language)
    for scheme in _IRI_PATTERN.findall(row.get("inScheme", "")):
        yield link(concept, SKOS.inScheme, scheme)
    if code := row.get("code"):
        yield words(concept, SKOS.notation, code)
    if status := row.get("status"):
        yield words(concept, ISO_THES + "status", status)
    if modified := row.get("modifiedDate"):
        yield typed(concept, DCTERMS.modified, modified, "dateTime")
    if skill_type := row.get("skillType"):
        yield link(concept, ESCO.skillType, f"{_BASE}skill-type/{skill_type.partition('/')[0]}")
    if reuse := row.get("reuseLevel"):
        yield link(concept, ESCO.skillReuseLevel, f"{_BASE}skill-reuse-level/{reuse}")
    if kind == "KnowledgeSkillCompetence":
        yield link(concept, SKOS.inScheme, _SCHEME + "skills")
    for broader in _IRI_PATTERN.findall(row.get("broaderConceptUri", "")):
        report.relations["broader"] += 1
        yield link(concept, SKOS.broader, broader)
    if group := row.get("iscoGroup"):
        # Not always the next broader concept, which is in the table of broader relations.
        yield link(concept, ESCO.memberOfISCOGroup, f"{_BASE}isco/C{group}")


def _broader(row: TableRow, _language: str, report: EscoReport) -> Iterator[Triple]:
    report.relations["broader"] += 1
    yield link(row["conceptUri"], SKOS.broader, row["broaderUri"])


def _hierarchy(row: TableRow, language: str, report: EscoReport) -> Iterator[Triple]:
    levels = [level for level in range(4) if row.get(f"Level {level} URI")]
    report.concepts["SkillGroup in the hierarchy"] += 1
    for level in levels:
        concept = row[f"Level {level} URI"]
        yield link(concept, RDF.type, SKOS.Concept)
        yield words(concept, SKOS.prefLabel, row[f"Level {level} preferred term"], language)
        if level:
            yield link(concept, SKOS.broader, row[f"Level {level - 1} URI"])


def _scheme(row: TableRow, language: str, report: EscoReport) -> Iterator[Triple]:
    scheme = row["conceptSchemeUri"]
    report.concepts["ConceptScheme"] += 1
    yield link(scheme, RDF.type, SKOS.ConceptScheme)
    if row["preferredLabel"]:
        yield words(scheme, SKOS.prefLabel, row["preferredLabel"], language)
    for concept in _IRI_PATTERN.findall(row["hasTopConcept"]):
        yield link(scheme, SKOS.hasTopConcept, concept)


def _skill_relation(row: TableRow, _language: str, report: EscoReport) -> Iterator[Triple]:
    report.relations[row["relationType"]] += 1
    if predicate := _RELATIONS.get(row["relationType"]):
        yield link(row["originalSkillUri"], predicate, row["relatedSkillUri"])


def _occupation_relation(row: TableRow, _language: str, report: EscoReport) -> Iterator[Triple]:
    report.relations[f"{row['relationType']} for an occupation"] += 1
    if predicate := _RELATIONS.get(row["relationType"]):
        yield link(row["occupationUri"], predicate, row["skillUri"])


_Reader = Callable[[TableRow, str, EscoReport], Iterator[Triple]]
_CONCEPT_COLUMNS = ("conceptType", "conceptUri", "preferredLabel")
_BROADER_COLUMNS = ("conceptUri", "broaderUri")
READERS: Final[dict[str, tuple[tuple[str, ...], _Reader]]] = {
    "skills": (_CONCEPT_COLUMNS, _concept),
    "greenSkillsCollection": (_CONCEPT_COLUMNS, _concept),
    "transversalSkillsCollection": (_CONCEPT_COLUMNS, _concept),
    "digitalSkillsCollection": (_CONCEPT_COLUMNS, _concept),
    "digCompSkillsCollection": (_CONCEPT_COLUMNS, _concept),
    "languageSkillsCollection": (_CONCEPT_COLUMNS, _concept),
    "researchSkillsCollection": (_CONCEPT_COLUMNS, _concept),
    "skillGroups": (_CONCEPT_COLUMNS, _concept),
    "occupations": (_CONCEPT_COLUMNS, _concept),
    "ISCOGroups": (_CONCEPT_COLUMNS, _concept),
    "skillsHierarchy": (("Level 0 URI", "Level 0 preferred term"), _hierarchy),
    "broaderRelationsSkillPillar": (_BROADER_COLUMNS, _broader),
    "broaderRelationsOccPillar": (_BROADER_COLUMNS, _broader),
    "skillSkillRelations": (("originalSkillUri", "relationType", "relatedSkillUri"), _skill_relation),
    "occupationSkillRelations": (("occupationUri", "relationType", "skillUri"), _occupation_relation),
    "conceptSchemes": (("conceptSchemeUri", "preferredLabel", "hasTopConcept"), _scheme),
}
