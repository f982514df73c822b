"""The home page: a search over skills, levels, visions and credentials, three entry points, and the dataset."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pyoxigraph import Literal

from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of
from mastery_api.html.rendering import page_url, render
from mastery_graph.dataset.lines import PERSONAL
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.queries import named_query
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.rdf import term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

router = APIRouter()

KINDS = ("skill", "level", "vision", "credential", "concept")
"""The kinds of search results, in the order in which they are shown."""

_MAX_SHOWN = 12


class SearchHit(Record):
    """A search result: its kind, its label, its code if it has one, and the URL of its page."""

    kind: str
    label: str
    code: str | None
    href: str


class SearchHits(Record):
    """The search results of one kind, shortest labels first, and the number of further ones."""

    kind: str
    hits: tuple[SearchHit, ...]
    more: int


@router.get("/")
def show_home(
    request: Request,
    store: OpenStore,
    q: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    """Show the search with its results, and the entry points."""
    words = " ".join(q.split())
    return render(
        request,
        "start.html",
        q=q,
        hits=search(store, words, language_of(request)) if len(words) > 1 else None,
        dataset=dataset_of(store),
        graphs=[content for name, content in read_description(store).items() if not name.startswith(PERSONAL)],
        note=note_on_green_skills(store),
    )


def search(store: Store, words: str, language: str = "en") -> list[SearchHits]:
    """Return the things whose labels match, in any language, by kind; each once, labelled in this language."""
    bound = {"text": Literal(words.lower())}
    by_kind: dict[str, dict[str, SearchHit]] = {kind: {} for kind in KINDS}
    for row in store.select(named_query("browse/search").text, bound):
        kind, uri = term_text(row["kind"]), term_text(row["thing"])
        code = term_text(row["code"]) if "code" in row else None
        hit = by_kind[kind].get(uri)
        if hit is None or term_text(row["language"]) == language:
            by_kind[kind][uri] = SearchHit(
                kind=kind, label=term_text(row["label"]), code=code, href=_page_url(kind, uri, code)
            )
    for row in store.select(named_query("browse/concepts").text, bound):
        uri = term_text(row["concept"])
        if uri.startswith("http://data.europa.eu/esco/"):
            by_kind["concept"].setdefault(
                uri,
                SearchHit(
                    kind="concept", label=term_text(row["label"]), code=None, href=_page_url("concept", uri, None)
                ),
            )
    return [
        SearchHits(kind=kind, hits=tuple(things.values())[:_MAX_SHOWN], more=max(0, len(things) - _MAX_SHOWN))
        for kind, things in by_kind.items()
        if things
    ]


def _page_url(kind: str, uri: str, code: str | None) -> str:
    if kind == "level":
        return f"/v1/equivalence/levels?level={quote(uri, safe='')}&format=html"
    if kind == "concept":
        return f"/v1/equivalence/skills?skill={quote(uri, safe='')}&format=html"
    if kind in {"skill", "vision"} and code:
        return f"/{kind}s/{quote(code)}"
    return page_url(uri)
