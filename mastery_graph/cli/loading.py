"""The commands that load data into the store: ESCO, the European Learning Model, recognition statements, mappings."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pyoxigraph import NamedNode

from mastery_graph.cli.esco import show_report
from mastery_graph.cli.terminal import (
    AsJson,
    StoreFolder,
    notes,
    open_writable_store,
    progress_bar,
    settings_to_read,
    settings_to_write,
)
from mastery_graph.errors import BadParameter
from mastery_graph.rdf import is_iri
from mastery_graph.settings import Settings
from mastery_graph.store.factory import configured_store, remote_store
from mastery_graph.store.memory import MemoryStore
from mastery_graph.store.protocol import Store
from mastery_graph.store.versions import served_version

if TYPE_CHECKING:
    from mastery_graph.esco.read import LoadedEsco
    from mastery_graph.permalinks.changed_answers import ReplayReport
    from mastery_graph.sources.registers.records import RegisterSource
    from mastery_graph.sources.sssom import MappingSet

Replace = Annotated[bool, typer.Option("--replace", help="Remove what is there and the input does not contain.")]

load = typer.Typer(no_args_is_help=True, help="Load data into the store.")
_MAX_SHOWN = 20


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
    """Load an ESCO download; the old version is served until the new one is complete; an interrupted load resumes."""
    from mastery_graph.sources.esco import EscoDownload, normal_version

    for path in paths:
        if not path.exists():
            raise BadParameter(f"{path} does not exist.")
    download = EscoDownload(paths, label_nodes=not without_label_nodes)
    settings = settings_to_read(store) if only_preview else settings_to_write(store)
    if settings.sparql_endpoint and not only_preview:
        remote_store(settings).require_writes()
    from mastery_graph.esco.read import read_download

    with progress_bar("Reading ESCO", download.size) as progress:
        loaded = read_download(
            settings.store,
            download,
            version=version and normal_version(version),
            issued=released and _iso_date(released),
            progress=progress,
        )
    with (_preview_esco if only_preview else _publish_esco)(settings, loaded) as (before, after):
        replay = _replay_answers(settings, answers, before, after) if only_preview else None
        if not as_json:
            print(f"{'Read' if only_preview else 'Loaded'} ESCO {loaded.content.version}", end=" ")
            print(f"from {len(download.report.files_read)} files.")
            if loaded.resumed_after:
                print(f"Went on after {loaded.resumed_after} statements that were there from a load before.")
            if download.report.files_missing:
                print(f"Not in the download: {', '.join(download.report.files_missing)}.")
        show_report(before, after, as_json, replay)
        if only_preview and not as_json:
            print("The store is as it was. The same command without --preview takes this version in.")


@contextmanager
def _preview_esco(settings: Settings, loaded: "LoadedEsco") -> Iterator[tuple[Store, Store]]:
    """Yield the current store, and a preview of it with another ESCO."""
    from mastery_graph.esco.load import preview, preview_behind

    with _current_store(settings) as before:
        preview_store = (
            preview_behind(before, settings.store, loaded)
            if settings.sparql_endpoint
            else preview(settings.store, loaded)
        )
        with preview_store as after:
            yield before, after


@contextmanager
def _publish_esco(settings: Settings, loaded: "LoadedEsco") -> Iterator[tuple[Store, Store]]:
    """Publish another ESCO; yield the store before (empty behind an endpoint) and the store after."""
    from mastery_graph.esco.load import publish, publish_behind

    with _current_store(settings) as before, notes.status("Taking it into the store") as status:
        if settings.sparql_endpoint:
            total = loaded.content.triples
            with closing(remote_store(settings)) as target:
                publish_behind(target, loaded, lambda sent: status.update(f"Sent {sent} of {total} statements"))
            status.stop()
            yield MemoryStore(), before
        else:
            publish(settings.store, loaded)
            status.stop()
            with closing(configured_store(settings)) as after:
                yield before, after


@contextmanager
def _current_store(settings: Settings) -> Iterator[Store]:
    """Yield the configured store, or an empty one if there is none yet."""
    exists = settings.sparql_endpoint or served_version(settings.store)
    with closing(configured_store(settings) if exists else MemoryStore()) as store:
        yield store


def _replay_answers(settings: Settings, number: int, current: Store, other: Store) -> "ReplayReport | None":
    """Replay the latest saved answers on another ESCO; None if there are none."""
    from mastery_graph.dataset_identity import dataset_of
    from mastery_graph.permalinks.changed_answers import changed_answers
    from mastery_graph.permalinks.stored_answers import StoredAnswers

    file = StoredAnswers(settings.answers_file, settings.kept_answers)
    try:
        answers = file.latest(number)
    finally:
        file.close()
    if not answers:
        return None
    with notes.status("Asking the saved answers again"):
        return changed_answers(answers, current, other, dataset_of(current).content_hash)


def _iso_date(text: str) -> str:
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
            present = (stored.iri for stored in target.graphs() if stored.iri.startswith(graph("elm/")))
            removed = tuple(sorted(name.removeprefix(graph("elm/")) for name in present if name not in graphs))
            refuse_removal([Removed("graphs", removed)] if removed else [])
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
    """Add recognition statements to the store; one with the same IRI is replaced."""
    from mastery_graph.pipeline.build import replace_graph
    from mastery_graph.pipeline.checks import check
    from mastery_graph.queries import named_query
    from mastery_graph.questions.purposes import purpose_types
    from mastery_graph.resources import folder
    from mastery_graph.sources.recognition_statements import merge_statements, read_recognition_statements
    from mastery_graph.vocabulary import NS, RDF, graph

    new = read_recognition_statements(file)
    name = graph("statements")
    with open_writable_store(store) as target:
        check([*new, *purpose_types(target)], folder("shapes") / "statements.ttl")
        present = target.construct(named_query("browse/graph").text, {"graph": NamedNode(name)})
        triples = merge_statements(list(present), new)
        replace_graph(target, name, triples)
    kind = NamedNode(NS + "RecognitionStatement")
    counts = [
        sum(triple.predicate.value == RDF + "type" and triple.object == kind for triple in graph_triples)
        for graph_triples in (new, triples)
    ]
    print(f"Loaded {counts[0]} recognition statements; the store holds {counts[1]}.")


@load.command("register")
def load_register(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Accreditations in XML, the JSON of DEQAR's web API, or a CSV table with --columns."),
    ] = None,
    *,
    name: Annotated[str, typer.Option(help="Its short name, such as deqar: it names the graph registers/NAME.")],
    source: Annotated[str | None, typer.Option(help="IRI of the publication.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="The day on which the entries were true.")] = None,
    title: Annotated[str | None, typer.Option(help="Its name in English, where the graph does not know it.")] = None,
    licence: Annotated[str | None, typer.Option(help="IRI of its licence.")] = None,
    country: Annotated[str | None, typer.Option(help="Its country (ISO 3166-1 alpha-3), if it has one.")] = None,
    columns: Annotated[Path | None, typer.Option(help="The mapping file (YAML) of a CSV table.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove this register from the store.")] = False,
    replace: Replace = False,
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Load a register of accreditations or qualifications; list rejected entries. It replaces one of the same name."""
    from mastery_graph.pipeline import registers
    from mastery_graph.sources.registers.table import read_column_mapping

    if remove:
        with open_writable_store(store) as target:
            print(f"Removed the register {name} with {registers.remove_register(target, name)} entries.")
        return
    about = _register_source(name, source, as_of, title=title, licence=licence, country=country)
    if not files:
        raise BadParameter("No file is named.", "Name the files of the register.")
    mapping = read_column_mapping(columns) if columns else None
    size = sum(file.stat().st_size for file in files if file.is_file())
    with open_writable_store(store) as target, progress_bar("Reading the register", size) as progress:
        report = registers.load_register(target, files, about, mapping, may_remove=replace, progress=progress)
    if as_json:
        print(json.dumps({"register": about.iri, "graph": about.graph, **asdict(report)}, ensure_ascii=False, indent=2))
        return
    print(
        f"Loaded {about.name}, as of {about.as_of}: organisations: {report.organisations}, accreditations: "
        f"{report.accreditations}, qualifications and programmes: {report.programmes}."
    )
    for entry in report.rejected:
        print(f"  {entry.place} rejected: {entry.reason}")
    for iri in report.unknown_references[:_MAX_SHOWN]:
        print(f"  no file describes the organisation {iri}")
    if len(report.unknown_references) > _MAX_SHOWN:
        print(f"  {len(report.unknown_references) - _MAX_SHOWN} more organisations are not described.")


def _register_source(
    name: str, source: str | None, as_of: str | None, *, title: str | None, licence: str | None, country: str | None
) -> "RegisterSource":
    """Return the source of a register from options. Raises `BadParameter` for one that is missing or cannot be used."""
    from mastery_graph.sources.registers.records import RegisterSource

    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name):
        raise BadParameter(f"{name!r} is no name of a register.", "Use lower-case letters, digits and hyphens.")
    if source is None or as_of is None:
        raise BadParameter("The source and the day of the register are needed.", "Give --source IRI and --as-of DAY.")
    for option, text in (("--source", source), ("--licence", licence)):
        if text is not None and not is_iri(text):
            raise BadParameter(f"{option} is {text!r}, which is no IRI.")
    if country is not None and not re.fullmatch("[A-Z]{3}", country):
        raise BadParameter(f"--country is {country!r}, which is no code of three letters (ISO 3166-1 alpha-3).")
    return RegisterSource(name, source, date.fromisoformat(_iso_date(as_of)), title, licence, country)


@load.command("sssom")
def load_sssom(
    file: Annotated[Path, typer.Argument(help="A mapping set in SSSOM: a table (TSV), or JSON (.json).")],
    replace: Replace = False,
    store: StoreFolder = None,
) -> None:
    """Load a mapping set; list rejected rows and contradictions with other mappings."""
    from mastery_graph.sources.sssom import read_mapping_set

    _load_mapping_set(read_mapping_set(file), store, replace=replace)


@load.command("crosswalk")
def load_crosswalk(
    file: Annotated[Path, typer.Argument(help="A crosswalk to ESCO as ESCO publishes it (CSV).")],
    identifiers: Annotated[
        str | None, typer.Option(help="What its codes are put behind to become IRIs; known for O*NET.")
    ] = None,
    replace: Replace = False,
    store: StoreFolder = None,
) -> None:
    """Load a crosswalk, such as the one from O*NET; list rejected rows."""
    from mastery_graph.sources.crosswalk import read_crosswalk

    _load_mapping_set(read_crosswalk(file, identifiers), store, replace=replace)


def _load_mapping_set(mapping_set: "MappingSet", store: Path | None, *, replace: bool) -> None:
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
        concepts = {concept for link in mappings for concept in (link.start, link.end)}
        conflicts = contradictions(mappings, denied_mappings(target), concept_statuses(target, concepts))
    denied = f", {mapping_set.denied} of them denied" if mapping_set.denied else ""
    print(f"Loaded {mapping_set.accepted} mappings{denied}: {mapping_set.title}.")
    for row in mapping_set.refused:
        print(f"  line {row.line} refused: {row.reason}")
    for contradiction in conflicts[:_MAX_SHOWN]:
        print(f"  contradiction: {contradiction.explanation}")
        for link in (*contradiction.links, *((contradiction.denial,) if contradiction.denial else ())):
            prefix = "denied: " if link is contradiction.denial else ""
            print(f"    {prefix}{link.start} {link.relation.value} {link.end} ({link.mapping_set or 'no record'})")
    if len(conflicts) > _MAX_SHOWN:
        print(f"  {len(conflicts) - _MAX_SHOWN} contradictions more.")
