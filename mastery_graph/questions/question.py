"""The base of questions: a question is a typed record of its parameters that knows how it is answered.

A new kind of question is one module in `kinds` and one line in `registry`. Routes, permalinks, replays, exit codes, the
OpenAPI document and the modules that a worker preloads follow from its class variables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, InstanceOf
from pydantic.json_schema import SkipJsonSchema

from mastery_graph.credentials.reading import SubmittedDocument, read_value
from mastery_graph.errors import MasteryError
from mastery_graph.questions.verdicts import Verdict
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

SubjectParameter = Annotated[
    str | dict[str, Any] | SkipJsonSchema[InstanceOf[SubmittedDocument]],
    Field(description="The IRI of a description in the graph, or a document (ELM or Open Badges, as JSON)."),
]
"""A description: its IRI, a JSON document, or a document that was read from a file."""

RecognisingBody = Annotated[
    str | None,
    Field(description="The IRI of the recognising body: statements that it made, or follows, bind it."),
]


@dataclass(frozen=True, slots=True)
class UrlParameter:
    """Marks a field that may be given in the query string of the URL, under this name."""

    name: str


def _add_example(schema: dict[str, Any], kind: type[BaseModel]) -> None:
    if example := getattr(kind, "example", None):
        schema["example"] = example


class Question(Record):
    """The parameters of a question. `answer` answers it over a store.

    ```python
    from mastery_graph.questions.registry import LevelQuestion, question_from

    LevelQuestion(level="FiNQF Level 5", country="IRL").answer(store).verdict
    question_from(answer.kind, answer.question).answer(store)  # the same answer again
    ```
    """

    model_config = ConfigDict(json_schema_extra=_add_example)

    kind: ClassVar[str]
    """The kind of question, as in permalinks and logs; also the kind of its answer."""
    title: ClassVar[str]
    """The question in words, for anyone."""
    returns: ClassVar[str]
    """What the answer contains, as one sentence."""
    answer_type: ClassVar[type[BaseModel]]
    verdicts: ClassVar[type[Verdict]]
    errors: ClassVar[tuple[type[MasteryError], ...]] = ()
    """The errors that this question can end with, beside those of the store."""
    path: ClassVar[str]
    """The path of its route below `/v1/`."""
    is_read_by_url: ClassVar[bool] = False
    """Whether all parameters are given in the query string (`GET`), not in a JSON body (`POST`)."""
    example: ClassVar[dict[str, Any]]
    """Parameters that are answered by the shipped graph."""
    depends_on_esco: ClassVar[bool] = True
    """Whether another version of ESCO can change the answer."""
    preloads: ClassVar[tuple[str, ...]] = ()
    """Modules that answering imports late, and that a worker process imports before its first request."""

    def answer(self, store: Store, index: Path | None = None) -> Any:
        """Return the answer. `index` is the folder of the text index; by default it is built in memory.

        Raises one of `errors`, or a `StoreError`.
        """
        raise NotImplementedError

    @classmethod
    def verdict_of(cls, answer: Any) -> Verdict:
        """Return the verdict of an answer of this kind."""
        verdict: Verdict = answer.verdict
        return verdict


def read_subject_parameter(value: str | dict[str, Any] | SubmittedDocument) -> str | SubmittedDocument:
    """Return a description as an IRI or a document that is read. Raises `BadDocument`."""
    return read_value(value) if isinstance(value, dict) else value


def read_subject_parameters(
    values: Sequence[str | dict[str, Any] | SubmittedDocument],
) -> list[str | SubmittedDocument]:
    """Return descriptions as IRIs or documents that are read. Raises `BadDocument`."""
    return [read_subject_parameter(value) for value in values]
