"""A spool of triples on disk, so that a graph of any size is loaded in bounded memory.

The triples are kept in sorted parts, which are merged without duplicates. They have no blank nodes.
"""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pyoxigraph import BlankNode, RdfFormat, Triple, parse

from mastery_graph.pipeline.dataset import GraphContent, content_of_lines, line_of

_BATCH_SIZE: Final = 100_000
"""Triples in a part."""
_PARSED_LINES: Final = 10_000


class TripleSpool:
    """The distinct triples of a graph, in order; they can be read any number of times."""

    def __init__(self, parts: list[Path]) -> None:
        """Read the sorted parts in these files."""
        self._parts = parts
        self.content: GraphContent = content_of_lines(self._lines())

    def __iter__(self) -> Iterator[Triple]:
        """Yield the triples."""
        lines = self._lines()
        while piece := b"".join(islice(lines, _PARSED_LINES)):
            for quad in parse(piece, RdfFormat.N_TRIPLES):
                yield quad.triple

    def _lines(self) -> Iterator[bytes]:
        return merged_lines(self._parts)


def merged_lines(parts: Iterable[Path]) -> Iterator[bytes]:
    """Yield the lines of sorted files in order, without duplicates."""
    with ExitStack() as stack:
        files = [stack.enter_context(part.open("rb")) for part in parts]
        previous = b""
        for line in heapq.merge(*files):
            if line != previous:
                yield line
            previous = line


@contextmanager
def spool(triples: Iterable[Triple]) -> Iterator[TripleSpool]:
    """Write triples to a temporary folder; yield them as a `TripleSpool`. Raises `ValueError` for a blank node."""
    with TemporaryDirectory(prefix="mastery-graph-") as folder:
        parts: list[Path] = []
        remaining = iter(triples)
        while batch := list(islice(remaining, _BATCH_SIZE)):
            if any(isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode) for triple in batch):
                raise ValueError("A triple with a blank node cannot be spooled.")
            part = Path(folder) / str(len(parts))
            with part.open("wb") as file:
                file.writelines(sorted({line_of(triple) for triple in batch}))
            parts.append(part)
        yield TripleSpool(parts)
