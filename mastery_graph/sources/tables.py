"""Reader of CSV tables with named columns: yields each row with its number, for error messages."""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from mastery_graph.errors import BadSource
from mastery_graph.languages import Message
from mastery_graph.sources.archives import BROKEN

_MAX_CELL_BYTES = 16 * 1024 * 1024
"""Bytes. The ESCO download lists all members of a collection in one cell."""

Readable = Path | zipfile.Path
"""A file, or a member of a ZIP archive."""

TableRow = dict[str, str]
"""A row: the text of each column without surrounding space; empty if the cell is empty."""


def rows(path: Readable, columns: Sequence[str]) -> Iterator[tuple[int, TableRow]]:
    """Yield each row with its number in the file (the header is row 1).

    Raises `BadSource` if the file cannot be read, is not UTF-8 or lacks one of `columns`.
    """
    csv.field_size_limit(_MAX_CELL_BYTES)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [column for column in columns if column not in (table.fieldnames or ())]
            if missing:
                raise BadSource(
                    Message("{name} lacks the column {names}.", name=path.name, names=", ".join(missing)),
                    Message("Its header must name: {names}.", names=", ".join(columns)),
                    file=path.name,
                )
            for number, row in enumerate(table, start=2):
                yield number, {name: (text or "").strip() for name, text in row.items() if isinstance(name, str)}
    except (csv.Error, *BROKEN) as error:
        raise BadSource(
            Message("{name} cannot be read as a CSV table in UTF-8: {reason}.", name=path.name, reason=error),
            file=path.name,
        ) from None


def bad_row(path: Readable, number: int, reason: str) -> BadSource:
    """Return the error for a row that cannot be used."""
    return BadSource(
        Message("{name}, row {number}: {reason}", name=path.name, number=number, reason=reason),
        Message("Correct the row and try again."),
        file=path.name,
        row=number,
    )
