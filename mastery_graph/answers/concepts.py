"""Concepts as they are shown: their label and framework, and what must be known of the green skills among them."""

from collections.abc import Iterable

from pyoxigraph import NamedNode

from mastery_graph.answers.answer import Record
from mastery_graph.answers.evidence import text
from mastery_graph.languages import Sentence
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store


class Concept(Record):
    """A concept with its label in English and its code, where the graph has them."""

    uri: str
    label: str | None
    framework: str | None
    notation: str | None = None


def describe_concepts(store: Store, uris: Iterable[str]) -> dict[str, Concept]:
    """Return what the graph says of these concepts, by IRI; concepts that it does not know are left out."""
    nodes = [NamedNode(uri) for uri in dict.fromkeys(uris)]
    if not nodes:
        return {}
    found: dict[str, Concept] = {}
    for row in store.select(named_query("equivalence/concepts").text, {"concept": nodes}):
        uri = text(row["concept"])
        found.setdefault(
            uri,
            Concept(
                uri=uri,
                label=text(row["label"]),
                framework=text(row["framework"]) if "framework" in row else None,
                notation=text(row["notation"]) if "notation" in row else None,
            ),
        )
    return found


def note_on_green_skills(store: Store, shown: Iterable[str] | None = None) -> Sentence | None:
    """Return the editorial note of a provisional set of green skills, where one of its skills is shown.

    Without `shown`, where there is such a set at all.
    """
    iris = None if shown is None else list(shown)
    for row in store.select(named_query("browse/green-skill-scheme").text):
        provisional = "provisional" in row and text(row["provisional"]) in {"true", "1"}
        concerned = iris is None or any(iri.startswith(text(row["scheme"]) + "/") for iri in iris)
        if provisional and concerned and "note" in row:
            return Sentence(text(row["note"]))
    return None
