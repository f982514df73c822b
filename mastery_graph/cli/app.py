"""The command `mastery-graph`, assembled from its command groups.

Exit codes: 0 success, 1 negative answer, 2 bad usage or input, 3 store failure.
"""

import os
import sys
from typing import NoReturn

import typer
from pydantic import ValidationError

from mastery_graph.cli import collection, documents, esco, exporting, loading, questions, service
from mastery_graph.cli.actions import ACTIONS
from mastery_graph.errors import MasteryError
from mastery_graph.field_errors import field_reason
from mastery_graph.machine import limit_data
from mastery_graph.options import set_options
from mastery_graph.settings import Settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="What is a micro-credential worth, at home and abroad?"
)
for part in (service, questions, documents, exporting):
    app.add_typer(part.app)
app.add_typer(loading.load, name="load")
app.add_typer(collection.remove, name="remove")
app.add_typer(esco.esco, name="esco")


@app.callback()
def set_operator_options() -> None:
    """Set the options of the library and the memory of this process from the settings."""
    settings = Settings()
    set_options(settings.options)
    if settings.all_bytes:
        limit_data(settings.all_bytes)


def run() -> NoReturn:
    """Run the command line; print a `MasteryError` as one line on standard error, and exit with its code."""
    try:
        app()
    except MasteryError as error:
        print(f"mastery-graph: {error.detail} {error.advice_for(ACTIONS)}".rstrip(), file=sys.stderr)
        sys.exit(error.exit_code)
    except ValidationError as error:
        for failure in error.errors(include_input=False, include_url=False):
            setting = "_".join(str(part) for part in failure["loc"]).upper()
            print(f"mastery-graph: {error.title} MASTERY_{setting}: {field_reason(failure)}.", file=sys.stderr)
        sys.exit(2)
    except MemoryError:
        print("mastery-graph: Memory limit exceeded. MASTERY_MEMORY sets it.", file=sys.stderr)
        sys.exit(3)
    except BrokenPipeError:
        os._exit(0)
    sys.exit(0)
