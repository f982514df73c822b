"""Versions of ESCO side by side: which version of the store answers for a version of ESCO, or for a day.

A version of the store that a new ESCO took the place of is kept (see `versions`), as it stood then.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mastery_graph.errors import UnknownEscoVersion
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.store.versions import kept_versions
from mastery_graph.vocabulary import graph


@dataclass(frozen=True, slots=True)
class EscoVersion:
    """A version of ESCO that questions can be asked of."""

    esco: str
    """Such as 1.2.0."""
    issued: str
    """The day from which it counts (ISO 8601)."""
    content_hash: str
    """The hash of the whole dataset that it is part of."""
    folder: Path | None = None
    """The version of the store that holds it; None is the current one."""


def esco_versions(directory: Path, current: Store) -> list[EscoVersion]:
    """Return the versions of ESCO in a store, the current one first, then those that are kept, the newest first."""
    described = current.select(named_query("browse/dataset").text)
    here = [
        EscoVersion(_text(row, "version"), _text(row, "issued"), _text(described[0], "hash") if described else "")
        for row in current.select(named_query("browse/dataset-graphs").text)
        if _text(row, "graph") == graph("esco") and "version" in row
    ]
    kept = [EscoVersion(**about, folder=folder) for folder, about in kept_versions(directory).items()]
    return here + sorted(kept, key=lambda one: (one.issued, one.esco), reverse=True)


def version_as_of(versions: list[EscoVersion], asked: str) -> EscoVersion:
    """Return the version of this name, or the one that counted on this day. Raises `UnknownEscoVersion`."""
    day = _day(asked)
    if day is None:
        wanted = [one for one in versions if one.esco in {asked.removeprefix("v"), f"{asked.removeprefix('v')}.0"}]
    else:
        before = [one for one in versions if one.issued <= day]
        wanted = [one for one in before if one.issued == max(each.issued for each in before)]
    if not wanted:
        listed = ", ".join(f"{one.esco} (from {one.issued})" for one in versions)
        raise UnknownEscoVersion(
            f"No version of ESCO that is here {'is called' if day is None else 'counted on'} {asked}.",
            f"Here are: {listed or 'none'}.",
        )
    return wanted[0]


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _text(row: Any, name: str) -> str:
    return str(row[name].value) if name in row else ""
