"""Reading of the files of a register: each by the reader that recognises its format, counted in a report."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Triple

from mastery_graph.errors import BadSource
from mastery_graph.sources.registers.accreditations_xml import is_accreditations_xml, read_accreditations_xml
from mastery_graph.sources.registers.deqar_json import is_deqar_json, read_deqar_json
from mastery_graph.sources.registers.records import (
    AccreditationEntry,
    Entry,
    Location,
    Organisation,
    Programme,
    RegisterSource,
    RejectedEntry,
)
from mastery_graph.sources.registers.table import ColumnMapping, read_register_table
from mastery_graph.sources.registers.triples import entry_triples, node, register_triples

_FORMS = (
    "The files may be: accreditations in the XML of the Qualifications Dataset Register (.xml), the JSON of "
    "DEQAR's web API (.json), or a CSV table with a mapping file for its columns."
)


@dataclass(slots=True)
class RegisterReport:
    """What was read from the files of a register."""

    organisations: int = 0
    accreditations: int = 0
    programmes: int = 0
    rejected: list[RejectedEntry] = field(default_factory=list)
    unknown_references: list[str] = field(default_factory=list)
    """The identifiers of organisations that an accreditation names and no file describes."""


def read_register(
    paths: Sequence[Path],
    source: RegisterSource,
    report: RegisterReport,
    mapping: ColumnMapping | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Triple]:
    """Yield the triples of a register; count its entries in `report`, which is complete at the end.

    `progress` is called with the number of bytes read. Raises `BadSource` if a file is in none of the formats, and if
    the files contain no entry.
    """
    yield from register_triples(source)
    described: set[str] = set()
    mentioned: set[str] = set()
    done = 0

    def file_progress(position: int) -> None:
        progress(done + position)

    for path in paths:
        for entry in _read_file(path, mapping, file_progress):
            if isinstance(entry, RejectedEntry):
                report.rejected.append(entry)
                continue
            _count(entry, source, report, described, mentioned)
            yield from entry_triples(entry, source)
        done += path.stat().st_size
        progress(done)
    report.unknown_references.extend(sorted(mentioned - described))
    if not (report.organisations or report.accreditations or report.programmes):
        reasons = "; ".join(f"{entry.place}: {entry.reason}" for entry in report.rejected[:3])
        raise BadSource("The files contain no entry of a register that can be used.", reasons or _FORMS)


def _read_file(path: Path, mapping: ColumnMapping | None, progress: Callable[[int], None]) -> Iterator[Entry]:
    if not path.is_file():
        raise BadSource(f"{path} is no file.", file=path.name)
    if mapping is not None:
        return read_register_table(path, mapping)
    if is_accreditations_xml(path):
        return read_accreditations_xml(path, progress)
    if is_deqar_json(path):
        return read_deqar_json(path)
    raise BadSource(f"{path.name} is in no format of a register that is known here.", _FORMS, file=path.name)


def _count(
    entry: Organisation | Location | AccreditationEntry | Programme,
    source: RegisterSource,
    report: RegisterReport,
    described: set[str],
    mentioned: set[str],
) -> None:
    if isinstance(entry, Organisation):
        described.add(node(source, entry.iri))
        report.organisations = len(described)
    elif isinstance(entry, AccreditationEntry):
        report.accreditations += 1
        mentioned.update(node(source, organisation) for organisation in entry.organisations)
    elif isinstance(entry, Programme):
        report.programmes += 1
