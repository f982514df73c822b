"""JSON-LD contexts, resolved here and nowhere else: nothing is fetched.

The known contexts are reading contexts of our own in `ontology/contexts/`; they expand a document as the published
ones do, which a test proves on real samples.
"""

import json
from functools import cache

from mastery_graph.errors import ContextRefused
from mastery_graph.resources import folder

_FILES = {
    "http://data.europa.eu/snb/model/context/edc-ap": "elm.jsonld",
    "https://www.w3.org/2018/credentials/v1": "verifiable-credential.jsonld",
}


def resolved(context: object) -> object:
    """Return a context with every name in it replaced by what it stands for.

    Raises `ContextRefused` for one that is not known here.
    """
    if isinstance(context, str):
        return _known(context)
    if isinstance(context, list):
        return [part for one in context for part in _as_list(resolved(one))]
    if isinstance(context, dict):
        if "@import" in context:
            raise ContextRefused("The document's context uses @import, which would be fetched.", _advice())
        return {
            term: definition | {"@context": resolved(definition["@context"])}
            if isinstance(definition, dict) and "@context" in definition
            else definition
            for term, definition in context.items()
        }
    return context


def language_terms(context: object) -> frozenset[str]:
    """Return the terms whose values are maps from a language to a text, in a resolved context."""
    return frozenset(
        term
        for part in _as_list(context)
        if isinstance(part, dict)
        for term, definition in part.items()
        if isinstance(definition, dict) and definition.get("@container") == "@language"
    )


@cache
def _known(name: str) -> object:
    file = _FILES.get(name) or _FILES.get(name.rstrip("/"))
    if file is None:
        raise ContextRefused(f"The document names the context {name}, which is not known here.", _advice())
    return json.loads((folder("ontology") / "contexts" / file).read_text(encoding="utf-8"))["@context"]


def _advice() -> str:
    return f"Contexts are never fetched. Use {' or '.join(_FILES)}, or write the context into the document."


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
