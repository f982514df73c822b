"""The commands on documents: validation, conversion."""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.progress import track
from rich.table import Table
from rich.text import Text

from mastery_graph.cli.terminal import AsJson, InLanguage, StoreFolder, notes, open_store, subject_from_argument
from mastery_graph.cli.time_limit import shapes_within
from mastery_graph.credentials.batch import documents, join_names, nothing_to_check
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument, BadParameter, InputError
from mastery_graph.languages import Message
from mastery_graph.languages.records import localize
from mastery_graph.settings import Settings

if TYPE_CHECKING:
    from mastery_graph.validation import ValidationReport
    from mastery_graph.validation.formats import ValidationOutcome

app = typer.Typer()


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(help="Credential descriptions: files, folders, ZIP archives, JSON lines.")
    ],
    *,
    profile: Annotated[
        str, typer.Option(help="micro-credential, mastery, elm, or elm-… (see docs/profiles.md).")
    ] = "micro-credential",
    shapes: Annotated[
        list[Path] | None, typer.Option("--shapes", help="Turtle files of shapes of your own, in place of a profile.")
    ] = None,
    engine: Annotated[
        Literal["auto", "pyshacl"] | None,
        typer.Option(help="The compiled engine where it can be relied on, or always the reference, pyshacl."),
    ] = None,
    form: Annotated[
        str,
        typer.Option("--format", help="text, json, csv, html, sarif, junit, turtle, jsonld, nt or rdfxml."),
    ] = "text",
    language: Annotated[str, typer.Option("--lang", help="en, it, es, bg or fi.")] = "en",
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say what descriptions lack, where, and how to mend it."""
    from mastery_graph.validation.formats import FORMATS, ValidationOutcome

    if form not in FORMATS:
        raise BadParameter(f"Reports are not written as {form!r}.", f"Use one of {', '.join(FORMATS)}.")
    from mastery_graph.validation import user_shapes, validate_with_external_shapes
    from mastery_graph.validation import validate as check
    from mastery_graph.validation.texts import Translator

    own = user_shapes(*shapes) if shapes else None
    told = Translator(language)
    with nullcontext() if own else open_store(store) as source:

        def report_on(document: SubmittedDocument) -> "ValidationReport":
            if own:
                with shapes_within(Settings().shapes_seconds):
                    return validate_with_external_shapes(
                        document, own, ", ".join(own.names), own=True, engine=engine, told=told
                    )
            return check(document, profile, source, engine, language)

        checked, skipped, whole = _checked(files, report_on, language)
    if whole and not checked:
        raise nothing_to_check(skipped)
    chosen = "json" if as_json else form
    left_out = [] if chosen == "text" else [ValidationOutcome.skipped(name, language) for name in skipped]
    print(FORMATS[chosen][1]([*checked, *left_out], language))
    if len(checked) > 1:
        notes.print(_table(checked, language))
    if skipped:
        sentence = Message("Files skipped ({number}): {names}.", number=len(skipped), names=join_names(skipped))
        print(f"mastery-graph: {localize(sentence, told.language)}", file=sys.stderr)
    for one in checked:
        if one.report is None:
            print(f"mastery-graph: {one.name}: {one.problem}", file=sys.stderr)
    if not whole:
        notes.print(f"Interrupted after {len(checked)} documents.")
        raise typer.Exit(130)
    if any(one.report is None for one in checked):
        raise typer.Exit(2)
    if not all(one.conforms for one in checked):
        raise typer.Exit(1)


def _checked(
    files: list[Path], report_on: "Callable[[SubmittedDocument], ValidationReport]", language: str
) -> "tuple[list[ValidationOutcome], list[str], bool]":
    """Return what was checked, the files skipped, and whether that is all: Ctrl-C ends it with what is done."""
    from mastery_graph.validation.formats import ValidationOutcome

    done: list[ValidationOutcome] = []
    skipped: list[str] = []
    progress = track(
        documents(files, skipped), "Checking", console=notes, transient=True, disable=not notes.is_terminal
    )
    try:
        for sent in progress:
            try:
                if sent.document is None:
                    raise sent.error or BadDocument("The document cannot be read.")
                done.append(ValidationOutcome(sent.name, report_on(sent.document)))
            except BadDocument as error:
                done.append(ValidationOutcome.refused(sent.name, error, language))
            except InputError as error:
                if sent.document is not None:
                    raise
                done.append(ValidationOutcome.refused(sent.name, error, language))
    except KeyboardInterrupt:
        return done, skipped, False
    return done, skipped, True


def _table(checked: "list[ValidationOutcome]", language: str) -> Table:
    from mastery_graph.validation.formats.summary import summary

    columns, *rows = summary(checked, language)
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    return table


@app.command()
def convert(
    credential: Annotated[str, typer.Argument(help="File of a credential description, or an IRI of the graph.")],
    to: Annotated[Literal["elm", "openbadge"], typer.Option(help="The format to write.")],
    as_json: AsJson = False,
    language: InLanguage = "en",
    store: StoreFolder = None,
) -> None:
    """Write a description in another format; what that format cannot carry is told on standard error."""
    from mastery_graph.credentials.conversion import convert_description, convert_document

    source = subject_from_argument(credential)
    with open_store(store) as target:
        if isinstance(source, str):
            done = convert_description(target, source, to, language)
        else:
            done = convert_document(source, to, target, language)
    if as_json:
        print(done.model_dump_json(indent=2))
        return
    print(json.dumps(done.document, indent=2, ensure_ascii=False))
    if done.lost:
        told = Message("Not carried over, or not as it was ({number}):", number=len(done.lost))
        notes.print(localize(told, language), highlight=False)
    for loss in done.lost:
        where = f" at {loss.pointer or '/'}" if loss.pointer is not None else ""
        notes.print(f"  {loss.message}{where}", highlight=False, markup=False, soft_wrap=True)
