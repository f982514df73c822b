"""The commands that load data into the store: ESCO, recognition statements, mapping sets."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pyoxigraph import NamedNode

from mastery_graph.cli.esco import show_report
from mastery_graph.cli.terminal import AsJson, StoreFolder, notes, open_writable_store, progress_bar, settings_for
from mastery_graph.errors import BadParameter
from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.factory import configured_store, remote_store
from mastery_graph.store.protocol import Store
from mastery_graph.store.remote import RemoteStore
from mastery_graph.store.versions import served_version

if TYPE_CHECKING:
    from mastery_graph.esco.read import LoadedEsco
    from mastery_graph.permalinks.changed_answers import ReplayReport
    from mastery_graph.sources.sssom import MappingSet

Replace = Annotated[bool, typer.Option("--replace", help="Remove what is there and the input does not contain.")]

load = typer.Typer(no_args_is_help=True, help="Load data into the store.")
_SHOWN = 20


@load.command("esco")
def load_esco(
    paths: Annotated[
        list[Path], typer.Argument(help="The download: CSV in any languages, or Turtle; folders, files, ZIP archives.")
    ],
    *,
    version: Annotated[str | None, typer.Option(help="Its version, where no name of a file tells it: 1.2.0.")] = None,
    released: Annotated[
        str | None, typer.Option(help="The day from which that version counts, such as 2024-05-15; today by default.")
    ] = None,
    without_label_nodes: Annotated[
        bool, typer.Option("--without-label-nodes", help="Leave the SKOS-XL labels of the Turtle out.")
    ] = False,
    only_preview: Annotated[
        bool, typer.Option("--preview", help="Only say what would change; the store stays as it is.")
    ] = False,
    answers: Annotated[
        int, typer.Option(min=0, help="With --preview: how many of the latest saved answers are asked again.")
    ] = 100,
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Load an ESCO download; the old one serves until the new one is whole, and what was interrupted goes on."""
    from mastery_graph.sources.esco import EscoDownload, normal_version

    for path in paths:
        if not path.exists():
            raise BadParameter(f"{path} does not exist.")
    download = EscoDownload(paths, label_nodes=not without_label_nodes)
    settings = settings_for(store)
    if settings.sparql_endpoint and not only_preview:
        remote_store(settings).require_writes()
    from mastery_graph.esco.read import read_download

    with progress_bar("Reading ESCO", download.size) as progress:
        loaded = read_download(
            settings.store,
            download,
            version=version and normal_version(version),
            issued=released and _day(released),
            progress=progress,
        )
    with (_previewed if only_preview else _taken)(settings, loaded) as (before, after):
        again = _asked_again(settings, answers, before, after) if only_preview else None
        if not as_json:
            print(f"{'Read' if only_preview else 'Loaded'} ESCO {loaded.content.version}", end=" ")
            print(f"from {len(download.report.files_read)} files.")
            if loaded.resumed_after:
                print(f"Went on after {loaded.resumed_after} statements that were there from a load before.")
            if download.report.files_missing:
                print(f"Not in the download: {', '.join(download.report.files_missing)}.")
        show_report(before, after, as_json, again)
        if only_preview and not as_json:
            print("The store is as it was. The same command without --preview takes this version in.")


@contextmanager
def _previewed(settings: Settings, loaded: "LoadedEsco") -> Iterator[tuple[Store, Store]]:
    """Give what there is, and the same with another ESCO."""
    from mastery_graph.esco.load import preview, preview_behind

    with _before(settings) as before:
        previewed = (
            preview_behind(before, settings.store, loaded)
            if isinstance(before, RemoteStore)
            else preview(settings.store, loaded)
        )
        with previewed as after:
            yield before, after


@contextmanager
def _taken(settings: Settings, loaded: "LoadedEsco") -> Iterator[tuple[Store, Store]]:
    """Take another ESCO in; give what there was, as far as it can still be asked, and what there is."""
    from mastery_graph.esco.load import publish, publish_behind

    with _before(settings) as before, notes.status("Taking it into the store") as status:
        if isinstance(before, RemoteStore):
            all_of_it = loaded.content.triples
            publish_behind(before, loaded, lambda sent: status.update(f"Sent {sent} of {all_of_it} statements"))
            status.stop()
            yield EmbeddedStore(), before
        else:
            publish(settings.store, loaded)
            status.stop()
            with closing(configured_store(settings)) as after:
                yield before, after


@contextmanager
def _before(settings: Settings) -> Iterator[Store]:
    """Give the store that the settings name, an empty one where there is none yet."""
    there = settings.sparql_endpoint or served_version(settings.store)
    with closing(configured_store(settings) if there else EmbeddedStore()) as store:
        yield store


def _asked_again(settings: Settings, number: int, now: Store, then: Store) -> "ReplayReport | None":
    """Ask the latest saved answers again of another ESCO; None where none are saved."""
    from mastery_graph.dataset_identity import dataset_of
    from mastery_graph.permalinks.changed_answers import changed_answers
    from mastery_graph.permalinks.stored_answers import StoredAnswers

    file = StoredAnswers(settings.answers_file, settings.kept_answers)
    try:
        kept = file.latest(number)
    finally:
        file.close()
    if not kept:
        return None
    with notes.status("Asking the saved answers again"):
        return changed_answers(kept, now, then, dataset_of(now).content_hash)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadParameter(f"{text!r} is no day.", "Write it as 2024-05-15.") from None


@load.command("elm")
def load_elm(
    paths: Annotated[list[Path], typer.Argument(help="Folder or files of the European Learning Model.")],
    replace: Replace = False,
    store: StoreFolder = None,
) -> None:
    """Load the official shapes and vocabularies of the European Learning Model, for `validate --profile elm`."""
    from mastery_graph.pipeline.build import replace_graphs
    from mastery_graph.pipeline.replacement import Removed, refuse_removal
    from mastery_graph.sources.elm import SHAPES, ElmDownload
    from mastery_graph.validation.engine.shapes import name_shapes
    from mastery_graph.vocabulary import graph

    download = ElmDownload(paths)
    graphs = {
        name: name_shapes(triples) if name.startswith(SHAPES) else triples for name, triples in download.graphs.items()
    }
    with open_writable_store(store) as target, notes.status("Loading the European Learning Model"):
        if not replace:
            present = (each.iri for each in target.graphs() if each.iri.startswith(graph("elm/")))
            gone = tuple(sorted(name.removeprefix(graph("elm/")) for name in present if name not in graphs))
            refuse_removal([Removed("graphs", gone)] if gone else [])
        replace_graphs(target, graphs, under=graph("elm/"))
    report = download.report
    print(f"Loaded {len(report.shapes)} sets of shapes and {len(report.concepts)} vocabularies.")
    for name, number in sorted(report.shapes.items()):
        print(f"  {name}: {number} shapes")
    for name, number in sorted(report.concepts.items()):
        print(f"  {name}: {number} concepts")
    if not report.ontology:
        print("The ontology (ELM.ttl) is not among the files: reports name properties by the shapes alone.")
    if report.files_ignored:
        print(f"Neither shapes nor vocabularies: {', '.join(report.files_ignored)}.")


@load.command("statements")
def load_statements(
    file: Annotated[Path, typer.Argument(help="Recognition statements: Turtle, or the documented CSV table.")],
    store: StoreFolder = None,
) -> None:
    """Load recognition statements beside those that are there; one with the same IRI is replaced."""
    from mastery_graph.pipeline.build import replace_graph
    from mastery_graph.pipeline.checks import check
    from mastery_graph.queries import named_query
    from mastery_graph.resources import folder
    from mastery_graph.sources.recognition_statements import merge_statements, read_recognition_statements
    from mastery_graph.vocabulary import NS, RDF, graph

    new = read_recognition_statements(file)
    check(new, folder("shapes") / "statements.ttl")
    name = graph("statements")
    with open_writable_store(store) as target:
        present = target.construct(named_query("browse/graph").text, {"graph": NamedNode(name)})
        triples = merge_statements(list(present), new)
        replace_graph(target, name, triples)
    kind = NamedNode(NS + "RecognitionStatement")
    numbers = [
        sum(each.predicate.value == RDF + "type" and each.object == kind for each in of) for of in (new, triples)
    ]
    print(f"Loaded {numbers[0]} recognition statements; the store holds {numbers[1]}.")


@load.command("sssom")
def load_sssom(
    file: Annotated[Path, typer.Argument(help="A mapping set in SSSOM: a table (TSV), or JSON (.json).")],
    replace: Replace = False,
    store: StoreFolder = None,
) -> None:
    """Load a mapping set; each row that is refused, and each contradiction with other mappings, is told."""
    from mastery_graph.sources.sssom import read_mapping_set

    _take_in(read_mapping_set(file), store, replace=replace)


@load.command("crosswalk")
def load_crosswalk(
    file: Annotated[Path, typer.Argument(help="A crosswalk to ESCO as ESCO publishes it (CSV).")],
    identifiers: Annotated[
        str | None, typer.Option(help="What its codes are put behind to become IRIs; known for O*NET.")
    ] = None,
    replace: Replace = False,
    store: StoreFolder = None,
) -> None:
    """Load a crosswalk, such as the one from O*NET; each row that is refused is told."""
    from mastery_graph.sources.crosswalk import read_crosswalk

    _take_in(read_crosswalk(file, identifiers), store, replace=replace)


def _take_in(mapping_set: "MappingSet", store: Path | None, *, replace: bool) -> None:
    from mastery_graph.pipeline.build import replace_graph
    from mastery_graph.pipeline.replacement import mappings_removed, refuse_removal
    from mastery_graph.queries import named_query
    from mastery_graph.questions.equivalence.contradictions import concept_statuses, contradictions
    from mastery_graph.questions.mapping_closure import all_mappings, denied_mappings

    with open_writable_store(store) as target:
        if not replace:
            present = target.construct(named_query("browse/graph").text, {"graph": NamedNode(mapping_set.graph)})
            refuse_removal(mappings_removed(present, mapping_set.triples))
        replace_graph(target, mapping_set.graph, mapping_set.triples)
        mappings = all_mappings(target)
        ends = {end for link in mappings for end in (link.start, link.end)}
        found = contradictions(mappings, denied_mappings(target), concept_statuses(target, ends))
    denied = f", {mapping_set.denied} of them denied" if mapping_set.denied else ""
    print(f"Loaded {mapping_set.accepted} mappings{denied}: {mapping_set.title}.")
    for row in mapping_set.refused:
        print(f"  line {row.line} refused: {row.reason}")
    for each in found[:_SHOWN]:
        print(f"  contradiction: {each.explanation}")
        for link in (*each.links, *((each.denial,) if each.denial else ())):
            said = "denied: " if link is each.denial else ""
            print(f"    {said}{link.start} {link.relation.value} {link.end} ({link.mapping_set or 'no record'})")
    if len(found) > _SHOWN:
        print(f"  {len(found) - _SHOWN} contradictions more.")
