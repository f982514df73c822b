"""The routes of concepts: completion of labels, and mapping of texts to concepts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from mastery_api.dependencies import OpenStore
from mastery_api.json_bodies import STRICT
from mastery_api.responses import render_answer
from mastery_graph.concept_search.finder import Finder
from mastery_graph.concept_search.index_cache import finder_of, index_folder
from mastery_graph.errors import BadParameter
from mastery_graph.queries import named_query, term
from mastery_graph.questions.mapping import MAX_TEXT_LENGTH, TextMapping, map_text
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


class MappingQuestion(BaseModel):
    """Which concepts this text names."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "sort and recycle waste on site", "limit": 5}}
    )

    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH, description="A learning outcome, or a page.")]
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    language: Annotated[
        str | None, Field(max_length=20, description="ISO 639-1, where it is known; all are tried by default.")
    ] = None


@router.get("/concepts")
def concepts(
    store: OpenStore,
    finder: OpenFinder,
    q: Annotated[str | None, Query(min_length=2, max_length=100, description="A label, perhaps unfinished.")] = None,
    uri: Annotated[str | None, Query(max_length=2000, description="The IRI of a concept.")] = None,
) -> list[ConceptMatch]:
    """Complete a label while typing, or look a concept up by its IRI."""
    if (q is None) == (uri is None):
        raise BadParameter("Give either q or uri.")
    if uri is not None:
        rows = store.select(named_query("equivalence/concepts").text, {"concept": term("iri", uri)})
        return [ConceptMatch(uri=term_text(row["concept"]), label=term_text(row["label"])) for row in rows[:1]]
    completions = finder.complete(q or "", _MAX_COMPLETIONS)
    return [ConceptMatch(uri=entry.uri, label=label.text) for entry, label in completions]


@router.post("/mapping", response_model=TextMapping, summary="Which concepts does a text name, if any?")
def mapping(request: Request, store: OpenStore, finder: OpenFinder, question: MappingQuestion) -> Response:
    """Answer with skills and green skills similar to the text, best match first, and the basis of each score."""
    return render_answer(request, map_text(store, finder, question.text, question.limit, question.language))
