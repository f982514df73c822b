"""The route of concepts: completion of labels, and look-up by IRI."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from mastery_api.dependencies import OpenStore
from mastery_api.json_bodies import STRICT
from mastery_api.openapi.problem_schema import declare_problems
from mastery_graph.concept_search.finder import Finder
from mastery_graph.concept_search.index_cache import finder_of, index_folder
from mastery_graph.errors import BadParameter
from mastery_graph.languages import Message
from mastery_graph.queries import named_query, term
from mastery_graph.rdf import term_text

router = APIRouter(prefix="/v1", tags=["mapping"], dependencies=[STRICT])

_MAX_COMPLETIONS = 50


def _finder(request: Request, store: OpenStore) -> Finder:
    return finder_of(store, index_folder(request.app.state.settings))


OpenFinder = Annotated[Finder, Depends(_finder)]


class ConceptMatch(BaseModel):
    """A concept and its matching label."""

    uri: str
    label: str


@router.get("/concepts", openapi_extra=declare_problems(BadParameter))
def concepts(
    store: OpenStore,
    finder: OpenFinder,
    q: Annotated[str | None, Query(min_length=2, max_length=100, description="A label, perhaps unfinished.")] = None,
    uri: Annotated[str | None, Query(max_length=2000, description="The IRI of a concept.")] = None,
) -> list[ConceptMatch]:
    """Complete a label while typing, or look a concept up by its IRI."""
    if (q is None) == (uri is None):
        raise BadParameter(Message("Give either q or uri."))
    if uri is not None:
        rows = store.select(named_query("equivalence/concepts").text, {"concept": term("iri", uri)})
        return [ConceptMatch(uri=term_text(row["concept"]), label=term_text(row["label"])) for row in rows[:1]]
    completions = finder.complete(q or "", _MAX_COMPLETIONS)
    return [ConceptMatch(uri=entry.uri, label=label.text) for entry, label in completions]
