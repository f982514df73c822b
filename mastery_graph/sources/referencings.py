"""Reader of the table of national levels: frameworks, their levels in order, and their referencing to the EQF.

A row without an EQF level becomes a level with an open referencing, for the reason in its note. So does a row that
cites no source, unless the source of its framework's referencing is known (`ontology/referencing-sources.csv`). A
known caveat of a level takes the place of its note (`ontology/level-notes.csv`).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import Triple

from mastery_graph.errors import BadSource
from mastery_graph.languages import N_
from mastery_graph.rdf import is_iri, link, typed, words
from mastery_graph.resources import folder
from mastery_graph.sources.tables import TableRow, bad_row, rows
from mastery_graph.vocabulary import COUNTRY, DCTERMS, EQF, ID, NS, QDR, RDF, SKOS

_COLUMNS = (
    "framework_uri",
    "framework_label",
    "country_iso3",
    "level_uri",
    "level_label",
    "eqf_level",
    "basis",
    "confidence",
    "source_title",
    "source_url",
    "note",
)
_CONFIDENCES: Final = {"verified": "verified", "published": "published", "high": "verified"} | dict.fromkeys(
    ("medium", "low"), "published"
)
"""The confidence of a referencing by how a table writes it. Verified: a cited page states this very level, or a
one-to-one rule. Published: the referencing of the framework is published, and this row was not read (LEVEL-5)."""
GROUNDS: Final = {"row": "verified", "rule": "verified", "two pages": "published", "open": ""}
"""What was read of a level, and the confidence that it gives: the page states this very level; it states a rule for all
levels of the framework; one page has the national level of a degree and another its EQF level; there is none."""
_HISTORICAL_MARK = "no longer"
_SOURCE = ID + "source/mastery-graph"
_NO_SOURCE = N_("its referencing cites no source")


def read_referencings(path: Path) -> list[Triple]:
    """Return the triples of a table of national levels, one row per level (format: `docs/reference/tables.md`).

    Raises `BadSource` with the number of the first row that cannot be used.
    """
    return triples_of_levels(path, rows(path, _COLUMNS))


def triples_of_levels(path: Path, table: Iterable[tuple[int, TableRow]]) -> list[Triple]:
    """Return the triples of the numbered rows of a table of national levels; `path` names it in errors.

    The columns `ground`, `how`, `read_title` and `read_url` are optional: what was read of the level, and where.
    Raises `BadSource` with the number of the first row that cannot be used.
    """
    levels: dict[str, int] = {}
    frameworks: dict[str, list[TableRow]] = defaultdict(list)
    known_sources, notes = _known_sources(), _known_notes()
    for number, cells in table:
        row = cells if cells["source_url"] else cells | known_sources.get(cells["framework_uri"], {})
        row |= notes.get(row["level_uri"], {})
        if reason := _fault_of_row(row):
            raise bad_row(path, number, reason)
        if row["level_uri"] in levels:
            raise bad_row(path, number, f"the level {row['level_uri']} is in row {levels[row['level_uri']]} already.")
        levels[row["level_uri"]] = number
        framework_rows = frameworks[row["framework_uri"]]
        if framework_rows and (framework_rows[0]["framework_label"], framework_rows[0]["country_iso3"]) != (
            row["framework_label"],
            row["country_iso3"],
        ):
            raise bad_row(path, number, "the framework has another label or country than in the rows before.")
        framework_rows.append(row)
    if not levels:
        raise BadSource(f"{path.name} holds no level.")
    return [
        triple for framework, members in frameworks.items() for triple in dict.fromkeys(_framework(framework, members))
    ]


def _known_sources() -> dict[str, TableRow]:
    """Return the known sources of referencings by framework, for rows that cite none."""
    columns = ("framework_uri", "source_title", "source_url")
    table = rows(folder("ontology") / "referencing-sources.csv", columns)
    return {row["framework_uri"]: {name: row[name] for name in columns[1:]} for _, row in table}


def _known_notes() -> dict[str, TableRow]:
    """Return the caveats of levels by level, each with the page that states it."""
    columns = ("level_uri", "note", "source_title", "source_url")
    return {
        row["level_uri"]: {
            "note": row["note"],
            "note_title": row["source_title"],
            "note_url": row["source_url"],
        }
        for _, row in rows(folder("ontology") / "level-notes.csv", columns)
    }


def sort_levels(levels: list[TableRow]) -> list[TableRow]:
    """Return the levels of one framework, lowest first.

    The order is by EQF level, then by the number in the label. A level below the first EQF level comes first; an open
    sub-level, such as 6.1, is placed next to its siblings.
    """
    siblings = {_whole_number(level["level_label"]): int(level["eqf_level"]) for level in levels if level["eqf_level"]}

    def sort_key(level: TableRow) -> tuple[int, tuple[tuple[int, ...], str]]:
        label = level["level_label"]
        if level["eqf_level"]:
            return int(level["eqf_level"]), _natural_key(label)
        return (siblings.get(_whole_number(label), 0) if "." in label else 0), _natural_key(label)

    return sorted(levels, key=sort_key)


def _fault_of_row(row: TableRow) -> str | None:
    """Return the reason why a row cannot be used, or None."""
    for column in ("framework_uri", "level_uri"):
        if not re.fullmatch(re.escape(QDR) + r"c_[0-9a-z]+", row[column]):
            return f"{column} is {row[column]!r}, and must be an official URI that starts with {QDR}."
    if not re.fullmatch(r"[A-Z]{3}", row["country_iso3"]):
        return f"country_iso3 is {row['country_iso3']!r}, and must be a three-letter code such as FIN."
    if not row["level_label"] or not row["framework_label"]:
        return "level_label and framework_label must not be empty."
    if row["eqf_level"]:
        if row["eqf_level"] not in tuple("12345678"):
            return f"eqf_level is {row['eqf_level']!r}, and must be 1 to 8, or empty."
        if not row["basis"] or row["confidence"] not in _CONFIDENCES:
            return "a referencing needs a basis, and a confidence of verified or published (or high, medium, low)."
    elif not row["note"]:
        return "a level without an EQF level needs a note that says why."
    if row.get("ground") and row["ground"] not in GROUNDS:
        return f"ground is {row['ground']!r}, and must be one of: {', '.join(GROUNDS)}."
    for column in ("source_url", "read_url"):
        for address in _addresses(row.get(column, "")):
            if not (address.startswith(("https://", "http://")) and is_iri(address)):
                return f"{column} is {row[column]!r}, which is not a web address."
    return None


def _framework(framework: str, members: list[TableRow]) -> Iterator[Triple]:
    country, label = members[0]["country_iso3"], members[0]["framework_label"]
    yield link(framework, RDF.type, NS.QualificationsFramework)
    yield words(framework, SKOS.prefLabel, label, "en")
    yield words(
        framework, SKOS.definition, f"The levels of the {label}, as the European Commission publishes them.", "en"
    )
    yield words(framework, NS.countryCode, country)
    yield link(framework, DCTERMS.spatial, COUNTRY + country)
    yield link(framework, DCTERMS.source, _SOURCE)
    for member in members:
        yield from _source(framework, member)
    for position, member in enumerate(sort_levels(members), start=1):
        yield from _level(framework, member, position)


def _level(framework: str, row: TableRow, position: int) -> Iterator[Triple]:
    level = row["level_uri"]
    yield link(level, RDF.type, NS.NationalLevel)
    yield words(level, SKOS.prefLabel, row["level_label"], "en")
    yield link(level, SKOS.inScheme, framework)
    yield typed(level, NS.position, str(position), "integer")
    yield words(level, NS.countryCode, row["country_iso3"])
    yield link(level, DCTERMS.source, row["source_url"] or _SOURCE)
    yield from _source(level, row)
    if row.get("ground") == "open":
        yield from _reading(level, row)
    if row["eqf_level"] and row["source_url"]:
        yield from _referencing(row)
    else:
        yield words(level, NS.openBecause, _NO_SOURCE if row["eqf_level"] else row["note"], "en")


def _referencing(row: TableRow) -> Iterator[Triple]:
    referencing = f"{ID}referencing/{row['level_uri'].removeprefix(QDR)}"
    yield link(referencing, RDF.type, NS.LevelReferencing)
    yield words(referencing, SKOS.prefLabel, f"{row['level_label']} to EQF level {row['eqf_level']}", "en")
    yield link(referencing, NS.nationalLevel, row["level_uri"])
    yield link(referencing, NS.eqfLevel, EQF + row["eqf_level"])
    yield words(referencing, NS.basis, row["basis"], "en")
    yield words(referencing, NS.confidence, GROUNDS.get(row.get("ground", "")) or _CONFIDENCES[row["confidence"]])
    if row["note"]:
        yield words(referencing, SKOS.note, row["note"], "en")
    if year := re.search(r"\((\d{4})", row["basis"]):
        yield typed(referencing, DCTERMS.date, year[1], "gYear")
    if updated := re.search(r"updated (\d{4})", row["basis"]):
        yield typed(referencing, DCTERMS.modified, updated[1], "gYear")
    if _HISTORICAL_MARK in row["note"]:
        yield typed(referencing, NS.historical, "true", "boolean")
    yield link(referencing, DCTERMS.source, row["source_url"])
    if row.get("ground"):
        yield from _reading(referencing, row)
    if row.get("note_url"):
        yield from _sources(referencing, row["note_title"], row["note_url"])


def _reading(subject: str, row: TableRow) -> Iterator[Triple]:
    """Yield what was read of a level, when, and the pages on which it was read."""
    yield words(subject, NS.ground, row["ground"])
    if row.get("how"):
        yield words(subject, NS.howRead, row["how"], "en")
    if row.get("read_in"):
        yield typed(subject, NS.asOf, row["read_in"], "gYearMonth")
    yield from _sources(subject, row.get("read_title", ""), row.get("read_url", ""))


def _sources(subject: str, titles: str, addresses: str) -> Iterator[Triple]:
    """Yield the pages, several separated by a semicolon, as the sources of a subject."""
    pages = _addresses(addresses)
    names = [title.strip() for title in titles.split(";")]
    for number, page in enumerate(pages):
        title = names[number] if len(names) == len(pages) else titles
        yield link(subject, DCTERMS.source, page)
        yield link(page, RDF.type, DCTERMS.BibliographicResource)
        yield words(page, DCTERMS.title, title or page, "en")


def _addresses(cell: str) -> list[str]:
    return [address for part in cell.split(" ; ") if (address := part.strip())]


def _source(subject: str, row: TableRow) -> Iterator[Triple]:
    """Yield the source that a row cites, with its title, as the source of the subject."""
    if row["source_url"]:
        yield link(subject, DCTERMS.source, row["source_url"])
        yield link(row["source_url"], RDF.type, DCTERMS.BibliographicResource)
        yield words(row["source_url"], DCTERMS.title, row["source_title"] or row["source_url"], "en")


def _whole_number(label: str) -> str:
    match = re.search(r"\d+", label)
    return match[0] if match else label


def _natural_key(label: str) -> tuple[tuple[int, ...], str]:
    entry = 0 if "entry" in label.lower() else 1
    return (entry, *(int(number) for number in re.findall(r"\d+", label))), label
