"""The commands that load credentials into the store, each into its own graph, and remove them."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.table import Table

from mastery_graph.cli.loading import load
from mastery_graph.cli.terminal import AsJson, StoreFolder, notes, open_writable_store
from mastery_graph.errors import BadParameter, InputError

if TYPE_CHECKING:
    from mastery_graph.validation.loading import Admission

_MAX_LISTED = 1_000
"""Documents that are listed individually in the terminal."""

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
    """Validate credentials and load them; the same content is loaded only once."""
    from mastery_graph.credentials.batch import documents, join_names, nothing_to_check
    from mastery_graph.validation.loading import admit

    counts: Counter[str] = Counter()
    skipped: list[str] = []
    with TemporaryFile("w+", encoding="utf-8") as rows:
        with open_writable_store(store) as target, notes.status("Loading credentials") as status:
            items = documents(paths, skipped)
            for admission in admit(target, items, profile, nonconforming, processes=len(os.sched_getaffinity(0))):
                counts[admission.status] += 1
                status.update(f"Loading credentials: {counts.total()}")
                if admission.status == "quarantined":
                    _write_quarantined(
                        quarantine,
                        admission.sent.content,
                        admission.report.model_dump_json(indent=2) if admission.report else "",
                    )
                print(json.dumps(_row(admission)), file=rows)
            if not counts:
                raise nothing_to_check(skipped)
        rows.seek(0)
        if as_json:
            _print_array(rows)
        else:
            _show(map(json.loads, rows), counts)
    if skipped:
        notes.print(
            f"Files skipped ({len(skipped)}): {join_names(skipped)}.", highlight=False, markup=False, soft_wrap=True
        )
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
    from mastery_graph.validation.loading import remove as remove_graphs
    from mastery_graph.validation.loading import remove_all

    if bool(names) == everything:
        raise BadParameter("Name credentials, or say --all.")
    with open_writable_store(store) as target:
        removed = (
            remove_all(target)
            if everything
            else [graph for name in names or () for graph in remove_graphs(target, name)]
        )
    print(f"Removed {len(removed)} credentials.")


def _write_quarantined(folder: Path, content: bytes, report: str) -> None:
    """Write a document and its report into the quarantine folder, named by the hash of the document."""
    import hashlib

    digest = hashlib.sha256(content).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{digest}.document").write_bytes(content)
        (folder / f"{digest}.report.json").write_text(report, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}.") from None


def _row(admission: "Admission") -> dict[str, object]:
    return {
        "name": admission.sent.name,
        "status": admission.status,
        "graph": admission.graph,
        "descriptions": list(admission.descriptions),
        "reason": admission.reason,
    }


def _print_array(items: Iterable[str]) -> None:
    """Stream items, one line of JSON each, as a JSON array."""
    separator = "[\n"
    for item in items:
        print(separator + item.rstrip("\n"), end="")
        separator = ",\n"
    print("[]" if separator.startswith("[") else "\n]")


def _show(rows: Iterable[dict[str, Any]], counts: Counter[str]) -> None:
    """Print the status of each document; of very many documents, only of those that were not loaded."""
    from rich.console import Console

    if counts.total() > _MAX_LISTED:
        rows = (row for row in rows if row["status"] not in {"loaded", "present"})
    table = Table(box=None, pad_edge=False)
    for name in ("document", "status", "credential", "why"):
        table.add_column(name, overflow="fold", no_wrap=name == "status")
    for row in islice(rows, _MAX_LISTED):
        table.add_row(row["name"], row["status"], next(iter(row["descriptions"]), ""), row["reason"] or "")
    if table.row_count:
        Console(highlight=False, markup=False).print(table)
    if omitted := sum(1 for _ in rows):
        print(f"… and {omitted} more; with --json each is listed.")
    print(", ".join(f"{number} {name}" for name, number in sorted(counts.items())))
