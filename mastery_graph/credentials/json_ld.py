"""Removal of the members of a JSON-LD document that a conforming processor ignores.

JSON-LD 1.1 (Expansion, step 13.3) ignores a member whose name the context does not define, with everything below it.
The parser of pyoxigraph still returns the types of objects below such a member, so the members are removed before
parsing.
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
"""Containers whose values are maps with arbitrary keys."""


@dataclass(frozen=True, slots=True)
class ActiveContext:
    """The definitions that apply at a position of a document (JSON-LD 1.1, 4.1)."""

    terms: Mapping[str, object]
    """The definition of each term and keyword; None for a term that is explicitly undefined."""
    previous: "ActiveContext | None" = None
    """The active context of nested objects, if this one is not propagated."""

    @classmethod
    def of(cls, context: object) -> "ActiveContext":
        """Return the active context of a resolved context."""
        return cls({}).extend(context)

    def extend(self, context: object, *, propagate: bool = True) -> "ActiveContext":
        """Return these definitions overridden by those of a scoped context; null removes all."""
        terms = dict(self.terms)
        for part in context if isinstance(context, list) else [context]:
            if part is None:
                terms.clear()
            elif isinstance(part, Mapping):
                propagate = part.get("@propagate", propagate) is not False
                terms |= part
        return ActiveContext(terms, self.previous if propagate else self.previous or self)

    def definition(self, term: str) -> Mapping[str, object]:
        """Return the expanded definition of a term; empty if there is none."""
        value = self.terms.get(term)
        return value if isinstance(value, Mapping) else {}

    def container(self, term: str) -> frozenset[str]:
        """Return the keywords of the container of a term; empty if it has none."""
        container = self.definition(term).get("@container", ())
        return frozenset(
            {container} if isinstance(container, str) else container if isinstance(container, list) else ()
        )

    def keyword(self, name: str) -> str | None:
        """Return the keyword that a name is or is an alias of, or None."""
        visited: set[str] = set()
        while name not in _KEYWORDS and name not in visited:
            visited.add(name)
            value = self.terms.get(name)
            target = value.get("@id") if isinstance(value, Mapping) else value
            if not isinstance(target, str):
                return None
            name = target
        return name if name in _KEYWORDS else None

    def defines(self, name: str) -> bool:
        """Return whether a member of this name is read: a keyword, a term, an IRI, or any name if `@vocab` is set."""
        if name in self.terms and not name.startswith("@"):
            value = self.terms[name]
            return value is not None and not (isinstance(value, Mapping) and value.get("@id", name) is None)
        if name.startswith("@"):
            return name in _KEYWORDS
        return ":" in name or self.terms.get("@vocab") is not None


def without_undefined(document: object, active: ActiveContext) -> tuple[object, tuple[str, ...]]:
    """Return a document without the undefined members, and the JSON pointers of those members."""
    removed: list[str] = []

    def filter_value(value: object, context: ActiveContext, pointer: str, scoped: object = ()) -> object:
        if isinstance(value, list):
            return [filter_value(item, context, f"{pointer}/{index}", scoped) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        keywords = {context.keyword(name) for name in value}
        if context.previous and "@value" not in keywords and keywords != {"@id"}:
            context = context.previous
        if scoped != ():
            context = context.extend(scoped)
        outer = context
        for kind in sorted(_types(value, context)):
            if "@context" in (definition := outer.definition(kind)):
                context = context.extend(definition["@context"], propagate=False)
        return filter_members(value, context, pointer)

    def filter_members(value: dict[str, object], context: ActiveContext, pointer: str) -> dict[str, object]:
        result: dict[str, object] = {}
        for name, item in value.items():
            member_pointer = f"{pointer}/{escape_step(name)}"
            if not context.defines(name):
                removed.append(member_pointer)
                continue
            keyword, definition = context.keyword(name), context.definition(name)
            if keyword in {"@reverse", "@nest"} and isinstance(item, dict):
                result[name] = filter_members(item, context, member_pointer)
            elif keyword in {"@nest", "@graph", "@included", "@list", "@set"}:
                result[name] = filter_value(item, context, member_pointer)
            elif keyword or definition.get("@type") == "@json":
                result[name] = item
            else:
                result[name] = filter_term_value(item, context, member_pointer, name)
        return result

    def filter_term_value(item: object, context: ActiveContext, pointer: str, term: str) -> object:
        scoped, container = context.definition(term).get("@context", ()), context.container(term)
        if "@language" in container and isinstance(item, dict):
            return item
        if container & _MAPS and isinstance(item, dict):
            return {
                key: filter_value(inner, context, f"{pointer}/{escape_step(key)}", scoped)
                for key, inner in item.items()
            }
        return filter_value(item, context, pointer, scoped)

    return filter_value(document, active, ""), tuple(removed)


def _types(value: Mapping[str, object], active: ActiveContext) -> Iterator[str]:
    for name, item in value.items():
        if active.keyword(name) == "@type":
            yield from (kind for kind in (item if isinstance(item, list) else [item]) if isinstance(kind, str))
