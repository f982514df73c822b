"""Reader of batches of documents: files, folders, ZIP archives, JSON lines and JSON arrays.

A document that cannot be read does not affect the others: its item has an error instead of a content. An archive is
never unpacked to disk; one that is a ZIP bomb, or has paths that lead out of it, is rejected as a whole before any of
its files is read.
"""

import hashlib
import io
import json
import stat
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath

from mastery_graph.credentials.containers.envelopes import parts_of
from mastery_graph.credentials.containers.pictures import badge_in_picture
from mastery_graph.credentials.containers.transcripts import is_transcript, transcript_parts
from mastery_graph.credentials.reading import (
    MAX_DOCUMENT_BYTES,
    SubmittedDocument,
    read_document,
    read_part,
    read_transcript,
    refuse_size,
)
from mastery_graph.credentials.strict_json import decode_utf8, parse_json
from mastery_graph.errors import ArchiveTooLarge, BadArchive, InputError, MasteryError, NothingToCheck
from mastery_graph.languages import Message
from mastery_graph.sources.archives import BROKEN

MAX_FILES = 5_000
"""The limit on the number of files in an archive."""
MAX_ARCHIVE_BYTES = 200 * 1024 * 1024
"""The limit on the unpacked size of an archive, in bytes."""
MAX_COMPRESSION_RATIO = 100
"""The limit on the ratio of the unpacked to the packed size of an archive."""

EXTENSIONS = frozenset({"jsonld", "json", "jsonl", "ndjson", "jwt", "jws", "ttl", "nt", "rdf", "xml", "zip"})
"""The file extensions that are read in folders and archives; other files are skipped."""
STANDARD_INPUT = "-"
"""The name of standard input in place of a file."""
MAX_NAMES = 20
"""The limit on the number of skipped files that a message lists."""
_JSON_LINES_TYPES = {"application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines"}
_CONTAINER_MARKERS = (b'"verifiableCredential"', b'"ClrCredential"')
"""What is in the text of a document that may contain several credentials."""
_PICTURES = frozenset({"png", "svg"})
"""The endings of pictures, which are read in folders and archives if they contain a badge."""
_ARCHIVE_TYPES = {"application/zip", "application/x-zip-compressed"}


@dataclass(frozen=True)
class BatchItem:
    """A document of a batch: its origin, and its content or the error. It is parsed lazily.

    `name` is the file name, followed by the path within an archive (`all.zip/one.jsonld`), the line of JSON lines
    (`all.jsonl:3`) or the index in a JSON array (`all.json[2]`).
    """

    name: str
    content: bytes = b""
    """The bytes of the document; empty if they could not be extracted from the batch."""
    media_type: str | None = None
    extraction_error: MasteryError | None = None
    """Why the document could not be extracted from the batch, or None."""
    read: Callable[[str], SubmittedDocument] | None = None
    """The reader of a credential that was taken out of a document, by the hash of `content`; None for a document."""

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the bytes of the document; does not parse it."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def document(self) -> SubmittedDocument | None:
        """The parsed document, or None if it cannot be read."""
        return self._result[0]

    @property
    def error(self) -> MasteryError | None:
        """Why the document cannot be read, or None."""
        return self._result[1]

    @cached_property
    def _result(self) -> tuple[SubmittedDocument | None, MasteryError | None]:
        if self.extraction_error:
            return None, self.extraction_error
        try:
            if self.read:
                return self.read(self.sha256), None
            return read_document(self.content, self.media_type, self.name), None
        except MasteryError as error:
            return None, error


def documents(paths: Iterable[Path], skipped: list[str] | None = None) -> Iterator[BatchItem]:
    """Yield the documents of files and folders, in the order of `paths`; the files of a folder are sorted by name.

    Symbolic links within a folder are not followed. The names of files in folders and archives that are not read are
    appended to `skipped`.
    """
    skipped = [] if skipped is None else skipped
    for path in paths:
        if str(path) == STANDARD_INPUT:
            yield from documents_in(sys.stdin.buffer.read(MAX_ARCHIVE_BYTES + 1), STANDARD_INPUT, skipped=skipped)
            continue
        if not path.is_dir():
            yield from _file_items(path, skipped)
            continue
        for file in sorted(file for file in path.rglob("*") if file.is_symlink() or file.is_file()):
            if file.is_symlink() or not _is_document(file.name, file.read_bytes):
                skipped.append(str(file))
            else:
                yield from _file_items(file, skipped)


def documents_in(
    content: bytes, name: str, media_type: str | None = None, skipped: list[str] | None = None
) -> Iterator[BatchItem]:
    """Yield the documents of a text or archive, whose type is inferred from media type, file extension or first bytes.

    The names of files in an archive that are not read are appended to `skipped`.
    """
    skipped = [] if skipped is None else skipped
    plain = (media_type or "").partition(";")[0].strip().lower()
    if plain in _ARCHIVE_TYPES or content.startswith(b"PK\x03\x04") or (not plain and _extension(name) == "zip"):
        yield from _archive_items(io.BytesIO(content), name, skipped)
    elif plain in _JSON_LINES_TYPES or _extension(name) in {"jsonl", "ndjson"}:
        yield from _first_items(_line_items(io.BytesIO(content), name), name)
    elif content.lstrip()[:1] == b"[":
        yield from _first_items(_array_items(content, name), name)
    else:
        yield from _credential_items(content, name, media_type)


def nothing_to_check(skipped: Sequence[str]) -> NothingToCheck:
    """Return the error for an input without documents, with the files that were skipped."""
    advice = Message(
        "Files with these endings are read in folders and archives: {endings}.", endings=", ".join(sorted(EXTENSIONS))
    )
    if not skipped:
        return NothingToCheck(Message("There is nothing to check: no document was found."), advice)
    return NothingToCheck(
        Message(
            "There is nothing to check: no document was found. Files skipped ({number}): {names}.",
            number=len(skipped),
            names=join_names(skipped),
        ),
        advice,
        skipped=list(skipped[:MAX_NAMES]),
    )


def join_names(names: Sequence[str]) -> str:
    """Return names separated by commas, the first `MAX_NAMES` of them."""
    return ", ".join([*names[:MAX_NAMES], *(["…"] if len(names) > MAX_NAMES else [])])


def _file_items(path: Path, skipped: list[str]) -> Iterator[BatchItem]:
    name = str(path)
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            file.seek(0)
            if magic == b"PK\x03\x04" or _extension(name) == "zip":
                yield from _archive_items(file, name, skipped)
            elif _extension(name) in {"jsonl", "ndjson"}:
                yield from _line_items(file, name)
            else:
                content = file.read(MAX_DOCUMENT_BYTES + 1)  # a device has no size
                refuse_size(len(content))
                yield from documents_in(content, name)
    except OSError as error:
        yield BatchItem(
            name,
            extraction_error=InputError(
                Message("{name} cannot be read: {strerror}.", name=name, strerror=error.strerror)
            ),
        )
    except MasteryError as error:
        yield BatchItem(name, extraction_error=error)


def _first_items(items: Iterator[BatchItem], name: str) -> Iterator[BatchItem]:
    """Yield as many items as an archive may have, and an error if there are more."""
    yield from islice(items, MAX_FILES)
    if next(items, None) is not None:
        yield BatchItem(
            name,
            extraction_error=ArchiveTooLarge(
                Message("There are more than {number} documents.", number=MAX_FILES), Message("Send them in parts.")
            ),
        )


def _line_items(file: "io.BufferedIOBase", name: str) -> Iterator[BatchItem]:
    line_number = 0
    while line := file.readline(MAX_DOCUMENT_BYTES + 2):
        line_number += 1
        if line.strip():
            yield BatchItem(f"{name}:{line_number}", line.rstrip(b"\r\n"), "application/ld+json")
        while not line.endswith(b"\n") and (line := file.readline(MAX_DOCUMENT_BYTES)):
            pass


def _array_items(content: bytes, name: str) -> Iterator[BatchItem]:
    try:
        refuse_size(len(content))
        items = parse_json(content)
    except MasteryError as error:
        yield BatchItem(name, extraction_error=error)
        return
    for index, item in enumerate(items):
        yield BatchItem(f"{name}[{index}]", json.dumps(item).encode(), "application/ld+json")


def _credential_items(content: bytes, name: str, media_type: str | None) -> Iterator[BatchItem]:
    """Yield each of several credentials in a presentation, a record or a transcript; any other document as it is."""
    items = list(_part_items(content, name))
    yield from _first_items(iter(items), name) if len(items) > 1 else [BatchItem(name, content, media_type)]


def _part_items(content: bytes, name: str) -> Iterator[BatchItem]:
    """Yield the credentials in a document that may contain several; nothing if it cannot be read."""
    if len(content) > MAX_DOCUMENT_BYTES:
        return
    try:
        if any(marker in content for marker in _CONTAINER_MARKERS):
            for part in parts_of(parse_json(content)):
                part_content = json.dumps(part.credential).encode()
                yield BatchItem(f"{name}#{part.place}", part_content, read=partial(read_part, part))
        elif b"<" in content[:10] and b"elmo" in content[:1000] and is_transcript(text := decode_utf8(content)):
            for course in transcript_parts(text):
                part_content = json.dumps(course.credential).encode()
                yield BatchItem(f"{name}#{course.place}", part_content, read=partial(read_transcript, course))
    except MasteryError:
        return


def _archive_items(file: "io.BufferedIOBase", name: str, skipped: list[str]) -> Iterator[BatchItem]:
    try:
        archive = zipfile.ZipFile(file)
        entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
        for entry in entries:
            _refuse_name(entry)
        _refuse_growth(entries)
    except MasteryError as error:
        yield BatchItem(name, extraction_error=error)
        return
    except BROKEN:
        yield BatchItem(
            name,
            extraction_error=BadArchive(Message("The archive is broken."), Message("Pack the files again, as ZIP.")),
        )
        return
    with archive:
        for entry in entries:
            if _is_document(entry.filename, partial(_read_entry, archive, entry)):
                yield from _entry_items(archive, entry, f"{name}/{entry.filename}")
            else:
                skipped.append(f"{name}/{entry.filename}" if name else entry.filename)


def _entry_items(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Iterator[BatchItem]:
    try:
        if entry.flag_bits & 1:
            raise BadArchive(Message("The file is encrypted."), Message("Pack it without a password."))
        content = _read_entry(archive, entry)
        if content.startswith(b"PK\x03\x04"):
            raise BadArchive(
                Message("Archives within archives are not read."), Message("Unpack it, or send it by itself.")
            )
    except MasteryError as error:
        yield BatchItem(name, extraction_error=error)
    except BROKEN:
        yield BatchItem(
            name, extraction_error=BadArchive(Message("The file is broken, or its compression is not supported."))
        )
    else:
        yield from documents_in(content, name)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        return file.read(entry.file_size + 1)


def _is_document(name: str, read: Callable[[], bytes]) -> bool:
    """Return whether a file of a folder or an archive is read: by its ending, or as a picture with a badge in it."""
    if _extension(name) not in _PICTURES:
        return _extension(name) in EXTENSIONS
    try:
        return badge_in_picture(read()) is not None
    except (MasteryError, *BROKEN):
        return False


def _refuse_name(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    windows_path = PureWindowsPath(name)
    is_outside = (
        ".." in PurePosixPath(name).parts or ".." in windows_path.parts or name.startswith("/") or windows_path.anchor
    )
    if is_outside or "\0" in name:
        raise BadArchive(
            Message("The archive contains the path {name}, which leads outside of it.", name=repr(name)),
            Message("Pack the files again."),
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadArchive(
            Message("The archive contains a link, {name}.", name=repr(name)), Message("Pack the file that it leads to.")
        )


def _refuse_growth(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_FILES:
        raise ArchiveTooLarge(
            Message(
                "The archive contains {entries} files; at most {max_files} are read.",
                entries=len(entries),
                max_files=MAX_FILES,
            ),
            Message("Send it in parts."),
        )
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_ARCHIVE_BYTES:
        raise ArchiveTooLarge(
            Message(
                "The archive has {unpacked} bytes unpacked; at most {max_archive_bytes} are read.",
                unpacked=unpacked,
                max_archive_bytes=MAX_ARCHIVE_BYTES,
            ),
            Message("Send it in parts."),
        )
    if unpacked > MAX_COMPRESSION_RATIO * max(packed, 10_000):
        raise ArchiveTooLarge(
            Message(
                "The archive grows to {value} times its size; at most {max_compression_ratio} times is read.",
                value=unpacked // max(packed, 1),
                max_compression_ratio=MAX_COMPRESSION_RATIO,
            ),
            Message("Send the files as they are, or as JSON lines."),
        )


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()
