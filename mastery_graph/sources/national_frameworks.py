"""Reader of the tables of national frameworks as of November 2026, and writer of the Turtle files that ship.

`python -m mastery_graph.sources.national_frameworks FOLDER` reads a folder with four tables: `nqf-eqf.csv` (levels),
`nqf-corrections.csv`, `nqf-eqf-verified.csv` (what was read of each level, and where) and `referencing-reports.csv`. It
writes `ontology/nqf.ttl` and `ontology/referencing-reports.ttl`.
A level that nobody has read is published; only a page that states the very level, or a one-to-one rule, verifies one.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from mastery_graph.rdf import link, typed, words
from mastery_graph.resources import folder
from mastery_graph.sources.referencings import triples_of_levels
from mastery_graph.sources.tables import TableRow, rows
from mastery_graph.sources.turtle import format_turtle
from mastery_graph.vocabulary import DCTERMS, FOAF, ID, NS, ORG, PREFIXES, RDF, SKOS

READ_IN: Final = "2026-11"
"""The month in which the pages were read."""
_LEVELS: Final = ("framework_uri", "framework_label", "country_iso3", "level_uri", "level_label", "eqf_level", "basis")
_LEVELS_AND_SOURCES: Final = (*_LEVELS, "confidence", "source_title", "source_url", "note")
_READINGS: Final = ("level_uri", "ground", "page_title", "page_url", "how")
_CORRECTIONS: Final = ("level_uri", "is", "source_title", "source_url")
_REPORTS: Final = (
    *("country_iso3", "framework_label", "report_title", "report_url", "year", "updated", "ncp_name", "ncp_url"),
    "page_where_read",
)
_REMARK: Final = re.compile(r"(?: -|[.;]) (?:not \d as )?our table.*?(?= \(|$)", re.IGNORECASE)
"""A remark on the table itself, which the corrections settle: no ground of a referencing."""
_ADDRESS: Final = re.compile(r"https?://[^\s;,()]+(?:\([^\s()]*\)[^\s;,()]*)*")


def read_national_frameworks(tables: Path) -> list[Triple]:
    """Return the frameworks of the tables with their levels, corrected and with their grounds. Raises `BadSource`."""
    return triples_of_levels(tables / "nqf-eqf.csv", merge(tables))


def read_referencing_reports(tables: Path) -> list[Triple]:
    """Return the referencing reports and coordination points of the frameworks. Raises `BadSource`."""
    levels = [row for _, row in rows(tables / "nqf-eqf.csv", _LEVELS_AND_SOURCES)]
    frameworks = {(row["country_iso3"], row["framework_label"]): row["framework_uri"] for row in levels}
    triples: list[Triple] = []
    for _, row in rows(tables / "referencing-reports.csv", _REPORTS):
        if framework := frameworks.get((row["country_iso3"], row["framework_label"])):
            triples += report_triples(framework, row)
    return list(dict.fromkeys([*triples, *_titles_of_pages(tables, triples)]))


def _titles_of_pages(tables: Path, triples: list[Triple]) -> Iterator[Triple]:
    """Yield the title of each page that is cited: that of the table of levels, or its address."""
    titles = {
        triple.subject: triple for triple in read_national_frameworks(tables) if triple.predicate.value == DCTERMS.title
    }
    for triple in triples:
        page = triple.object
        if triple.predicate.value == DCTERMS.source and isinstance(page, NamedNode) and not page.value.startswith(ID):
            yield link(page.value, RDF.type, DCTERMS.BibliographicResource)
            yield titles.get(page) or words(page.value, DCTERMS.title, page.value, "en")


def merge(tables: Path) -> list[tuple[int, TableRow]]:
    """Return the numbered rows of the table of levels, corrected, each with what was read of it."""
    readings = {row["level_uri"]: row for _, row in rows(tables / "nqf-eqf-verified.csv", _READINGS)}
    corrections = {row["level_uri"]: row for _, row in rows(tables / "nqf-corrections.csv", _CORRECTIONS)}
    table = list(rows(tables / "nqf-eqf.csv", _LEVELS_AND_SOURCES))
    bases = {row["framework_uri"]: row["basis"] for _, row in table if row["basis"]}
    merged = []
    for number, cells in table:
        row = cells | {"confidence": "published"}
        if reading := readings.get(row["level_uri"]):
            row |= {"ground": reading["ground"], "how": _REMARK.sub("", reading["how"]), "read_in": READ_IN}
            row |= {"read_title": reading["page_title"], "read_url": reading["page_url"]}
        if correction := corrections.get(row["level_uri"]):
            row |= {"eqf_level": correction["is"], "basis": row["basis"] or bases[row["framework_uri"]]}
            if " ; " in correction["source_url"]:
                row |= {"ground": "two pages"}
        merged.append((number, row))
    return merged


def report_triples(framework: str, row: TableRow) -> Iterator[Triple]:
    """Yield the referencing report and the coordination point of a framework, as far as a page names them."""
    name = framework.rpartition("/")[2]
    pages = _ADDRESS.findall(row["page_where_read"])
    if row["report_title"] or row["report_url"] or row["year"]:
        report = f"{ID}referencing-report/{name}"
        title = row["report_title"] or f"Referencing report of the {row['framework_label']}"
        yield link(framework, NS.referencingReport, report)
        yield link(report, RDF.type, NS.ReferencingReport)
        yield words(report, SKOS.prefLabel, title, "en")
        if row["year"]:
            yield typed(report, DCTERMS.issued, row["year"], "gYear")
        if row["updated"]:
            yield words(report, SKOS.note, row["updated"], "en")
        if row["report_url"]:
            yield link(report, FOAF.page, row["report_url"])
        yield from _read_on(report, pages, row)
    if row["ncp_name"] or row["ncp_url"]:
        body = f"{ID}coordination-point/{name}"
        yield link(framework, NS.coordinationPoint, body)
        yield link(body, RDF.type, ORG.Organization)
        yield words(body, SKOS.prefLabel, row["ncp_name"] or f"EQF national coordination point ({name})", "en")
        if row["ncp_url"]:
            yield link(body, FOAF.homepage, row["ncp_url"])
        yield from _read_on(body, pages, row)


def _read_on(subject: str, pages: list[str], row: TableRow) -> Iterator[Triple]:
    yield typed(subject, NS.asOf, READ_IN, "gYearMonth")
    for page in pages:
        yield link(subject, DCTERMS.source, page)
    if not pages:
        yield link(subject, DCTERMS.source, f"{ID}source/mastery-graph")
        yield words(subject, DCTERMS.bibliographicCitation, row["page_where_read"], "en")


def main(arguments: list[str]) -> int:
    """Write the two files of `ontology` from the tables of a folder."""
    tables = Path(arguments[0])
    write("nqf.ttl", read_national_frameworks(tables))
    write("referencing-reports.ttl", read_referencing_reports(tables))
    return 0


def write(name: str, triples: list[Triple]) -> None:
    """Write a file of `ontology` in the format of the project."""
    path = folder("ontology") / name
    with path.open("wb") as file:
        serialize(triples, file, format=RdfFormat.TURTLE, prefixes=PREFIXES)
    path.write_text(format_turtle(path), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
