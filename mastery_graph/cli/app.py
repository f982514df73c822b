"""The commands of `mastery-graph`.

Exit codes: 0 fine, 1 the answer is negative, 2 bad usage or input, 3 store failure.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat
from rich.console import Console

from mastery_graph.answers.answer import Answer
from mastery_graph.answers.rendering import as_csv, as_text
from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.errors import BadParameter, InputError, MasteryError
from mastery_graph.settings import Settings
from mastery_graph.store.configured import configured_store, remote_store
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Limits, Store

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What is a micro-credential worth, here and there?")
load = typer.Typer(no_args_is_help=True, help="Load data into the store.")
app.add_typer(load, name="load")
_notes = Console(stderr=True)

StoreFolder = Annotated[Path | None, typer.Option("--store", help="Folder of the embedded store.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")]
AskingBody = Annotated[
    str | None, typer.Option("--body", help="IRI of the body that asks: statements it made, or follows, bind it.")
]
_NEGATIVE = {
    "not-comparable",
    "no-mapping-known",
    "framework-not-covered",
    "contradicted",
    "out-of-date",
    "not-stackable",
    "partially-stackable",
}
_SHOWN = 20


def run() -> NoReturn:
    """Run the command line; an error of ours is one line on standard error, and its exit code."""
    try:
        app()
    except MasteryError as error:
        print(f"mastery-graph: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os._exit(0)
    sys.exit(0)


@app.command()
def build(
    store: StoreFolder = None,
    green_skills: Annotated[
        Path | None, typer.Option(help="A set of green skills, Turtle or CSV, in place of ours.")
    ] = None,
    referencings: Annotated[Path | None, typer.Option(help="A table of national levels in place of ours.")] = None,
    ontology: Annotated[Path | None, typer.Option(help="A folder of Turtle in place of ours.")] = None,
) -> None:
    """Build the graph into the store: read, check, close, write."""
    from mastery_graph.build.pipeline import Sources
    from mastery_graph.build.pipeline import build as build_graph

    sources = Sources(green_skills=green_skills, referencings=referencings)
    if ontology:
        sources = Sources(ontology=ontology, green_skills=green_skills, referencings=referencings)
    with _writable(store) as target, _notes.status("Building") as status:
        report = build_graph(target, sources, status.update)
    triples = sum(content.triples for content in report.graphs.values())
    print(f"Built {triples} triples in {len(report.graphs)} graphs, hash {report.content_hash}.")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    store: StoreFolder = None,
    endpoint: Annotated[str | None, typer.Option(help="SPARQL endpoint in place of the store.")] = None,
) -> None:
    """Serve the graph over HTTP."""
    if store:
        os.environ["MASTERY_STORE"] = str(store)
    if endpoint:
        os.environ["MASTERY_SPARQL_ENDPOINT"] = endpoint
    settings = Settings()
    configured_store(settings).close()
    from granian import Granian
    from granian.constants import Interfaces

    print(f"Serving on http://{host}:{port}", flush=True)
    Granian(
        "mastery_api.app:create_app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.server_workers,
        websockets=False,
    ).serve()


@load.command("esco")
def load_esco(
    paths: Annotated[list[Path], typer.Argument(help="Folder or files of the CSV download.")], store: StoreFolder = None
) -> None:
    """Load the ESCO CSV download; files that are missing are named."""
    from mastery_graph.build.pipeline import replace_graph
    from mastery_graph.sources.esco import EscoDownload
    from mastery_graph.vocabulary import graph

    for path in paths:
        if not path.exists():
            raise BadParameter(f"{path} does not exist.")
    download = EscoDownload(paths)
    with _writable(store) as target, _notes.status("Loading ESCO"):
        report = replace_graph(target, graph("esco"), list(dict.fromkeys(download.triples())))
    print(f"Loaded {report.graphs[graph('esco')].triples} triples from {len(download.report.files_read)} files.")
    for kind, number in sorted(download.report.concepts.items()):
        print(f"  {kind}: {number}")
    for kind, number in sorted(download.report.relations.items()):
        print(f"  {kind} relations: {number}")
    if download.report.files_missing:
        print(f"Not in the download: {', '.join(download.report.files_missing)}.")


@load.command("statements")
def load_statements(
    file: Annotated[Path, typer.Argument(help="Recognition statements: Turtle, or the documented CSV table.")],
    store: StoreFolder = None,
) -> None:
    """Load recognition statements beside those that are there; one with the same IRI is replaced."""
    from mastery_graph.build.checks import check
    from mastery_graph.build.pipeline import replace_graph
    from mastery_graph.queries import named_query
    from mastery_graph.resources import folder
    from mastery_graph.sources.recognition_statements import merged, read_recognition_statements
    from mastery_graph.vocabulary import NS, RDF, graph

    new = read_recognition_statements(file)
    check(new, folder("shapes") / "statements.ttl")
    name = graph("statements")
    with _writable(store) as target:
        present = target.construct(named_query("browse/graph").text, {"graph": NamedNode(name)})
        triples = merged(list(present), new)
        replace_graph(target, name, triples)
    kind = NamedNode(NS + "RecognitionStatement")
    numbers = [
        sum(each.predicate.value == RDF + "type" and each.object == kind for each in of) for of in (new, triples)
    ]
    print(f"Loaded {numbers[0]} recognition statements; the store holds {numbers[1]}.")


@load.command("sssom")
def load_sssom(
    file: Annotated[Path, typer.Argument(help="A mapping set as an SSSOM table (TSV).")], store: StoreFolder = None
) -> None:
    """Load a mapping set; each row that is refused, and each contradiction with other mappings, is told."""
    from mastery_graph.answers.closure import all_mappings, denied_mappings
    from mastery_graph.answers.contradictions import contradictions, standings
    from mastery_graph.build.pipeline import replace_graph
    from mastery_graph.sources.sssom import read_mapping_set

    mapping_set = read_mapping_set(file)
    with _writable(store) as target:
        replace_graph(target, mapping_set.graph, mapping_set.triples)
        mappings = all_mappings(target)
        ends = {end for link in mappings for end in (link.start, link.end)}
        found = contradictions(mappings, denied_mappings(target), standings(target, ends))
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


@app.command()
def query(
    file: Annotated[Path | None, typer.Argument(help="A file with a SPARQL query.")] = None,
    text: Annotated[str | None, typer.Option("-e", help="The query itself.")] = None,
    results: Annotated[
        Literal["json", "csv", "tsv", "xml"], typer.Option("--format", help="Format of a table.")
    ] = "tsv",
    store: StoreFolder = None,
) -> None:
    """Run a SPARQL query; graphs come as Turtle."""
    if (file is None) == (text is None):
        raise BadParameter("Give a file, or a query with -e.")
    asked = text if text is not None else _read(file).decode("utf-8") if file else ""
    settings = Settings()
    formats = {
        "json": QueryResultsFormat.JSON,
        "csv": QueryResultsFormat.CSV,
        "tsv": QueryResultsFormat.TSV,
        "xml": QueryResultsFormat.XML,
    }
    with _open(store) as source:
        limits = Limits(settings.query_seconds, settings.result_bytes)
        for piece in source.stream(asked, formats[results], RdfFormat.TURTLE, limits=limits):
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


@app.command()
def equivalence(
    level: Annotated[
        str | None, typer.Argument(help="A URI, an official label such as 'FiNQF Level 5', or 'EQF 5'.")
    ] = None,
    *,
    country: Annotated[str | None, typer.Option(help="ISO alpha-3 code, such as ITA.")] = None,
    skill: Annotated[
        str | None, typer.Option(help="In place of a level: a skill's IRI, or a code such as GS01.")
    ] = None,
    framework: Annotated[
        str | None, typer.Option(help="Counterparts in this framework of skills only: esco, green-skills, or an IRI.")
    ] = None,
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say which levels compare with a level, or which concepts correspond to a skill."""
    from mastery_graph.answers.levels import equivalent_levels
    from mastery_graph.answers.skills import equivalent_skills

    with _open(store) as source:
        if level is not None and skill is None and framework is None:
            _show(equivalent_levels(source, level, country), as_json)
        elif skill is not None and level is None and country is None:
            _show(equivalent_skills(source, skill, framework), as_json)
        else:
            raise BadParameter("Give a level, with --country if wanted, or --skill, with --framework if wanted.")


@app.command()
def levels(
    countries: Annotated[list[str] | None, typer.Argument(help="ISO alpha-3 codes; all by default.")] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="A row a comparison, in place of the EQF grid.")] = False,
    as_json: AsJson = False,
    as_table: Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")] = False,
    store: StoreFolder = None,
) -> None:
    """Show which levels of these countries stand at which EQF level, or every comparison between them."""
    from mastery_graph.answers.level_tables import eqf_grid, level_table

    with _open(store) as source:
        answer: Answer = level_table(source, countries or ()) if pairs else eqf_grid(source, countries or ())
    if as_table:
        sys.stdout.write(as_csv(answer))
    else:
        _show(answer, as_json)


@app.command()
def stack(
    credentials: Annotated[list[str], typer.Argument(help="Files or IRIs of credential descriptions.")],
    *,
    target: Annotated[str, typer.Option(help="File or IRI of a description, or the IRI of a skill.")],
    body: AskingBody = None,
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say whether credentials add up to a target, and what is missing."""
    from mastery_graph.answers.stackability import stackability

    with _open(store) as source:
        _show(stackability(source, [_given(one) for one in credentials], _given(target), body=body), as_json)


@app.command()
def recognise(
    credential: Annotated[str, typer.Argument(help="File or IRI of a credential description.")],
    *,
    country: Annotated[str, typer.Option(help="ISO alpha-3 code, such as FIN.")],
    purpose: Annotated[Literal["academic", "training", "employment"], typer.Option(help="What for.")] = "employment",
    body: AskingBody = None,
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say what a credential counts as in a country, on what ground, and what stands in the way."""
    from mastery_graph.answers.recognition import recognition

    with _open(store) as source:
        _show(recognition(source, _given(credential), country, purpose, body=body), as_json)


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Credential descriptions.")],
    profile: Annotated[str, typer.Option(help="micro-credential or mastery.")] = "micro-credential",
    as_json: AsJson = False,
    store: StoreFolder = None,
) -> None:
    """Say what descriptions lack, where, and how to mend it."""
    from mastery_graph.validation import validate as check

    with _open(store) as source:
        reports = [(file, check(read_document(_read(file), name=file.name), profile, source)) for file in files]
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
def info(store: StoreFolder = None) -> None:
    """Say which dataset the store holds: version, date, hash, graphs."""
    from mastery_graph.answers.evidence import dataset

    with _open(store) as source:
        described = dataset(source)
        print(f"{described.title} {described.version}, built {described.built}\nhash {described.content_hash}")
        for graph in source.graphs():
            print(f"{graph.triples:>8}  {graph.iri}")


def _show(answer: Answer, as_json: bool) -> None:
    print(answer.model_dump_json(indent=2) if as_json else as_text(answer))
    if answer.verdict in _NEGATIVE:
        raise typer.Exit(1)


def _given(text: str) -> str | SubmittedDocument:
    """Return the IRI, or the document in the file of that name."""
    if "://" in text:
        return text
    return read_document(_read(Path(text)), name=text)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


def _settings(store: Path | None) -> Settings:
    return Settings(store=store) if store else Settings()


@contextmanager
def _open(store: Path | None) -> Iterator[Store]:
    source = configured_store(_settings(store))
    try:
        yield source
    finally:
        source.close()


@contextmanager
def _writable(store: Path | None) -> Iterator[Store]:
    settings = _settings(store)
    if settings.sparql_endpoint and store is None:
        yield remote_store(settings)
    else:
        with EmbeddedStore.change(settings.store) as target:
            yield target
