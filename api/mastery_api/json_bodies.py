"""Strict parsing of JSON request bodies: no duplicate keys, no NaN, no lone surrogates.

The parser of the framework accepts all of these. A parser that takes the last of two equal keys and one that rejects
them would judge the same credential differently.
"""

from typing import Any, Final

from fastapi import Depends, Request

from mastery_graph.credentials.strict_json import MAX_DEPTH, parse_json

_ENVELOPE_DEPTH: Final = 3
"""Levels of nesting of a question around a document in it."""


async def json_body(request: Request) -> Any:
    """Return the JSON body of a request; None if it has none.

    Raises `BadDocument`, `BadEncoding` and `DocumentTooDeep`.
    """
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if request.method != "POST" or not (media_type == "application/json" or media_type.endswith("+json")):
        return None
    body = await request.body()
    return parse_json(body, MAX_DEPTH + _ENVELOPE_DEPTH) if body else None


STRICT: Final = Depends(json_body)
"""The dependency that parses the JSON body of a route strictly before the framework does."""
