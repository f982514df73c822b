"""The commands on the dataset as a whole: dumps, what differs between two versions, back-up and restore."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from mastery_graph.cli.terminal import AsJson, StoreFolder, notes, open_store
from mastery_graph.errors import BadParameter
from mastery_graph.settings import Settings

app = typer.Typer()
_SHOWN = 20


@app.command()
def export(
    *,
    form: Annotated[
        Literal["nquads", "turtle", "jsonld", "sssom"],
        typer.Option(
            "--format", help="nquads: the whole in one file; turtle and jsonld: a file a graph; sssom: the mappings."
        ),
    ] = "nquads",
    out: Annotated[Path | None, typer.Option(help="The folder; named after the version by default.")] = None,
    with_credentials: Annotated[
        bool, typer.Option("--with-credentials", help="Also descriptions of people's credentials.")
    ] = False,
    store: StoreFolder = None,
) -> None:
    """Write the dataset into files, with SHA-256 checksums and a description (DCAT, VoID)."""
    from mastery_graph.dataset.dumps import export as write
    from mastery_graph.dataset.dumps import name_of
    from mastery_graph.dataset_identity import dataset_of

    with open_store(store) as source, notes.status("Writing") as status:
        folder = out or Path(name_of(dataset_of(source)))
        report = write(
            source, folder, form, personal=with_credentials, progress=lambda name: status.update(f"Writing {name}")
        )
    for name, (size, sha256) in report.files.items():
        print(f"{sha256}  {size:>10}  {folder / name}")


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="A store, a dump in N-Quads, or the folder of one.")],
    new: Annotated[Path, typer.Argument(help="The same of the other version.")],
    as_json: AsJson = False,
) -> None:
    """Say what was added, removed and re-mapped between two versions; end with 1 where they differ, as diff does."""
    from mastery_graph.dataset.difference import compare_dumps

    with ExitStack() as stack:
        found = compare_dumps(_lines(old, stack), _lines(new, stack))
    if as_json:
        print(json.dumps({"same": found.empty, **asdict(found)}, ensure_ascii=False, indent=2))
    elif found.empty:
        print("The two say the same.")
    else:
        for graph in sorted({*found.statements_added, *found.statements_removed}):
            added, removed = found.statements_added.get(graph, 0), found.statements_removed.get(graph, 0)
            print(f"{graph}: {added} added, {removed} removed")
        for heading, resources in (
            ("added", found.resources_added),
            ("removed", found.resources_removed),
            ("changed", found.resources_changed),
        ):
            _list(f"Resources {heading}", [f"{one.iri}{f' ({one.label})' if one.label else ''}" for one in resources])
        for heading, mappings in (("added", found.mappings_added), ("removed", found.mappings_removed)):
            _list(f"Mappings {heading}", [f"{one.subject} {_relation(one.relation)} {one.target}" for one in mappings])
        _list(
            "Re-mapped",
            [
                f"{one.before.subject} {_relation(one.before.relation)} {one.before.target}, "
                f"now {_relation(one.after.relation)} {one.after.target}"
                for one in found.remapped
            ],
        )
    if not found.empty:
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write.")],
    store: StoreFolder = None,
) -> None:
    """Write the store into one archive with checksums; it may be served and written to meanwhile."""
    from mastery_graph.dataset.backup import backup as write

    settings = _with_a_folder(store)
    with notes.status("Backing up"):
        report = write(settings.store, file, settings.answers_file)
    print(f"Backed up dataset {report.content_hash}, built {report.built}: {file}, {report.size} bytes.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `backup` wrote.")],
    store: StoreFolder = None,
) -> None:
    """Make the store in an archive the current one, all or nothing; a damaged archive changes nothing."""
    from mastery_graph.dataset.backup import restore as take

    settings = _with_a_folder(store)
    with notes.status("Restoring"):
        report = take(file, settings.store, settings.answers_file)
    print(
        f"Restored dataset {report.content_hash}, built {report.built}, backed up {report.made}, in {settings.store}."
    )


def _with_a_folder(store: Path | None) -> Settings:
    settings = Settings(store=store) if store else Settings()
    if settings.sparql_endpoint and store is None:
        raise BadParameter(
            "The store is behind an endpoint, which is backed up by its own means.",
            "`mastery-graph export` writes its content; --store DIR names a store in a folder.",
        )
    return settings


def _lines(source: Path, stack: ExitStack) -> Iterator[bytes]:
    from mastery_graph.dataset.lines import content_graphs, lines_of_dump, lines_of_store

    if (source / "current").is_file():
        store = stack.enter_context(open_store(source))
        return lines_of_store(store, content_graphs(store, personal=True))
    dumps = sorted(source.glob("*.nq")) if source.is_dir() else [source]
    if len(dumps) != 1 or not dumps[0].is_file():
        raise BadParameter(
            f"{source} is neither a store nor a dump in N-Quads.", "Make one with `mastery-graph export`."
        )
    return lines_of_dump(dumps[0])


def _relation(iri: str) -> str:
    return iri.rpartition("#")[2]


def _list(heading: str, lines: list[str]) -> None:
    if lines:
        print(f"{heading}: {len(lines)}")
        for line in lines[:_SHOWN]:
            print(f"  {line}")
        if len(lines) > _SHOWN:
            print(f"  … and {len(lines) - _SHOWN} more; --json gives all.")
