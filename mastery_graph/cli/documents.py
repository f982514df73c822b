"""The commands that validate and convert documents."""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track
from rich.table import Table
from rich.text import Text

from mastery_graph.cli.terminal import (
    AsJson,
    InLanguage,
    StoreFolder,
    notes,
    open_named_store,
    open_store,
)
from mastery_graph.cli.time_limit import shapes_within
from mastery_graph.credentials.batch import STANDARD_INPUT, documents, join_names, nothing_to_check
from mastery_graph.credentials.conversion import TargetFormat, convert_description, convert_document
from mastery_graph.credentials.inputs import read_description
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES, SubmittedDocument
from mastery_graph.errors import BadDocument, BadParameter, InputError
from mastery_graph.languages import LANGUAGE_CODES, Message
from mastery_graph.languages.records import localize
from mastery_graph.options import Engine
from mastery_graph.settings import Settings

if TYPE_CHECKING:
    from mastery_graph.validation import ValidationReport
    from mastery_graph.validation.formats import ValidationOutcome

app = typer.Typer()


@app.command()
def validate(
    files: Annotated[
        list[Path],
        typer.Argument(help="Credential descriptions: files, folders, ZIP archives, JSON lines; - for standard input."),
    ],
    *,
    profile: Annotated[
        str, typer.Option(help="micro-credential, mastery, elm, or elm-… (see docs/reference/profiles.md).")
    ] = "micro-credential",
    shapes: Annotated[
        list[Path] | None, typer.Option("--shapes", help="Turtle files of shapes of your own, in place of a profile.")
    ] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(help="The compiled engine where it can be relied on, or always the reference, pyshacl."),
    ] = None,
    form: Annotated[
        str,
        typer.Option("--format", help="text, json, csv, html, sarif, junit, turtle, jsonld, nt or rdfxml."),
    ] = "text",
    language: Annotated[str, typer.Option("--lang", help=f"{LANGUAGE_CODES}.")] = "en",
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Report what descriptions lack, where, and how to fix it."""
    from mastery_graph.validation.formats import FORMATS, ValidationOutcome

    if form not in FORMATS:
        raise BadParameter(f"Reports are not written as {form!r}.", f"Use one of {', '.join(FORMATS)}.")
    from mastery_graph.validation import user_shapes, validate_with_external_shapes
    from mastery_graph.validation import validate as check
    from mastery_graph.validation.texts import Translator

    custom_shapes = user_shapes(*shapes) if shapes else None
    translator = Translator(language)
    with nullcontext() if custom_shapes else open_named_store(store) as source:

        def report_on(document: SubmittedDocument) -> "ValidationReport":
            if custom_shapes:
                with shapes_within(Settings().shapes_seconds):
                    return validate_with_external_shapes(
                        document,
                        custom_shapes,
                        ", ".join(custom_shapes.names),
                        own=True,
                        engine=engine,
                        translate=translator,
                    )
            return check(document, profile, source, engine, language)

        outcomes, skipped, complete = _check(files, report_on, language)
    if complete and not outcomes:
        raise nothing_to_check(skipped)
    chosen = "json" if as_json else form
    skipped_outcomes = [] if chosen == "text" else [ValidationOutcome.skipped(name, language) for name in skipped]
    print(FORMATS[chosen][1]([*outcomes, *skipped_outcomes], language))
    if len(outcomes) > 1:
        notes.print(_table(outcomes, language))
    if skipped:
        message = Message("Files skipped ({number}): {names}.", number=len(skipped), names=join_names(skipped))
        print(f"mastery-graph: {localize(message, translator.language)}", file=sys.stderr)
    for outcome in outcomes:
        if outcome.report is None:
            print(f"mastery-graph: {outcome.name}: {outcome.problem}", file=sys.stderr)
    if not complete:
        notes.print(f"Interrupted after {len(outcomes)} documents.")
        raise typer.Exit(130)
    if any(outcome.report is None for outcome in outcomes):
        raise typer.Exit(2)
    if not all(outcome.conforms for outcome in outcomes):
        raise typer.Exit(1)


def _check(
    files: list[Path], report_on: "Callable[[SubmittedDocument], ValidationReport]", language: str
) -> "tuple[list[ValidationOutcome], list[str], bool]":
    """Return the outcomes, the skipped files, and whether all were checked: Ctrl-C stops early."""
    from mastery_graph.validation.formats import ValidationOutcome

    outcomes: list[ValidationOutcome] = []
    skipped: list[str] = []
    progress = track(
        documents(files, skipped), "Checking", console=notes, transient=True, disable=not notes.is_terminal
    )
    try:
        for item in progress:
            try:
                if item.document is None:
                    raise item.error or BadDocument("The document cannot be read.")
                outcomes.append(ValidationOutcome(item.name, report_on(item.document)))
            except BadDocument as error:
                outcomes.append(ValidationOutcome.unreadable(item.name, error, language))
            except InputError as error:
                if item.document is not None:
                    raise
                outcomes.append(ValidationOutcome.unreadable(item.name, error, language))
    except KeyboardInterrupt:
        return outcomes, skipped, False
    return outcomes, skipped, True


def _table(outcomes: "list[ValidationOutcome]", language: str) -> Table:
    from mastery_graph.validation.formats.summary import summary

    columns, *rows = summary(outcomes, language)
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    return table


@app.command()
def convert(
    credential: Annotated[
        str, typer.Argument(help="File of a credential description (- for standard input), or an IRI of the graph.")
    ],
    to: Annotated[TargetFormat, typer.Option(help="The format to write.")],
    as_json: AsJson = False,
    language: InLanguage = "en",
    store: StoreFolder = None,
) -> None:
    """Convert a description to another format; what that format cannot express is listed on standard error."""
    is_standard_input = credential == STANDARD_INPUT
    source = read_description(sys.stdin.buffer.read(MAX_DOCUMENT_BYTES + 1) if is_standard_input else credential)
    if isinstance(source, str):
        with open_store(store) as graph:
            result = convert_description(graph, source, to, language)
    else:
        with open_named_store(store) as labels:
            result = convert_document(source, to, labels, language)
    if as_json:
        print(result.model_dump_json(indent=2))
        return
    print(json.dumps(result.document, indent=2, ensure_ascii=False))
    if result.lost:
        heading = Message("Not carried over, or not as it was ({number}):", number=len(result.lost))
        notes.print(localize(heading, language), highlight=False)
    for loss in result.lost:
        position = f" at {loss.pointer or '/'}" if loss.pointer is not None else ""
        notes.print(f"  {loss.message}{position}", highlight=False, markup=False, soft_wrap=True)
