"""Reader of registers that are published as tables: CSV, with a small mapping file for each register.

The mapping file is YAML. `rows` says what a row is: `accreditation`, of one organisation, or `qualification`.
`columns` names the column of each field; `constants` gives fields that are the same in each row; `values` translates
the texts of a field; `dates` is the form of dates (`%d/%m/%Y`; ISO 8601 by default); `delimiter` separates columns.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from mastery_graph.errors import BadSource
from mastery_graph.field_errors import field_reason
from mastery_graph.sources.registers.records import (
    AccreditationEntry,
    BodyIdentifier,
    Entry,
    LocalText,
    Organisation,
    Programme,
    RejectedEntry,
    refuse_end_before_beginning,
)

_FIELDS: Final = {
    "accreditation": frozenset(
        [
            "organisation",
            "organisation_name",
            "organisation_country",
            "organisation_scheme",
            "id",
            "title",
            "type",
            "decision",
            "issued",
            "review",
            "expires",
            "level",
            "field",
            "jurisdiction",
            "condition",
            "page",
        ]
    ),
    "qualification": frozenset(
        [
            "organisation",
            "organisation_name",
            "organisation_country",
            "organisation_scheme",
            "id",
            "title",
            "level",
            "nqf_level",
            "field",
            "ects",
            "hours",
            "outcome",
            "expires",
        ]
    ),
}
_REQUIRED: Final = {
    "accreditation": ("organisation", "organisation_name"),
    "qualification": ("id", "title"),
}
_TYPES: Final = {
    "institutional licence": "003293d2ce",
    "programme licence": "e57dddfcf3",
    "institutional quality assurance": "bb4618238e",
    "programme quality assurance": "820101cba6",
    "EQAR institutional accreditation": "c_1f1a469a",
    "EQAR programme accreditation": "c_64666c29",
}
"""The types of accreditation by name (EU vocabulary of accreditation types)."""


class ColumnMapping(BaseModel):
    """How the columns of a table map to the fields of a register."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: Literal["accreditation", "qualification"]
    columns: Mapping[str, str]
    """The column of each field."""
    constants: Mapping[str, str] = {}
    """The fields that have the same value in each row."""
    values: Mapping[str, Mapping[str, str]] = {}
    """By field: the text of a cell, and what it means."""
    dates: str = "%Y-%m-%d"
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    language: str | None = None
    """The language of titles and names (BCP 47)."""


def read_column_mapping(path: Path) -> ColumnMapping:
    """Return the mapping in a YAML file. Raises `BadSource` with the reason if it cannot be used."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        mapping = ColumnMapping.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSource(f"{path.name} cannot be read as YAML: {error}.", file=path.name) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise BadSource(f"{path.name}: {place}: {field_reason(first)}.", file=path.name) from None
    unknown = sorted({*mapping.columns, *mapping.constants} - _FIELDS[mapping.rows])
    if unknown:
        known = ", ".join(sorted(_FIELDS[mapping.rows]))
        raise BadSource(f"{path.name} names unknown fields: {', '.join(unknown)}.", f"The fields are: {known}.")
    missing = [name for name in _REQUIRED[mapping.rows] if name not in {*mapping.columns, *mapping.constants}]
    if missing:
        raise BadSource(f"{path.name} lacks the fields {', '.join(missing)}.", file=path.name)
    return mapping


def read_register_table(path: Path, mapping: ColumnMapping) -> Iterator[Entry]:
    """Yield the entries of a table; reject a row that cannot be used, with its number (the header is row 1).

    Raises `BadSource` if the file is no such table.
    """
    reader = _accreditation if mapping.rows == "accreditation" else _qualification
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            table = csv.DictReader(file, delimiter=mapping.delimiter)
            missing = [column for column in mapping.columns.values() if column not in (table.fieldnames or ())]
            if missing:
                raise BadSource(f"{path.name} lacks the columns {', '.join(missing)}.", file=path.name)
            for number, row in enumerate(table, 2):
                try:
                    yield from list(reader(_fields(row, mapping), mapping, number))
                except ValueError as error:
                    yield RejectedEntry(f"{path.name}, row {number}", str(error))
    except (OSError, UnicodeDecodeError, LookupError, csv.Error) as error:
        raise BadSource(f"{path.name} cannot be read as a CSV table: {error}.", file=path.name) from None


def _fields(row: Mapping[str | Any, str | Any], mapping: ColumnMapping) -> dict[str, str]:
    """Return the fields of a row that are not empty."""
    cells = {name: (row[column] or "").strip() for name, column in mapping.columns.items()}
    fields = {**mapping.constants, **{name: cell for name, cell in cells.items() if cell}}
    for name, meanings in mapping.values.items():
        if name in fields:
            if fields[name] not in meanings:
                raise ValueError(f"{name} is {fields[name]!r}, which the mapping does not explain.")
            fields[name] = meanings[fields[name]]
    for name in _REQUIRED[mapping.rows]:
        if not fields.get(name):
            raise ValueError(f"{name} is missing.")
    return fields


def _accreditation(fields: dict[str, str], mapping: ColumnMapping, number: int) -> Iterator[Entry]:
    days = {name: _day(fields, name, mapping) for name in ("issued", "review", "expires")}
    refuse_end_before_beginning(days["issued"], days["expires"])
    kind = fields.get("type", "institutional licence")
    if kind not in _TYPES:
        raise ValueError(f"type is {kind!r}; it must be one of: {', '.join(_TYPES)}.")
    yield _organisation(fields, mapping)
    yield AccreditationEntry(
        iri=fields.get("id") or f"row/{number}",
        title=LocalText(fields.get("title") or kind, mapping.language if "title" in fields else "en"),
        types=(f"http://data.europa.eu/snb/accreditation/{_TYPES[kind]}",),
        decision=fields.get("decision", "positive"),
        organisations=(fields["organisation"],),
        fields=_isced_fields(fields),
        levels=tuple(_level(text) for text in _parts(fields, "level")),
        jurisdictions=_parts(fields, "jurisdiction"),
        issued=days["issued"],
        review=days["review"],
        expires=days["expires"],
        notes=(LocalText(fields["condition"], mapping.language),) if "condition" in fields else (),
        page=fields.get("page"),
    )


def _qualification(fields: dict[str, str], mapping: ColumnMapping, _: int) -> Iterator[Entry]:
    if "organisation" in fields and "organisation_name" in fields:
        yield _organisation(fields, mapping)
    for name in ("ects", "hours"):
        if name in fields and not fields[name].replace(".", "", 1).isdigit():
            raise ValueError(f"{name} is {fields[name]!r}, which is no number.")
    yield Programme(
        iri=f"qualification/{fields['id']}",
        titles=(LocalText(fields["title"], mapping.language),),
        organisations=(fields["organisation"],) if "organisation" in fields else (),
        ects=fields.get("ects"),
        hours=fields.get("hours"),
        eqf_level=_level(fields["level"]) if "level" in fields else None,
        nqf_level=fields.get("nqf_level"),
        fields=_isced_fields(fields),
        outcome=LocalText(fields["outcome"], mapping.language) if "outcome" in fields else None,
    )


def _organisation(fields: dict[str, str], mapping: ColumnMapping) -> Organisation:
    return Organisation(
        iri=fields["organisation"],
        names=(LocalText(fields["organisation_name"], mapping.language),),
        identifiers=(BodyIdentifier(fields["organisation"], fields.get("organisation_scheme")),),
        country=fields.get("organisation_country"),
    )


def _day(fields: dict[str, str], name: str, mapping: ColumnMapping) -> date | None:
    if name not in fields:
        return None
    try:
        return datetime.strptime(fields[name], mapping.dates).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise ValueError(f"{name} is {fields[name]!r}, which is no date in the form {mapping.dates}.") from None


def _level(text: str) -> int:
    if text not in "12345678" or len(text) != 1:
        raise ValueError(f"level is {text!r}, which is no EQF level (1 to 8).")
    return int(text)


def _isced_fields(fields: dict[str, str]) -> tuple[str, ...]:
    for code in _parts(fields, "field"):
        if not (code.isdigit() and 2 <= len(code) <= 4):
            raise ValueError(f"field is {code!r}, which is no code of ISCED-F.")
    return tuple(f"http://data.europa.eu/snb/isced-f/{code}" for code in _parts(fields, "field"))


def _parts(fields: dict[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in fields.get(name, "").split(";") if part.strip())
