"""Validation and conversion of a document that is sent."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from mastery_api import negotiation
from mastery_api.dependencies import OpenStore
from mastery_api.html import rendering
from mastery_api.html.languages import language_of
from mastery_graph.credentials.batch import BatchItem, documents_in, nothing_to_check
from mastery_graph.credentials.conversion import Conversion, Format, convert_description, convert_document
from mastery_graph.credentials.reading import read_document
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import BadDocument, BadParameter
from mastery_graph.store.protocol import Store
from mastery_graph.validation import ValidationReport, validate
from mastery_graph.validation.formats import FORMATS, ValidationOutcome, as_html
from mastery_graph.validation.texts import Translator

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
                "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
                "text/turtle": {"schema": {"type": "string"}},
                "application/rdf+xml": {"schema": {"type": "string"}},
            },
        }
    },
)
async def validation(
    request: Request,
    store: OpenStore,
    profile: Annotated[str, Query(description="micro-credential, mastery, elm …")] = "micro-credential",
    lang: Annotated[str | None, Query(description="en, it, es, bg or fi; else by Accept-Language.")] = None,
    form: Annotated[str | None, Query(alias="format", description="A format, in place of the Accept header.")] = None,
) -> Response:
    """Answer with each finding, where it is, how to mend it, and what the seal is worth.

    A JSON array, JSON lines or a ZIP archive holds several documents: the answer is then a list, and a document that
    cannot be read has an `error` in place of its report, a file of an archive that is not read `skipped`.
    """
    body = await request.body()
    if not body.strip():
        raise BadDocument("The request has no body.", "Send the description as the body.")
    media_type = request.headers.get("content-type")
    chosen = _format(form, request.headers.get("accept"))
    language = Translator(lang or language_of(request)).language

    def check() -> tuple[list[ValidationOutcome], bool]:
        skipped: list[str] = []
        sent = list(documents_in(body, "", media_type, skipped))
        if not sent:
            raise nothing_to_check(skipped)
        several = len(sent) != 1 or bool(sent[0].name)
        checked = [_checked(one, profile, store, language, several) for one in sent]
        return [*checked, *(ValidationOutcome.skipped(name, language) for name in skipped)], several

    checked, several = await run_in_threadpool(check)
    extra = {"Vary": "Accept, Accept-Language", "Content-Language": language}
    kind, write = FORMATS[chosen]
    if chosen == "html":
        return rendering.render(request, "report.html", headers=extra, body=as_html(checked, language))
    if chosen == "json" and not several and checked[0].report:
        return Response(checked[0].report.model_dump_json(), media_type=kind, headers=extra)
    return Response(write(checked, language), media_type=kind, headers=extra)


def _checked(sent: BatchItem, profile: str, store: Store, language: str, several: bool) -> ValidationOutcome:
    """Return the report on one document; where it is one of several, the reason why there is none."""
    if sent.error and several:
        return ValidationOutcome.refused(sent.name, sent.error, language)
    if sent.document is None:
        raise sent.error or BadDocument("The document cannot be read.")
    try:
        return ValidationOutcome(sent.name, validate(sent.document, profile, store, language=language))
    except BadDocument as error:
        if several:
            return ValidationOutcome.refused(sent.name, error, language)
        raise


def _format(named: str | None, accept: str | None) -> str:
    """Return the name of a format: the one that is asked for by name, or by the Accept header; else JSON."""
    if named is not None:
        if named not in FORMATS:
            raise BadParameter(f"Reports are not written as {named!r}.", f"Use one of {', '.join(FORMATS)}.")
        return named
    kinds = {kind: name for name, (kind, _) in FORMATS.items()}
    return kinds[negotiation.best_match(accept, list(kinds)) or "application/json"]


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
    language = language_of(request)

    def convert() -> Conversion:
        if iri := _named(body):
            return convert_description(store, iri, to, language)
        return convert_document(read_document(body, media_type), to, store, language)

    done = await run_in_threadpool(convert)
    if negotiation.best_match(request.headers.get("accept"), ["application/json", "application/ld+json"]) == (
        "application/ld+json"
    ):
        return JSONResponse(done.document, media_type="application/ld+json", headers={"Vary": "Accept"})
    told = {"Vary": "Accept, Accept-Language", "Content-Language": language}
    return Response(done.model_dump_json(), media_type="application/json", headers=told)


def _named(body: bytes) -> str | None:
    """Return the IRI that a request gives in place of a document."""
    if not body.strip():
        raise BadDocument("The request has no body.", 'Send the description, or {"credential": IRI}.')
    if len(body) > 10_000 or b"@context" in body or not body.lstrip().startswith(b"{"):
        return None
    value = parse_json(body)
    iri = value.get("credential") if isinstance(value, dict) else None
    return iri if isinstance(iri, str) else None
