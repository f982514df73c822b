"""The ESCO download in CSV: skills, groups, occupations, their hierarchy and relations, as the ESCO model writes them.

ESCO offers the files of a download one by one, so any of them may be missing; the report says which. Terms are those
of the ESCO model (http://data.europa.eu/esco/model#) and SKOS.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Triple

from mastery_graph.errors import BadSource
from mastery_graph.sources.statement import link, words
from mastery_graph.sources.tables import Record, rows
from mastery_graph.vocabulary import DCTERMS, ESCO, RDF, SKOS

_BASE = "http://data.europa.eu/esco/"
_SCHEME = _BASE + "concept-scheme/"
_IRI = re.compile(r"http://data\.europa\.eu/[^\s,|<>\"{}\\^`]+")
_CLASSES = {
    "KnowledgeSkillCompetence": ESCO + "Skill",
    "SkillGroup": SKOS + "Concept",
    "ISCOGroup": SKOS + "Concept",
    "Occupation": ESCO + "Occupation",
}
_COLLECTIONS = {
    "greenSkillsCollection": _SCHEME + "green",
    "digitalSkillsCollection": _SCHEME + "6c930acd-c104-4ece-acf7-f44fd7333036",
    "digCompSkillsCollection": _SCHEME + "digcomp",
}
_RELATIONS = {"essential": ESCO + "relatedEssentialSkill", "optional": ESCO + "relatedOptionalSkill"}


@dataclass(slots=True)
class EscoReport:
    """What was found in a download. Complete once all triples have been read."""

    files_read: list[str] = field(default_factory=list)
    files_missing: list[str] = field(default_factory=list)
    concepts: Counter[str] = field(default_factory=Counter)
    """Rows by type of concept, such as `Occupation`."""
    relations: Counter[str] = field(default_factory=Counter)
    """Rows by kind of relation, such as `essential`."""


class EscoDownload:
    """A folder with the files of a download in one language, or some of its files."""

    def __init__(self, paths: list[Path]) -> None:
        """Find the files. Raises `BadSource` where there is none of them."""
        files = [file for path in paths for file in (sorted(path.glob("*.csv")) if path.is_dir() else [path])]
        self._files = [(file, *_kind_and_language(file)) for file in files]
        self._files = [found for found in self._files if found[1] in _READERS]
        self.report = EscoReport(
            files_read=[file.name for file, _, _ in self._files],
            files_missing=sorted(_READERS.keys() - {kind for _, kind, _ in self._files}),
        )
        if not self._files:
            raise BadSource(
                f"No file of the ESCO download is at {', '.join(str(path) for path in paths)}.",
                f"Expected files such as {', '.join(f'{kind}_en.csv' for kind in sorted(_READERS))}.",
            )

    def triples(self) -> Iterator[Triple]:
        """Yield the triples of all files, some of them more than once. Raises `BadSource` with the file and reason."""
        for file, kind, language in self._files:
            columns, read = _READERS[kind]
            for _, row in rows(file, columns):
                yield from read(row, language, self.report)
                if collection := _COLLECTIONS.get(kind):
                    yield link(row["conceptUri"], SKOS + "inScheme", collection)


def _kind_and_language(file: Path) -> tuple[str, str]:
    kind, _, language = file.stem.rpartition("_")
    return kind, language


def _concept(row: Record, language: str, report: EscoReport) -> Iterator[Triple]:
    concept, kind = row["conceptUri"], row["conceptType"]
    if not _IRI.fullmatch(concept):
        raise BadSource(f"{concept!r} is not the URI of an ESCO concept.")
    report.concepts[kind] += 1
    yield link(concept, RDF + "type", _CLASSES.get(kind, SKOS + "Concept"))
    yield link(concept, RDF + "type", SKOS + "Concept")
    yield words(concept, SKOS + "prefLabel", row["preferredLabel"], language)
    for column, predicate in (("altLabels", "altLabel"), ("hiddenLabels", "hiddenLabel")):
        for label in re.split(r"\s*(?:\||\n)\s*", row.get(column, "")):
            if label:
                yield words(concept, SKOS + predicate, label, language)
    for column, predicate in (
        ("description", DCTERMS + "description"),
        ("definition", SKOS + "definition"),
        ("scopeNote", SKOS + "scopeNote"),
    ):
        if text := row.get(column):
            yield words(concept, predicate, text, language)
    for scheme in _IRI.findall(row.get("inScheme", "")):
        yield link(concept, SKOS + "inScheme", scheme)
    if code := row.get("code"):
        yield words(concept, SKOS + "notation", code)
    if status := row.get("status"):
        yield words(concept, ESCO + "status", status)
    if skill_type := row.get("skillType"):
        yield link(concept, ESCO + "skillType", f"{_BASE}skill-type/{skill_type.partition('/')[0]}")
    if reuse := row.get("reuseLevel"):
        yield link(concept, ESCO + "skillReuseLevel", f"{_BASE}skill-reuse-level/{reuse}")
    if kind == "KnowledgeSkillCompetence":
        yield link(concept, SKOS + "inScheme", _SCHEME + "skills")
    for broader in _IRI.findall(row.get("broaderConceptUri", "")):
        report.relations["broader"] += 1
        yield link(concept, SKOS + "broader", broader)
    if group := row.get("iscoGroup"):
        report.relations["broader"] += 1
        yield link(concept, SKOS + "broader", f"{_BASE}isco/C{group}")


def _broader(row: Record, _language: str, report: EscoReport) -> Iterator[Triple]:
    report.relations["broader"] += 1
    yield link(row["conceptUri"], SKOS + "broader", row["broaderUri"])


def _hierarchy(row: Record, language: str, report: EscoReport) -> Iterator[Triple]:
    levels = [level for level in range(4) if row.get(f"Level {level} URI")]
    report.concepts["SkillGroup in the hierarchy"] += 1
    for level in levels:
        concept = row[f"Level {level} URI"]
        yield link(concept, RDF + "type", SKOS + "Concept")
        yield words(concept, SKOS + "prefLabel", row[f"Level {level} preferred term"], language)
        if level:
            yield link(concept, SKOS + "broader", row[f"Level {level - 1} URI"])


def _scheme(row: Record, language: str, report: EscoReport) -> Iterator[Triple]:
    scheme = row["conceptSchemeUri"]
    report.concepts["ConceptScheme"] += 1
    yield link(scheme, RDF + "type", SKOS + "ConceptScheme")
    if row["preferredLabel"]:
        yield words(scheme, SKOS + "prefLabel", row["preferredLabel"], language)
    for concept in _IRI.findall(row["hasTopConcept"]):
        yield link(scheme, SKOS + "hasTopConcept", concept)


def _skill_relation(row: Record, _language: str, report: EscoReport) -> Iterator[Triple]:
    report.relations[row["relationType"]] += 1
    if predicate := _RELATIONS.get(row["relationType"]):
        yield link(row["originalSkillUri"], predicate, row["relatedSkillUri"])


def _occupation_relation(row: Record, _language: str, report: EscoReport) -> Iterator[Triple]:
    report.relations[f"{row['relationType']} for an occupation"] += 1
    if predicate := _RELATIONS.get(row["relationType"]):
        yield link(row["occupationUri"], predicate, row["skillUri"])


_Reader = Callable[[Record, str, EscoReport], Iterator[Triple]]
_CONCEPT_COLUMNS = ("conceptType", "conceptUri", "preferredLabel")
_BROADER_COLUMNS = ("conceptUri", "broaderUri")
_READERS: dict[str, tuple[tuple[str, ...], _Reader]] = {
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
