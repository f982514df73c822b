"""The part of a JSON-LD document that a conforming processor reads.

JSON-LD 1.1 (Expansion, step 13.3) leaves out a member whose name the context does not define, with all that is
below it. The parser of pyoxigraph states the types of objects below such a member none the less, so the members are
removed before it sees them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mastery_graph.credentials.pointers import escape_step

_KEYWORDS: Final = frozenset(
    {"@context", "@direction", "@graph", "@id", "@included", "@index", "@json", "@language", "@list", "@nest"}
    | {"@none", "@reverse", "@set", "@type", "@value"}
)
_MAPS: Final = frozenset({"@id", "@index", "@type"})
"""Containers whose values are maps with keys of their own."""


@dataclass(frozen=True, slots=True)
class ActiveContext:
    """The definitions that hold at one place of a document (JSON-LD 1.1, 4.1)."""

    terms: Mapping[str, object]
    """Of each term and keyword; None for a term that means nothing."""
    previous: "ActiveContext | None" = None
    """What holds in the objects below, where a context is not propagated."""

    @classmethod
    def of(cls, context: object) -> "ActiveContext":
        """Return what a resolved context defines."""
        return cls({}).extended(context)

    def extended(self, context: object, *, propagate: bool = True) -> "ActiveContext":
        """Return these definitions with those of a scoped context put over them; null removes all."""
        terms = dict(self.terms)
        for part in context if isinstance(context, list) else [context]:
            if part is None:
                terms.clear()
            elif isinstance(part, Mapping):
                propagate = part.get("@propagate", propagate) is not False
                terms |= part
        return ActiveContext(terms, self.previous if propagate else self.previous or self)

    def definition(self, term: str) -> Mapping[str, object]:
        """Return the expanded definition of a term, empty where there is none."""
        value = self.terms.get(term)
        return value if isinstance(value, Mapping) else {}

    def container(self, term: str) -> frozenset[str]:
        """Return the keywords of the container of a term, empty where it has none."""
        written = self.definition(term).get("@container", ())
        return frozenset({written} if isinstance(written, str) else written if isinstance(written, list) else ())

    def keyword(self, name: str) -> str | None:
        """Return the keyword that a name is or stands for, or None."""
        seen: set[str] = set()
        while name not in _KEYWORDS and name not in seen:
            seen.add(name)
            value = self.terms.get(name)
            target = value.get("@id") if isinstance(value, Mapping) else value
            if not isinstance(target, str):
                return None
            name = target
        return name if name in _KEYWORDS else None

    def defines(self, name: str) -> bool:
        """Return whether a member of this name is read: a keyword, a term, an address, or any name by `@vocab`."""
        if name in self.terms and not name.startswith("@"):
            value = self.terms[name]
            return value is not None and not (isinstance(value, Mapping) and value.get("@id", name) is None)
        if name.startswith("@"):
            return name in _KEYWORDS
        return ":" in name or self.terms.get("@vocab") is not None


def without_undefined(document: object, active: ActiveContext) -> tuple[object, tuple[str, ...]]:
    """Return a document without the members that are not read, and the JSON pointers of those members."""
    removed: list[str] = []

    def value_of(value: object, at: ActiveContext, pointer: str, scoped: object = ()) -> object:
        if isinstance(value, list):
            return [value_of(item, at, f"{pointer}/{place}", scoped) for place, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        keywords = {at.keyword(name) for name in value}
        if at.previous and "@value" not in keywords and keywords != {"@id"}:
            at = at.previous
        if scoped != ():
            at = at.extended(scoped)
        before = at
        for kind in sorted(_types(value, at)):
            if "@context" in (definition := before.definition(kind)):
                at = at.extended(definition["@context"], propagate=False)
        return members(value, at, pointer)

    def members(value: dict[str, object], at: ActiveContext, pointer: str) -> dict[str, object]:
        kept: dict[str, object] = {}
        for name, item in value.items():
            place = f"{pointer}/{escape_step(name)}"
            if not at.defines(name):
                removed.append(place)
                continue
            keyword, definition = at.keyword(name), at.definition(name)
            if keyword in {"@reverse", "@nest"} and isinstance(item, dict):
                kept[name] = members(item, at, place)
            elif keyword in {"@nest", "@graph", "@included", "@list", "@set"}:
                kept[name] = value_of(item, at, place)
            elif keyword or definition.get("@type") == "@json":
                kept[name] = item
            else:
                kept[name] = term_value(item, at, place, name)
        return kept

    def term_value(item: object, at: ActiveContext, pointer: str, term: str) -> object:
        scoped, container = at.definition(term).get("@context", ()), at.container(term)
        if "@language" in container and isinstance(item, dict):
            return item
        if container & _MAPS and isinstance(item, dict):
            return {key: value_of(inner, at, f"{pointer}/{escape_step(key)}", scoped) for key, inner in item.items()}
        return value_of(item, at, pointer, scoped)

    return value_of(document, active, ""), tuple(removed)


def _types(value: Mapping[str, object], active: ActiveContext) -> Iterator[str]:
    for name, item in value.items():
        if active.keyword(name) == "@type":
            yield from (kind for kind in (item if isinstance(item, list) else [item]) if isinstance(kind, str))
