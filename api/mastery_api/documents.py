"""Validation of a document that is sent."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from mastery_api import negotiation, pages
from mastery_api.answering import OpenStore
from mastery_graph.credentials.reading import read_document
from mastery_graph.errors import BadDocument
from mastery_graph.validation import ValidationReport, validate

router = APIRouter(prefix="/v1", tags=["documents"])


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
    profile: Annotated[str, Query(description="micro-credential or mastery.")] = "micro-credential",
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
