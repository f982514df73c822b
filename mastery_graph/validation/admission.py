"""Admit credentials to a store: each is validated on the way in, and loaded into a named graph of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pyoxigraph import Triple

from mastery_graph.build.pipeline import replace_graphs
from mastery_graph.credentials.batch import Sent
from mastery_graph.credentials.collection import UNDER, content, graph_of, graphs_that_describe, loaded
from mastery_graph.credentials.description import descriptions
from mastery_graph.errors import MasteryError, UnknownResource
from mastery_graph.store.protocol import Store
from mastery_graph.validation.report import ValidationReport
from mastery_graph.validation.validate import validate

Policy = Literal["reject", "quarantine", "accept"]
"""What becomes of a credential that does not conform: left out, left out and kept aside, or loaded all the same."""

_AT_ONCE = 500
"""Credentials that are written together."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of one document.

    `present` is one that was there already, `replaced` one that took the place of another content of the same
    credential, `quarantined` one that the caller is to keep aside. `reason` says why one is not loaded.
    """

    sent: Sent
    status: Literal["loaded", "replaced", "present", "rejected", "quarantined", "unreadable"]
    graph: str | None = None
    descriptions: tuple[str, ...] = ()
    reason: str | None = None
    report: ValidationReport | None = None


def admit(
    store: Store, sent: Iterable[Sent], profile: str = "micro-credential", policy: Policy = "reject"
) -> Iterator[Admission]:
    """Load the documents that the profile admits, and yield what became of each, in their order.

    The same content is loaded once, however often it is sent.
    """
    present = set(loaded(store))
    held: dict[str, str] = {}
    waiting: dict[str, list[Triple]] = {}
    admissions: list[Admission] = []
    for one in sent:
        admission = _judged(store, one, profile, policy, present)
        if one.document and admission.graph and admission.status == "loaded":
            graph = admission.graph
            first = next(iter(admission.descriptions), graph)
            old = {*graphs_that_describe(store, first), held.get(first, graph)} - {graph}
            if old := {each for each in old if waiting.get(each) != []}:
                admission = replace(admission, status="replaced")
            present = present - old | {graph}
            held[first] = graph
            waiting.update({each: [] for each in old})
            waiting[graph] = content(one.document)
        admissions.append(admission)
        if len(waiting) >= _AT_ONCE:
            replace_graphs(store, waiting)
            waiting = {}
            yield from admissions
            admissions = []
    if waiting:
        replace_graphs(store, waiting)
    yield from admissions


def remove(store: Store, name: str) -> list[str]:
    """Remove a loaded credential, by its IRI, its hash or the name of its graph; return the graphs that are gone.

    Raises `UnknownResource` where none is loaded.
    """
    graphs = set(loaded(store))
    found = [each for each in (name, UNDER + name) if each in graphs]
    if not found and ":" in name:
        found = graphs_that_describe(store, name)
    if not found:
        raise UnknownResource(f"No credential {name} is loaded.", "`mastery-graph info` lists the graphs.")
    replace_graphs(store, {each: [] for each in found})
    return found


def remove_all(store: Store) -> list[str]:
    """Remove all loaded credentials; return the graphs that are gone."""
    found = list(loaded(store))
    replace_graphs(store, {}, under=UNDER)
    return found


def _judged(store: Store, sent: Sent, profile: str, policy: Policy, present: set[str]) -> Admission:
    if sent.document is None:
        return Admission(sent, "unreadable", reason=str(sent.error))
    graph = graph_of(sent.document)
    try:
        described = tuple(descriptions(sent.document.store))
        if graph in present:
            return Admission(sent, "present", graph, described)
        report = validate(sent.document, profile, store)
    except MasteryError as error:
        return Admission(sent, "unreadable", reason=str(error))
    if not report.conforms and policy != "accept":
        status: Literal["rejected", "quarantined"] = "rejected" if policy == "reject" else "quarantined"
        return Admission(sent, status, None, described, report.summary, report)
    return Admission(sent, "loaded", graph, described, None if report.conforms else report.summary, report)
