"""The page of the SPARQL endpoint: an editor with our prefixes, and the named queries as examples."""

import json
from itertools import groupby
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from mastery_api.html.rendering import CONTENT_SECURITY_POLICY, render
from mastery_graph.queries import named_queries, named_query
from mastery_graph.vocabulary import PREFIXES

_FIRST: Final = "browse/visions-by-stage"
_POLICY: Final = {
    # YASGUI's table writes one style element, for the grips of its columns: allowed by its hash, and nothing else.
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; style-src 'self' "
    "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
}


def page(request: Request) -> HTMLResponse:
    """Show the editor with the query that `?example=` names, or a first one. Raises `UnknownQuery`."""
    example = named_query(request.query_params.get("example") or _FIRST)
    groups = {
        group: list(queries) for group, queries in groupby(named_queries(), lambda query: query.name.partition("/")[0])
    }
    prefixes = json.dumps(dict(PREFIXES))
    return render(request, "sparql.html", headers=dict(_POLICY), example=example, groups=groups, prefixes=prefixes)
