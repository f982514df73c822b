"""The questions: equivalence of levels and skills, stackability, recognition."""

import sys
from typing import Annotated, Literal

import typer

from mastery_graph.answers.answer import Answer
from mastery_graph.answers.rendering import as_csv
from mastery_graph.cli.terminal import AsJson, AskingBody, StoreFolder, given, opened, show
from mastery_graph.errors import BadParameter

app = typer.Typer()


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
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say which levels compare with a level, or which concepts correspond to a skill."""
    from mastery_graph.answers.equivalence.levels import equivalent_levels
    from mastery_graph.answers.equivalence.skills import equivalent_skills

    with opened(store) as source:
        if level is not None and skill is None and framework is None:
            show(equivalent_levels(source, level, country), as_json)
        elif skill is not None and level is None and country is None:
            show(equivalent_skills(source, skill, framework), as_json)
        else:
            raise BadParameter("Give a level, with --country if wanted, or --skill, with --framework if wanted.")


@app.command()
def levels(
    countries: Annotated[list[str] | None, typer.Argument(help="ISO alpha-3 codes; all by default.")] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="A row a comparison, in place of the EQF grid.")] = False,
    as_json: AsJson = False,
    as_table: Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")] = False,
    store: StoreFolder = None,
) -> None:
    """Show which levels of these countries stand at which EQF level, or every comparison between them."""
    from mastery_graph.answers.equivalence.level_tables import eqf_grid, level_table

    with opened(store) as source:
        answer: Answer = level_table(source, countries or ()) if pairs else eqf_grid(source, countries or ())
    if as_table:
        sys.stdout.write(as_csv(answer))
    else:
        show(answer, as_json)


@app.command()
def stack(
    credentials: Annotated[list[str], typer.Argument(help="Files or IRIs of credential descriptions.")],
    *,
    target: Annotated[str, typer.Option(help="File or IRI of a description, or the IRI of a skill.")],
    body: AskingBody = None,
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say whether credentials add up to a target, and what is missing."""
    from mastery_graph.answers.stackability import stackability

    with opened(store) as source:
        show(stackability(source, [given(one) for one in credentials], given(target), body=body), as_json)


@app.command()
def recognise(
    credential: Annotated[str, typer.Argument(help="File or IRI of a credential description.")],
    *,
    country: Annotated[str, typer.Option(help="ISO alpha-3 code, such as FIN.")],
    purpose: Annotated[Literal["academic", "training", "employment"], typer.Option(help="What for.")] = "employment",
    body: AskingBody = None,
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say what a credential counts as in a country, on what ground, and what stands in the way."""
    from mastery_graph.answers.recognition import recognition

    with opened(store) as source:
        show(recognition(source, given(credential), country, purpose, body=body), as_json)
