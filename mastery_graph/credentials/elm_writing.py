"""Write a credential as ELM JSON-LD: one tree from the credential down, in the terms of the published context.

PyLD frames and compacts; the names that reading gave to objects without an id are taken off again.
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, serialize

from mastery_graph.credentials.contexts import CREDENTIALS_1, ELM, resolved
from mastery_graph.vocabulary import NS

_MADE = "urn:sha256:"
_OURS = {"mg": NS}


def as_json_ld(triples: Iterable[Triple], roots: list[str]) -> dict[str, Any]:
    """Return the descriptions `roots`, with all that they lead to, as one ELM document.

    Several descriptions stand side by side in `@graph`; what none of them leads to is in `@included`.
    """
    from pyld import jsonld

    names: dict[str, BlankNode] = {}
    known = tuple(triples)
    plain = [_unnamed(triple, names) for triple in known]
    lines = (serialize(plain, format=RdfFormat.N_TRIPLES) or b"").decode()
    expanded = jsonld.from_rdf(lines, {"useNativeTypes": False})
    context = [*cast("list[object]", resolved([CREDENTIALS_1, ELM])), _OURS]

    def tree(root: str) -> dict[str, Any]:
        """Return one node with all that it leads to."""
        blank = root if root.startswith("_:") else f"_:{names[root].value}" if root in names else None
        frame = {"@context": context, "@id": _ROOT if blank else root, "@embed": "@once"}
        found: dict[str, Any] = jsonld.frame(
            _marked(expanded, blank) if blank else expanded, frame, {"omitGraph": True}
        )
        return {key: value for key, value in found.items() if key != "@context" and (key, value) != ("id", _ROOT)}

    trees = [tree(root) for root in roots]
    apart = [tree(root) for root in _apart(known, roots)]
    said: dict[str, Any] = {"@context": [CREDENTIALS_1, ELM, _OURS]}
    said |= trees[0] if len(trees) == 1 else {"@graph": trees}
    return {**said, "@included": apart} if apart else said


def _apart(triples: tuple[Triple, ...], roots: list[str]) -> Iterator[str]:
    """Yield nodes that lead to all that the roots do not lead to."""
    below: dict[str, list[str]] = {}
    for triple in triples:
        below.setdefault(_name(triple.subject), []).append(_name(triple.object))
    led_to = {name for names in below.values() for name in names}
    seen: set[str] = set()

    def follow(node: str) -> None:
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += below.get(one, ())

    for root in roots:
        follow(root)
    for node in sorted(below, key=lambda one: (one in led_to, one)):
        if node not in seen:
            follow(node)
            yield node


def _name(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


_ROOT = "urn:mastery-graph:root"


def _marked(expanded: list[dict[str, Any]], blank: str) -> list[dict[str, Any]]:
    """Return the nodes with a name for the one to begin with, so that it can be framed."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: _ROOT if key == "@id" and item == blank else walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    return [walk(node) for node in expanded]


def _unnamed(triple: Triple, names: dict[str, BlankNode]) -> Triple:
    def plain(term: Any) -> Any:
        if isinstance(term, NamedNode) and term.value.startswith(_MADE):
            return names.setdefault(term.value, BlankNode())
        return term

    return Triple(plain(triple.subject), triple.predicate, plain(triple.object))
