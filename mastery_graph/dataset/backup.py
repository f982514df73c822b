"""Back-up and restore of a store on disk: one archive, verified by the SHA-256 sums in its manifest.

A version of a store is written once (`mastery_graph.store.versions`), so its back-up is consistent even while it is
served and the next version is written. Restoring creates a new version and switches to it in one step; a damaged
archive is rejected before that, and the store stays as it was.
"""

import hashlib
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import pyoxigraph

from mastery_graph import __version__
from mastery_graph.errors import AdvisedAction, BadBackup, StoreError, StoreUnreadable
from mastery_graph.queries import named_query
from mastery_graph.store.engine_errors import engine_error
from mastery_graph.store.versions import hold_current_version, new_version

_MANIFEST: Final = "manifest.json"
_STORE: Final = "store/"
_ANSWERS: Final = "answers.sqlite"
_CHUNK_BYTES: Final = 1024 * 1024
_MAX_MANIFEST_BYTES: Final = 10 * 1024 * 1024
_ADVICE: Final = "The store is as it was. Use another back-up."


@dataclass(frozen=True, slots=True)
class BackupReport:
    """The content of an archive: the hash of the dataset, when it was built and backed up (UTC), its size in bytes."""

    content_hash: str
    built: str
    made: str
    size: int


def backup(directory: Path, archive: Path, answers: Path | None = None) -> BackupReport:
    """Write the current version of a store, and the stored answers if there are any, to an archive (tar).

    The archive is written in one step. Raises `StoreMissing`, `StoreUnreadable`, and `StoreError` if it cannot be
    written.
    """
    version, hold = hold_current_version(directory)
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix=f".{archive.name}-") as temporary:
            folder = Path(temporary)
            pyoxigraph.Store.read_only(str(version)).backup(str(folder / "store"))
            if answers and answers.is_file():
                _copy_answers(answers, folder / _ANSWERS)
            manifest = _manifest(folder)
            tar_path = folder / "archive"
            with tarfile.open(tar_path, "w") as tar:
                content = folder / _MANIFEST
                content.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
                tar.add(content, _MANIFEST)
                for name in manifest["files"]:
                    tar.add(folder / name, name)
            size = tar_path.stat().st_size
            tar_path.replace(archive)
    except (OSError, RuntimeError) as error:
        raise engine_error("The back-up cannot be written", error) from None
    except (sqlite3.Error, tarfile.TarError) as error:
        raise StoreError(f"The back-up cannot be written: {error}.") from None
    finally:
        del hold
    return _report(manifest, size)


def restore(archive: Path, directory: Path, answers: Path | None = None) -> BackupReport:
    """Make the store in an archive the current version of the store in a folder, all or nothing.

    Stored answers are restored if `answers` does not exist. Raises `BadBackup` if the archive is damaged or not a
    back-up, `StoreBusy`, `StoreFull` and `StoreUnreadable`.
    """
    try:
        size = archive.stat().st_size
        # What a killed restore leaves among the versions is removed by the next writer.
        with new_version(directory) as new, tempfile.TemporaryDirectory(dir=new.parent, prefix="restore-") as temporary:
            folder = Path(temporary)
            manifest = _unpack(archive, folder)
            (folder / "store").rename(new)
            _check_dataset(new, manifest)
            restored = folder / _ANSWERS
            if answers and restored.is_file() and not answers.exists():
                answers.parent.mkdir(parents=True, exist_ok=True)
                restored.replace(answers)
    except FileNotFoundError:
        raise BadBackup(f"There is no back-up at {archive}.") from None
    except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
        raise BadBackup(f"{archive} is no back-up, or is cut: {error}.", _ADVICE) from None
    except (OSError, RuntimeError) as error:
        raise engine_error("The back-up cannot be restored", error) from None
    return _report(manifest, size)


def _manifest(folder: Path) -> dict[str, Any]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    content_hash, built = _identity(folder / "store")
    return {
        "format": 1,
        "software": __version__,
        "made": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "content_hash": content_hash,
        "built": built,
        "files": {
            path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": _sha256(path)}
            for path in files
        },
    }


def _identity(version: Path) -> tuple[str, str]:
    """Return the hash and the date of the dataset in the folder of a version. Raises `StoreUnreadable`."""
    result = pyoxigraph.Store.read_only(str(version)).query(
        named_query("browse/dataset").text, use_default_graph_as_union=True
    )
    rows = list(result) if isinstance(result, pyoxigraph.QuerySolutions) else []
    if not rows:
        raise StoreUnreadable("The store holds no mastery-graph dataset.", action=AdvisedAction.BUILD_STORE)
    return rows[0]["hash"].value, rows[0]["built"].value


def _check_dataset(version: Path, manifest: dict[str, Any]) -> None:
    content_hash, _ = _identity(version)
    if content_hash != manifest["content_hash"]:
        raise BadBackup(f"The archive holds the dataset {content_hash}, and says {manifest['content_hash']}.", _ADVICE)


def _unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Extract the files of an archive into a folder and verify each; return the manifest. Raises `BadBackup`."""
    with tarfile.open(archive, "r:") as tar:
        first = tar.next()
        if first is None or first.name != _MANIFEST or first.size > _MAX_MANIFEST_BYTES:
            raise BadBackup(f"{archive} is no back-up of a store.", _ADVICE)
        manifest = _parse_manifest(_content(tar, first).read())
        expected = dict(manifest["files"])
        while member := tar.next():
            entry = expected.pop(member.name, None)
            target = (folder / member.name).resolve()
            if entry is None or not member.isreg() or not target.is_relative_to(folder.resolve()):
                raise BadBackup(f"{archive} holds {member.name!r}, which its list does not name.", _ADVICE)
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with target.open("wb") as file:
                for chunk in _chunks(_content(tar, member)):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if digest.hexdigest() != entry["sha256"]:
                raise BadBackup(f"{archive} is damaged: {member.name} is not what was backed up.", _ADVICE)
    if expected or not (folder / "store").is_dir():
        raise BadBackup(f"{archive} is cut: it lacks {', '.join(sorted(expected)[:3]) or 'the store'}.", _ADVICE)
    return manifest


def _parse_manifest(content: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(content)
        known = manifest["format"] == 1 and isinstance(manifest["files"], dict) and bool(manifest["content_hash"])
    except (ValueError, KeyError, TypeError):
        raise BadBackup("The list of the archive cannot be read.", _ADVICE) from None
    if not known:
        raise BadBackup("The archive was written by another version of the software.", _ADVICE)
    return dict(manifest)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise BadBackup(f"The archive holds {member.name!r}, which is no file.", _ADVICE)
    return content


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_answers(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _report(manifest: dict[str, Any], size: int) -> BackupReport:
    return BackupReport(manifest["content_hash"], manifest["built"], manifest["made"], size)
