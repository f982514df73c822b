"""Checksums of the files of a store version, by which `mastery-graph check` finds a damaged byte.

They are beside the versions, in `DIR/sums/NAME.json`: the SHA-256 of each file, which never changes once the version is
published. Versions share files by hard links; of those that the previous version has too, the sum is taken over.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

_IGNORED_PREFIXES = ("LOG", "LOCK")
"""Files that the engine writes when it opens a version, and that contain no data."""


def write_sums(version: Path, previous: Path | None) -> None:
    """Write the sums of a new version, which has the previous one as its base."""
    known = _known_sums(previous) if previous else {}
    sums = {file.name: known.get(_identity(file)) or _sum(file) for file in _files(version)}
    path = _sums_file(version)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(sums, indent=0), encoding="utf-8")


def remove_sums(directory: Path, used: set[Path]) -> None:
    """Remove the sums of versions of a store that are not used any more."""
    names = {version.name for version in used}
    for path in (directory / "sums").glob("*.json"):
        if path.stem not in names:
            path.unlink(missing_ok=True)


def damaged_files(version: Path) -> list[str] | None:
    """Return the names of files of a version that are missing or changed; None if it has no sums.

    Raises `OSError` if a file cannot be read.
    """
    try:
        sums: Mapping[str, str] = json.loads(_sums_file(version).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return [_sums_file(version).name]
    return [
        name for name, expected in sums.items() if not (version / name).is_file() or _sum(version / name) != expected
    ]


def _sums_file(version: Path) -> Path:
    return version.parent.parent / "sums" / f"{version.name}.json"


def _files(version: Path) -> list[Path]:
    return sorted(file for file in version.iterdir() if file.is_file() and not file.name.startswith(_IGNORED_PREFIXES))


def _identity(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_dev, status.st_ino


def _known_sums(previous: Path) -> dict[tuple[int, int], str]:
    """Return the sums of the previous version's files, by the identity of the file; of data files only."""
    try:
        sums = json.loads(_sums_file(previous).read_text(encoding="utf-8"))
        return {_identity(previous / name): value for name, value in sums.items() if name.endswith(".sst")}
    except (OSError, ValueError):
        return {}


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
