"""The routes of the questions, derived from the registry, and the presets of the assessment policy."""

from collections.abc import Callable, Iterator
from inspect import Parameter, Signature
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mastery_api.dependencies import OpenStore
from mastery_api.json_bodies import STRICT
from mastery_api.openapi.media_types import ANSWER, TABULAR_ANSWER, declare_media_types
from mastery_api.openapi.problem_schema import declare_problems
from mastery_api.responses import render_answer
from mastery_graph.concept_search.index_cache import index_folder
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.question import Question, UrlParameter
from mastery_graph.questions.registry import QUESTIONS
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.stackability.presets import Figure, Preset, presets, resolve_policy

router = APIRouter(prefix="/v1", tags=["questions"], dependencies=[STRICT])

_BODY: Final = "question"
"""The name of the parameter with the JSON body."""


class Policies(BaseModel):
    """All values of the stack policy with their defaults, and the presets with the values from a source."""

    defaults: list[Figure]
    presets: list[Preset]


@router.get("/policies", summary="By which assessment policy is a stack judged, and what is its source?")
def policies() -> Policies:
    """List the presets of the stack policy, with the values from a source, and all defaults."""
    return Policies(defaults=list(resolve_policy(StackPolicy())[1]), presets=list(presets()))


def _add_route(kind: type[Question], answer_type: type[Answer]) -> None:
    """Add the route of a kind of question: parameters in the URL (`GET`), or a JSON body (`POST`)."""
    router.add_api_route(
        f"/{kind.path}",
        _endpoint(kind),
        methods=["GET" if kind.is_read_by_url else "POST"],
        name=kind.kind.replace("/", "_"),
        summary=kind.title,
        description=kind.returns,
        response_model=answer_type,
        responses=declare_media_types(TABULAR_ANSWER if answer_type.table is not Answer.table else ANSWER),
        openapi_extra=declare_problems(*kind.errors),
    )


def _endpoint(kind: type[Question]) -> Callable[..., Response]:
    """Return the endpoint of a kind of question, with the signature from which FastAPI reads its parameters."""

    def answer_question(request: Request, store: OpenStore, **parameters: Any) -> Response:
        question = _question(kind, parameters)
        return render_answer(request, question.answer(store, index_folder(request.app.state.settings)))

    answer_question.__signature__ = Signature(list(_parameters(kind)))  # type: ignore[attr-defined]
    return answer_question


def _question(kind: type[Question], parameters: dict[str, Any]) -> Question:
    """Return the question of a request; a parameter in the URL takes the place of a default in the body."""
    if kind.is_read_by_url:
        return kind.model_validate(parameters)
    question: Question = parameters.pop(_BODY)
    changed = {name: value for name, value in parameters.items() if value != kind.model_fields[name].default}
    return question.model_copy(update=changed) if changed else question


def _parameters(kind: type[Question]) -> Iterator[Parameter]:
    yield Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request)
    yield Parameter("store", Parameter.KEYWORD_ONLY, annotation=OpenStore)
    if not kind.is_read_by_url:
        yield Parameter(_BODY, Parameter.KEYWORD_ONLY, annotation=kind)
    for name, field in kind.model_fields.items():
        in_url = next((item for item in field.metadata if isinstance(item, UrlParameter)), None)
        if kind.is_read_by_url or in_url:
            yield _url_parameter(name, field, in_url.name if in_url else name)


def _url_parameter(name: str, field: FieldInfo, alias: str) -> Parameter:
    query = Query(alias=alias, description=field.description, examples=field.examples)
    default = Parameter.empty if field.is_required() else field.default
    annotation = Annotated[field.annotation, *field.metadata, query]  # type: ignore[name-defined]
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


for _kind in QUESTIONS.values():
    if issubclass(_kind.answer_type, Answer):
        _add_route(_kind, _kind.answer_type)
