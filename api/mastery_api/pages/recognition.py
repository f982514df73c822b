"""The page of recognition: the treatment of a credential in a country, with the criteria as a checklist."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from mastery_api import problems
from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of
from mastery_api.html.rendering import render
from mastery_api.pages import choices
from mastery_api.responses import create_permalink
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES
from mastery_graph.errors import BadParameter, MasteryError
from mastery_graph.languages import Message
from mastery_graph.languages.records import localize
from mastery_graph.questions.judging.subject import Subject, read_subject
from mastery_graph.questions.purposes import purposes_of
from mastery_graph.questions.recognition import Action, Recognition
from mastery_graph.questions.registry import RecognitionQuestion, question_from
from mastery_graph.store.protocol import Store

router = APIRouter()

DEFAULT_PURPOSE: Final[str] = RecognitionQuestion.model_fields["purpose"].default
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
"""An absolute IRI (RFC 3987), without the characters that none may contain."""


@dataclass(frozen=True, slots=True)
class RecognitionForm:
    """The input of the form: the IRI of a credential or a document, a country, a purpose, and a recognising body."""

    credential: str = ""
    country: str = ""
    purpose: str = DEFAULT_PURPOSE
    body: str = ""
    """The IRI of the recognising body, which is bound by the statements that it made or follows."""
    document: choices.UploadedDocument | None = None
    accept_claims: bool = False
    """Whether to accept the claims of the document about its level, awarding body and quality assurance."""

    @property
    def address(self) -> str:
        """The URL of the same question; a document is never part of a URL."""
        parameters = {
            "credential": self.credential,
            "country": self.country,
            "purpose": self.purpose,
            "body": self.body,
        }
        parameters |= {"accept_claims": "true"} if self.accept_claims else {}
        return "/recognition?" + urlencode({name: value for name, value in parameters.items() if value})


@router.get("/recognition")
def show_recognition(
    request: Request,
    store: OpenStore,
    credential: str = "",
    country: str = "",
    *,
    purpose: str = DEFAULT_PURPOSE,
    body: str = "",
    accept_claims: bool = False,
) -> Response:
    """Show the recognition of the credential in the URL."""
    return _render(request, store, RecognitionForm(credential, country, purpose, body, accept_claims=accept_claims))


@router.post("/recognition")
async def submit_recognition(request: Request, store: OpenStore) -> Response:
    """Show the recognition of the credential in the form; without a document, at a URL that can be shared."""
    form = await request.form(max_part_size=MAX_DOCUMENT_BYTES)
    credential, country, purpose, body = (
        str(form.get(name, "")) for name in ("credential", "country", "purpose", "body")
    )
    accepted = form.get("accept_claims") == "true"
    question = RecognitionForm(credential, country, purpose, body, accept_claims=accepted)
    documents, error = await choices.documents(form)
    question = _with_document(question, documents, is_new=len(documents) > len(choices.pasted_documents(form)))
    is_file = bool(form.get("download"))
    if question.document or error or is_file:
        return await run_in_threadpool(_render, request, store, question, error, is_file=is_file)
    return RedirectResponse(question.address, 303)


def _with_document(
    question: RecognitionForm, documents: list[choices.UploadedDocument], *, is_new: bool
) -> RecognitionForm:
    """Return the question with its subject: a document, or a credential that was chosen after the document was sent."""
    if not documents or (question.credential and not is_new):
        return question
    return replace(question, document=documents[-1], credential="")


def _render(
    request: Request,
    store: Store,
    question: RecognitionForm,
    error: MasteryError | None = None,
    *,
    is_file: bool = False,
) -> Response:
    """Show the answer, or send it as a file."""
    language = language_of(request)
    values: dict[str, Any] = {
        "question": question,
        "choices": choices.descriptions(store, language),
        "countries": choices.countries(store, language),
        "purposes": localize(list(purposes_of(store).values()), language),
        "bodies": choices.statement_bodies(store),
    }
    status = 200
    try:
        if error:
            raise error
        if (question.credential or question.document) and question.country:
            answer, subject = _answer(store, question)
            if is_file:
                return choices.answer_file(answer, language)
            values |= {
                "answer": answer,
                "subject": subject,
                "actions": _actions(answer),
                "permalink": create_permalink(request, answer),
            }
    except MasteryError as failure:
        status = failure.status
        values["problem"] = problems.problem_details(failure, "/recognition")
    return render(request, "recognition.html", status_code=status, **values)


def _answer(store: Store, question: RecognitionForm) -> tuple[Recognition, Subject]:
    """Return the answer and what it is about."""
    body = question.body.strip()
    if body and not _IRI.fullmatch(body):
        raise BadParameter(
            Message("The institution {name} is not a web address.", name=repr(body)),
            Message("Give the address that identifies it in the data, or leave the field empty."),
        )
    credential = choices.read_documents([question.document])[0] if question.document else question.credential
    fields = {
        "credential": credential,
        "country": question.country,
        "purpose": question.purpose,
        "body": body or None,
        "accept_claims": question.accept_claims,
    }
    answer: Recognition = question_from("recognition", fields).answer(store)
    return answer, read_subject(store, credential)


def _actions(answer: Recognition) -> dict[str, list[Action]]:
    by_rule: dict[str, list[Action]] = {criterion.rule: [] for criterion in answer.criteria}
    for action in answer.actions:
        by_rule[action.criterion].append(action)
    return by_rule
