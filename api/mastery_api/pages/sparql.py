"""The page of the SPARQL endpoint: an editor with the prefixes of the vocabulary, and the named queries as examples."""

import json
from itertools import groupby
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from mastery_api.html.rendering import CONTENT_SECURITY_POLICY, render
from mastery_graph.queries import bind_text, named_queries, named_query
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
    """Show the editor with the query that `?example=` names, or the default one.

    Its parameters have the values of the URL, or the examples that its header states; an empty one stays open.
    Raises `UnknownQuery`, and `BadParameter` for a value that is not of the parameter's kind.
    """
    example = named_query(request.query_params.get("example") or _DEFAULT_QUERY)
    values = {
        parameter.name: request.query_params.get(parameter.name, parameter.example) for parameter in example.parameters
    }
    others = [query for query in named_queries() if query.name not in FEATURED]
    groups = {group: list(queries) for group, queries in groupby(others, lambda query: query.name.partition("/")[0])}
    prefixes = json.dumps(dict(PREFIXES))
    return render(
        request,
        "sparql.html",
        headers=dict(_POLICY),
        text=bind_text(example, [(name, value) for name, value in values.items() if value.strip()]),
        unbound_text=example.text,
        example=example.name,
        parameters=example.parameters,
        values=values,
        featured=[named_query(name) for name in FEATURED],
        groups=groups,
        prefixes=prefixes,
    )
