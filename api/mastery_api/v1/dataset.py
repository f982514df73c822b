"""The routes of the dataset: its description (JSON, or DCAT and VoID), and downloads of its graphs."""

import re
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from pyoxigraph import NamedNode, Quad, QueryResultsFormat, RdfFormat

from mastery_api import addresses, negotiation
from mastery_api.dependencies import OpenStore
from mastery_api.lanes import turn_of
from mastery_api.linked_data import representations
from mastery_api.openapi.media_types import GRAPH_FORMATS, declare_media_types
from mastery_api.openapi.problem_schema import declare_problems
from mastery_api.sparql.streaming import StreamedResult
from mastery_graph.dataset.agreement import require_described_size
from mastery_graph.dataset.description import Distribution, describe_dataset
from mastery_graph.dataset.lines import PERSONAL
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import UnknownResource
from mastery_graph.languages import Message
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.queries import bind, named_query
from mastery_graph.store.protocol import Limits
from mastery_graph.vocabulary import GRAPH

router = APIRouter(prefix="/v1", tags=["dataset"])

_JSON: Final = "application/json"
_UNSAFE_CHARACTERS: Final = re.compile(r"[^A-Za-z0-9._-]")
"""Characters that are replaced in the names of files."""
_DOWNLOADS: Final = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}


class File(BaseModel):
    """A file to download: its address and media type."""

    address: str
    media_type: str


class Part(BaseModel):
    """A named graph of the dataset: its size, the SHA-256 of its canonical N-Triples, and where to download it."""

    graph: str
    triples: int
    content_hash: str
    files: list[File]


class DatasetDescription(Dataset):
    """Which dataset this is, where it answers SPARQL, and the graphs that it consists of."""

    sparql_endpoint: str
    graphs: tuple[Part, ...]


@router.get(
    "/dataset",
    response_model=DatasetDescription,
    summary="Which dataset is this, and what is in it?",
    responses=declare_media_types(GRAPH_FORMATS),
)
def description(
    request: Request,
    store: OpenStore,
    format_name: Annotated[
        str | None, Query(alias="format", description="json, or turtle, jsonld, nt, rdfxml, trig, nq.")
    ] = None,
) -> Response:
    """Describe the dataset: JSON, or DCAT and VoID in each RDF format, by Accept or `?format=`."""
    dataset = dataset_of(store)
    contents = {name: content for name, content in read_description(store).items() if not name.startswith(PERSONAL)}
    endpoint = addresses.public_url(request, "/sparql")
    files = {
        name: [
            File(address=_download_url(request, name, suffix), media_type=rdf_format.media_type)
            for suffix, rdf_format in _DOWNLOADS.items()
        ]
        for name in contents
    }
    rdf = {
        media_type: suffix
        for suffix, media_type in representations.SUFFIXES.items()
        if media_type != representations.HTML
    }
    accept = (
        negotiation.NAMES.get(format_name, representations.SUFFIXES.get(format_name, format_name))
        if format_name
        else request.headers.get("accept")
    )
    chosen = negotiation.best_match(accept, [_JSON, *rdf]) or _JSON
    if chosen == _JSON:
        parts = tuple(
            Part(graph=name, triples=content.triples, content_hash=content.sha256, files=files[name])
            for name, content in contents.items()
        )
        body = DatasetDescription(**dataset.model_dump(), sparql_endpoint=endpoint, graphs=parts)
        return Response(body.model_dump_json(), media_type=_JSON, headers={"Vary": "Accept"})
    distributions = [
        Distribution(file.address, file.media_type, name) for name, graph_files in files.items() for file in graph_files
    ]
    triples = describe_dataset(store, dataset, distributions, list(contents), endpoint)
    document = representations.ResourceDocument("/v1/dataset", [Quad(*triple) for triple in triples], ())
    return representations.rdf_response(request, store, document, rdf[chosen], dataset)


@router.get(
    "/dataset/graphs/{name:path}",
    summary="A named graph of the dataset, to download",
    response_class=Response,
    responses=declare_media_types(rdf_format.media_type for rdf_format in _DOWNLOADS.values()),
    openapi_extra=declare_problems(UnknownResource),
)
def download(name: str, request: Request, store: OpenStore) -> Response:
    """Download a graph as a file: its name with the suffix `.ttl`, `.nt`, `.rdf` or `.jsonld`."""
    graph_name, _, suffix = name.rpartition(".")
    contents = read_description(store)
    graph = graph_name if graph_name in contents else GRAPH + graph_name
    if suffix not in _DOWNLOADS or graph not in contents or graph.startswith(PERSONAL):
        raise UnknownResource(
            Message("There is no graph {name} to download.", name=repr(name)), Message("GET /v1/dataset lists them.")
        )
    require_described_size(store, graph, contents[graph])
    settings, turn = request.app.state.settings, turn_of(request)
    pieces = store.stream_async(
        bind(named_query("browse/graph").text, {"graph": NamedNode(graph)}),
        QueryResultsFormat.JSON,
        _DOWNLOADS[suffix],
        limits=Limits(turn.seconds_left, settings.result_bytes),
        observer=turn,
    )
    return StreamedResult(
        pieces,
        _DOWNLOADS[suffix].media_type,
        {
            "Content-Disposition": f'attachment; filename="{_UNSAFE_CHARACTERS.sub("_", graph_name)}.{suffix}"',
            "ETag": f'"{contents[graph].sha256[:32]}-{suffix}"',
        },
        settings.send_seconds,
        turn,
    )


def download_urls(request: Request, graph: str) -> dict[str, str]:
    """Return the addresses of the files of a named graph, by their suffix."""
    return {suffix: _download_url(request, graph, suffix) for suffix in _DOWNLOADS}


def _download_url(request: Request, graph: str, suffix: str) -> str:
    name = graph.removeprefix(GRAPH) if graph.startswith(GRAPH) else quote(graph, safe="")
    return addresses.public_url(request, f"/v1/dataset/graphs/{name}.{suffix}")
