"""The page of stacks: selected or uploaded credentials against a target, the coverage, and what closes the gap."""

from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from mastery_api import problems
from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of
from mastery_api.html.pictures import LINE_HEIGHT, Box, Edge, Picture, wrap_text
from mastery_api.html.rendering import page_url, render
from mastery_api.pages import choices
from mastery_api.responses import create_permalink
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES, SubmittedDocument
from mastery_graph.errors import MasteryError, UnknownResource
from mastery_graph.questions.judging.subject import Subject, read_subject
from mastery_graph.questions.registry import question_from
from mastery_graph.questions.stackability import Stackability
from mastery_graph.questions.stackability.presets import presets
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

router = APIRouter()


@dataclass(frozen=True, slots=True)
class StackForm:
    """The input of the form: IRIs of credentials, documents, the IRI of a target, the name of a preset."""

    credentials: list[str]
    target: str = ""
    policy: str = ""
    documents: list[choices.UploadedDocument] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The URL of the same question; documents are never part of a URL."""
        parameters = [
            *(("credential", iri) for iri in self.credentials),
            ("target", self.target),
            ("policy", self.policy),
        ]
        return "/stack?" + urlencode([(name, value) for name, value in parameters if value])


class StackItem(Record):
    """A credential or the target: its title, its EQF level if known, and the URL of its page if it has one."""

    title: str
    eqf_level: int | None
    href: str | None


@router.get("/stack")
def show_stack(
    request: Request,
    store: OpenStore,
    credential: Annotated[list[str], Query(description="The IRI of a credential, several times.")] = [],  # noqa: B006
    target: str = "",
    policy: str = "",
) -> Response:
    """Show the stack in the URL against its target."""
    return _render(request, store, StackForm(list(dict.fromkeys(credential)), target, policy))


@router.post("/stack")
async def submit_stack(request: Request, store: OpenStore) -> Response:
    """Show the stack in the form; without documents, at a URL that can be shared."""
    form = await request.form(max_part_size=MAX_DOCUMENT_BYTES)
    added, dropped = str(form.get("add", "")).split(), str(form.get("drop", ""))
    ticked = [str(iri) for iri in form.getlist("credential") if iri != dropped]
    chosen = list(dict.fromkeys([*ticked, *added]))
    documents, error = await choices.documents(form)
    question = StackForm(chosen, str(form.get("target", "")), str(form.get("policy", "")), documents)
    is_file = bool(form.get("download"))
    if question.documents or error or is_file:
        return await run_in_threadpool(_render, request, store, question, error, is_file=is_file)
    return RedirectResponse(question.address, 303)


def _render(
    request: Request,
    store: Store,
    question: StackForm,
    error: MasteryError | None = None,
    *,
    is_file: bool = False,
) -> Response:
    """Show the answer, or send it as a file."""
    language = language_of(request)
    values: dict[str, Any] = {
        "question": question,
        "choices": choices.descriptions(store, language),
        "skills": choices.skills(store, language),
        "presets": presets(),
    }
    values["offered"] = _offered(values["choices"], question.credentials)
    values["names"] = {choice.iri: choice.title for choice in values["choices"]}
    values["ticked"] = [choice for choice in values["offered"] if choice.iri in question.credentials]
    status = 200
    try:
        if error:
            raise error
        if (question.credentials or question.documents) and question.target:
            documents = choices.read_documents(question.documents)
            values |= _answer(store, question, documents, values["names"])
            if is_file:
                return choices.answer_file(values["answer"], language)
            values["permalink"] = create_permalink(request, values["answer"])
    except MasteryError as failure:
        status = failure.status
        values["problem"] = problems.problem_details(failure, "/stack")
    return render(request, "stack.html", status_code=status, **values)


def _offered(options: list[choices.Choice], chosen: list[str]) -> list[choices.Choice]:
    """Return the credentials to tick, those that are ticked first."""
    credentials = [choice for choice in options if choice.kind != "target-qualification"]
    return sorted(credentials, key=lambda choice: choice.iri not in chosen)


def _answer(
    store: Store, question: StackForm, contents: list[SubmittedDocument], names: dict[str, str]
) -> dict[str, Any]:
    subjects = [read_subject(store, iri) for iri in question.credentials]
    for document, content in zip(question.documents, contents, strict=True):
        with choices.name_file_in_errors(document):
            subjects.append(read_subject(store, content))
    goal = _goal(store, question.target)
    fields = {
        "credentials": [*question.credentials, *contents],
        "target": question.target,
        "policy": {"preset": question.policy or None},
    }
    answer: Stackability = question_from("stackability", fields).answer(store)
    by_iri = {subject.description.iri: subject for subject in subjects}
    titles = {iri: names.get(iri, subject.description.title) for iri, subject in by_iri.items()}
    items = [
        StackItem(
            title=titles[iri],
            eqf_level=subject.level.eqf,
            href=None if subject.document else page_url(iri),
        )
        for iri, subject in by_iri.items()
    ]
    return {
        "answer": answer,
        "actions": {},
        "sent_documents": [
            {"name": document.name, "sha256": content.sha256}
            for document, content in zip(question.documents, contents, strict=True)
        ],
        "titles": titles,
        "standings": items,
        "goal": StackItem(
            title=names.get(question.target, goal.description.title),
            eqf_level=goal.level.eqf,
            href=page_url(question.target),
        )
        if goal
        else None,
        "picture": _picture(answer, titles),
        "most": max(answer.credits.required.upper or 0, answer.credits.recognised.upper or 0, 1),
    }


def _goal(store: Store, target: str) -> Subject | None:
    """Return the target if it is a description; None if it is a skill."""
    try:
        return read_subject(store, target)
    except UnknownResource:
        return None


def _picture(answer: Stackability, titles: dict[str, str]) -> Picture:
    """Return a picture: credentials on the left, outcomes of the target on the right, lines for what covers what."""
    width, gap, right = 320.0, 14.0, 560.0
    left: dict[str, Box] = {}
    y = gap
    for iri, title in titles.items():
        lines = wrap_text(title, 38)
        height = LINE_HEIGHT * len(lines) + 16.0
        left[iri] = Box(x=gap, y=y, width=width, height=height, lines=lines, kind="credential")
        y += height + gap
    boxes: list[Box] = []
    edges: list[Edge] = []
    below = gap
    for number, outcome in enumerate(answer.outcomes, 1):
        lines = wrap_text(outcome.title, 40)
        height = LINE_HEIGHT * len(lines) + 16.0
        box = Box(
            x=right,
            y=below,
            width=width,
            height=height,
            lines=lines,
            kind=f"outcome {outcome.status}",
            href=f"#outcome-{number}",
        )
        below += height + gap
        boxes.append(box)
        if source := left.get(outcome.covered_by or ""):
            middle = source.y + source.height / 2
            edges.append(Edge(x1=gap + width, y1=middle, x2=right, y2=box.y + box.height / 2, kind=outcome.status))
    return Picture(width=right + width + gap, height=max(y, below), boxes=(*left.values(), *boxes), lines=tuple(edges))
