"""The page of the dataset: what is in it, its sources and licences, its files, and how to cite it."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mastery_api import addresses
from mastery_api.dependencies import OpenStore
from mastery_api.html.rendering import render
from mastery_api.v1.dataset import download_urls
from mastery_graph.dataset.lines import PERSONAL
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.languages import N_, Message
from mastery_graph.languages.records import Localized
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.queries import named_query
from mastery_graph.rdf import term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import GRAPH

router = APIRouter()

_CONTENTS: Final = {
    "ontology": N_("The vocabulary: classes, properties and rules."),
    "green-skills": N_("The green skills with their names, levels, sectors and competences."),
    "frameworks": N_("The EQF, the national qualifications frameworks, and the referencing of each level."),
    "policy": N_("Visions, standard elements, challenges and national policies on micro-credentials."),
    "mappings": N_("The mappings between green skills and ESCO, each with its justification."),
    "catalogue": N_("The example catalogue of micro-credentials and qualifications."),
    "esco-extract": N_("ESCO's green and transversal skills with the groups above them."),
    "esco": N_("ESCO, as it was loaded."),
    "inferred": N_("What follows from the other parts by OWL 2 RL and the rules of the project."),
    "statements": N_("Recognition statements of competent bodies."),
    "registers/example": N_("An example register, made up."),
}
"""The named graphs that ship, and what each contains."""

_LICENCES: Final = {"https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0"}
"""The names of licences by their addresses."""


class GraphFile(Record):
    """A file of a named graph: the name of its format and its address."""

    format: str
    address: str


class GraphSummary(Record):
    """A named graph: its name, what it contains if that is known, its size, its hash and its files."""

    name: str
    content: Localized | None
    triples: int
    sha256: str
    files: tuple[GraphFile, ...]


class SourceSummary(Record):
    """A source: its address, its title, and the number of things that rest on it."""

    iri: str
    title: str
    things: int


@router.get("/dataset")
def show_dataset(request: Request, store: OpenStore) -> HTMLResponse:
    """Show what the dataset contains, and how to download and cite it."""
    dataset = dataset_of(store)
    return render(
        request,
        "dataset.html",
        dataset=dataset,
        licence=_LICENCES.get(dataset.licence, dataset.licence),
        graphs=_graphs(request, store),
        sources=_sources(store),
        bibtex=bibtex(dataset, addresses.public_url(request, "/dataset")),
    )


def bibtex(dataset: Dataset, address: str) -> str:
    """Return a BibTeX entry for this version of the dataset.

    The hash of its content names the version; the address is where it was read.
    """
    fields = {
        "title": f"{{{dataset.title}}}: green skills, qualification levels and micro-credential policy as one graph",
        "author": "{mastery-graph editors}",
        "year": dataset.built[:4],
        "version": dataset.version,
        "url": address,
        "note": f"Built {dataset.built[:10]}, SHA-256 {dataset.content_hash}",
    }
    lines = ",\n".join(f"  {name:<8}= {{{value}}}" for name, value in fields.items())
    return f"@misc{{{dataset.title}-{dataset.content_hash[:8]},\n{lines}\n}}"


def _graphs(request: Request, store: Store) -> list[GraphSummary]:
    return [
        GraphSummary(
            name=name.removeprefix(GRAPH),
            content=Message(_CONTENTS[name.removeprefix(GRAPH)]) if name.removeprefix(GRAPH) in _CONTENTS else None,
            triples=content.triples,
            sha256=content.sha256,
            files=tuple(
                GraphFile(format=suffix, address=address) for suffix, address in download_urls(request, name).items()
            ),
        )
        for name, content in read_description(store).items()
        if not name.startswith(PERSONAL)
    ]


def _sources(store: Store) -> list[SourceSummary]:
    """Return the sources, those that most rests on first; a source with several titles is listed once."""
    sources: dict[str, SourceSummary] = {}
    for row in store.select(named_query("browse/sources").text):
        iri = term_text(row["source"])
        title = term_text(row["title"]) if "title" in row else iri
        sources.setdefault(iri, SourceSummary(iri=iri, title=title, things=int(term_text(row["things"]))))
    return list(sources.values())
