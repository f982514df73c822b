"""The relations of a thing, with each related thing once, labelled in the language of the reader."""

from collections.abc import Iterable

from mastery_graph.rdf import Row, term_text
from mastery_graph.records import Record

Relations = dict[str, dict[str, tuple["RelatedThing", ...]]]
"""By the code of the thing and the local name of the relation."""


class RelatedThing(Record):
    """A thing with its label, and the language of that label (empty if it has none)."""

    uri: str
    label: str
    language: str


def relations(rows: Iterable[Row], language: str) -> Relations:
    """Return the relations of each thing, from rows of code, relation, thing, label and language."""
    best: dict[tuple[str, str, str], RelatedThing] = {}
    for row in rows:
        key = term_text(row["code"]), term_text(row["relation"]).rpartition("#")[2], term_text(row["thing"])
        candidate = RelatedThing(uri=key[2], label=term_text(row["label"]), language=term_text(row["language"]))
        if key not in best or _is_better(candidate, best[key], language):
            best[key] = candidate
    result: Relations = {}
    for (code, relation, _), candidate in best.items():
        by_relation = result.setdefault(code, {})
        by_relation[relation] = (*by_relation.get(relation, ()), candidate)
    return result


def _is_better(new: RelatedThing, old: RelatedThing, language: str) -> bool:
    return new.language == language or (new.language == "en" and old.language != language)
