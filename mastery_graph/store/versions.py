"""Versions of a store on disk: each a folder, written once, switched to by a pointer that is replaced in one step.

::

    DIR/current          the name of the version that is served, and in the next line the format of the store
    DIR/lock             held by whoever writes
    DIR/versions/NAME    a store of RocksDB files
    DIR/kept/NAME.json   says that this version is kept beside the current one, and what it is

Readers hold the version that `current` names and keep it until they ask again. A writer works on a copy; where it
fails, the copy goes and nothing has changed. A version that is not current is removed by the next writer, unless a
reader still holds it or it is kept.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mastery_graph.errors import StoreBusy, StoreError, StoreMissing, StoreUnreadable
from mastery_graph.store.engine_errors import FIX_ADVICE, translate_engine_errors

FORMAT: Final = "format 1"
"""How a store is laid out and what its queries rely on; another one for a store that this software could not serve."""


def current_version(directory: Path) -> Path:
    """Return the folder of the version that is served. Raises `StoreMissing` and `StoreUnreadable`."""
    try:
        name, _, written = (directory / "current").read_text(encoding="utf-8").strip().partition("\n")
    except FileNotFoundError:
        raise _missing(directory) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreUnreadable(f"The store at {directory} cannot be read: {error}.", FIX_ADVICE) from None
    if written not in {FORMAT, ""}:
        raise StoreUnreadable(
            f"The store at {directory} has {written!r}, and this software reads {FORMAT!r}.",
            "Use the software that wrote it, or build into another folder.",
        )
    version = directory / "versions" / name
    if not name or version.parent != directory / "versions" or not version.is_dir():
        raise StoreUnreadable(f"The store at {directory} names the version {name!r}, which is not there.", FIX_ADVICE)
    return version


def require_store(directory: Path) -> None:
    """Raise `StoreMissing` where there is no store in the folder, such as where its volume is not mounted."""
    if not (directory / "current").exists():
        raise _missing(directory)


def served_version(directory: Path) -> Path | None:
    """Return the folder of the version that is served, or None where there is no store yet."""
    return current_version(directory) if (directory / "current").exists() else None


class Hold:
    """Keeps a version from being removed for as long as this object lives (a shared lock on its folder)."""

    def __init__(self, version: Path) -> None:
        """Hold a version. Raises `OSError` where it is gone, or going."""
        self._descriptor = os.open(version, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        version.stat()

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)


def hold_current_version(directory: Path) -> tuple[Path, Hold]:
    """Return the folder of the version that is served, held. Raises `StoreMissing` and `StoreUnreadable`."""
    while True:
        version = current_version(directory)
        try:
            return version, Hold(version)
        except OSError as error:
            # Between the look and the hold, a writer may have removed it.
            if version == current_version(directory):
                raise StoreUnreadable(f"The store at {directory} cannot be opened: {error}.", FIX_ADVICE) from None


def pointer_state(directory: Path) -> tuple[int, int] | None:
    """Return what tells one state of the pointer from another, at the cost of one look; None is no store."""
    try:
        told = os.stat(f"{directory}/current")  # noqa: PTH116  # each request looks, and a new Path costs as much again
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns


def kept_versions(directory: Path) -> dict[Path, dict[str, str]]:
    """Return the versions that are kept, with what is written of each; one that is served now counts as current."""
    served = served_version(directory)
    found = {
        directory / "versions" / told.stem: json.loads(told.read_text(encoding="utf-8"))
        for told in sorted((directory / "kept").glob("*.json"))
    }
    return {version: about for version, about in found.items() if version != served and version.is_dir()}


def keep_version(version: Path, about: Mapping[str, str]) -> None:
    """Keep a version from being removed when another one becomes current, until `forget_version`."""
    kept = version.parent.parent / "kept"
    kept.mkdir(exist_ok=True)
    replace_file(kept / f"{version.name}.json", json.dumps(about))


def forget_version(version: Path) -> None:
    """Keep a version no longer; the next writer removes it."""
    (version.parent.parent / "kept" / f"{version.name}.json").unlink(missing_ok=True)


@contextmanager
def draft(directory: Path, *, create: bool = True) -> Iterator[Path]:
    """Give the folder of a new version, still to be made; publish it on leaving.

    Where the block raises, the draft is removed and the store stays as it was. Raises `StoreMissing` where there is no
    store and none is to be made (`create`), also where it goes away meanwhile; `StoreBusy` where another process is
    writing, `StoreFull`, and `StoreUnreadable`.
    """
    if not create:
        require_store(directory)
    versions = directory / "versions"
    written = f"The store at {directory} cannot be written"
    with translate_engine_errors(written, StoreUnreadable):
        versions.mkdir(parents=True, exist_ok=True)
        lock = (directory / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy(
                f"Another process is writing to the store at {directory}.", "Try again when it has ended."
            ) from None
        if not create:
            require_store(directory)
        with translate_engine_errors(written):
            _remove_others(directory)
            new = Path(tempfile.mkdtemp(prefix="v", dir=versions))
            new.rmdir()
        try:
            yield new
            if not create:
                require_store(directory)
            with translate_engine_errors(written):
                replace_file(directory / "current", f"{new.name}\n{FORMAT}\n")
        except BaseException:
            if not _is_current(directory, new):
                shutil.rmtree(new, ignore_errors=True)
            raise


def replace_file(path: Path, content: str) -> None:
    """Put a text in the place of a file in one step that outlives a loss of power."""
    descriptor, draft_path = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(draft_path).chmod(0o644)
    Path(draft_path).replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing(directory: Path) -> StoreMissing:
    return StoreMissing(
        f"There is no store at {directory}.", f"Build it with `mastery-graph build --store {directory}`."
    )


def _is_current(directory: Path, version: Path) -> bool:
    try:
        return current_version(directory) == version
    except StoreError:
        return False


def _is_held(version: Path) -> bool:
    descriptor = os.open(version, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _remove_others(directory: Path) -> None:
    """Remove what an interrupted writer left and what nobody holds or keeps; nothing where the pointer is broken."""
    try:
        served = current_version(directory)
    except StoreMissing:
        served = None
    except StoreUnreadable:
        return
    keep = {served, *kept_versions(directory)}
    for version in (directory / "versions").iterdir():
        if version not in keep and not _is_held(version):
            shutil.rmtree(version, ignore_errors=True)
    for leftover in directory.glob("current-*"):
        leftover.unlink(missing_ok=True)
