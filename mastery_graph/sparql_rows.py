"""Rows of SPARQL results as Python values, such as a table of pandas takes them."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from mastery_graph.vocabulary import XSD

_NUMBERS: Final[dict[str, Callable[[str], object]]] = {
    **dict.fromkeys(("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"), int),
    **dict.fromkeys(("decimal", "double", "float"), float),
    "boolean": lambda text: text in {"true", "1"},
}
"""The datatypes of XML Schema that have a counterpart, with what reads their lexical forms."""


def rows_of(results: bytes | str) -> list[dict[str, Any]]:
    """Return the rows of a result in the SPARQL 1.1 Query Results JSON Format, with all its variables in their order.

    Numbers and truth values become Python values, an unbound variable None, everything else text.

    >>> rows_of('{"head": {"vars": ["a", "b"]}, "results": {"bindings": [{"a": {"type": "uri", "value": "urn:a"}}]}}')
    [{'a': 'urn:a', 'b': None}]
    """
    document = json.loads(results)
    variables = document["head"]["vars"]
    return [
        {variable: python_value(row[variable]) if variable in row else None for variable in variables}
        for row in document["results"]["bindings"]
    ]


def variables_of(results: bytes | str) -> list[str]:
    """Return the variables of such a result, in their order; without rows they are all there is to know."""
    return list(json.loads(results)["head"]["vars"])


def python_value(term: Mapping[str, str]) -> object:
    """Return the value of a term as these results write it; its text if the datatype or the value has no counterpart.

    >>> python_value({"type": "literal", "value": "5", "datatype": "http://www.w3.org/2001/XMLSchema#integer"})
    5
    """
    read = _NUMBERS.get(term.get("datatype", "").removeprefix(XSD))
    try:
        return read(term["value"]) if read else term["value"]
    except ValueError:
        return term["value"]
