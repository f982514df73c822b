"""Validation and conversion of a document that is sent."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from mastery_api import negotiation, pages
from mastery_api.answering import OpenStore
from mastery_graph.credentials.conversion import Conversion, Format, converted, converted_description
from mastery_graph.credentials.reading import read_document
from mastery_graph.credentials.strict_json import parsed
from mastery_graph.errors import BadDocument
from mastery_graph.validation import ValidationReport, validate

router = APIRouter(prefix="/v1", tags=["documents"])

_EXAMPLE = "https://w3id.org/mastery-graph/id/description/waste-on-site-ita"


@router.post(
    "/validation",
    response_model=ValidationReport,
    summary="What does this description lack, where, and how is it mended?",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/ld+json": {"schema": {"type": "object"}},
                "text/turtle": {"schema": {"type": "string"}},
                "application/rdf+xml": {"schema": {"type": "string"}},
            },
        }
    },
)
async def validation(
    request: Request,
    store: OpenStore,
    profile: Annotated[
        str, Query(description="micro-credential, mastery, elm, or elm-accredited and the like.")
    ] = "micro-credential",
) -> Response:
    """Answer with each finding, where it is, how to mend it, and what the seal is worth."""
    body = await request.body()
    if not body.strip():
        raise BadDocument("The request has no body.", "Send the description as the body.")
    media_type = request.headers.get("content-type")
    report = await run_in_threadpool(lambda: validate(read_document(body, media_type), profile, store))
    wanted = negotiation.wanted(request.headers.get("accept"), ["application/json", "text/html"])
    if wanted == "text/html":
        return pages.render(request, "report.html", report=report)
    return Response(report.model_dump_json(), media_type="application/json")


@router.post(
    "/conversion",
    response_model=Conversion,
    summary="What is this description in another format, and what can that format not carry?",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": {"credential": _EXAMPLE}},
                "application/ld+json": {"schema": {"type": "object"}},
                "text/turtle": {"schema": {"type": "string"}},
            },
        }
    },
)
async def conversion(
    request: Request, store: OpenStore, to: Annotated[Format, Query(description="The format to write.")]
) -> Response:
    """Answer with a document that is sent, or a description of the graph (`{"credential": IRI}`), in that format.

    As JSON it comes with the list of what could not be carried; as `application/ld+json`, alone.
    """
    body = await request.body()
    media_type = request.headers.get("content-type")

    def convert() -> Conversion:
        if iri := _named(body):
            return converted_description(store, iri, to)
        return converted(read_document(body, media_type), to, store)

    done = await run_in_threadpool(convert)
    if negotiation.wanted(request.headers.get("accept"), ["application/json", "application/ld+json"]) == (
        "application/ld+json"
    ):
        return JSONResponse(done.document, media_type="application/ld+json", headers={"Vary": "Accept"})
    return Response(done.model_dump_json(), media_type="application/json", headers={"Vary": "Accept"})


def _named(body: bytes) -> str | None:
    """Return the IRI that a request gives in place of a document."""
    if not body.strip():
        raise BadDocument("The request has no body.", 'Send the description, or {"credential": IRI}.')
    if len(body) > 10_000 or b"@context" in body or not body.lstrip().startswith(b"{"):
        return None
    value = parsed(body)
    iri = value.get("credential") if isinstance(value, dict) else None
    return iri if isinstance(iri, str) else None
