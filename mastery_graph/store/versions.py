"""Versions of a store on disk: folders that are written once, and a pointer that is replaced atomically.

::

    DIR/current          the name of the current version, and in the next line the format of the store
    DIR/lock             locked by the writer
    DIR/versions/NAME    a store of RocksDB files
    DIR/sums/NAME.json   the checksums of its files
    DIR/kept/NAME.json   marks a version to be kept beside the current one, and describes it

Readers hold a lock on the version that they use, which they take from `current`. A writer works on a copy; if it fails,
the copy is deleted and nothing has changed. A version that is not current is removed by the next writer, unless a
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

from mastery_graph.errors import AdvisedAction, StoreBusy, StoreError, StoreMissing, StoreUnreadable
from mastery_graph.languages import Message
from mastery_graph.store.engine_errors import translate_engine_errors
from mastery_graph.store.sums import remove_sums, write_sums

FORMAT: Final = "format 1"
"""The format of a store on disk; to be changed when this software could not use stores of the old format."""


def current_version(directory: Path) -> Path:
    """Return the folder of the current version. Raises `StoreMissing` and `StoreUnreadable`."""
    try:
        name, _, store_format = (directory / "current").read_text(encoding="utf-8").strip().partition("\n")
    except FileNotFoundError:
        raise _store_missing(directory) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreUnreadable(
            Message("The store at {directory} cannot be read: {reason}.", directory=directory, reason=error),
            action=AdvisedAction.RESTORE_STORE,
        ) from None
    if store_format not in {FORMAT, ""}:
        raise StoreUnreadable(
            Message(
                "The store at {directory} has the format {store_format}; this software reads {format}.",
                directory=directory,
                store_format=repr(store_format),
                format=repr(FORMAT),
            ),
            Message("Use the software that wrote it, or build into another folder."),
        )
    version = directory / "versions" / name
    if not name or version.parent != directory / "versions" or not version.is_dir():
        raise StoreUnreadable(
            Message(
                "The store at {directory} refers to the version {name}, which is missing.",
                directory=directory,
                name=repr(name),
            ),
            action=AdvisedAction.RESTORE_STORE,
        )
    return version


def require_store(directory: Path) -> None:
    """Raise `StoreMissing` if there is no store in the folder, for example because its volume is not mounted."""
    if not (directory / "current").exists():
        raise _store_missing(directory)


def served_version(directory: Path) -> Path | None:
    """Return the folder of the current version, or None if there is no store yet."""
    return current_version(directory) if (directory / "current").exists() else None


class Hold:
    """A shared lock on the folder of a version, which prevents its removal for the lifetime of this object."""

    def __init__(self, version: Path) -> None:
        """Lock a version. Raises `OSError` if it has been or is being removed."""
        self._descriptor = os.open(version, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        version.stat()

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)


def hold_current_version(directory: Path) -> tuple[Path, Hold]:
    """Return the folder of the current version, and a lock on it. Raises `StoreMissing` and `StoreUnreadable`."""
    while True:
        version = current_version(directory)
        try:
            return version, Hold(version)
        except OSError as error:
            # A writer may have removed it before it was locked.
            if version == current_version(directory):
                raise StoreUnreadable(
                    Message("The store at {directory} cannot be opened: {reason}.", directory=directory, reason=error),
                    action=AdvisedAction.RESTORE_STORE,
                ) from None


def pointer_state(directory: Path) -> tuple[int, int] | None:
    """Return a cheap fingerprint of the pointer, which differs after each switch; None if there is no store."""
    try:
        status = os.stat(f"{directory}/current")  # noqa: PTH116  # done on each request; creating a Path would double the cost
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def kept_versions(directory: Path) -> dict[Path, dict[str, str]]:
    """Return the kept versions with their descriptions; without the current version."""
    served = served_version(directory)
    versions = {
        directory / "versions" / file.stem: json.loads(file.read_text(encoding="utf-8"))
        for file in sorted((directory / "kept").glob("*.json"))
    }
    return {version: about for version, about in versions.items() if version != served and version.is_dir()}


def keep_version(version: Path, about: Mapping[str, str]) -> None:
    """Keep a version when another one becomes current, until `forget_version` is called."""
    folder = version.parent.parent / "kept"
    folder.mkdir(exist_ok=True)
    replace_file(folder / f"{version.name}.json", json.dumps(about))


def forget_version(version: Path) -> None:
    """Stop keeping a version; the next writer removes it."""
    (version.parent.parent / "kept" / f"{version.name}.json").unlink(missing_ok=True)


@contextmanager
def new_version(directory: Path, *, create: bool = True) -> Iterator[Path]:
    """Yield the path of a new version, which the block creates; publish it when the block ends.

    If the block raises, the draft is removed and the store stays as it was. Raises `StoreMissing` if there is no store
    and `create` is false, also if it disappears meanwhile; `StoreBusy` if another process is writing, `StoreFull`, and
    `StoreUnreadable`.
    """
    if not create:
        require_store(directory)
    versions = directory / "versions"
    failure = Message("The store at {directory} cannot be written", directory=directory)
    with translate_engine_errors(failure, StoreUnreadable):
        versions.mkdir(parents=True, exist_ok=True)
        lock = (directory / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy(
                Message("Another process is writing to the store at {directory}.", directory=directory),
                Message("Try again when it has finished."),
            ) from None
        if not create:
            require_store(directory)
        with translate_engine_errors(failure):
            _remove_unused(directory)
            new = Path(tempfile.mkdtemp(prefix="v", dir=versions))
            new.rmdir()
        try:
            yield new
            if not create:
                require_store(directory)
            with translate_engine_errors(failure):
                write_sums(new, _base_version(directory))
                replace_file(directory / "current", f"{new.name}\n{FORMAT}\n")
        except BaseException:
            if not _is_current(directory, new):
                shutil.rmtree(new, ignore_errors=True)
            raise


def replace_file(path: Path, content: str) -> None:
    """Replace the content of a file atomically and durably (it survives a power failure)."""
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


def _store_missing(directory: Path) -> StoreMissing:
    return StoreMissing(
        Message("There is no store at {directory}.", directory=directory),
        action=AdvisedAction.BUILD_STORE,
    )


def _base_version(directory: Path) -> Path | None:
    """Return the version that is served; None if there is none, or if the pointer is broken and to be replaced."""
    try:
        return served_version(directory)
    except StoreUnreadable:
        return None


def _is_current(directory: Path, version: Path) -> bool:
    try:
        return current_version(directory) == version
    except StoreError:
        return False


def _is_locked(version: Path) -> bool:
    descriptor = os.open(version, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _remove_unused(directory: Path) -> None:
    """Remove leftovers of interrupted writers and unused versions; nothing if the pointer is broken."""
    try:
        served = current_version(directory)
    except StoreMissing:
        served = None
    except StoreUnreadable:
        return
    used = {served, *kept_versions(directory)}
    for version in (directory / "versions").iterdir():
        if version not in used and not _is_locked(version):
            shutil.rmtree(version, ignore_errors=True)
    remove_sums(directory, {version for version in used if version})
    for leftover in directory.glob("current-*"):
        leftover.unlink(missing_ok=True)
