"""Labels and frameworks of concepts, and the editorial note on the green skills among them."""

from collections.abc import Iterable

from pyoxigraph import NamedNode

from mastery_graph.languages import Labelled, Message
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.rdf import Row, is_iri, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import GREEN_SKILL


class Concept(Record):
    """A concept with its label and its code, where the graph has them; green skills have labels in each language."""

    uri: str
    label: Localized | None
    framework: str | None
    notation: str | None = None


def describe_concepts(store: Store, uris: Iterable[str]) -> dict[str, Concept]:
    """Return the descriptions of these concepts, by IRI; concepts that the graph does not have are left out."""
    uris = [uri for uri in dict.fromkeys(uris) if is_iri(uri)]
    nodes = [NamedNode(uri) for uri in uris]
    if not nodes:
        return {}
    green = {uri for uri in uris if uri.startswith(GREEN_SKILL)}
    names = labels_of(store.select(named_query("browse/green-skills").text), "skill") if green else {}
    concepts: dict[str, Concept] = {}
    for row in store.select(named_query("equivalence/concepts").text, {"concept": nodes}):
        uri = term_text(row["concept"])
        concepts.setdefault(
            uri,
            Concept(
                uri=uri,
                label=names.get(uri) or term_text(row["label"]),
                framework=term_text(row["framework"]) if "framework" in row else None,
                notation=term_text(row["notation"]) if "notation" in row else None,
            ),
        )
    return concepts


def labels_of(rows: Iterable[Row], column: str) -> dict[str, Labelled]:
    """Return the labels of the resources of a column, by IRI, in each language of the column `label`."""
    labels: dict[str, dict[str, str]] = {}
    for row in rows:
        labels.setdefault(term_text(row[column]), {})[getattr(row["label"], "language", None) or "en"] = term_text(
            row["label"]
        )
    return {iri: Labelled(labels_by_language) for iri, labels_by_language in labels.items()}


def note_on_green_skills(store: Store, concepts: Iterable[str] | None = None) -> Message | None:
    """Return the editorial note of a provisional set of green skills if one of `concepts` belongs to it.

    Without `concepts`, return the note of any such set. None if there is none.
    """
    iris = None if concepts is None else list(concepts)
    for row in store.select(named_query("browse/green-skill-scheme").text):
        provisional = "provisional" in row and term_text(row["provisional"]) in {"true", "1"}
        includes_concept = iris is None or any(iri.startswith(term_text(row["scheme"]) + "/") for iri in iris)
        if provisional and includes_concept and "note" in row:
            return Message(term_text(row["note"]))
    return None
