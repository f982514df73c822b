"""What a person can choose from, and what a person sends instead: descriptions of the graph, and documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest

from starlette.datastructures import FormData, UploadFile

from mastery_api.v1.knowledge import green_skills
from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.credentials.strict_json import decode_utf8
from mastery_graph.errors import BadDocument, BadEncoding, MasteryError
from mastery_graph.languages import Message, country_name
from mastery_graph.queries import named_query
from mastery_graph.questions.equivalence.levels import countries_with_levels
from mastery_graph.rdf import term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class Choice(Record):
    """Something that can be chosen: its IRI, its title in the reader's language, and its kind."""

    iri: str
    title: str
    kind: str
    """micro-credential, target-qualification, issued or skill."""


@dataclass(frozen=True, slots=True)
class UploadedDocument:
    """A document that a person sends: its text, and the name of its file, where it came as one."""

    text: str
    name: str = ""


def descriptions(store: Store, language: str) -> list[Choice]:
    """Return the credentials and qualifications of the graph, by title."""
    found: dict[str, tuple[int, Choice]] = {}
    for row in store.select(named_query("browse/descriptions").text):
        iri, spoken = term_text(row["description"]), term_text(row["language"])
        rank = 2 if spoken == language else 1 if spoken == "en" else 0
        kind = term_text(row["kind"]).rpartition("/")[2] if "kind" in row else "issued"
        if iri not in found or rank > found[iri][0]:
            found[iri] = (rank, Choice(iri=iri, title=term_text(row["title"]), kind=kind))
    return sorted((choice for _, choice in found.values()), key=lambda choice: (choice.title.casefold(), choice.iri))


def skills(store: Store, language: str) -> list[Choice]:
    """Return the green skills."""
    return [
        Choice(iri=skill.uri, title=f"{skill.code}: {skill.names.get(language, skill.names['en'])}", kind="skill")
        for skill in green_skills(store).skills
    ]


def countries(store: Store, language: str) -> list[str]:
    """Return the countries that have a framework (ISO alpha-3; XKX for Kosovo), by their names in the language."""
    return sorted(countries_with_levels(store), key=lambda code: country_name(code, language))


def pasted_documents(form: FormData) -> list[UploadedDocument]:
    """Return what was pasted into a form, or sent with it before, each with the name of its file."""
    # A form sends line ends as CRLF (HTML, 4.10.21.4); a document had what it had, and most have LF.
    texts = [str(each).replace("\r\n", "\n") for each in form.getlist("document")]
    names = [str(each) for each in form.getlist("name")]
    return [UploadedDocument(text, name) for text, name in zip_longest(texts, names, fillvalue="") if text.strip()]


async def documents(form: FormData) -> tuple[list[UploadedDocument], MasteryError | None]:
    """Return the documents of a form, pasted ones first, and what is wrong with the last file that is not text."""
    found, wrong = pasted_documents(form), None
    for file in form.getlist("file"):
        if isinstance(file, UploadFile) and file.filename:
            try:
                found.append(await read_upload(file))
            except MasteryError as error:
                wrong = error
    return found, wrong


async def read_upload(file: UploadFile) -> UploadedDocument:
    """Return a chosen file as text. Raises `BadDocument` where it is empty, or not text in UTF-8."""
    name = file.filename or ""
    try:
        text = decode_utf8(await file.read())
    except BadEncoding:
        text = "\0"
    if "\0" in text:  # which no format that is read here may have: another encoding, a PDF, an archive
        raise BadDocument(
            Message("{file} is not a text in UTF-8.", file=name),
            Message("Choose a JSON, Turtle or XML file, saved as UTF-8."),
        )
    if not text.strip():
        raise BadDocument(Message("{file} is empty.", file=name), Message("Choose another file."))
    return UploadedDocument(text, name)


def read_documents(documents: list[UploadedDocument]) -> list[SubmittedDocument]:
    """Read the documents of a form. Raises what `read_document` raises, with the name of the file."""
    found = []
    for each in documents:
        with name_file_in_errors(each):
            found.append(read_document(each.text.encode(), None, each.name))
    return found


@contextmanager
def name_file_in_errors(document: UploadedDocument) -> Iterator[None]:
    """Say in an error which file it is about."""
    try:
        yield
    except MasteryError as error:
        if document.name:
            error.detail = Message("{file}: {why}", file=document.name, why=error.detail)
        raise
