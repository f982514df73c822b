"""The store that is measured, and the peers over HTTP on the same data: `oxigraph serve`, and the least in Python."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from pyoxigraph import NamedNode, RdfFormat

from benchmarks import bare_endpoint
from mastery_graph.pipeline.build import Sources, build, replace_graph
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import graph
from tests.store import servers

ESCO = Path(__file__).resolve().parents[2] / "shared" / "data" / "esco-1.2.0"
OXIGRAPH = str(Path(sys.executable).with_name("oxigraph"))


def build_store(folder: Path, esco: Path = ESCO) -> int:
    """Build the graph into a folder, with ESCO where its download is there; return the number of triples."""
    with Draft.change(folder) as draft:
        build(draft, Sources())
        if esco.is_dir():
            replace_graph(draft, graph("esco"), list(dict.fromkeys(EscoDownload([esco]).triples())))
        return sum(each.triples for each in draft.graphs())


def dump_store(folder: Path, file: Path) -> None:
    """Write the store in a folder as N-Quads."""
    store = EmbeddedStore.open(folder)
    with file.open("wb") as out:
        for each in store.graphs():
            lines = store.dump(NamedNode(each.iri), RdfFormat.N_TRIPLES).splitlines()
            out.writelines(line.removesuffix(b".") + f"<{each.iri}> .\n".encode() for line in lines)
    store.close()


@contextmanager
def oxigraph(dump: Path, folder: Path) -> Iterator[str]:
    """Load a dump into Oxigraph's own store and serve it; give the address of its endpoint."""
    subprocess.run([OXIGRAPH, "load", "--location", folder, "--file", dump], check=True, capture_output=True)
    # With a time limit of its own it starts a thread for each query, and soon there are more than may be.
    with servers.oxigraph(folder, seconds=None, options=("--union-default-graph",)) as endpoint:
        yield endpoint.query


@contextmanager
def bare(store: Path, processes: int) -> Iterator[str]:
    """Serve a store by the least that a server in Python does; give the address of its endpoint."""
    port = servers.free_port()
    command = [sys.executable, "-m", bare_endpoint.__name__, str(port), str(processes)]
    with running(command, {bare_endpoint.STORE: str(store)}):
        address = f"http://127.0.0.1:{port}/sparql"
        servers.wait_for(lambda: httpx.get(address, params={"query": "ASK {}"}).is_success)
        yield address


@contextmanager
def running(command: list[str], environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, which is asked to end at the end, so that the processes that it has started end with it."""
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, env={**os.environ, **(environment or {})})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
