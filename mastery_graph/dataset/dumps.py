"""Dumps of the dataset: files that anybody can load, with their checksums and a description of it all.

The same content gives the same bytes. Graphs with descriptions of people's credentials are left out unless asked for.
"""

import hashlib
import heapq
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pyoxigraph import Literal as Term
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse, serialize

from mastery_graph.dataset.agreement import require_described_size
from mastery_graph.dataset.description import Distribution, dataset_identifier, describe_dataset, description_to_load
from mastery_graph.dataset.lines import described_graphs, lines_of_store, triples_of_graph
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.linked_data.json_ld import context, written
from mastery_graph.mappings.mapping_set import as_sssom_tsv, sssom_table
from mastery_graph.pipeline.dataset import DATASET_GRAPH
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCAT, GRAPH, PREFIXES

Format = Literal["nquads", "turtle", "jsonld", "sssom"]
CHECKSUMS: Final = "SHA256SUMS"
DESCRIPTION: Final = "dataset.ttl"


@dataclass(frozen=True, slots=True)
class DumpReport:
    """What was written: the folder, its files with their sizes and SHA-256, and the version of the dataset."""

    folder: Path
    files: dict[str, tuple[int, str]]
    dataset: Dataset


def name_of(which: Dataset) -> str:
    """Return the name of a dump: the dataset with its version and the beginning of its hash."""
    return f"{which.title}-{which.version}-{which.content_hash[:12]}"


def export(
    store: Store,
    folder: Path,
    form: Format,
    *,
    personal: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> DumpReport:
    """Write a dump into a folder, made where it is missing, with `SHA256SUMS` and a description in DCAT and VoID.

    N-Quads is one file of the whole with its description, for any engine to load; Turtle and JSON-LD are one file a
    graph, SSSOM is the mappings alone. Graphs that are not described are left out.
    `progress` is told each file. Files of the same version in other formats stay in the folder, and are listed with
    the new ones. Raises `BadParameter` where the folder holds another version, and `EndpointFailed` where graphs behind
    an endpoint are not as described.
    """
    which = dataset_of(store)
    contents = described_graphs(store, personal=personal)
    for graph, content in contents.items():
        require_described_size(store, graph, content)
    graphs = list(contents)
    folder.mkdir(parents=True, exist_ok=True)
    sums, others = _earlier(folder, which)
    files: dict[str, tuple[int, str]] = {}
    distributions: list[Distribution] = []
    for name, part, pieces in _parts(store, which, graphs, form):
        progress(name)
        files[name] = write(folder / name, pieces)
        size, sha256 = files[name]
        distributions.append(Distribution(name, _MEDIA_TYPES[form], part, size, sha256))
    about = {*describe_dataset(store, which, distributions, graphs), *others}
    files[DESCRIPTION] = write(folder / DESCRIPTION, turtle(sorted(about, key=str)))
    sums |= {name: sha256 for name, (_, sha256) in files.items()}
    write(folder / CHECKSUMS, ["".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items())).encode()])
    return DumpReport(folder, files, which)


def _earlier(folder: Path, which: Dataset) -> tuple[dict[str, str], list[Triple]]:
    """Return the checksums of an earlier export into this folder, by file, and what describes its files."""
    if not (folder / DESCRIPTION).is_file() or not (folder / CHECKSUMS).is_file():
        return {}, []
    triples = [quad.triple for quad in parse(path=str(folder / DESCRIPTION), format=RdfFormat.TURTLE)]
    if not any(triple.object == Term(dataset_identifier(which)) for triple in triples):
        raise BadParameter(f"{folder} holds an export of another version.", "Choose another folder.")
    lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    sums = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    of_files = f"{which.iri}/file/"
    return sums, [
        triple
        for triple in triples
        if str(getattr(triple.subject, "value", "")).startswith(of_files)
        or triple.predicate.value == DCAT + "distribution"
    ]


def write(path: Path, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Write a file in one step, so that it is whole or not there; return its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        try:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
    return size, digest.hexdigest()


def turtle(triples: Iterable[Triple]) -> Iterator[bytes]:
    """Yield Turtle with its prefixes in order; the serialiser gives them in an order that changes.

    Names that would need a backslash are written in full: some readers, such as that of Virtuoso, keep it.
    """
    content = serialize(triples, format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    lines = content.splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"@prefix ")]
    yield from sorted(head)
    yield from (_ESCAPED_NAME.sub(_in_full, line.decode()).encode() for line in lines[len(head) :])


_ESCAPED_NAME: Final = re.compile(
    r'"(?:[^"\\]|\\.)*"|<[^<>]*>'
    r"|(?P<prefix>\w*):(?P<local>(?:[\w:%.\-]|\\.)*\\.(?:[\w:%\-]|\\.|\.(?=[\w:%\-\\]))*)"
)


def _in_full(match: re.Match[str]) -> str:
    if match["local"] is None:
        return match[0]
    local = re.sub(r"\\(.)", r"\1", match["local"])
    return f"<{PREFIXES[match['prefix']]}{local}>"


_MEDIA_TYPES: Final = {
    "nquads": "application/n-quads",
    "turtle": "text/turtle",
    "jsonld": "application/ld+json",
    "sssom": "text/tab-separated-values",
}


def _parts(
    store: Store, which: Dataset, graphs: list[str], form: Format
) -> Iterator[tuple[str, str | None, Iterable[bytes]]]:
    """Yield each file: its name, the graph that it holds (None for the whole), its content."""
    if form == "nquads":
        about, place = description_to_load(store, which, graphs), NamedNode(DATASET_GRAPH)
        description = (Quad(triple.subject, triple.predicate, triple.object, place) for triple in about)
        own = sorted(f"{quad} .\n".encode() for quad in description)
        yield f"{name_of(which)}.nq", None, heapq.merge(lines_of_store(store, graphs), own)
        return
    if form == "sssom":
        yield f"{name_of(which)}.sssom.tsv", None, [as_sssom_tsv(sssom_table(store)).encode()]
        return
    terms = context(store)
    for graph in graphs:
        name = graph.removeprefix(GRAPH).replace("/", "_").replace(":", "_")
        triples = (quad.triple for quad in parse(b"".join(triples_of_graph(store, graph)), format=RdfFormat.N_TRIPLES))
        if form == "turtle":
            yield f"{name}.ttl", graph, turtle(triples)
        else:
            document = written(triples, terms, "") | {"@context": terms, "id": graph}
            text = json.dumps(document, ensure_ascii=False, indent=1)
            yield f"{name}.jsonld", graph, [text.encode(), b"\n"]
