"""The page that validates a pasted or uploaded credential and shows the findings beside it.

The server stores nothing; the response contains the submitted text, so that the user loses nothing.
"""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from mastery_api import problems
from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of
from mastery_api.html.rendering import render
from mastery_api.html.web_folder import web_folder
from mastery_api.pages import choices
from mastery_api.pages.choices import UploadedDocument
from mastery_api.pages.json_positions import TextRange, value_ranges
from mastery_graph.credentials.batch import BatchItem, documents_in, nothing_to_check
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES, read_document
from mastery_graph.errors import BadDocument, MasteryError
from mastery_graph.languages import Message
from mastery_graph.store.protocol import Store
from mastery_graph.validation import Finding, available, validate
from mastery_graph.validation.formats import FORMATS, ValidationOutcome, as_html

router = APIRouter()

_MAX_LINE_CHARS: Final = 400
"""Characters of a line that are shown; a longer one usually contains an image."""
_MAX_LINES: Final = 3000


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the document: its number from 1, its text, and the numbers of the findings that start in it."""

    number: int
    text: str
    findings: tuple[int, ...]


@router.get("/check")
def show_form(request: Request, store: OpenStore, profile: str = "micro-credential", example: bool = False) -> Response:
    """Show the page without a document, or with an example."""
    text = (web_folder() / "static" / "example.jsonld").read_text(encoding="utf-8") if example else ""
    return _check(request, store, UploadedDocument(text, "example.jsonld" if example else ""), profile)


@router.post("/check")
async def submit_document(request: Request, store: OpenStore) -> Response:
    """Validate the document in the form, and show it with the findings, or send the report as a file."""
    form = await request.form(max_part_size=MAX_DOCUMENT_BYTES, max_files=1)
    profile = str(form.get("profile", "micro-credential"))
    document = next(iter(choices.pasted_documents(form)), UploadedDocument(""))
    file = form.get("file")
    is_download = bool(form.get("download"))
    if isinstance(file, UploadFile) and file.filename:
        content = await file.read()
        await file.seek(0)
        several = await run_in_threadpool(
            _check_several, request, store, content, file.filename, profile, download=is_download
        )
        if several:
            return several
        try:
            document = await choices.read_upload(file)
        except MasteryError as error:
            return await run_in_threadpool(_render_error, request, store, document, profile, error)
    if not document.text.strip() and (form.get("go") or form.get("download")):
        return await run_in_threadpool(_render_error, request, store, document, profile, _nothing_submitted())
    return await run_in_threadpool(_check, request, store, document, profile, download=is_download)


def _check_several(
    request: Request, store: Store, content: bytes, name: str, profile: str, *, download: bool
) -> Response | None:
    """Show the findings on each document of a file, or send the reports; None for a file that is one document."""
    skipped: list[str] = []
    items = list(documents_in(content, name, skipped=skipped))
    if [item.name for item in items] == [name]:
        return None
    if not items:
        return _render_error(request, store, UploadedDocument("", name), profile, nothing_to_check(skipped))
    language = language_of(request)
    outcomes = [
        *(_outcome(item, store, profile, language) for item in items),
        *(ValidationOutcome.skipped(skipped_name, language) for skipped_name in skipped),
    ]
    if download:
        return _download(FORMATS["json"][1](outcomes, language))
    return _render(request, store, UploadedDocument("", name), profile, several=as_html(outcomes, language))


def _outcome(item: BatchItem, store: Store, profile: str, language: str) -> ValidationOutcome:
    """Return the report on one of several documents, or why it cannot be read."""
    try:
        if item.document is None:
            raise item.error or BadDocument(Message("The document cannot be read."))
        return ValidationOutcome(item.name, validate(item.document, profile, store, language=language))
    except MasteryError as error:
        return ValidationOutcome.unreadable(item.name, error, language)


def _download(report: str) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="report.json"'}
    return Response(report, media_type="application/json", headers=headers)


def _nothing_submitted() -> BadDocument:
    return BadDocument(
        Message("Paste or choose a credential description first."),
        Message("An example of one can be opened at the head of this page."),
    )


def _check(
    request: Request, store: Store, document: UploadedDocument, profile: str, *, download: bool = False
) -> Response:
    """Show the findings, or send the report as a file; the empty page if there is no document."""
    if not document.text.strip():
        return _render(request, store, document, profile)
    try:
        submitted = read_document(document.text.encode(), None, document.name)
        report = validate(submitted, profile, store, language=language_of(request))
    except MasteryError as error:
        return _render_error(request, store, document, profile, error)
    if download:
        return _download(report.model_dump_json(indent=2))
    positions = value_ranges(document.text)
    ranges = [finding_range(finding, positions) or _line_range(finding, document.text) for finding in report.findings]
    return _render(
        request,
        store,
        document,
        profile,
        report=report,
        found=list(zip(report.findings, ranges, strict=True)),
        lines=lines(document.text, _by_line(ranges)),
    )


def _render_error(
    request: Request, store: Store, document: UploadedDocument, profile: str, error: MasteryError
) -> HTMLResponse:
    """Show the error and the submitted document."""
    problem = problems.problem_details(error, "/check")
    line = problem.get("line")
    source_lines = lines(document.text, {line: (1,)} if isinstance(line, int) else {}) if document.text else []
    return _render(request, store, document, profile, error.status, problem=problem, lines=source_lines)


def _render(
    request: Request, store: Store, document: UploadedDocument, profile: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """Show the page with the document in its editor."""
    values |= {"text": document.text, "name": document.name, "profile": profile, "profiles": available(store)}
    return render(request, "check.html", status_code=status, **values)


def finding_range(finding: Finding, positions: dict[str, TextRange]) -> TextRange | None:
    """Return the range of a finding: that of its pointer, or of the nearest enclosing value."""
    pointer = finding.pointer
    while pointer is not None:
        if position := positions.get(pointer.rstrip("/") if pointer == "/" else pointer):
            return position
        pointer = pointer.rpartition("/")[0] if pointer else None
    return None


def _line_range(finding: Finding, text: str) -> TextRange | None:
    """Return the range of the line of a finding in a document that is not JSON."""
    if not finding.line:
        return None
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: finding.line - 1])
    return TextRange(start, start + len(lines[finding.line - 1]), finding.line)


def lines(text: str, findings: dict[int, tuple[int, ...]]) -> list[SourceLine]:
    """Return the lines to show, each with the numbers of its findings; long ones are truncated."""
    return [
        SourceLine(
            number, line if len(line) <= _MAX_LINE_CHARS else line[:_MAX_LINE_CHARS] + " …", findings.get(number, ())
        )
        for number, line in enumerate(text.split("\n")[:_MAX_LINES], 1)
    ]


def _by_line(ranges: list[TextRange | None]) -> dict[int, tuple[int, ...]]:
    by_line: dict[int, tuple[int, ...]] = {}
    for number, position in enumerate(ranges, 1):
        if position:
            by_line[position.line] = (*by_line.get(position.line, ()), number)
    return by_line
