"""Remedies: what would change a criterion that is unmet or unknown for one reason, and who can act.

Each rule has a remedy of its own. Where the reason needs another one, the judge names it, and the graph
(`ontology/remedies.ttl`) has its text and its actors. A remedy of the operator of the service, or of the maintainers of
the dataset, fixes what is missing here: nobody else is asked for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from mastery_graph.languages import Labelled
from mastery_graph.queries import named_query
from mastery_graph.rdf import Row, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID

_OWN_ACTORS: Final = frozenset({f"{ID}actor/operator", f"{ID}actor/maintainer"})


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would change a criterion, and who can act."""

    action: str
    actors: tuple[str, ...]
    is_ours: bool = False
    """Whether it is the data or the set-up of this service that is missing."""


def read_remedies(store: Store, ids: Iterable[str]) -> dict[str, Remedy]:
    """Return the remedies with these ids, by id. Raises `KeyError` if the graph does not have one of them."""
    terms = [NamedNode(f"{ID}remedy/{remedy}") for remedy in sorted(set(ids))]
    if not terms:
        return {}
    rows: dict[str, list[Row]] = {}
    for row in store.select(named_query("evidence/remedies").text, {"remedy": terms}):
        rows.setdefault(term_text(row["id"]), []).append(row)
    return {remedy: _remedy(rows[remedy]) for remedy in sorted(set(ids))}


def _remedy(rows: Iterable[Row]) -> Remedy:
    texts: dict[str, dict[str, str]] = {}
    for row in rows:
        name = term_text(row["thing"]) if "thing" in row else ""
        texts.setdefault(name, {})[getattr(row["value"], "language", None) or "en"] = term_text(row["value"])
    actors = sorted(name for name in texts if name)
    return Remedy(
        Labelled(texts[""]), tuple(Labelled(texts[actor]) for actor in actors), not _OWN_ACTORS.isdisjoint(actors)
    )
