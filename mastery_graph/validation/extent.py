"""The extent of a validation: what was checked, and what was not and why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pyoxigraph import Triple

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.store.protocol import Store
from mastery_graph.validation.engine import Shapes
from mastery_graph.validation.engine.shapes import named_shape, without_quoted_triples
from mastery_graph.validation.profiles import ApplicableShapes
from mastery_graph.validation.texts import Translator, said
from mastery_graph.vocabulary import OWL, RDF, SH

_MAX_NAMES: Final = 12
"""Names in one entry."""
_GRAPH_NOT_ASKED: Final = said(
    "Levels, countries and concepts were not compared with the graph: this profile runs the shapes alone."
)


def checked_by_profile(profile: str, number: int, store: Store | None, told: Translator) -> Iterator[str]:
    """Yield what a profile of ours checks: its elements, and where there is a graph, agreement with it."""
    yield told(said("The elements of the profile {?profile}: {?number}."), profile=profile, number=number)
    yield told(said("Dates, durations, credits and levels, against each other."))
    if store is not None:
        yield told(said("Levels, countries and concepts, against the graph."))


def checked_by_shapes(
    profile: str, applied: ApplicableShapes, triples: Sequence[Triple], told: Translator
) -> Iterator[str]:
    """Yield which shapes were run, and on how many things of each class that they are for."""
    yield told(said("The shapes of {?profile}: {?names}."), profile=profile, names=_listed(applied.names))
    classes = {value.value for _, value in applied.shapes.active_targets.get("targetClass", ())}
    numbers = Counter(
        kind.value
        for _, predicate, kind in without_quoted_triples(triples)
        if predicate.value == RDF + "type" and kind.value in classes
    )
    if numbers:
        things = sorted(f"{applied.labels.get(kind) or _local(kind)} ({number})" for kind, number in numbers.items())
        yield told(said("Things in the document that these shapes are for: {?things}."), things=_listed(things))


def not_read(document: SubmittedDocument, told: Translator) -> Iterator[str]:
    """Yield which members of a JSON document no context defines, so that they are not read."""
    if document.left_out:
        yield told(
            said("Members that are not read, because no context of the document defines their names: {?pointers}."),
            pointers=_listed(document.left_out),
        )


def not_checked_of_graph(store: Store | None, told: Translator) -> Iterator[str]:
    """Yield that nothing was compared with the graph, where there is none."""
    if store is None:
        yield told(said("Levels, countries and concepts were not compared with the graph: no graph is open."))


def not_checked_by_shapes(applied: ApplicableShapes, official: bool, told: Translator) -> Iterator[str]:
    """Yield what the shapes contain and do not check, and what is not asked of the graph."""
    if off := sorted(_switched_off(applied.shapes)):
        yield told(said("Shapes that their author has switched off (sh:deactivated): {?names}."), names=_listed(off))
    predicates = {predicate.value for _, predicate, _ in applied.shapes.statements}
    if SH + "rule" in predicates:
        yield told(said("Rules of the shapes (sh:rule) are not run."))
    if not official and OWL + "imports" in predicates:
        yield told(said("What the shapes import (owl:imports) is not fetched."))
    if official:
        yield told(_GRAPH_NOT_ASKED)


def _switched_off(shapes: Shapes) -> set[str]:
    """Return the names of shapes that are switched off, but for the parts of those that are."""
    off = [
        subject
        for subject, stated in shapes.index.items()
        if SH + "deactivated" in stated and not shapes.is_active(subject)
    ]
    parts = {part for shape in off for part in shapes.values_of(shape, SH + "property")}
    return {_local(named_shape(shape.value) or shape.value) for shape in off if shape not in parts}


def _local(iri: str) -> str:
    return iri.replace("#", "/").rpartition("/")[2]


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join([*every[:_MAX_NAMES], *(["…"] if len(every) > _MAX_NAMES else [])])
