"""Reader of the ESCO download: CSV in any languages, or the official RDF; in folders, ZIP archives or single files.

Files are streamed, so memory use does not grow with their size. ESCO offers the files of a download separately, so any
of them may be missing; the report lists which.
"""

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from mastery_graph.errors import BadSource
from mastery_graph.sources.archives import BROKEN
from mastery_graph.sources.esco_tables import READERS, EscoReport, kind_and_language, read_table
from mastery_graph.sources.tables import Readable, rows
from mastery_graph.vocabulary import OWL, SKOSXL

_RDF: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
}
_LABEL_PREFIX: Final = "http://data.europa.eu/esco/label/"
_VERSION: Final = re.compile(r"(?<![\d.])v?(\d+)\.(\d+)(?:\.(\d+))?(?![\d])")
_VERSION_INFO: Final = NamedNode(OWL.versionInfo)
_PROGRESS_INTERVAL: Final = 10_000
"""Triples between two calls of the progress callback."""


class EscoDownload:
    """An ESCO download, complete or in part."""

    def __init__(self, paths: Iterable[Path], *, label_nodes: bool = True) -> None:
        """Find the files. Without `label_nodes`, the SKOS-XL labels of RDF are left out, not the SKOS ones.

        Raises `BadSource` if there is no ESCO file, or an archive is broken.
        """
        sources = list(paths)
        self._label_nodes = label_nodes
        self._files = [file for path in sources for file in _files(path) if _is_esco_file(file)]
        tables = [kind_and_language(file.name) for file in self._files if file.suffix == ".csv"]
        has_rdf = any(file.suffix in _RDF for file in self._files)
        self.report = EscoReport(
            files_read=[file.name for file in self._files],
            files_missing=[] if has_rdf else sorted(READERS.keys() - {kind for kind, _ in tables}),
            languages=sorted({language for _, language in tables}),
        )
        self.version = next(
            filter(None, map(_version_in, (part for path in sources for part in _names_with_version(path)))), None
        )
        """The version in the names of files and folders, else `owl:versionInfo` of the RDF once it has been read."""
        self.size = sum(_size(file) for file in self._files)
        """Bytes of all files, uncompressed."""
        if not self._files:
            raise BadSource(
                f"No file of the ESCO download is at {', '.join(str(path) for path in sources)}.",
                f"Expected Turtle, N-Triples or RDF/XML, or files such as "
                f"{', '.join(f'{kind}_en.csv' for kind in sorted(READERS))}.",
            )

    @property
    def fingerprint(self) -> str:
        """A hash of this download: names, sizes and dates of its files, and whether label nodes are read."""
        parts = [f"{self._label_nodes}", *(f"{file} {_size(file)} {_modified(file)}" for file in self._files)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def triples(self, progress: Callable[[int], None] = lambda _: None) -> Iterator[Triple]:
        """Yield the triples of all files, some of them more than once; always in the same order.

        `progress` is called with the number of bytes (of `size`) read so far. Raises `BadSource` with file and reason.
        """
        bytes_read = 0
        for file in self._files:
            if file.suffix == ".csv":
                yield from read_table(file, self.report)
            else:
                yield from self._read_rdf(file, bytes_read, progress)
            bytes_read += _size(file)
            progress(bytes_read)

    def members_of(self, collection: str) -> set[str]:
        """Return the concepts in the tables of a collection, such as `greenSkillsCollection`. Raises `BadSource`."""
        tables = [file for file in self._files if kind_and_language(file.name)[0] == collection]
        return {row["conceptUri"] for file in tables for _, row in rows(file, ("conceptUri",))}

    def _read_rdf(self, file: Readable, bytes_read: int, progress: Callable[[int], None]) -> Iterator[Triple]:
        try:
            with file.open("rb") as content:
                for number, quad in enumerate(parse(input=content, format=_RDF[file.suffix])):
                    if number % _PROGRESS_INTERVAL == 0:
                        progress(bytes_read + content.tell())
                    if quad.predicate == _VERSION_INFO and self.version is None:
                        self.version = _version_in(str(quad.object))
                    if self._label_nodes or not _is_about_label_node(quad.triple):
                        yield quad.triple
        except SyntaxError as error:
            raise BadSource(f"{file.name}, line {error.lineno}: {error.msg}.", file=file.name) from None
        except BROKEN as error:
            raise BadSource(f"{file.name} cannot be read: {error}.", file=file.name) from None


def normal_version(text: str) -> str:
    """Return an ESCO version normalised to three numbers. Raises `BadSource` if the text is not a version.

    >>> normal_version("v1.2"), normal_version("1.0.9")
    ('1.2.0', '1.0.9')
    """
    match = _VERSION.fullmatch(text.strip())
    if not match:
        raise BadSource(f"{text!r} is not a version of ESCO.", "Write it as 1.2.0.")
    return ".".join(number or "0" for number in match.groups())


def _version_in(name: str) -> str | None:
    match = _VERSION.search(name)
    return ".".join(number or "0" for number in match.groups()) if match else None


def _names_with_version(path: Path) -> tuple[str, str]:
    resolved = path.resolve()
    return (resolved.name, "") if resolved.is_dir() else (resolved.stem, resolved.parent.name)


def _files(path: Path) -> Sequence[Readable]:
    if path.suffix == ".zip":
        return list(_members(path))
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    return [path]


def _members(path: Path) -> Iterator[zipfile.Path]:
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise BadSource(f"{path} is no ZIP archive: {error}.") from None
    yield from (zipfile.Path(archive, name) for name in sorted(archive.namelist()) if not name.endswith("/"))


def _is_esco_file(file: Readable) -> bool:
    if file.suffix == ".csv":
        return kind_and_language(file.name)[0] in READERS
    return file.suffix in _RDF


def _size(file: Readable) -> int:
    return file.stat().st_size if isinstance(file, Path) else file.root.getinfo(file.at).file_size


def _modified(file: Readable) -> str:
    return str(file.stat().st_mtime_ns if isinstance(file, Path) else file.root.getinfo(file.at).CRC)


def _is_about_label_node(triple: Triple) -> bool:
    subject = triple.subject
    return triple.predicate.value.startswith(SKOSXL) or (
        isinstance(subject, NamedNode) and subject.value.startswith(_LABEL_PREFIX)
    )
