"""The command that maps a text to the skills that it names."""

import sys
from typing import Annotated

import typer

from mastery_graph.cli.terminal import AsJson, AsOf, StoreFolder, open_finder, open_store, print_answer

app = typer.Typer()


@app.command("map")
def map_command(
    text: Annotated[str, typer.Argument(help="A learning outcome, a title or a longer text; - reads standard input.")],
    *,
    limit: Annotated[int, typer.Option(help="How many concepts at most.")] = 10,
    lang: Annotated[
        str | None, typer.Option(help="The language of the text, such as en; all are tried by default.")
    ] = None,
    as_json: AsJson = False,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Show which skills a text names, if any."""
    from mastery_graph.questions.mapping import map_text

    with open_store(store, esco) as source:
        content = sys.stdin.read() if text == "-" else text
        print_answer(map_text(source, open_finder(source, store), content, limit, lang), as_json)
