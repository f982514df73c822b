"""The commands on the whole dataset: export, differences between two versions, backup and restore."""

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
from mastery_graph.store_choice import choose_store

app = typer.Typer()
_MAX_SHOWN = 20


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
    """Show what was added, removed and re-mapped between two versions; exit with 1 if they differ, as diff does."""
    from mastery_graph.dataset.difference import compare_dumps

    with ExitStack() as stack:
        difference = compare_dumps(_lines(old, stack), _lines(new, stack))
    if as_json:
        print(json.dumps({"same": difference.empty, **asdict(difference)}, ensure_ascii=False, indent=2))
    elif difference.empty:
        print("The two say the same.")
    else:
        for graph in sorted({*difference.statements_added, *difference.statements_removed}):
            added, removed = difference.statements_added.get(graph, 0), difference.statements_removed.get(graph, 0)
            print(f"{graph}: {added} added, {removed} removed")
        for heading, resources in (
            ("added", difference.resources_added),
            ("removed", difference.resources_removed),
            ("changed", difference.resources_changed),
        ):
            _list(
                f"Resources {heading}",
                [f"{resource.iri}{f' ({resource.label})' if resource.label else ''}" for resource in resources],
            )
        for heading, mappings in (("added", difference.mappings_added), ("removed", difference.mappings_removed)):
            _list(
                f"Mappings {heading}",
                [f"{mapping.subject} {_relation(mapping.relation)} {mapping.target}" for mapping in mappings],
            )
        _list(
            "Re-mapped",
            [
                f"{change.before.subject} {_relation(change.before.relation)} {change.before.target}, "
                f"now {_relation(change.after.relation)} {change.after.target}"
                for change in difference.remapped
            ],
        )
    if not difference.empty:
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write.")],
    store: StoreFolder = None,
) -> None:
    """Write the store into one archive with checksums; the store may be served and written to meanwhile."""
    from mastery_graph.dataset.backup import backup as write

    settings = choose_store(_folder_settings(store))
    with notes.status("Backing up"):
        report = write(settings.store, file, settings.answers_file)
    print(f"Backed up dataset {report.content_hash}, built {report.built}: {file}, {report.size} bytes.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `backup` wrote.")],
    store: StoreFolder = None,
) -> None:
    """Restore the store from an archive, all or nothing; a damaged archive changes nothing."""
    from mastery_graph.dataset.backup import restore as restore_store

    settings = _folder_settings(store)
    with notes.status("Restoring"):
        report = restore_store(file, settings.store, settings.answers_file)
    print(
        f"Restored dataset {report.content_hash}, built {report.built}, backed up {report.made}, in {settings.store}."
    )


def _folder_settings(store: Path | None) -> Settings:
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
        for line in lines[:_MAX_SHOWN]:
            print(f"  {line}")
        if len(lines) > _MAX_SHOWN:
            print(f"  … and {len(lines) - _MAX_SHOWN} more; --json gives all.")
