"""The identity of the dataset in a store: version, build date and content hash."""

from mastery_graph.errors import AdvisedAction, StoreMissing
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.rdf import term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class Dataset(Record):
    """The dataset from which an answer was computed; with the question, it makes the answer reproducible."""

    iri: str
    title: str
    version: str
    built: str
    """When the graph was built: ISO 8601, UTC."""
    content_hash: str
    """SHA-256, hexadecimal."""
    licence: str
    esco: str | None = None
    """The version of ESCO in it, such as 1.2.0, if ESCO is loaded and its version is known."""
    esco_extract: str | None = None
    """The version of ESCO of which it contains the extract that ships, as long as ESCO itself is not loaded."""


def dataset_of(store: Store) -> Dataset:
    """Return the identity of the dataset in a store. Raises `StoreMissing` if the store contains no dataset."""
    rows = store.select(named_query("browse/dataset").text)
    if not rows:
        raise StoreMissing(Message("The store contains no mastery-graph dataset."), action=AdvisedAction.BUILD_STORE)
    row = rows[0]
    return Dataset(
        iri=term_text(row["dataset"]),
        title=term_text(row["title"]),
        version=term_text(row["version"]),
        built=term_text(row["built"]),
        content_hash=term_text(row["hash"]),
        licence=term_text(row["licence"]),
        esco=term_text(row["esco"]) if "esco" in row else None,
        esco_extract=term_text(row["escoExtract"]) if "escoExtract" in row else None,
    )
