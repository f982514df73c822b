"""Read many documents: files, folders, ZIP archives, JSON lines and JSON arrays, one after the other.

A document that cannot be read does not lose the others: it comes with its error in place of its content. An archive
is never unpacked to disk, and one that is made to grow, or to lead out of itself, is refused as a whole before anything
in it is read.
"""

import io
import json
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from mastery_graph.credentials.reading import (
    LARGEST,
    SubmittedDocument,
    read_document,
    read_value,
    refuse_size,
)
from mastery_graph.credentials.strict_json import parsed
from mastery_graph.errors import ArchiveTooLarge, BadArchive, InputError, MasteryError
from mastery_graph.sources.archives import BROKEN

MOST_FILES = 5_000
"""Files in one archive."""
LARGEST_ARCHIVE = 200 * 1024 * 1024
"""Bytes of all files of an archive together, unpacked."""
LARGEST_RATIO = 100
"""How many times its packed size an archive may have unpacked."""

ENDINGS = frozenset({"jsonld", "json", "jsonl", "ndjson", "jwt", "jws", "ttl", "nt", "rdf", "xml", "zip"})
"""The files of a folder or an archive that are read; others are passed over."""
_LINES = {"application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines"}
_ARCHIVES = {"application/zip", "application/x-zip-compressed"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One document of many: where it came from, and what it is or why it cannot be read.

    `name` is the file; within an archive it is followed by the file in it (`all.zip/one.jsonld`), within JSON lines by
    the line (`all.jsonl:3`), within an array by the place (`all.json[2]`).
    """

    name: str
    document: SubmittedDocument | None = None
    error: MasteryError | None = None
    content: bytes = b""
    """The document as it was sent, where it could be read from what it came in."""


def documents(paths: Iterable[Path]) -> Iterator[Sent]:
    """Yield the documents of files and folders, in the order given, folders in the order of their names.

    Symbolic links within a folder are not followed.
    """
    for path in paths:
        if path.is_dir():
            found = (each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
            for file in sorted(each for each in found if _ending(each.name) in ENDINGS):
                yield from _file(file)
        else:
            yield from _file(path)


def documents_in(content: bytes, name: str, media_type: str | None = None) -> Iterator[Sent]:
    """Yield the documents of one text or archive, told by its media type, the ending of its name, or its beginning."""
    plain = (media_type or "").partition(";")[0].strip().lower()
    if plain in _ARCHIVES or content.startswith(b"PK\x03\x04") or (not plain and _ending(name) == "zip"):
        yield from _archive(io.BytesIO(content), name)
    elif plain in _LINES or _ending(name) in {"jsonl", "ndjson"}:
        yield from _lines(io.BytesIO(content), name)
    elif content.lstrip()[:1] == b"[":
        yield from _array(content, name)
    else:
        yield _one(content, name, media_type)


def _file(path: Path) -> Iterator[Sent]:
    name = str(path)
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if start == b"PK\x03\x04" or _ending(name) == "zip":
                yield from _archive(file, name)
            elif _ending(name) in {"jsonl", "ndjson"}:
                yield from _lines(file, name)
            else:
                refuse_size(path.stat().st_size)
                yield from documents_in(file.read(), name)
    except OSError as error:
        yield Sent(name, error=InputError(f"{name} cannot be read: {error.strerror}."))
    except MasteryError as error:
        yield Sent(name, error=error)


def _one(content: bytes, name: str, media_type: str | None = None) -> Sent:
    try:
        return Sent(name, read_document(content, media_type, name), content=content)
    except MasteryError as error:
        return Sent(name, error=error, content=content)


def _lines(file: "io.BufferedIOBase", name: str) -> Iterator[Sent]:
    number = 0
    while line := file.readline(LARGEST + 2):
        number += 1
        if line.strip():
            yield _one(line.rstrip(b"\r\n"), f"{name}:{number}", "application/ld+json")
        while not line.endswith(b"\n") and (line := file.readline(LARGEST)):
            pass


def _array(content: bytes, name: str) -> Iterator[Sent]:
    try:
        refuse_size(len(content))
        items = parsed(content)
    except MasteryError as error:
        yield Sent(name, error=error)
        return
    for place, item in enumerate(items):
        where = f"{name}[{place}]"
        try:
            yield Sent(where, read_value(item), content=json.dumps(item).encode())
        except MasteryError as error:
            yield Sent(where, error=error)


def _archive(file: "io.BufferedIOBase", name: str) -> Iterator[Sent]:
    try:
        archive = zipfile.ZipFile(file)
        entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
        for entry in entries:
            _refuse_name(entry)
        _refuse_growth(entries)
    except MasteryError as error:
        yield Sent(name, error=error)
        return
    except BROKEN:
        yield Sent(name, error=BadArchive("The archive is broken.", "Pack the files again, as ZIP."))
        return
    with archive:
        for entry in entries:
            if _ending(entry.filename) in ENDINGS:
                yield from _entry(archive, entry, f"{name}/{entry.filename}")


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Iterator[Sent]:
    try:
        if entry.flag_bits & 1:
            raise BadArchive("The file is encrypted.", "Pack it without a password.")
        with archive.open(entry) as file:
            content = file.read(entry.file_size + 1)
        if content.startswith(b"PK\x03\x04"):
            raise BadArchive("An archive within an archive is not read.", "Unpack it, or send it by itself.")
    except MasteryError as error:
        yield Sent(name, error=error)
    except BROKEN:
        yield Sent(name, error=BadArchive("The file is broken, or packed in a way that is not read."))
    else:
        yield from documents_in(content, name)


def _refuse_name(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    windows = PureWindowsPath(name)
    leads_out = ".." in PurePosixPath(name).parts or ".." in windows.parts or name.startswith("/") or windows.anchor
    if leads_out or "\0" in name:
        raise BadArchive(f"The archive holds the name {name!r}, which leads out of it.", "Pack the files again.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadArchive(f"The archive holds a link, {name!r}.", "Pack the file that it leads to.")


def _refuse_growth(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise ArchiveTooLarge(f"The archive holds {len(entries)} files; at most {MOST_FILES} are read.", "Send parts.")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > LARGEST_ARCHIVE:
        raise ArchiveTooLarge(
            f"The archive has {unpacked} bytes unpacked; at most {LARGEST_ARCHIVE} are read.", "Send it in parts."
        )
    if unpacked > LARGEST_RATIO * max(packed, 10_000):
        raise ArchiveTooLarge(
            f"The archive grows to {unpacked // max(packed, 1)} times its size; at most {LARGEST_RATIO} is read.",
            "Send the files as they are, or as JSON lines.",
        )


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
