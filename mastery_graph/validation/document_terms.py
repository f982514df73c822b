"""The terms of the properties and classes of the model in JSON documents."""

from collections.abc import Iterator, Mapping
from functools import cache

from mastery_graph.credentials.contexts import CREDENTIALS_1, ELM, resolve_context


@cache
def document_terms() -> Mapping[str, str]:
    """Return the term of each IRI in the contexts of European credentials.

    >>> document_terms()["http://www.w3.org/ns/regorg#legalName"]
    'legalName'
    """
    definitions = list(_definitions(resolve_context([CREDENTIALS_1, ELM])))
    prefixes = {term: name for term, name in definitions if "://" in name}
    terms: dict[str, str] = {}
    for term, name in definitions:
        prefix, _, local = name.partition(":")
        terms.setdefault(prefixes[prefix] + local if prefix in prefixes else name, term)
    return terms


def _definitions(context: object) -> Iterator[tuple[str, str]]:
    """Yield each term with its IRI or prefixed name, those of outer contexts first."""
    nested_contexts = []
    for part in context if isinstance(context, list) else [context]:
        for term, definition in part.items() if isinstance(part, dict) else ():
            name = definition.get("@id") if isinstance(definition, dict) else definition
            if isinstance(name, str) and not term.startswith("@"):
                yield term, name
            if isinstance(definition, dict) and "@context" in definition:
                nested_contexts.append(definition["@context"])
    for nested_context in nested_contexts:
        yield from _definitions(nested_context)
