"""Shared parts of the commands: common options, access to the store, and output of answers."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from mastery_graph.changes.writer import configured_writer
from mastery_graph.languages import LanguageCode
from mastery_graph.questions import rendering
from mastery_graph.questions.answer import Answer
from mastery_graph.settings import Settings
from mastery_graph.store.protocol import Store, WritableStore
from mastery_graph.store_choice import choose_store, choose_writable_store, names_store, open_chosen_store

notes = Console(stderr=True)
"""The console for progress and notes on standard error, so that standard output contains only the answer."""

StoreFolder = Annotated[Path | None, typer.Option("--store", help="Folder of the embedded store.")]
AsOf = Annotated[
    str | None, typer.Option("--esco", help="As of this version of ESCO, or of this day; the current one by default.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")]
InLanguage = Annotated[LanguageCode, typer.Option("--lang", help="The language of the answer.")]


def print_answer(answer: Answer, as_json: bool, as_table: bool = False, language: str = "en") -> None:
    """Print an answer as text, JSON or a CSV table, in a language; exit with code 1 if it is negative."""
    if as_table:
        sys.stdout.write(rendering.as_csv(answer, language))
    else:
        print(rendering.as_json(answer, language, indent=2) if as_json else rendering.as_text(answer, language))
    if answer.verdict.is_negative:
        raise typer.Exit(1)


@contextmanager
def open_store(store: Path | None, esco: str | None = None) -> Iterator[Store]:
    """Open the store in this folder, or the one that `choose_store` chooses, as of a version of ESCO or a date.

    Raises `UnknownEscoVersion`.
    """
    with open_chosen_store(settings_to_read(store), esco) as source:
        yield source


@contextmanager
def open_named_store(store: Path | None) -> Iterator[Store | None]:
    """Open the store that is named, or `var/store`, for reading; yield None where there is neither.

    For what a store completes, such as the validation of a document, but does not need.
    """
    if names_store(settings_for(store)):
        with open_store(store) as source:
            yield source
    else:
        yield None


@contextmanager
def open_writable_store(store: Path | None, *, create: bool = False) -> Iterator[WritableStore]:
    """Open the store in this folder, or the configured one, for writing, all or nothing.

    `create` allows creating a new store. Raises `StoreMissing`, and `BadParameter` where no store is named.
    """
    settings = settings_for(store) if create else settings_to_write(store)
    with configured_writer(settings, create=create).draft() as draft:
        yield draft


def settings_to_read(store: Path | None) -> Settings:
    """Return the settings with the store to read (see `choose_store`)."""
    return choose_store(settings_for(store))


def settings_to_write(store: Path | None) -> Settings:
    """Return the settings with the store to write to. Raises `BadParameter` where no store is named."""
    return choose_writable_store(settings_for(store))


def settings_for(store: Path | None) -> Settings:
    """Return the settings, with the store in this folder, if given, in place of the configured one."""
    return Settings(store=store, sparql_endpoint=None) if store else Settings()


@contextmanager
def progress_bar(label: str, size: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on a terminal; yield a function that sets the bytes done, of `size`."""
    columns = (TextColumn(label), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, disable=not notes.is_terminal) as progress:
        task = progress.add_task(label, total=size)
        yield lambda done: progress.update(task, completed=done)
