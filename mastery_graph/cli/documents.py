"""The commands on documents: validation."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from mastery_graph.cli.terminal import AsJson, StoreFolder, opened, read
from mastery_graph.credentials.reading import read_document

app = typer.Typer()


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Credential descriptions.")],
    profile: Annotated[str, typer.Option(help="micro-credential or mastery.")] = "micro-credential",
    engine: Annotated[
        Literal["auto", "pyshacl"] | None,
        typer.Option(help="The compiled engine where it can be relied on, or always the reference, pyshacl."),
    ] = None,
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say what descriptions lack, where, and how to mend it."""
    from mastery_graph.validation import validate as check

    with opened(store) as source:
        reports = [(file, check(read_document(read(file), name=file.name), profile, source, engine)) for file in files]
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
