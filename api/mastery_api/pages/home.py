"""The home page: a search over skills, levels, visions and credentials, three entry points, and the dataset."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of
from mastery_api.html.rendering import render
from mastery_api.pages.search import KINDS, MAX_QUERY_CHARS, SearchHits, search
from mastery_graph.concept_search.index_cache import finder_of, index_folder
from mastery_graph.dataset.lines import PERSONAL
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.store.protocol import Store

router = APIRouter()


@router.get("/")
def show_home(
    request: Request,
    store: OpenStore,
    q: str = "",
    kind: Annotated[str, Query(description="Only results of this kind, and all of them.")] = "",
) -> HTMLResponse:
    """Show the search with its results, and the entry points."""
    words = " ".join(q.split())
    return render(
        request,
        "start.html",
        q=q,
        kind=kind if kind in KINDS else "",
        hits=_hits(request, store, words[:MAX_QUERY_CHARS], kind if kind in KINDS else "") if words else None,
        dataset=dataset_of(store),
        graphs=[content for name, content in read_description(store).items() if not name.startswith(PERSONAL)],
        note=note_on_green_skills(store),
    )


def _hits(request: Request, store: Store, words: str, kind: str) -> list[SearchHits] | None:
    """Return the search results; None for a single letter, which names nothing."""
    if len(words) == 1 and not words.isdecimal():
        return None
    finder = finder_of(store, index_folder(request.app.state.settings))
    return search(store, finder, words, language_of(request), kind)
