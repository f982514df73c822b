"""The extent of a validation: what was checked, what was not, and why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pyoxigraph import Triple

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.languages import N_
from mastery_graph.store.protocol import Store
from mastery_graph.validation.engine import Shapes
from mastery_graph.validation.engine.result import MAX_RESULTS
from mastery_graph.validation.engine.shapes import named_shape, without_quoted_triples
from mastery_graph.validation.profiles import ApplicableShapes
from mastery_graph.validation.texts import Translator
from mastery_graph.vocabulary import OWL, RDF, SH

_MAX_NAMES: Final = 12
"""Names listed in one entry."""
_LEFT_OUT: Final = N_("{number} findings are not listed: of a document, the first {most} are.")
_GRAPH_NOT_COMPARED: Final = N_(
    "Levels, countries and concepts were not compared with the graph: this profile runs the shapes alone."
)


def profile_checks(profile: str, number: int, store: Store | None, translate: Translator) -> Iterator[str]:
    """Yield the checks of one of our profiles: its elements and, with a graph, agreement with the graph."""
    yield translate(N_("The elements of the profile {profile}: {number}."), profile=profile, number=number)
    yield translate(N_("Dates, durations, credits and levels, against each other."))
    if store is not None:
        yield translate(N_("Levels, countries and concepts, against the graph."))


def shape_checks(
    profile: str, applied: ApplicableShapes, triples: Sequence[Triple], translate: Translator
) -> Iterator[str]:
    """Yield which shapes were run, and on how many instances of each of their target classes."""
    yield translate(N_("The shapes of {profile}: {names}."), profile=profile, names=_join_names(applied.names))
    classes = {value.value for _, value in applied.shapes.active_targets.get("targetClass", ())}
    numbers = Counter(
        kind.value
        for _, predicate, kind in without_quoted_triples(triples)
        if predicate.value == RDF.type and kind.value in classes
    )
    if numbers:
        things = sorted(
            f"{applied.labels.get(kind) or _local_name(kind)} ({number})" for kind, number in numbers.items()
        )
        yield translate(N_("Things in the document that these shapes are for: {things}."), things=_join_names(things))


def undefined_members(document: SubmittedDocument, translate: Translator) -> Iterator[str]:
    """Yield which members of a JSON document are not read because no context defines them."""
    if document.left_out:
        yield translate(
            N_("Members that are not read, because no context of the document defines their names: {pointers}."),
            pointers=_join_names(document.left_out),
        )


def skipped_graph_checks(store: Store | None, translate: Translator) -> Iterator[str]:
    """Yield that nothing was compared with the graph, if there is none."""
    if store is None:
        yield translate(N_("Levels, countries and concepts were not compared with the graph: no graph is open."))


def skipped_shape_checks(applied: ApplicableShapes, official: bool, translate: Translator) -> Iterator[str]:
    """Yield the parts of the shapes that were not run, and that nothing was compared with the graph."""
    if deactivated := sorted(_deactivated_shapes(applied.shapes)):
        yield translate(
            N_("Shapes that their author has switched off (sh:deactivated): {names}."), names=_join_names(deactivated)
        )
    predicates = {predicate.value for _, predicate, _ in applied.shapes.triples}
    if SH.rule in predicates:
        yield translate(N_("Rules of the shapes (sh:rule) are not run."))
    if not official and OWL.imports in predicates:
        yield translate(N_("What the shapes import (owl:imports) is not fetched."))
    if official:
        yield translate(_GRAPH_NOT_COMPARED)


def _deactivated_shapes(shapes: Shapes) -> set[str]:
    """Return the names of the deactivated shapes, without the property shapes in them."""
    deactivated = [
        subject
        for subject, properties in shapes.index.items()
        if SH.deactivated in properties and not shapes.is_active(subject)
    ]
    parts = {part for shape in deactivated for part in shapes.values_of(shape, SH.property)}
    return {_local_name(named_shape(shape.value) or shape.value) for shape in deactivated if shape not in parts}


def _local_name(iri: str) -> str:
    return iri.replace("#", "/").rpartition("/")[2]


def _join_names(names: Iterable[str]) -> str:
    all_names = list(names)
    return ", ".join([*all_names[:_MAX_NAMES], *(["…"] if len(all_names) > _MAX_NAMES else [])])


def left_out_findings(number: int, translate: Translator) -> tuple[str, ...]:
    """Return a sentence on findings that a report does not list, if there are any."""
    return (translate(_LEFT_OUT, number=str(number), most=str(MAX_RESULTS)),) if number > 0 else ()
