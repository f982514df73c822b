"""The commands on documents: validation, conversion."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mastery_graph.cli.terminal import AsJson, StoreFolder, given, notes, opened
from mastery_graph.credentials.batch import documents
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument, MasteryError
from mastery_graph.store.protocol import Store

if TYPE_CHECKING:
    from mastery_graph.validation import ValidationReport

app = typer.Typer()


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Files, folders, ZIP archives or JSON lines.")],
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
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say what descriptions lack, where, and how to mend it."""
    from mastery_graph.validation import ValidationReport, report_by, user_shapes
    from mastery_graph.validation import validate as check

    own = user_shapes(*shapes) if shapes else None

    def report_on(document: SubmittedDocument, source: Store | None) -> ValidationReport:
        if own:
            return report_by(document, own, ", ".join(own.names), own=True, engine=engine)
        return check(document, profile, source, engine)

    reports: list[tuple[str, ValidationReport]] = []
    refused: list[tuple[str, MasteryError]] = []
    with nullcontext() if own else opened(store) as source, notes.status("Validating") as status:
        for sent in documents(files):
            try:
                if sent.document:
                    reports.append((sent.name, report_on(sent.document, source)))
                elif sent.error:
                    refused.append((sent.name, sent.error))
            except BadDocument as error:
                refused.append((sent.name, error))
            status.update(f"Validating: {len(reports) + len(refused)}")
    if as_json:
        said = [{"file": file, **report.model_dump(mode="json")} for file, report in reports]
        print(json.dumps([*said, *({"file": file, "error": str(reason)} for file, reason in refused)], indent=2))
    else:
        for file, report in reports:
            _print(file, report)
    for file, reason in refused:
        print(f"mastery-graph: {file}: {reason}", file=sys.stderr)
    if refused:
        raise typer.Exit(2)
    if not all(report.conforms for _, report in reports):
        raise typer.Exit(1)


def _print(file: str, report: "ValidationReport") -> None:
    """Print a report as text."""
    print(f"{file}: {report.summary}")
    for finding in report.findings:
        where = f" at {finding.pointer or '/'}" if finding.pointer is not None else ""
        print(f"  {finding.severity:<9} {finding.message}{where}\n            {finding.fix} {finding.example}")
    for note in report.notes:
        print(f"  {'note':<9} {note.message}{f' at {note.pointer}' if note.pointer else ''}")
    print(f"  seal      {report.seal.status}{f', by {report.seal.by}' if report.seal.by else ''}")


@app.command()
def convert(
    credential: Annotated[str, typer.Argument(help="File of a credential description, or an IRI of the graph.")],
    to: Annotated[Literal["elm", "openbadge"], typer.Option(help="The format to write.")],
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Write a description in another format; what that format cannot carry is told on standard error."""
    from mastery_graph.credentials.conversion import converted, converted_description

    source = given(credential)
    with opened(store) as target:
        done = converted_description(target, source, to) if isinstance(source, str) else converted(source, to, target)
    if as_json:
        print(done.model_dump_json(indent=2))
        return
    print(json.dumps(done.document, indent=2, ensure_ascii=False))
    if done.lost:
        notes.print(f"Not carried over, or not as it was ({len(done.lost)}):", highlight=False)
    for loss in done.lost:
        where = f" at {loss.pointer or '/'}" if loss.pointer is not None else ""
        notes.print(f"  {loss.message}{where}", highlight=False, markup=False, soft_wrap=True)
