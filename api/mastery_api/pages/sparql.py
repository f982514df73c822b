"""The page of the SPARQL endpoint: an editor with the prefixes of the vocabulary, and the named queries as examples."""

import json
from itertools import groupby
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from mastery_api.html.rendering import CONTENT_SECURITY_POLICY, render
from mastery_graph.queries import NamedQuery, bind_text, named_queries, named_query
from mastery_graph.vocabulary import PREFIXES

FEATURED: Final = (
    "browse/visions-by-stage",
    "browse/green-skills",
    "browse/skill-relations",
    "browse/concepts",
    "browse/mappings",
    "equivalence/comparable-levels",
    "equivalence/comparison-table",
    "equivalence/referencings",
    "recognition/national-policy",
    "validation/standard-elements",
    "evidence/rules",
    "browse/dataset",
)
"""The examples that are shown first: each answers a question of a reader, with rows, from the shipped data."""

_DEFAULT_QUERY: Final = "browse/visions-by-stage"
_POLICY: Final = {
    # The results table of YASGUI inserts one style element, for column resizing: it alone is allowed, by its hash.
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; style-src 'self' "
    "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
}


def show_sparql(request: Request) -> HTMLResponse:
    """Show the editor with the query that `?example=` names, or the default one. Raises `UnknownQuery`."""
    example = named_query(request.query_params.get("example") or _DEFAULT_QUERY)
    others = [query for query in named_queries() if query.name not in FEATURED]
    groups = {group: list(queries) for group, queries in groupby(others, lambda query: query.name.partition("/")[0])}
    prefixes = json.dumps(dict(PREFIXES))
    return render(
        request,
        "sparql.html",
        headers=dict(_POLICY),
        text=_runnable_text(example),
        featured=[named_query(name) for name in FEATURED],
        groups=groups,
        prefixes=prefixes,
    )


def _runnable_text(query: NamedQuery) -> str:
    """Return the text of a query with its parameters bound to the examples that its header names."""
    return bind_text(query, [(parameter.name, parameter.example) for parameter in query.parameters])
