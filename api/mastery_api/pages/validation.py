"""The page that checks a credential: what is pasted, dropped or uploaded, with what was found beside it.

Nothing that is sent is kept: the page shows it again, so that nothing typed is lost.
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
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES, read_document
from mastery_graph.errors import MasteryError
from mastery_graph.store.protocol import Store
from mastery_graph.validation import Finding, available, validate

router = APIRouter()

_LONGEST_LINE: Final = 400
"""Characters of a line that are shown: a longer one holds an image."""
_MOST_LINES: Final = 3000


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the document: its number from 1, its text, and the numbers of the findings that begin in it."""

    number: int
    text: str
    findings: tuple[int, ...]


@router.get("/check")
def empty(request: Request, store: OpenStore, profile: str = "micro-credential", example: bool = False) -> Response:
    """Show the page before anything is sent, or with an example."""
    text = (web_folder() / "static" / "example.jsonld").read_text(encoding="utf-8") if example else ""
    return _checked(request, store, UploadedDocument(text, "example.jsonld" if example else ""), profile)


@router.post("/check")
async def check(request: Request, store: OpenStore) -> Response:
    """Check the document of the form, and show it with what was found, or send the report as a file."""
    form = await request.form(max_part_size=MAX_DOCUMENT_BYTES, max_files=1)
    profile = str(form.get("profile", "micro-credential"))
    document = next(iter(choices.pasted_documents(form)), UploadedDocument(""))
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        try:
            document = await choices.read_upload(file)
        except MasteryError as error:
            return await run_in_threadpool(_refused, request, store, document, profile, error)
    return await run_in_threadpool(_checked, request, store, document, profile, download=bool(form.get("download")))


def _checked(
    request: Request, store: Store, document: UploadedDocument, profile: str, *, download: bool = False
) -> Response:
    """Show what was found, or send the report as a file; the empty page where nothing was sent."""
    if not document.text.strip():
        return _shown(request, store, document, profile)
    try:
        submitted = read_document(document.text.encode(), None, document.name)
        report = validate(submitted, profile, store, language=language_of(request))
    except MasteryError as error:
        return _refused(request, store, document, profile, error)
    if download:
        saved = {"Content-Disposition": 'attachment; filename="report.json"'}
        return Response(report.model_dump_json(indent=2), media_type="application/json", headers=saved)
    where = value_ranges(document.text)
    found = [finding_range(finding, where) or _line(finding, document.text) for finding in report.findings]
    return _shown(
        request,
        store,
        document,
        profile,
        report=report,
        found=list(zip(report.findings, found, strict=True)),
        lines=lines(document.text, _by_line(found)),
    )


def _refused(
    request: Request, store: Store, document: UploadedDocument, profile: str, error: MasteryError
) -> HTMLResponse:
    """Show why there is no report, and what was sent."""
    problem = problems.problem_details(error, "/check")
    line = problem.get("line")
    listed = lines(document.text, {line: (1,)} if isinstance(line, int) else {}) if document.text else []
    return _shown(request, store, document, profile, error.status, problem=problem, lines=listed)


def _shown(
    request: Request, store: Store, document: UploadedDocument, profile: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """Show the page with the document in its editor."""
    values |= {"text": document.text, "name": document.name, "profile": profile, "profiles": available(store)}
    return render(request, "check.html", status_code=status, **values)


def finding_range(finding: Finding, where: dict[str, TextRange]) -> TextRange | None:
    """Return the place that a finding is about: that of its pointer, or of the nearest value around it."""
    pointer = finding.pointer
    while pointer is not None:
        if place := where.get(pointer.rstrip("/") if pointer == "/" else pointer):
            return place
        pointer = pointer.rpartition("/")[0] if pointer else None
    return None


def _line(finding: Finding, text: str) -> TextRange | None:
    """Return the line that a finding names, of a document that is not JSON."""
    if not finding.line:
        return None
    written = text.split("\n")
    start = sum(len(line) + 1 for line in written[: finding.line - 1])
    return TextRange(start, start + len(written[finding.line - 1]), finding.line)


def lines(text: str, findings: dict[int, tuple[int, ...]]) -> list[SourceLine]:
    """Return the lines to show, each with the numbers of its findings; long ones cut."""
    return [
        SourceLine(
            number, line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + " …", findings.get(number, ())
        )
        for number, line in enumerate(text.split("\n")[:_MOST_LINES], 1)
    ]


def _by_line(found: list[TextRange | None]) -> dict[int, tuple[int, ...]]:
    by_line: dict[int, tuple[int, ...]] = {}
    for number, place in enumerate(found, 1):
        if place:
            by_line[place.line] = (*by_line.get(place.line, ()), number)
    return by_line
