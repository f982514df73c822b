"""Dumps of the dataset: files in standard formats, with checksums and a description.

The same content results in the same bytes. Graphs with descriptions of people's credentials are included only on
request.
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

from mastery_graph.dataset.agreement import require_described_content
from mastery_graph.dataset.description import Distribution, dataset_identifier, describe_dataset, description_to_load
from mastery_graph.dataset.lines import described_graphs, lines_of_store, triples_of_graph
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.linked_data.json_ld import context, to_json_ld
from mastery_graph.mappings.mapping_set import as_sssom_tsv, sssom_table
from mastery_graph.pipeline.dataset import DATASET_GRAPH
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCAT, GRAPH, PREFIXES

Format = Literal["nquads", "turtle", "jsonld", "sssom"]
CHECKSUMS: Final = "SHA256SUMS"
DESCRIPTION: Final = "dataset.ttl"


@dataclass(frozen=True, slots=True)
class DumpReport:
    """The result of an export: the folder, its files with sizes and SHA-256, and the version of the dataset."""

    folder: Path
    files: dict[str, tuple[int, str]]
    dataset: Dataset


def name_of(dataset: Dataset) -> str:
    """Return the name of a dump: the title of the dataset, its version and the start of its hash."""
    return f"{dataset.title}-{dataset.version}-{dataset.content_hash[:12]}"


def export(
    store: Store,
    folder: Path,
    form: Format,
    *,
    personal: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> DumpReport:
    """Write a dump to a folder, created if missing, with `SHA256SUMS` and a description in DCAT and VoID.

    N-Quads is a single file with all graphs and the description, for any engine to load; Turtle and JSON-LD are one
    file per graph, SSSOM contains the mappings only. Graphs that are not described are left out.
    `progress` is called with the name of each file. Files of the same version in other formats stay in the folder, and
    are listed with the new ones. Raises `BadParameter` if the folder contains another version, and `EndpointFailed` if
    graphs behind an endpoint do not agree with their description.
    """
    dataset = dataset_of(store)
    contents = described_graphs(store, personal=personal)
    for graph, content in contents.items():
        require_described_content(store, graph, content)
    graphs = list(contents)
    folder.mkdir(parents=True, exist_ok=True)
    sums, earlier = _read_earlier_export(folder, dataset)
    files: dict[str, tuple[int, str]] = {}
    distributions: list[Distribution] = []
    for name, part, pieces in _parts(store, dataset, graphs, form):
        progress(name)
        files[name] = write(folder / name, pieces)
        size, sha256 = files[name]
        distributions.append(Distribution(name, _MEDIA_TYPES[form], part, size, sha256))
    description = {*describe_dataset(store, dataset, distributions, graphs), *earlier}
    files[DESCRIPTION] = write(folder / DESCRIPTION, turtle(sorted(description, key=str)))
    sums |= {name: sha256 for name, (_, sha256) in files.items()}
    write(folder / CHECKSUMS, ["".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items())).encode()])
    return DumpReport(folder, files, dataset)


def _read_earlier_export(folder: Path, dataset: Dataset) -> tuple[dict[str, str], list[Triple]]:
    """Return the checksums of an earlier export in this folder, by file, and the description of its files."""
    if not (folder / DESCRIPTION).is_file() or not (folder / CHECKSUMS).is_file():
        return {}, []
    triples = [quad.triple for quad in parse(path=str(folder / DESCRIPTION), format=RdfFormat.TURTLE)]
    if not any(triple.object == Term(dataset_identifier(dataset)) for triple in triples):
        raise BadParameter(f"{folder} holds an export of another version.", "Choose another folder.")
    lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    sums = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    of_files = f"{dataset.iri}/file/"
    return sums, [
        triple
        for triple in triples
        if str(getattr(triple.subject, "value", "")).startswith(of_files) or triple.predicate.value == DCAT.distribution
    ]


def write(path: Path, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Write a file in one step, so that it is complete or missing; return its size and SHA-256."""
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
    """Yield Turtle with sorted prefixes; the serialiser writes them in a varying order.

    Names that would need a backslash are written as full IRIs: some readers, such as Virtuoso's, do not remove it.
    """
    content = serialize(triples, format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    lines = content.splitlines(keepends=True)
    prefix_lines = [line for line in lines if line.startswith(b"@prefix ")]
    yield from sorted(prefix_lines)
    yield from (_ESCAPED_NAME.sub(_expand, line.decode()).encode() for line in lines[len(prefix_lines) :])


_ESCAPED_NAME: Final = re.compile(
    r'"(?:[^"\\]|\\.)*"|<[^<>]*>'
    r"|(?P<prefix>\w*):(?P<local>(?:[\w:%.\-]|\\.)*\\.(?:[\w:%\-]|\\.|\.(?=[\w:%\-\\]))*)"
)


def _expand(match: re.Match[str]) -> str:
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
    store: Store, dataset: Dataset, graphs: list[str], form: Format
) -> Iterator[tuple[str, str | None, Iterable[bytes]]]:
    """Yield each file: its name, the graph that it contains (None for all graphs), its content."""
    if form == "nquads":
        description, description_graph = description_to_load(store, dataset, graphs), NamedNode(DATASET_GRAPH)
        quads = (Quad(triple.subject, triple.predicate, triple.object, description_graph) for triple in description)
        description_lines = sorted(f"{quad} .\n".encode() for quad in quads)
        yield f"{name_of(dataset)}.nq", None, heapq.merge(lines_of_store(store, graphs), description_lines)
        return
    if form == "sssom":
        yield f"{name_of(dataset)}.sssom.tsv", None, [as_sssom_tsv(sssom_table(store)).encode()]
        return
    terms = context(store)
    for graph in graphs:
        name = graph.removeprefix(GRAPH).replace("/", "_").replace(":", "_")
        triples = (quad.triple for quad in parse(b"".join(triples_of_graph(store, graph)), format=RdfFormat.N_TRIPLES))
        if form == "turtle":
            yield f"{name}.ttl", graph, turtle(triples)
        else:
            document = to_json_ld(triples, terms, "") | {"@context": terms, "id": graph}
            text = json.dumps(document, ensure_ascii=False, indent=1)
            yield f"{name}.jsonld", graph, [text.encode(), b"\n"]
