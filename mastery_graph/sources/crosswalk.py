"""A crosswalk as ESCO publishes it: a CSV table from another classification to ESCO, such as the one from O*NET.

The table stands below lines that tell about it. Its columns are `NAME Id`, `NAME Title`, `NAME Description`, the URI,
the title and the description in ESCO or ISCO, and `Type of Match`, a SKOS mapping property. How each match came about
is not told in the table, so that the justification is `semapv:UnspecifiedMatching`.
"""

import csv
import io
import re
from pathlib import Path
from typing import Final

from mastery_graph.errors import BadParameter, BadSource
from mastery_graph.sources.sssom import MappingSet, mapping_set_of_rows
from mastery_graph.vocabulary import ID, SEMAPV, SKOS

_URI: Final = "ESCO or ISCO URI"
_TITLE: Final = "ESCO or ISCO Title"
_MATCH: Final = "Type of Match"
_IDENTIFIERS: Final = {"O*NET": "https://www.onetonline.org/link/summary/"}
_ADVICE: Final = f"It must be a CSV table with the columns NAME Id, NAME Title, {_URI}, {_TITLE} and {_MATCH}."


def read_crosswalk(path: Path, identifiers: str | None = None) -> MappingSet:
    """Return the mapping set of a crosswalk; each row that cannot be used is refused with its line and the reason.

    `identifiers` is what the codes of the other classification are put behind to become IRIs; for O*NET it is known.
    Raises `BadSource` where the file is no crosswalk, and `BadParameter` where the IRIs of its codes are unknown.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(f"{path.name} cannot be read: {error}.", _ADVICE, file=path.name) from None
    start = next((place for place, line in enumerate(lines) if _URI in line and _MATCH in line), None)
    if start is None:
        raise BadSource(f"{path.name} has no row that names the columns {_URI} and {_MATCH}.", _ADVICE, file=path.name)
    table = csv.DictReader(io.StringIO("".join(lines[start:])))
    name = next((column.removesuffix(" Id") for column in table.fieldnames or () if column.endswith(" Id")), None)
    if name is None:
        raise BadSource(f"{path.name} has no column NAME Id.", _ADVICE, file=path.name)
    base = identifiers or _IDENTIFIERS.get(name)
    if base is None:
        raise BadParameter(
            f"The IRIs of {name} are not known.", "Name what its codes are put behind: --identifiers IRI."
        )
    rows = []
    for row in table:
        given = {column: (text or "").strip() for column, text in row.items() if isinstance(text, str)}
        rows.append((start + table.line_num, _slots(given, name, base)))
    metadata = {
        "mapping_set_id": f"{ID}mapping-set/crosswalk-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}-esco",
        "mapping_set_title": f"Crosswalk from {name} to ESCO",
    }
    return mapping_set_of_rows(path, metadata, rows)


def _slots(row: dict[str, str], name: str, base: str) -> dict[str, str]:
    code = row.get(f"{name} Id", "")
    return {
        "subject_id": base + code if code else "",
        "subject_label": row.get(f"{name} Title", ""),
        "predicate_id": SKOS + row.get(_MATCH, ""),
        "object_id": row.get(_URI, ""),
        "object_label": row.get(_TITLE, ""),
        "mapping_justification": SEMAPV + "UnspecifiedMatching",
    }
