"""Read many documents: files, folders, ZIP archives, JSON lines and JSON arrays, one after the other.

A document that cannot be read does not lose the others: it comes with its error in place of its content. An archive
is never unpacked to disk, and one that is made to grow, or to lead out of itself, is refused as a whole before anything
in it is read.
"""

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath

from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES, SubmittedDocument, read_document, refuse_size
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import ArchiveTooLarge, BadArchive, InputError, MasteryError, NothingToCheck
from mastery_graph.languages import Message
from mastery_graph.sources.archives import BROKEN

MAX_FILES = 5_000
"""Files in one archive."""
MAX_ARCHIVE_BYTES = 200 * 1024 * 1024
"""Bytes of all files of an archive together, unpacked."""
MAX_COMPRESSION_RATIO = 100
"""How many times its packed size an archive may have unpacked."""

ENDINGS = frozenset({"jsonld", "json", "jsonl", "ndjson", "jwt", "jws", "ttl", "nt", "rdf", "xml", "zip"})
"""The files of a folder or an archive that are read; others are skipped."""
MAX_NAMES = 20
"""Skipped files that a message names."""
_LINES = {"application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines"}
_ARCHIVES = {"application/zip", "application/x-zip-compressed"}


@dataclass(frozen=True)
class BatchItem:
    """One document of many: where it came from, and what it is or why it cannot be read. It is read when asked.

    `name` is the file; within an archive it is followed by the file in it (`all.zip/one.jsonld`), within JSON lines by
    the line (`all.jsonl:3`), within an array by the place (`all.json[2]`).
    """

    name: str
    content: bytes = b""
    """The document as it was sent, where it could be read from what it came in."""
    media_type: str | None = None
    refused: MasteryError | None = None
    """Why it could not be read from what it came in."""

    @cached_property
    def sha256(self) -> str:
        """The hash of the document as it was sent, which need not be read for it."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def document(self) -> SubmittedDocument | None:
        """The document, or None where it cannot be read."""
        return self._read[0]

    @property
    def error(self) -> MasteryError | None:
        """Why the document cannot be read, or None."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[SubmittedDocument | None, MasteryError | None]:
        if self.refused:
            return None, self.refused
        try:
            return read_document(self.content, self.media_type, self.name), None
        except MasteryError as error:
            return None, error


def documents(paths: Iterable[Path], skipped: list[str] | None = None) -> Iterator[BatchItem]:
    """Yield the documents of files and folders, in the order given, folders in the order of their names.

    Symbolic links within a folder are not followed. The names of files of folders and archives that are not read are
    appended to `skipped`.
    """
    skipped = [] if skipped is None else skipped
    for path in paths:
        if not path.is_dir():
            yield from _file(path, skipped)
            continue
        for file in sorted(each for each in path.rglob("*") if each.is_symlink() or each.is_file()):
            if file.is_symlink() or _ending(file.name) not in ENDINGS:
                skipped.append(str(file))
            else:
                yield from _file(file, skipped)


def documents_in(
    content: bytes, name: str, media_type: str | None = None, skipped: list[str] | None = None
) -> Iterator[BatchItem]:
    """Yield the documents of one text or archive, told by its media type, the ending of its name, or its beginning.

    The names of files of an archive that are not read are appended to `skipped`.
    """
    skipped = [] if skipped is None else skipped
    plain = (media_type or "").partition(";")[0].strip().lower()
    if plain in _ARCHIVES or content.startswith(b"PK\x03\x04") or (not plain and _ending(name) == "zip"):
        yield from _archive(io.BytesIO(content), name, skipped)
    elif plain in _LINES or _ending(name) in {"jsonl", "ndjson"}:
        yield from _lines(io.BytesIO(content), name)
    elif content.lstrip()[:1] == b"[":
        yield from _array(content, name)
    else:
        yield BatchItem(name, content, media_type)


def nothing_to_check(skipped: Sequence[str]) -> NothingToCheck:
    """Return the error for input that contains no document, with the files that were skipped."""
    advice = Message(
        "Files with these endings are read in folders and archives: {endings}.", endings=", ".join(sorted(ENDINGS))
    )
    if not skipped:
        return NothingToCheck(Message("There is nothing to check: no document was found."), advice)
    return NothingToCheck(
        Message(
            "There is nothing to check: no document was found. Files skipped ({number}): {names}.",
            number=len(skipped),
            names=listed(skipped),
        ),
        advice,
        skipped=list(skipped[:MAX_NAMES]),
    )


def listed(names: Sequence[str]) -> str:
    """Return names separated by commas, the first `MAX_NAMES` of them."""
    return ", ".join([*names[:MAX_NAMES], *(["…"] if len(names) > MAX_NAMES else [])])


def _file(path: Path, skipped: list[str]) -> Iterator[BatchItem]:
    name = str(path)
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if start == b"PK\x03\x04" or _ending(name) == "zip":
                yield from _archive(file, name, skipped)
            elif _ending(name) in {"jsonl", "ndjson"}:
                yield from _lines(file, name)
            else:
                refuse_size(path.stat().st_size)
                yield from documents_in(file.read(), name)
    except OSError as error:
        yield BatchItem(name, refused=InputError(f"{name} cannot be read: {error.strerror}."))
    except MasteryError as error:
        yield BatchItem(name, refused=error)


def _lines(file: "io.BufferedIOBase", name: str) -> Iterator[BatchItem]:
    number = 0
    while line := file.readline(MAX_DOCUMENT_BYTES + 2):
        number += 1
        if line.strip():
            yield BatchItem(f"{name}:{number}", line.rstrip(b"\r\n"), "application/ld+json")
        while not line.endswith(b"\n") and (line := file.readline(MAX_DOCUMENT_BYTES)):
            pass


def _array(content: bytes, name: str) -> Iterator[BatchItem]:
    try:
        refuse_size(len(content))
        items = parse_json(content)
    except MasteryError as error:
        yield BatchItem(name, refused=error)
        return
    for place, item in enumerate(items):
        yield BatchItem(f"{name}[{place}]", json.dumps(item).encode(), "application/ld+json")


def _archive(file: "io.BufferedIOBase", name: str, skipped: list[str]) -> Iterator[BatchItem]:
    try:
        archive = zipfile.ZipFile(file)
        entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
        for entry in entries:
            _refuse_name(entry)
        _refuse_growth(entries)
    except MasteryError as error:
        yield BatchItem(name, refused=error)
        return
    except BROKEN:
        yield BatchItem(name, refused=BadArchive("The archive is broken.", "Pack the files again, as ZIP."))
        return
    with archive:
        for entry in entries:
            if _ending(entry.filename) in ENDINGS:
                yield from _entry(archive, entry, f"{name}/{entry.filename}")
            else:
                skipped.append(f"{name}/{entry.filename}" if name else entry.filename)


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Iterator[BatchItem]:
    try:
        if entry.flag_bits & 1:
            raise BadArchive("The file is encrypted.", "Pack it without a password.")
        with archive.open(entry) as file:
            content = file.read(entry.file_size + 1)
        if content.startswith(b"PK\x03\x04"):
            raise BadArchive("An archive within an archive is not read.", "Unpack it, or send it by itself.")
    except MasteryError as error:
        yield BatchItem(name, refused=error)
    except BROKEN:
        yield BatchItem(name, refused=BadArchive("The file is broken, or packed in a way that is not read."))
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
    if len(entries) > MAX_FILES:
        raise ArchiveTooLarge(f"The archive holds {len(entries)} files; at most {MAX_FILES} are read.", "Send parts.")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_ARCHIVE_BYTES:
        raise ArchiveTooLarge(
            f"The archive has {unpacked} bytes unpacked; at most {MAX_ARCHIVE_BYTES} are read.", "Send it in parts."
        )
    if unpacked > MAX_COMPRESSION_RATIO * max(packed, 10_000):
        raise ArchiveTooLarge(
            f"The archive grows to {unpacked // max(packed, 1)} times its size; at most {MAX_COMPRESSION_RATIO} is "
            "read.",
            "Send the files as they are, or as JSON lines.",
        )


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
