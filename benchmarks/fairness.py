"""What short queries wait while one client sends long ones: here, and at `oxigraph serve` on the same data.

A short query is asked again and again by the client that sends the long ones, and by another. Clients differ by their
loopback address. The long queries count all pairs of statements, which takes longer than any limit of time.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles
from time import monotonic, sleep

import httpx

from benchmarks.servers import build_store, dump_store, oxigraph
from tests.store.servers import mastery_graph

_LONG = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } # %s"
_SHORT = "SELECT ?s ?l WHERE { ?s a ?t . ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } LIMIT 10 # %s"
_SAME, _OTHER = "127.0.1.1", "127.0.0.77"
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Waits:
    """What the short queries of one client took, in milliseconds, and how many of them failed."""

    median: float
    ninety_fifth: float
    longest: float
    failures: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row for each server, number of long queries and client."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fairness", description=__doc__)
    parser.add_argument("--seconds", type=int, default=40)
    options = parser.parse_args(arguments)
    print("| server | long queries of one client | short queries of | median ms | 95 % ms | longest ms | failed |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_store(folder / "store", folder / "none")
        dump_store(folder / "store", folder / "dump.nq")
        with mastery_graph(folder / "store", request_rate="") as serving:
            _print_rows("mastery-graph", f"{serving.address}/sparql", options.seconds)
        with oxigraph(folder / "dump.nq", folder / "oxigraph") as address:
            _print_rows("oxigraph serve", address, options.seconds)
    return 0


def _print_rows(server: str, address: str, seconds: int) -> None:
    for number in (0, 2, 8):
        with _long_queries(address, number), ThreadPoolExecutor(2) as clients:
            rows = clients.map(lambda client: _waits(address, client, seconds), (_SAME, _OTHER))
            for client, waits in zip(("the same client", "another client"), rows, strict=True):
                figures = f"{waits.median:.0f} | {waits.ninety_fifth:.0f} | {waits.longest:.0f} | {waits.failures}"
                print(f"| {server} | {number} | {client} | {figures} |")


@contextmanager
def _long_queries(address: str, number: int) -> Iterator[None]:
    """Keep so many long queries running; their clients go at the end."""
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(max(number, 1)))
        clients = [_client(_SAME) for _ in range(number)]

        def ask(client: httpx.Client, position: int) -> None:
            with suppress(httpx.HTTPError, RuntimeError):
                client.get(address, params={"query": _LONG % position}, timeout=3600)

        for position, client in enumerate(clients):
            threads.submit(ask, client, position)
        yield
        for client in clients:
            client.close()


def _waits(address: str, client: str, seconds: int) -> Waits:
    end, took, failures = monotonic() + seconds, [], 0
    with _client(client) as asking:
        for number in count():
            if monotonic() > end:
                break
            start = monotonic()
            answer = asking.get(address, params={"query": _SHORT % f"{client} {number}"}, timeout=120)
            took.append((monotonic() - start) * 1000)
            failures += not answer.is_success
            sleep(_PAUSE_SECONDS)
    parts = quantiles(took, n=20)
    return Waits(parts[9], parts[18], max(took), failures)


def _client(address: str) -> httpx.Client:
    return httpx.Client(transport=httpx.HTTPTransport(local_address=address), headers={"Accept": "text/csv"})
