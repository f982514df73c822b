"""Descriptions of credentials as callers pass them: a file, an IRI, or a document in memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mastery_graph.credentials.reading import SubmittedDocument, read_document, read_value
from mastery_graph.errors import InputError, NotAnIRI
from mastery_graph.rdf import is_iri

DescriptionInput = str | Path | bytes | Mapping[str, Any] | SubmittedDocument
"""A file (its name or path), an IRI of the graph, the bytes of a document, parsed JSON, or a document that was read."""


def read_file(file: Path) -> bytes:
    """Return the content of a file. Raises `InputError` with the reason if it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


def read_description(source: DescriptionInput) -> str | SubmittedDocument:
    """Return the document that is passed, or that is in the file of that name; or else the IRI.

    Raises `NotAnIRI` for a text that is neither a file nor an IRI, `InputError` for a file that cannot be read, and the
    errors of `read_document`.
    """
    if isinstance(source, str) and not Path(source).exists():
        if is_iri(source):
            return source
        raise NotAnIRI(
            f"{source!r} is neither a file nor an IRI.", "Give the name of a file, or the IRI of a description."
        )
    return read_input(source)


def read_input(source: DescriptionInput) -> SubmittedDocument:
    """Return the document that is passed, or that is in the file of that name.

    Raises `InputError` for a file that cannot be read, and the errors of `read_document`.
    """
    if isinstance(source, SubmittedDocument):
        return source
    if isinstance(source, bytes):
        return read_document(source)
    if isinstance(source, Mapping):
        return read_value(dict(source))
    return read_document(read_file(Path(source)), name=str(source))
