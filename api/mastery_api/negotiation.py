"""Content negotiation (RFC 9110, section 12.5.1): which of the formats on offer a request wants."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat

from mastery_graph.errors import InputError

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
"""So many media ranges, or languages, of a header are read, and as many parameters of each."""


class NotAcceptable(InputError):
    """None of the formats that the client accepts is on offer."""

    slug = "not-acceptable"
    title = "No acceptable format"
    status = 406


def effective_accept(named: str | None, accept: str | None) -> str | None:
    """Return what a request accepts: the format that it names (`?format=`), else its Accept header.

    >>> asked("turtle", "text/html"), asked(None, "text/html")
    ('text/turtle', 'text/html')
    """
    return NAMES.get(named, named) if named else accept


def best_match(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the offered media type that the Accept header wants most, or None where it wants none of them.

    >>> wanted("text/html;q=0.5, text/turtle", ["text/html", "text/turtle"])
    'text/turtle'
    >>> wanted(None, ["application/json", "text/html"])
    'application/json'
    """
    if not accept or not accept.strip():
        return offered[0]
    return (_known_best if len(accept) < _LONGEST_KEPT else _best)(accept, tuple(offered))


def etag_matches(if_none_match: str | None, tag: str) -> bool:
    """Return whether the client has the content with this tag (RFC 9110, section 13.1.2, weak comparison).

    >>> already_has('"a", W/"b"', "b"), already_has("*", "b"), already_has(None, "b")
    (True, True, False)
    """
    tags = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return f'"{tag}"' in tags or "*" in tags


def _ranges(accept: str) -> dict[str, float]:
    """Return the quality of each media range of a header; of several with the same name, that of the first."""
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
    for place, media_type in enumerate(offered):
        kind = media_type.partition("/")[0]
        quality = next((ranges[name] for name in (media_type, f"{kind}/*", "*/*") if name in ranges), 0.0)
        if quality > 0 and (best is None or (quality, -place) > best):
            best = (quality, -place)
    return offered[-best[1]] if best else None


_LONGEST_KEPT: Final = 500
_known_best = lru_cache(maxsize=1000)(_best)
