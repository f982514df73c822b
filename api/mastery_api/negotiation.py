"""Content negotiation (RFC 9110, section 12.5.1): the offered format that a request prefers."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat

TABLES: Final[Mapping[str, QueryResultsFormat]] = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
GRAPHS: Final[Mapping[str, RdfFormat]] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
}
NAMES: Final[Mapping[str, str]] = {
    "json": "application/json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "turtle": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "html": "text/html",
    "text": "text/plain",
}
"""Short names of formats, for `?format=`."""


MAX_RANGES: Final = 100
"""Media ranges or languages that are read of a header, and parameters that are read of each."""


def effective_accept(format_name: str | None, accept: str | None) -> str | None:
    """Return what a request accepts: the format that it names (`?format=`), else its Accept header.

    >>> effective_accept("turtle", "text/html"), effective_accept(None, "text/html")
    ('text/turtle', 'text/html')
    """
    return NAMES.get(format_name, format_name) if format_name else accept


def best_match(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the offered media type that the Accept header prefers, or None if it accepts none of them.

    >>> best_match("text/html;q=0.5, text/turtle", ["text/html", "text/turtle"])
    'text/turtle'
    >>> best_match(None, ["application/json", "text/html"])
    'application/json'
    """
    if not accept or not accept.strip():
        return offered[0]
    return (_cached_best if len(accept) < _MAX_CACHED_CHARS else _best)(accept, tuple(offered))


def etag_matches(if_none_match: str | None, tag: str) -> bool:
    """Return whether an If-None-Match header contains this tag (RFC 9110, section 13.1.2, weak comparison).

    >>> etag_matches('"a", W/"b"', "b"), etag_matches("*", "b"), etag_matches(None, "b")
    (True, True, False)
    """
    tags = [candidate.strip().removeprefix("W/") for candidate in (if_none_match or "").split(",")]
    return f'"{tag}"' in tags or "*" in tags


def _ranges(accept: str) -> dict[str, float]:
    """Return the quality of each media range of a header; the first one counts if a range occurs twice."""
    ranges: dict[str, float] = {}
    for part in accept.split(",", MAX_RANGES)[:MAX_RANGES]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";", MAX_RANGES))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:10])
                except ValueError:
                    quality = 0.0
        ranges.setdefault(name, quality)
    return ranges


def _best(accept: str, offered: tuple[str, ...]) -> str | None:
    best: tuple[float, int] | None = None
    ranges = _ranges(accept)
    for position, media_type in enumerate(offered):
        main_type = media_type.partition("/")[0]
        quality = next((ranges[name] for name in (media_type, f"{main_type}/*", "*/*") if name in ranges), 0.0)
        if quality > 0 and (best is None or (quality, -position) > best):
            best = (quality, -position)
    return offered[-best[1]] if best else None


_MAX_CACHED_CHARS: Final = 500
_cached_best = lru_cache(maxsize=1000)(_best)
