"""What a thing is tied to, each related thing once, by its name in the reader's language."""

from collections.abc import Iterable

from mastery_graph.rdf import Row, term_text
from mastery_graph.records import Record

Relations = dict[str, dict[str, tuple["RelatedThing", ...]]]
"""By the code of the thing and the local name of the relation."""


class RelatedThing(Record):
    """A thing with its name, and the language of that name (empty where it has none)."""

    uri: str
    label: str
    language: str


def relations(rows: Iterable[Row], language: str) -> Relations:
    """Return what each thing is tied to, from rows of code, relation, thing, label and language."""
    found: dict[tuple[str, str, str], RelatedThing] = {}
    for row in rows:
        key = term_text(row["code"]), term_text(row["relation"]).rpartition("#")[2], term_text(row["thing"])
        named = RelatedThing(uri=key[2], label=term_text(row["label"]), language=term_text(row["language"]))
        if key not in found or _better(named, found[key], language):
            found[key] = named
    tied: Relations = {}
    for (code, relation, _), named in found.items():
        of = tied.setdefault(code, {})
        of[relation] = (*of.get(relation, ()), named)
    return tied


def _better(new: RelatedThing, old: RelatedThing, language: str) -> bool:
    return new.language == language or (new.language == "en" and old.language != language)
