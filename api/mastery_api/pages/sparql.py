"""The page of the SPARQL endpoint: an editor with the prefixes of the vocabulary, and the named queries as examples."""

import json
from itertools import groupby
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from mastery_api.html.rendering import CONTENT_SECURITY_POLICY, render
from mastery_graph.queries import named_queries, named_query
from mastery_graph.vocabulary import PREFIXES

_DEFAULT_QUERY: Final = "browse/visions-by-stage"
_POLICY: Final = {
    # The results table of YASGUI inserts one style element, for column resizing: it alone is allowed, by its hash.
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; style-src 'self' "
    "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
}


def show_sparql(request: Request) -> HTMLResponse:
    """Show the editor with the query that `?example=` names, or the default one. Raises `UnknownQuery`."""
    example = named_query(request.query_params.get("example") or _DEFAULT_QUERY)
    groups = {
        group: list(queries) for group, queries in groupby(named_queries(), lambda query: query.name.partition("/")[0])
    }
    prefixes = json.dumps(dict(PREFIXES))
    return render(request, "sparql.html", headers=dict(_POLICY), example=example, groups=groups, prefixes=prefixes)
