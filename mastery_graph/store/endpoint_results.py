"""Readers of endpoint results: tables as SPARQL 1.1 Query Results JSON, graphs as N-Triples.

JSON keeps literals unchanged, while XML loses spaces at their ends. Deviations of Virtuoso from the formats are
corrected: it answers ASK with a table, uses its own IRIs for blank nodes, and writes durations as seconds or months,
and booleans as numbers. A result that cannot be read to its end is a failure of the endpoint.
"""

import re
import tempfile
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from typing import IO, Final

from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)
from pyoxigraph import Store as Engine

from mastery_graph.languages import Message
from mastery_graph.rdf import Row, Term
from mastery_graph.store.endpoint import PIECE, endpoint_failure, unreadable_result
from mastery_graph.store.protocol import Limits
from mastery_graph.vocabulary import XSD

_NUMBER: Final = re.compile(r"\d+(\.\d+)?$")
_ANY_NODE: Final = NamedNode("urn:any")
_VIRTUOSO_BLANK_NODE: Final = b'"type": "bnode", "value": "nodeID://'
_BLANK_NODE: Final = b'"type": "bnode", "value": "'
_VIRTUOSO_VALUE: Final = re.compile(
    rb'("datatype": "http://www\.w3\.org/2001/XMLSchema#(duration|boolean)", "value": )"(\d+(?:\.\d+)?)"'
)
_BOOLEANS: Final = {b"0": b"false", b"1": b"true"}


class _Solution(dict[str, Term]):
    """A solution. If the endpoint omits a value that the query must bind, the endpoint has failed."""

    def __missing__(self, name: str) -> Term:
        raise endpoint_failure(Message("its result has no value for ?{name}.", name=name))


def read_rows(result_file: IO[bytes], limits: Limits) -> list[Row]:
    """Return the solutions of a SELECT query. Raises `EndpointFailed` and `QueryTimeout` if they are incomplete."""
    content = _standard_table(result_file).read()
    try:
        return _parse_rows(content)
    except (SyntaxError, ValueError) as error:
        reason = str(error)
    # Raised outside the handler, whose frames hold the parsed result: it must be freed in the thread that made it.
    raise unreadable_result(reason, content, limits)


def read_boolean(result_file: IO[bytes], limits: Limits) -> bool:
    """Return the answer to an ASK query, from a boolean or from the table that Virtuoso returns."""
    content = result_file.read()
    try:
        return _parse_boolean(content)
    except (SyntaxError, ValueError) as error:
        reason = str(error)
    raise unreadable_result(reason, content, limits)


def read_triples(result_file: IO[bytes], limits: Limits) -> list[Triple]:
    """Return the triples of an N-Triples result, in the order of the endpoint."""
    try:
        return [_standard_triple(quad.triple) for quad in parse(result_file, format=RdfFormat.N_TRIPLES)]
    except (SyntaxError, ValueError) as error:
        reason = str(error)
    raise unreadable_result(reason, _tail(result_file), limits)


def _parse_rows(content: bytes) -> list[Row]:
    table = parse_query_results(content, format=QueryResultsFormat.JSON)
    if not isinstance(table, QuerySolutions):
        raise ValueError("a boolean in place of a table")
    names = [variable.value for variable in table.variables]
    return [
        _Solution((name, value) for name, value in zip(names, row, strict=True) if value is not None) for row in table
    ]


def _write_table(table: IO[bytes], output: IO[bytes], results: QueryResultsFormat) -> None:
    rows = parse_query_results(table, format=QueryResultsFormat.JSON)
    if not isinstance(rows, QuerySolutions):
        raise ValueError("a boolean in place of a table")
    rows.serialize(output, format=results)


def _parse_boolean(content: bytes) -> bool:
    answer = parse_query_results(content, format=QueryResultsFormat.JSON)
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    values = [str(value.value) for row in answer for value in row if isinstance(value, Literal)]
    if values in (["1"], ["true"]):
        return True
    if values in ([], ["0"], ["false"]):
        return False
    raise ValueError("a table in place of a boolean")


def rewrite(
    result_file: IO[bytes],
    output: IO[bytes],
    form: str,
    formats: tuple[QueryResultsFormat, RdfFormat],
    limits: Limits,
) -> int:
    """Convert a result to the format for its form, table or graph; return the number of triples of a graph."""
    results, graph = formats
    triple_count = 0

    def triples() -> Iterator[Triple]:
        nonlocal triple_count
        for quad in parse(result_file, format=RdfFormat.N_TRIPLES):
            triple_count += 1
            yield _standard_triple(quad.triple)

    try:
        if form == "SELECT":
            _write_table(_standard_table(result_file), output, results)
        elif form == "ASK":
            _query_boolean(read_boolean(result_file, limits)).serialize(output, format=results)
        else:
            serialize(triples(), output, format=graph)
        return triple_count
    except (SyntaxError, ValueError) as error:
        reason = str(error)
    raise unreadable_result(reason, _tail(result_file), limits)


def _standard_table(table: IO[bytes]) -> IO[bytes]:
    """Return a JSON table with blank nodes, durations and booleans in standard form.

    Virtuoso writes one row per line.
    """
    standard_table = tempfile.SpooledTemporaryFile(PIECE)  # noqa: SIM115  # closed by the caller
    standard_table.writelines(
        _VIRTUOSO_VALUE.sub(_standard_value, line.replace(_VIRTUOSO_BLANK_NODE, _BLANK_NODE)) for line in table
    )
    standard_table.seek(0)
    return standard_table


def _standard_value(match: re.Match[bytes]) -> bytes:
    raw = match[3]
    value = _BOOLEANS.get(raw, raw) if match[2] == b"boolean" else _canonical_duration(raw.decode()).encode()
    return match[1] + b'"%s"' % value


def _canonical_duration(number: str) -> str:
    """Return a number of seconds (`216000.0`) or of months (`2`) as the lexical form of a duration.

    >>> _canonical_duration("216000.0"), _canonical_duration("2")
    ('P2DT12H', 'P2M')
    """
    lexical_form = f"PT{number}S" if "." in number else f"P{number}M"
    store = Engine()  # returns values in canonical form
    store.add(Quad(_ANY_NODE, _ANY_NODE, Literal(lexical_form, datatype=NamedNode(XSD.duration))))
    return next(term.value for quad in store if isinstance(term := quad.object, Literal))


def _standard_triple(triple: Triple) -> Triple:
    value = triple.object
    if isinstance(value, Literal) and value.datatype.value == XSD.duration and _NUMBER.match(value.value):
        duration = Literal(_canonical_duration(value.value), datatype=value.datatype)
        return Triple(triple.subject, triple.predicate, duration)
    return triple


def _query_boolean(answer: bool) -> QueryBoolean:
    document = b'{"head": {}, "boolean": %s}' % (b"true" if answer else b"false")
    boolean = parse_query_results(BytesIO(document), format=QueryResultsFormat.JSON)
    if not isinstance(boolean, QueryBoolean):
        raise TypeError("A boolean result was read as a table.")
    return boolean


def _tail(file: IO[bytes]) -> bytes:
    file.seek(max(0, file.seek(0, SEEK_END) - PIECE))
    return file.read()
