"""What the commands share: their common options, the store, the files that are named, how an answer is shown."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from mastery_graph.concept_search.finder import Finder
from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.errors import InputError, NotAnIRI
from mastery_graph.questions import rendering
from mastery_graph.questions.answer import Answer
from mastery_graph.rdf import is_iri
from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.esco_versions import esco_versions, version_as_of
from mastery_graph.store.factory import configured_store, remote_store
from mastery_graph.store.protocol import Store

notes = Console(stderr=True)
"""Where progress is told, so that standard output holds the answer alone."""

Language = Literal["en", "it", "es", "bg", "fi"]
StoreFolder = Annotated[Path | None, typer.Option("--store", help="Folder of the embedded store.")]
AsOf = Annotated[
    str | None, typer.Option("--esco", help="As of this version of ESCO, or of this day; the current one by default.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")]
InLanguage = Annotated[Language, typer.Option("--lang", help="The language of the answer.")]
AskingBody = Annotated[
    str | None, typer.Option("--body", help="IRI of the body that asks: statements it made, or follows, bind it.")
]
_NEGATIVE = {
    "not-comparable",
    "no-mapping-known",
    "framework-not-covered",
    "contradicted",
    "out-of-date",
    "nothing-fits",
    "not-stackable",
    "partially-stackable",
    "none-attested",
    "not-covered",
}


def print_answer(answer: Answer, as_json: bool, as_table: bool = False, language: Language = "en") -> None:
    """Print an answer as text, JSON or a CSV table, in a language; end with exit code 1 where it is negative."""
    if as_table:
        sys.stdout.write(rendering.as_csv(answer, language))
    else:
        print(rendering.as_json(answer, language, indent=2) if as_json else rendering.as_text(answer, language))
    if answer.verdict in _NEGATIVE:
        raise typer.Exit(1)


def subject_from_argument(text: str) -> str | SubmittedDocument:
    """Return the document in the file of that name, or the IRI. Raises `NotAnIRI` where it is neither."""
    if not Path(text).exists():
        if is_iri(text):
            return text
        raise NotAnIRI(
            f"{text!r} is neither a file nor an IRI.", "Give the name of a file, or the IRI of a description."
        )
    return read_document(read_file(Path(text)), name=text)


def read_file(file: Path) -> bytes:
    """Return the content of a file. Raises `InputError` with the reason where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


@contextmanager
def open_store(store: Path | None, esco: str | None = None) -> Iterator[Store]:
    """Open the store in this folder, or the configured one, to read from it: as of a version of ESCO, or of a day.

    Raises `UnknownEscoVersion`.
    """
    settings = settings_for(store)
    source = configured_store(settings)
    try:
        if esco is None:
            yield source
            return
        there = [] if settings.sparql_endpoint else esco_versions(settings.store, source)
        folder = version_as_of(there, esco).folder
        if folder is None:
            yield source
            return
        kept = EmbeddedStore.open_version(folder)
        try:
            yield kept
        finally:
            kept.close()
    finally:
        source.close()


def open_finder(source: Store, store: Path | None) -> Finder:
    """Return what finds concepts by their words in an open store; its index is made where there is none yet."""
    from mastery_graph.concept_search.index_cache import finder_of, index_folder

    with notes.status("Reading the labels"):
        return finder_of(source, index_folder(settings_for(store)))


@contextmanager
def open_writable_store(store: Path | None, *, create: bool = False) -> Iterator[Store]:
    """Open the store in this folder, or the configured one, to change it: all or nothing.

    Where there is none, `create` makes one. Raises `StoreMissing`.
    """
    settings = settings_for(store)
    if settings.sparql_endpoint and store is None:
        target = remote_store(settings)
        target.require_writes()
        yield target
    else:
        with EmbeddedStore.change(settings.store, create=create) as draft:
            yield draft


def settings_for(store: Path | None) -> Settings:
    """Return the settings, with the store in this folder, where one is named, in place of what they name."""
    return Settings(store=store, sparql_endpoint=None) if store else Settings()


@contextmanager
def progress_bar(what: str, size: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal while something is read; give what is told the bytes that are done, of `size`."""
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, disable=not notes.is_terminal) as progress:
        task = progress.add_task(what, total=size)
        yield lambda done: progress.update(task, completed=done)
