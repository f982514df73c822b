"""The commands on documents: validation, conversion."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

import typer

from mastery_graph.cli.terminal import AsJson, StoreFolder, given, notes, opened, read
from mastery_graph.credentials.reading import read_document
from mastery_graph.store.protocol import Store

app = typer.Typer()


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Credential descriptions.")],
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

    def report_on(file: Path, source: Store | None) -> ValidationReport:
        document = read_document(read(file), name=file.name)
        if own:
            return report_by(document, own, ", ".join(own.names), own=True, engine=engine)
        return check(document, profile, source, engine)

    with nullcontext() if own else opened(store) as source:
        reports = [(file, report_on(file, source)) for file in files]
    if as_json:
        print(json.dumps([{"file": str(file), **report.model_dump(mode="json")} for file, report in reports], indent=2))
    else:
        for file, report in reports:
            print(f"{file}: {report.summary}")
            for finding in report.findings:
                where = f" at {finding.pointer or '/'}" if finding.pointer is not None else ""
                print(f"  {finding.severity:<9} {finding.message}{where}\n            {finding.fix} {finding.example}")
            print(f"  seal      {report.seal.status}{f', by {report.seal.by}' if report.seal.by else ''}")
    if not all(report.conforms for _, report in reports):
        raise typer.Exit(1)


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
