"""The routes that validate and convert a submitted document."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from mastery_api import negotiation
from mastery_api.dependencies import OpenStore
from mastery_api.html import rendering
from mastery_api.html.languages import language_of
from mastery_api.openapi.media_types import declare_media_types
from mastery_api.openapi.problem_schema import declare_problems
from mastery_graph.credentials.batch import BatchItem, documents_in, nothing_to_check
from mastery_graph.credentials.conversion import Conversion, TargetFormat
from mastery_graph.credentials.reading import read_document
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import BadDocument, BadParameter
from mastery_graph.languages import LANGUAGE_CODES, Message
from mastery_graph.questions.registry import ConversionQuestion, ValidationQuestion
from mastery_graph.store.protocol import Store
from mastery_graph.validation import ValidationReport, validate
from mastery_graph.validation.formats import FORMATS, ValidationOutcome, as_html
from mastery_graph.validation.texts import Translator

router = APIRouter(prefix="/v1", tags=["documents"])


class FileReport(BaseModel):
    """The report on one of several files, or the reason why it has none. A report has further fields."""

    model_config = ConfigDict(extra="allow")

    file: str
    conforms: bool | None = None
    error: str | None = None
    skipped: str | None = None


@router.post(
    "/validation",
    response_model=ValidationReport | list[FileReport],
    summary=ValidationQuestion.title,
    responses=declare_media_types(media_type for media_type, _ in FORMATS.values() if media_type != "application/json"),
    openapi_extra={
        **declare_problems(*ValidationQuestion.errors),
        "requestBody": {
            "required": True,
            "content": {
                "application/ld+json": {"schema": {"title": "JsonLdDescription", "type": "object"}},
                "application/json": {
                    "schema": {"type": "array", "title": "JsonDescriptions", "items": {"type": "object"}}
                },
                "text/turtle": {"schema": {"type": "string"}},
                "application/rdf+xml": {"schema": {"type": "string"}},
            },
        },
    },
)
async def validation(
    request: Request,
    store: OpenStore,
    profile: Annotated[str, Query(description="micro-credential, mastery, elm …")] = "micro-credential",
    lang: Annotated[str | None, Query(description=f"{LANGUAGE_CODES}; else by Accept-Language.")] = None,
    format_name: Annotated[
        str | None, Query(alias="format", description="A format, in place of the Accept header.")
    ] = None,
) -> Response:
    """Answer with each finding, its position, how to fix it, and the validity of the seal.

    A JSON array, JSON lines or a ZIP archive contains several documents: the answer is then a list, in which a document
    that cannot be read has an `error` in place of its report, and a file of an archive that is not read is `skipped`.
    """
    body = await request.body()
    if not body.strip():
        raise BadDocument(Message("The request has no body."), Message("Send the description as the body."))
    media_type = request.headers.get("content-type")
    report_format = _requested_format(format_name, request.headers.get("accept"))
    language = Translator(lang or language_of(request)).language

    def check() -> tuple[list[ValidationOutcome], bool]:
        skipped: list[str] = []
        items = list(documents_in(body, "", media_type, skipped))
        if not items:
            raise nothing_to_check(skipped)
        several = len(items) != 1 or bool(items[0].name)
        outcomes = [_check(item, profile, store, language, several) for item in items]
        return [*outcomes, *(ValidationOutcome.skipped(name, language) for name in skipped)], several

    outcomes, several = await run_in_threadpool(check)
    headers = {"Vary": "Accept, Accept-Language", "Content-Language": language}
    report_media_type, write = FORMATS[report_format]
    if report_format == "html":
        return rendering.render(request, "report.html", headers=headers, body=as_html(outcomes, language))
    if report_format == "json" and not several and outcomes[0].report:
        return Response(outcomes[0].report.model_dump_json(), media_type=report_media_type, headers=headers)
    return Response(write(outcomes, language), media_type=report_media_type, headers=headers)


def _check(item: BatchItem, profile: str, store: Store, language: str, several: bool) -> ValidationOutcome:
    """Return the report on one document; if it is one of several, an error is part of the result."""
    if item.error and several:
        return ValidationOutcome.unreadable(item.name, item.error, language)
    if item.document is None:
        raise item.error or BadDocument(Message("The document cannot be read."))
    try:
        return ValidationOutcome(item.name, validate(item.document, profile, store, language=language))
    except BadDocument as error:
        if several:
            return ValidationOutcome.unreadable(item.name, error, language)
        raise


def _requested_format(format_name: str | None, accept: str | None) -> str:
    """Return the name of the requested format: by `?format=` or the Accept header; JSON by default."""
    if format_name is not None:
        if format_name not in FORMATS:
            raise BadParameter(
                Message("There is no report format {format_name}.", format_name=repr(format_name)),
                Message("Use one of {names}.", names=", ".join(FORMATS)),
            )
        return format_name
    by_media_type = {media_type: name for name, (media_type, _) in FORMATS.items()}
    return by_media_type[negotiation.best_match(accept, list(by_media_type)) or "application/json"]


@router.post(
    "/conversion",
    response_model=Conversion,
    summary=ConversionQuestion.title,
    responses=declare_media_types(["application/ld+json"]),
    openapi_extra={
        **declare_problems(*ConversionQuestion.errors),
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"title": "DescriptionToConvert", "type": "object"}},
                "application/ld+json": {"schema": {"title": "JsonLdToConvert", "type": "object"}},
                "text/turtle": {"schema": {"type": "string"}},
            },
        },
    },
)
async def conversion(
    request: Request, store: OpenStore, to: Annotated[TargetFormat, Query(description="The format to write.")]
) -> Response:
    """Convert a submitted document, or a description of the graph (`{"credential": IRI}`), to that format.

    As JSON, the result includes the list of what could not be converted; as `application/ld+json`, it does not.
    """
    body = await request.body()
    media_type = request.headers.get("content-type")
    language = language_of(request)

    def convert() -> Conversion:
        credential = _requested_iri(body) or read_document(body, media_type)
        return ConversionQuestion(credential=credential, to=to, language=language).answer(store)

    result = await run_in_threadpool(convert)
    if negotiation.best_match(request.headers.get("accept"), ["application/json", "application/ld+json"]) == (
        "application/ld+json"
    ):
        return JSONResponse(result.document, media_type="application/ld+json", headers={"Vary": "Accept"})
    headers = {"Vary": "Accept, Accept-Language", "Content-Language": language}
    return Response(result.model_dump_json(), media_type="application/json", headers=headers)


def _requested_iri(body: bytes) -> str | None:
    """Return the IRI that a request contains in place of a document."""
    if not body.strip():
        raise BadDocument(Message("The request has no body."), Message('Send the description, or {"credential": IRI}.'))
    if len(body) > 10_000 or b"@context" in body or not body.lstrip().startswith(b"{"):
        return None
    value = parse_json(body)
    iri = value.get("credential") if isinstance(value, dict) else None
    return iri if isinstance(iri, str) else None
