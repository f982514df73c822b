"""Reader of the crosswalks that ESCO publishes: CSV tables from another classification, such as O*NET, to ESCO.

The table is preceded by lines that describe it. Its columns are `NAME Id`, `NAME Title`, `NAME Description`, the URI,
the title and the description in ESCO or ISCO, and `Type of Match`, a SKOS mapping property. The table does not state
how a match was found, so the justification is `semapv:UnspecifiedMatching`.
"""

import csv
import io
import re
from pathlib import Path
from typing import Final

from mastery_graph.errors import AdvisedAction, BadParameter, BadSource
from mastery_graph.sources.sssom import MappingSet, mapping_set_of_rows
from mastery_graph.vocabulary import ID, SEMAPV, SKOS

_URI: Final = "ESCO or ISCO URI"
_TITLE: Final = "ESCO or ISCO Title"
_MATCH: Final = "Type of Match"
_IRI_PREFIXES: Final = {"O*NET": "https://www.onetonline.org/link/summary/"}
_ADVICE: Final = f"It must be a CSV table with the columns NAME Id, NAME Title, {_URI}, {_TITLE} and {_MATCH}."


def read_crosswalk(path: Path, identifiers: str | None = None) -> MappingSet:
    """Return the mapping set of a crosswalk; a row that cannot be used is rejected with its line and the reason.

    `identifiers` is the IRI prefix for the codes of the other classification; for O*NET it is known. Raises `BadSource`
    if the file is no crosswalk, and `BadParameter` if the IRI prefix of its codes is unknown.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(f"{path.name} cannot be read: {error}.", _ADVICE, file=path.name) from None
    header_index = next((index for index, line in enumerate(lines) if _URI in line and _MATCH in line), None)
    if header_index is None:
        raise BadSource(f"{path.name} has no row that names the columns {_URI} and {_MATCH}.", _ADVICE, file=path.name)
    table = csv.DictReader(io.StringIO("".join(lines[header_index:])))
    name = next((column.removesuffix(" Id") for column in table.fieldnames or () if column.endswith(" Id")), None)
    if name is None:
        raise BadSource(f"{path.name} has no column NAME Id.", _ADVICE, file=path.name)
    prefix = identifiers or _IRI_PREFIXES.get(name)
    if prefix is None:
        raise BadParameter(
            f"The IRIs of {name} are not known.", "Name what its codes are put behind.", AdvisedAction.NAME_IDENTIFIERS
        )
    rows = []
    for row in table:
        cells = {column: (text or "").strip() for column, text in row.items() if isinstance(text, str)}
        rows.append((header_index + table.line_num, _slots(cells, name, prefix)))
    metadata = {
        "mapping_set_id": f"{ID}mapping-set/crosswalk-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}-esco",
        "mapping_set_title": f"Crosswalk from {name} to ESCO",
    }
    return mapping_set_of_rows(path, metadata, rows)


def _slots(row: dict[str, str], name: str, prefix: str) -> dict[str, str]:
    code = row.get(f"{name} Id", "")
    return {
        "subject_id": prefix + code if code else "",
        "subject_label": row.get(f"{name} Title", ""),
        "predicate_id": SKOS + row.get(_MATCH, ""),
        "object_id": row.get(_URI, ""),
        "object_label": row.get(_TITLE, ""),
        "mapping_justification": SEMAPV.UnspecifiedMatching,
    }
