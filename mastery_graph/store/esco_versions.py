"""Versions of ESCO side by side: which version of the store holds a version of ESCO, or the one of a given day.

When a new ESCO is loaded, the previous version of the store is kept as it was (see `versions`).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mastery_graph.errors import UnknownEscoVersion
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.store.versions import kept_versions
from mastery_graph.vocabulary import graph


@dataclass(frozen=True, slots=True)
class EscoVersion:
    """A version of ESCO that can be queried."""

    esco: str
    """Such as 1.2.0."""
    issued: str
    """The day from which it is valid (ISO 8601)."""
    content_hash: str
    """The hash of the whole dataset that it is part of."""
    folder: Path | None = None
    """The version of the store that holds it; None is the current one."""


def esco_versions(directory: Path, current: Store) -> list[EscoVersion]:
    """Return the versions of ESCO in a store, the current one first, then the kept ones, newest first."""
    descriptions = current.select(named_query("browse/dataset").text)
    current_versions = [
        EscoVersion(_text(row, "version"), _text(row, "issued"), _text(descriptions[0], "hash") if descriptions else "")
        for row in current.select(named_query("browse/dataset-graphs").text)
        if _text(row, "graph") == graph("esco") and "version" in row
    ]
    earlier_versions = [EscoVersion(**about, folder=folder) for folder, about in kept_versions(directory).items()]
    return current_versions + sorted(earlier_versions, key=lambda version: (version.issued, version.esco), reverse=True)


def version_as_of(versions: list[EscoVersion], name_or_day: str) -> EscoVersion:
    """Return the version with this name, or the one that was valid on this day. Raises `UnknownEscoVersion`."""
    day = _day(name_or_day)
    if day is None:
        matches = [
            version
            for version in versions
            if version.esco in {name_or_day.removeprefix("v"), f"{name_or_day.removeprefix('v')}.0"}
        ]
    else:
        candidates = [version for version in versions if version.issued <= day]
        matches = [
            version for version in candidates if version.issued == max(candidate.issued for candidate in candidates)
        ]
    if not matches:
        available = ", ".join(f"{version.esco} (from {version.issued})" for version in versions)
        raise UnknownEscoVersion(
            Message("No loaded version of ESCO has the name {name}.", name=name_or_day)
            if day is None
            else Message("No loaded version of ESCO was current on {day}.", day=name_or_day),
            Message("Loaded: {names}.", names=available) if available else Message("No complete version is loaded."),
        )
    return matches[0]


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _text(row: Any, name: str) -> str:
    return str(row[name].value) if name in row else ""
