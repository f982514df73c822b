"""The commands that build, serve, query and identify the graph, and create tokens."""

import os
import secrets
import socket
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer
from pyoxigraph import QueryResultsFormat, RdfFormat

from mastery_graph.cli.terminal import AsOf, StoreFolder, notes, open_store, open_writable_store, settings_to_read
from mastery_graph.credentials.inputs import read_file
from mastery_graph.credentials.proofs.trust_anchors import configured_anchors
from mastery_graph.errors import AdvisedAction, BadParameter, StoreUnreadable, UnknownQuery, WouldRemove
from mastery_graph.options import set_options
from mastery_graph.settings import Settings
from mastery_graph.store.factory import configured_store
from mastery_graph.store.protocol import Limits
from mastery_graph.store.sums import damaged_files
from mastery_graph.store.versions import current_version
from mastery_graph.store_choice import choose_served_store
from mastery_graph.tokens import Token, digest, parse_scopes

app = typer.Typer()
_MAX_NAMES = 50
"""Maximum number of names listed on standard error."""


@app.command()
def build(
    store: StoreFolder = None,
    green_skills: Annotated[
        Path | None, typer.Option(help="A set of green skills, Turtle or CSV, in place of ours.")
    ] = None,
    referencings: Annotated[Path | None, typer.Option(help="A table of national levels in place of ours.")] = None,
    ontology: Annotated[Path | None, typer.Option(help="A folder of Turtle in place of ours.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove what ships and is not in these: countries, levels, skills.")
    ] = False,
) -> None:
    """Build the graph into the store: read, check, infer, write."""
    from mastery_graph.pipeline.build import Sources
    from mastery_graph.pipeline.build import build as build_graph

    sources = Sources(green_skills=green_skills, referencings=referencings, replace=replace)
    if ontology:
        sources = Sources(ontology=ontology, green_skills=green_skills, referencings=referencings, replace=replace)
    try:
        with open_writable_store(store, create=True) as target, notes.status("Building") as status:
            report = build_graph(target, sources, status.update)
    except WouldRemove as error:
        _list_on_stderr("Countries that would have no level left", error.members.get("countries"))
        _list_on_stderr("Levels that differ from what ships", error.members.get("differences"))
        raise
    _list_on_stderr("Levels that differ from what ships", [str(difference) for difference in report.differences])
    triples = sum(content.triples for content in report.graphs.values())
    print(f"Built {triples} triples in {len(report.graphs)} graphs, hash {report.content_hash}.")


def _list_on_stderr(heading: str, names: object) -> None:
    """Print a heading with the number of names, and the first names, one per line."""
    if isinstance(names, list) and names:
        print(f"{heading} ({len(names)}):", file=sys.stderr)
        for name in names[:_MAX_NAMES]:
            print(f"  {name}", file=sys.stderr)
        if len(names) > _MAX_NAMES:
            print(f"  … and {len(names) - _MAX_NAMES} more", file=sys.stderr)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    store: StoreFolder = None,
    endpoint: Annotated[str | None, typer.Option(help="SPARQL endpoint in place of the store.")] = None,
) -> None:
    """Serve the graph over HTTP; needs the extra `server` (`pip install 'mastery-graph[server]'`)."""
    _require_server()
    settings = _settings_to_serve(store, endpoint)
    configured_store(settings).close()
    set_options(settings.options)
    configured_anchors()
    _require_free(host, port)
    from mastery_graph.cli.server import serve_on

    print(f"Serving on http://{host}:{port}", flush=True)
    serve_on(host, port, settings)


def _require_server() -> None:
    """Raise `BadParameter` if what only the server needs is not installed."""
    missing = [name for name in ("fastapi", "uvicorn", "uvloop") if find_spec(name) is None]
    if missing:
        raise BadParameter(f"The server needs {', '.join(missing)}.", "pip install 'mastery-graph[server]'")


def _settings_to_serve(store: Path | None, endpoint: str | None) -> Settings:
    """Choose the store to serve, and name it in the environment, from which the server processes read it.

    Raises `BadParameter` if tokens allow writing and only the shipped graph is left, which is only read.
    """
    if endpoint:
        os.environ["MASTERY_SPARQL_ENDPOINT"] = endpoint
    if store:
        os.environ["MASTERY_STORE"] = str(store)
        if not endpoint:
            os.environ.pop("MASTERY_SPARQL_ENDPOINT", None)
    settings = choose_served_store(Settings())
    if not settings.sparql_endpoint:
        os.environ["MASTERY_STORE"] = str(settings.store)
    return settings


def _require_free(host: str, port: int) -> None:
    """Raise `BadParameter` if the port is in use: servers could share it without anybody noticing."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise BadParameter(f"Nothing can be served on {host}, port {port}: {error}.", "Give another --port.") from None


@app.command()
def token(
    scopes: Annotated[
        str,
        typer.Option(
            "--for", help="What it allows, with + between: update, graphs, reserved, mappings; all by default."
        ),
    ] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it is valid, in UTC.")
    ] = None,
) -> None:
    """Create a token that allows writing, and print the setting that makes a server accept it."""
    try:
        allowed = parse_scopes(scopes)
    except ValueError as error:
        raise BadParameter(f"For --for {scopes}: {error}.") from None
    if until and until.date() < datetime.now(UTC).date():
        raise BadParameter(f"{until.date()} is past.", "Give a day from today on with --until.")
    secret = secrets.token_urlsafe(32)
    setting = Token(digest(secret), allowed, until.date() if until else None)
    print(f"Token, for those who write: {secret}")
    print(f"Setting of the server:      MASTERY_TOKENS={setting}")


@app.command()
def query(
    what: Annotated[
        str | None, typer.Argument(help="A file with a SPARQL query, or the name of a query, such as browse/concepts.")
    ] = None,
    text: Annotated[str | None, typer.Option("-e", help="The query itself.")] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--param", help="NAME=VALUE, for a query with a name; several times for several."),
    ] = None,
    results: Annotated[
        Literal["json", "csv", "tsv", "xml"], typer.Option("--format", help="Format of a table.")
    ] = "tsv",
    *,
    esco: AsOf = None,
    store: StoreFolder = None,
) -> None:
    """Run a SPARQL query, or one of the named queries; graphs are printed as Turtle."""
    if (what is None) == (text is None):
        raise BadParameter("Give a file or a name, or a query with -e.")
    query_text = text if text is not None else _query_text(what or "", parameters or [])
    settings = Settings()
    formats = {
        "json": QueryResultsFormat.JSON,
        "csv": QueryResultsFormat.CSV,
        "tsv": QueryResultsFormat.TSV,
        "xml": QueryResultsFormat.XML,
    }
    with open_store(store, esco) as source:
        limits = Limits(settings.query_seconds, settings.result_bytes)
        for piece in source.stream(query_text, formats[results], RdfFormat.TURTLE, limits=limits):
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _query_text(what: str, parameters: list[str]) -> str:
    """Return the query in a file, or a named query with its parameters bound."""
    from mastery_graph.queries import bind_text, named_query

    if Path(what).is_file():
        if parameters:
            raise BadParameter("--param is for a query with a name.", "Write the values into the file.")
        return read_file(Path(what)).decode("utf-8")
    try:
        definition = named_query(what)
    except UnknownQuery:
        raise UnknownQuery(
            f"{what!r} is neither a file nor the name of a query.", "The names are those of the files in queries/."
        ) from None
    pairs = (parameter.partition("=") for parameter in parameters)
    return bind_text(definition, ((name, value) for name, _, value in pairs))


@app.command()
def check(store: StoreFolder = None) -> None:
    """Check that no file of the store is damaged, by the checksums that were written with it."""
    version = current_version(settings_to_read(store).store)
    damaged = damaged_files(version)
    if damaged is None:
        raise StoreUnreadable(f"The version {version.name} has no checksums.", "Build it again, or change it once.")
    if damaged:
        raise StoreUnreadable(
            f"Damaged files in the version {version.name}: {', '.join(damaged)}.", action=AdvisedAction.RESTORE_STORE
        )
    print(f"No file of the version {version.name} is damaged.")


@app.command()
def info(store: StoreFolder = None) -> None:
    """Show which dataset the store contains: version, date, hash, graphs."""
    from mastery_graph.dataset_identity import dataset_of

    with open_store(store) as source:
        dataset = dataset_of(source)
        print(f"{dataset.title} {dataset.version}, built {dataset.built}\nhash {dataset.content_hash}")
        if dataset.esco or dataset.esco_extract:
            print(f"ESCO {dataset.esco}" if dataset.esco else f"extract of ESCO {dataset.esco_extract}")
        for graph in source.graphs():
            print(f"{graph.triples:>8}  {graph.iri}")
