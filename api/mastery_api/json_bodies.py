"""The JSON of a question, read as strictly as a document: no key twice, no NaN, no half characters.

The parser of the framework takes all of these. A reader that takes the last of two keys, and one that refuses them,
would judge the same credential differently.
"""

from typing import Any, Final

from fastapi import Depends, Request

from mastery_graph.credentials.strict_json import MAX_DEPTH, parse_json

_AROUND_A_DOCUMENT: Final = 3
"""Levels of a question around a document in it."""


async def json_body(request: Request) -> Any:
    """Return the JSON body of a request; None where it has none.

    Raises `BadDocument`, `BadEncoding` and `DocumentTooDeep`.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if request.method != "POST" or not (kind == "application/json" or kind.endswith("+json")):
        return None
    body = await request.body()
    return parse_json(body, MAX_DEPTH + _AROUND_A_DOCUMENT) if body else None


STRICT: Final = Depends(json_body)
"""What has the JSON body of a route read strictly, before the framework makes a record of it."""
