"""The commands of the questions: equivalence, stackability, recognition, comparison, profile, coverage and mapping."""

import sys
from inspect import Parameter
from typing import Annotated, Final

import typer

from mastery_graph.cli.question_commands import Values, add_question_command, read_policy
from mastery_graph.errors import BadParameter
from mastery_graph.questions.question import Question
from mastery_graph.questions.registry import (
    ComparisonQuestion,
    CoverageQuestion,
    GridQuestion,
    LevelQuestion,
    LevelTableQuestion,
    MappingQuestion,
    ProfileQuestion,
    RecognitionQuestion,
    SkillQuestion,
    StackQuestion,
)
from mastery_graph.questions.stackability.policy import StackPolicy

app = typer.Typer()

_PAIRS: Final = Parameter(
    "pairs",
    Parameter.KEYWORD_ONLY,
    annotation=Annotated[bool, typer.Option("--pairs", help="A row a comparison, in place of the EQF grid.")],
    default=False,
)
_ACCEPT_CLAIMS: Final = Parameter(
    "accept_claims",
    Parameter.KEYWORD_ONLY,
    annotation=Annotated[
        bool,
        typer.Option("--accept-claims", help=RecognitionQuestion.model_fields["accept_claims"].description),
    ],
    default=False,
)


def _level_or_skill(values: Values) -> type[Question]:
    """Return the question about a level or about a skill, by the fields that are given."""
    for kind, subject in ((LevelQuestion, "level"), (SkillQuestion, "skill")):
        if subject in values and values.keys() <= kind.model_fields.keys():
            return kind
    raise BadParameter("Give a level, with --country if wanted, or --skill, with --framework if wanted.")


def _grid_or_table(values: Values) -> type[Question]:
    return LevelTableQuestion if values["pairs"] or values.get("others") else GridQuestion


def _with_claims(values: Values) -> Values:
    """Return the values with the acceptance of claims as a figure of the policy."""
    if not values["accept_claims"]:
        return values
    policy = read_policy(values["policy"]) if "policy" in values else StackPolicy()
    figures = policy.model_dump(exclude_unset=True) | {"accept_claims": True}
    return values | {"policy": StackPolicy.model_validate(figures)}


def _with_standard_input(values: Values) -> Values:
    return values | {"text": sys.stdin.read()} if values["text"] == "-" else values


add_question_command(
    app,
    "equivalence",
    LevelQuestion,
    SkillQuestion,
    summary="Show which levels compare with a level, or which concepts correspond to a skill.",
    choose=_level_or_skill,
)
add_question_command(
    app,
    "levels",
    GridQuestion,
    LevelTableQuestion,
    summary="Show the EQF level of each level of these countries, or all comparisons between their levels.",
    choose=_grid_or_table,
    more=[_PAIRS],
)
add_question_command(
    app,
    "stack",
    StackQuestion,
    summary="Check whether credentials add up to a target, what is missing, and what closes the gap.",
    prepare=_with_claims,
    more=[_ACCEPT_CLAIMS],
)
add_question_command(
    app,
    "recognise",
    RecognitionQuestion,
    summary="Show how a credential is treated in a country, on what basis, and what prevents its recognition.",
)
add_question_command(
    app,
    "compare",
    ComparisonQuestion,
    summary="Show two descriptions side by side: level, workload, outcomes, assessment, quality assurance.",
)
add_question_command(
    app,
    "profile",
    ProfileQuestion,
    summary="Show which green skills credentials attest, at which EQF level, and what to learn next.",
)
add_question_command(
    app,
    "coverage",
    CoverageQuestion,
    summary="Show which green skills, sectors and visions a curriculum covers, by which learning outcome.",
)
add_question_command(
    app,
    "map",
    MappingQuestion,
    summary="Show which skills a text names, if any; the text - reads standard input.",
    prepare=_with_standard_input,
)
