"""The commands of the questions: equivalence, stackability, recognition, comparison, profile and coverage."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from mastery_graph.cli.terminal import (
    AsCsv,
    AsJson,
    AskingBody,
    AsOf,
    InLanguage,
    StoreFolder,
    open_store,
    print_answer,
)
from mastery_graph.credentials.inputs import read_description, read_file
from mastery_graph.errors import BadParameter
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.purposes import shipped_purposes
from mastery_graph.questions.stackability.policy import StackPolicy

app = typer.Typer()

AcceptClaims = Annotated[
    bool,
    typer.Option(
        "--accept-claims",
        help="Count what a document claims of its level, its awarding body and its quality assurance.",
    ),
]

Policy = Annotated[
    str | None,
    typer.Option(help="A preset, such as ESP, or a JSON file (NAME.json) with the figures that are given."),
]


_PURPOSES: Final = f"{', '.join(shipped_purposes())}, or another that the graph describes"


def _complete_purpose(start: str) -> list[str]:
    """Return the shipped purposes that begin so, for the shell."""
    return [code for code in shipped_purposes() if code.startswith(start)]


@app.command()
def equivalence(
    level: Annotated[
        str | None, typer.Argument(help="A URI, an official label such as 'FiNQF Level 5', or 'EQF 5'.")
    ] = None,
    *,
    country: Annotated[str | None, typer.Option(help="ISO alpha-3 code, such as ITA.")] = None,
    skill: Annotated[
        str | None, typer.Option(help="In place of a level: a skill's IRI, or a code such as GS01.")
    ] = None,
    framework: Annotated[
        str | None, typer.Option(help="Counterparts in this framework of skills only: esco, green-skills, or an IRI.")
    ] = None,
    language: InLanguage = "en",
    as_json: AsJson = False,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Show which levels compare with a level, or which concepts correspond to a skill."""
    from mastery_graph.questions.equivalence.levels import equivalent_levels
    from mastery_graph.questions.equivalence.skills import equivalent_skills

    with open_store(store, esco) as source:
        if level is not None and skill is None and framework is None:
            print_answer(equivalent_levels(source, level, country), as_json, language=language)
        elif skill is not None and level is None and country is None:
            print_answer(equivalent_skills(source, skill, framework), as_json, language=language)
        else:
            raise BadParameter("Give a level, with --country if wanted, or --skill, with --framework if wanted.")


@app.command()
def levels(
    countries: Annotated[list[str] | None, typer.Argument(help="ISO alpha-3 codes; all by default.")] = None,
    *,
    pairs: Annotated[bool, typer.Option("--pairs", help="A row a comparison, in place of the EQF grid.")] = False,
    language: InLanguage = "en",
    as_json: AsJson = False,
    as_table: AsCsv = False,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Show the EQF level of each level of these countries, or all comparisons between their levels."""
    from mastery_graph.questions.equivalence.level_tables import eqf_grid, level_table

    with open_store(store, esco) as source:
        answer: Answer = level_table(source, countries or ()) if pairs else eqf_grid(source, countries or ())
    print_answer(answer, as_json, as_table, language)


@app.command()
def stack(
    credentials: Annotated[list[str], typer.Argument(help="Files or IRIs of credential descriptions.")],
    *,
    target: Annotated[str, typer.Option(help="File or IRI of a description, or the IRI of a skill.")],
    policy: Policy = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each suggestion was chosen.")] = False,
    purpose: Annotated[
        str | None,
        typer.Option(
            help=f"What for: {_PURPOSES}. Statements for one purpose alone are left open without it.",
            autocompletion=_complete_purpose,
        ),
    ] = None,
    body: AskingBody = None,
    accept_claims: AcceptClaims = False,
    language: InLanguage = "en",
    as_json: AsJson = False,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Check whether credentials add up to a target, what is missing, and what closes the gap."""
    from mastery_graph.questions.stackability import stackability

    subjects, stack_policy = [read_description(credential) for credential in credentials], _policy(policy)
    if accept_claims:
        stack_policy = StackPolicy.model_validate(
            (stack_policy.model_dump(exclude_unset=True) if stack_policy else {}) | {"accept_claims": True}
        )
    with open_store(store, esco) as source:
        answer = stackability(
            source, subjects, read_description(target), stack_policy, purpose=purpose, body=body, explain=explain
        )
        print_answer(answer, as_json, language=language)


@app.command()
def recognise(
    credential: Annotated[str, typer.Argument(help="File or IRI of a credential description.")],
    *,
    country: Annotated[str, typer.Option(help="ISO alpha-3 code, such as FIN.")],
    purpose: Annotated[
        str, typer.Option(help=f"What for: {_PURPOSES}.", autocompletion=_complete_purpose)
    ] = "employment",
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which validity is judged; today by default."),
    ] = None,
    body: AskingBody = None,
    accept_claims: AcceptClaims = False,
    language: InLanguage = "en",
    as_json: AsJson = False,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Show how a credential is treated in a country, on what basis, and what prevents its recognition."""
    from mastery_graph.questions.recognition import recognition

    with open_store(store, esco) as source:
        day = on.date() if on else None
        answer = recognition(
            source, read_description(credential), country, purpose, day, body=body, accept_claims=accept_claims
        )
        print_answer(answer, as_json, language=language)


@app.command()
def compare(
    left: Annotated[str, typer.Argument(help="File or IRI of a description.")],
    right: Annotated[str, typer.Argument(help="File or IRI of another.")],
    *,
    policy: Policy = None,
    language: InLanguage = "en",
    as_json: AsJson = False,
    as_table: AsCsv = False,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Show two descriptions side by side: level, workload, outcomes, assessment, quality assurance."""
    from mastery_graph.questions.comparison import compare as compare_subjects

    with open_store(store, esco) as source:
        print_answer(
            compare_subjects(source, read_description(left), read_description(right), _policy(policy)),
            as_json,
            as_table,
            language,
        )


@app.command()
def profile(
    credentials: Annotated[list[str], typer.Argument(help="Files or IRIs of the credentials that are held.")],
    *,
    policy: Policy = None,
    language: InLanguage = "en",
    as_json: AsJson = False,
    as_table: AsCsv = False,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Show which green skills credentials attest, at which EQF level, and what to learn next."""
    from mastery_graph.questions.profile import learner_profile

    with open_store(store, esco) as source:
        print_answer(
            learner_profile(source, [read_description(credential) for credential in credentials], _policy(policy)),
            as_json,
            as_table,
            language,
        )


@app.command()
def coverage(
    descriptions: Annotated[list[str], typer.Argument(help="Files or IRIs of the descriptions of a curriculum.")],
    *,
    policy: Policy = None,
    language: InLanguage = "en",
    as_json: AsJson = False,
    as_table: AsCsv = False,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Show which green skills, sectors and visions a curriculum covers, by which learning outcome."""
    from mastery_graph.questions.coverage import coverage_of

    with open_store(store, esco) as source:
        print_answer(
            coverage_of(source, [read_description(description) for description in descriptions], _policy(policy)),
            as_json,
            as_table,
            language,
        )


def _policy(argument: str | None) -> StackPolicy | None:
    """Return the policy that an option names: a preset, or a JSON file."""
    from mastery_graph.questions.stackability.presets import parse_policy

    if argument is None:
        return None
    if argument.endswith(".json"):
        return parse_policy(read_file(Path(argument)).decode("utf-8", "replace"))
    return parse_policy(argument)
