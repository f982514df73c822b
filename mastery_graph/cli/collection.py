"""The commands that load credentials into the store, each into a graph of its own, and remove them."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from mastery_graph.cli.loading import load
from mastery_graph.cli.terminal import AsJson, StoreFolder, notes, writable
from mastery_graph.errors import BadParameter, InputError

remove = typer.Typer(no_args_is_help=True, help="Remove data from the store.")


@load.command("credential")
def load_credential(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, ZIP archives or JSON lines.")],
    *,
    profile: Annotated[str, typer.Option(help="The profile that a credential must conform to.")] = "micro-credential",
    nonconforming: Annotated[
        Literal["reject", "quarantine", "accept"],
        typer.Option(help="What becomes of one that does not: left out, kept aside, or loaded all the same."),
    ] = "reject",
    quarantine: Annotated[Path, typer.Option(help="The folder where those kept aside go, with their reports.")] = Path(
        "var/quarantine"
    ),
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Load credentials, validated on the way in; the same content is loaded once."""
    from mastery_graph.credentials.batch import documents
    from mastery_graph.validation.admission import admit

    counts: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    with writable(store) as target, notes.status("Loading credentials") as status:
        for one in admit(target, documents(paths), profile, nonconforming, processes=len(os.sched_getaffinity(0))):
            counts[one.status] += 1
            status.update(f"Loading credentials: {counts.total()}")
            if one.status == "quarantined":
                _keep(quarantine, one.sent.content, one.report.model_dump_json(indent=2) if one.report else "")
            rows.append(
                {
                    "name": one.sent.name,
                    "status": one.status,
                    "graph": one.graph,
                    "descriptions": list(one.descriptions),
                    "reason": one.reason,
                }
            )
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        _show(rows)
        print(", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "No credential was found.")
    if counts["unreadable"]:
        raise typer.Exit(2)
    if counts["rejected"] or counts["quarantined"]:
        raise typer.Exit(1)


@remove.command("credential")
def remove_credential(
    names: Annotated[list[str] | None, typer.Argument(help="IRIs of credentials, hashes, or names of graphs.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All loaded credentials.")] = False,
    store: StoreFolder = None,
) -> None:
    """Remove loaded credentials from the store."""
    from mastery_graph.validation.admission import remove as take_out
    from mastery_graph.validation.admission import remove_all

    if bool(names) == everything:
        raise BadParameter("Name credentials, or say --all.")
    with writable(store) as target:
        gone = remove_all(target) if everything else [graph for name in names or () for graph in take_out(target, name)]
    print(f"Removed {len(gone)} credentials.")


def _keep(folder: Path, content: bytes, report: str) -> None:
    """Keep a document and its report aside, named by the hash of the document."""
    import hashlib

    digest = hashlib.sha256(content).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{digest}.document").write_bytes(content)
        (folder / f"{digest}.report.json").write_text(report, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}.") from None


def _show(rows: list[dict[str, object]]) -> None:
    from rich.console import Console

    table = Table(box=None, pad_edge=False)
    for name in ("document", "status", "credential", "why"):
        table.add_column(name, overflow="fold", no_wrap=name == "status")
    for row in rows:
        described = row["descriptions"]
        first = described[0] if isinstance(described, list) and described else ""
        table.add_row(str(row["name"]), str(row["status"]), str(first), str(row["reason"] or ""))
    if rows:
        Console(highlight=False, markup=False).print(table)
