"""Commands that answer questions: their arguments and options are derived from the fields of the questions.

The first field of a question is the argument of its command, every other field an option of its name. A description is
given as a file or an IRI, a policy as a preset or a file.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import typer
from pydantic.fields import FieldInfo

from mastery_graph.cli.terminal import (
    AsCsv,
    AsJson,
    AsOf,
    InLanguage,
    StoreFolder,
    notes,
    open_store,
    print_answer,
    settings_to_read,
)
from mastery_graph.concept_search.index_cache import index_folder
from mastery_graph.credentials.inputs import read_description, read_file
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.question import Question, UrlParameter
from mastery_graph.questions.registry import question_from
from mastery_graph.questions.stackability import Skills
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.stackability.presets import parse_policy

Values = dict[str, Any]
"""What a command was given, by the name of the field or of the option that only the command has."""

_POLICY_HELP: Final = "A preset, such as ESP, or a JSON file (NAME.json) with the figures that are given."
_TARGET_HELP: Final = "File or IRI of a description, or the IRI of a skill."
_SUBJECT_HELP: Final = "File or IRI of a credential description."
_SUBJECTS_HELP: Final = "Files or IRIs of credential descriptions."


def add_question_command(
    app: typer.Typer,
    name: str,
    *kinds: type[Question],
    summary: str,
    choose: Callable[[Values], type[Question]] | None = None,
    prepare: Callable[[Values], Values] | None = None,
    more: Sequence[Parameter] = (),
) -> None:
    """Add a command that answers a question of one of some kinds.

    `choose` returns the kind to answer by the values given, the first one by default. `more` are options that are not
    fields; `prepare` returns the values of fields for all that was given.
    """

    def command(**values: Any) -> None:
        common = {key: values.pop(key, default) for key, default in _COMMON.items()}
        filled = {key: value for key, value in values.items() if value is not None}
        kind = choose(filled) if choose else kinds[0]
        fields = prepare(filled) if prepare else filled
        record = {
            key: _read(kind.model_fields[key], value) for key, value in fields.items() if key in kind.model_fields
        }
        question = question_from(kind.kind, record)
        with open_store(common["store"], common["esco"]) as source:
            with notes.status("Reading the graph"):
                answer = question.answer(source, index_folder(settings_to_read(common["store"])))
            print_answer(answer, common["as_json"], common["as_table"], common["language"])

    parameters = [*_field_parameters(kinds), *more, *_common_parameters(kinds)]
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = summary
    app.command(name)(command)


_COMMON: Final[Values] = {"language": "en", "as_json": False, "as_table": False, "esco": None, "store": None}
"""The options of all these commands that are no fields, with their defaults."""


def _field_parameters(kinds: Sequence[type[Question]]) -> Iterator[Parameter]:
    fields = {name: field for kind in reversed(kinds) for name, field in kind.model_fields.items()}
    first = next(iter(kinds[0].model_fields))
    for name in sorted(fields, key=lambda name: name != first):
        is_required = all(name in kind.model_fields and fields[name].is_required() for kind in kinds)
        yield _parameter(name, fields[name], is_argument=name == first, is_required=is_required)


def _parameter(name: str, field: FieldInfo, *, is_argument: bool, is_required: bool) -> Parameter:
    """Return the parameter of a command for a field; one that is not given is None, and has its default."""
    value_type, description = _type_and_help(field)
    default = field.default if isinstance(field.default, str | int) else None
    settings: Values = {"help": description}
    examples = [example for example in field.examples or () if isinstance(example, str)]
    if examples:
        settings["help"] += f" For example: {', '.join(examples)}."
        settings["autocompletion"] = _completion(examples)
    if value_type is datetime:
        settings["formats"] = ["%Y-%m-%d"]
    option = typer.Argument(**settings) if is_argument else typer.Option(_option_name(name, field), **settings)
    annotation = value_type if is_required or default is not None else value_type | None
    return Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        annotation=Annotated[annotation, option],
        default=Parameter.empty if is_required else default,
    )


def _completion(examples: Sequence[str]) -> Callable[[str], list[str]]:
    """Return the completion of an option by its examples, for the shell."""

    def complete(start: str) -> list[str]:
        return [example for example in examples if example.startswith(start)]

    return complete


def _option_name(name: str, field: FieldInfo) -> str:
    alias = next((item.name for item in field.metadata if isinstance(item, UrlParameter)), name)
    return f"--{'lang' if name == 'language' else alias.replace('_', '-')}"


def _type_and_help(field: FieldInfo) -> tuple[Any, str]:
    """Return the type of a field as it is written on a command line, and its help."""
    annotation, is_list = field.annotation, _is_list(field)
    if _mentions(annotation, Skills):
        return str, _TARGET_HELP
    if _mentions(annotation, StackPolicy):
        return str, _POLICY_HELP
    if _mentions(annotation, SubmittedDocument):
        length = next((item.max_length for item in field.metadata if hasattr(item, "max_length")), None)
        pair = tuple[str, str] if length == 2 else list[str]
        return (pair, _SUBJECTS_HELP) if is_list else (str, _SUBJECT_HELP)
    plain = next((kind for kind in (bool, int, date) if _mentions(annotation, kind)), str)
    value_type = datetime if plain is date else plain
    return list[value_type] if is_list else value_type, field.description or ""  # type: ignore[valid-type]


def _is_list(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is tuple


def _mentions(annotation: Any, kind: type) -> bool:
    return annotation is kind or any(_mentions(part, kind) for part in get_args(annotation))


def _common_parameters(kinds: Sequence[type[Question]]) -> Iterator[Parameter]:
    """Yield the options of all commands; a question with a language of its own has no other, only tables are CSV."""
    is_table = all(
        issubclass(kind.answer_type, Answer) and kind.answer_type.table is not Answer.table for kind in kinds
    )
    names = {name for kind in kinds for name in kind.model_fields}
    annotations = {"language": InLanguage, "as_json": AsJson, "as_table": AsCsv, "esco": AsOf, "store": StoreFolder}
    for name, annotation in annotations.items():
        if name not in names and (is_table or name != "as_table"):
            yield Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=_COMMON[name])


def _read(field: FieldInfo, value: Any) -> Any:
    """Return the value of a field, from what was written on the command line."""
    if _mentions(field.annotation, StackPolicy):
        return read_policy(value) if isinstance(value, str) else value
    if _mentions(field.annotation, SubmittedDocument):
        return [read_description(item) for item in value] if _is_list(field) else read_description(value)
    return value.date() if isinstance(value, datetime) else value


def read_policy(argument: str) -> StackPolicy:
    """Return the policy that an option names: a preset, or a JSON file."""
    if argument.endswith(".json"):
        return parse_policy(read_file(Path(argument)).decode("utf-8", "replace"))
    return parse_policy(argument)
