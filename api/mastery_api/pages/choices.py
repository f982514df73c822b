"""What a person can choose from, and what a person sends instead: descriptions of the graph, and documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest

from starlette.datastructures import FormData, UploadFile

from mastery_api.v1.knowledge import green_skills
from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.credentials.strict_json import decoded
from mastery_graph.errors import BadDocument, BadEncoding, MasteryError
from mastery_graph.languages import Sentence, country_name
from mastery_graph.queries import named_query
from mastery_graph.questions.equivalence.levels import countries_with_levels
from mastery_graph.rdf import text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class Choice(Record):
    """Something that can be chosen: its IRI, its title in the reader's language, and its kind."""

    iri: str
    title: str
    kind: str
    """micro-credential, target-qualification, issued or skill."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that a person sends: its text, and the name of its file, where it came as one."""

    text: str
    name: str = ""


def descriptions(store: Store, language: str) -> list[Choice]:
    """Return the credentials and qualifications of the graph, by title."""
    found: dict[str, tuple[int, Choice]] = {}
    for row in store.select(named_query("browse/descriptions").text):
        iri, spoken = text(row["description"]), text(row["language"])
        rank = 2 if spoken == language else 1 if spoken == "en" else 0
        kind = text(row["kind"]).rpartition("/")[2] if "kind" in row else "issued"
        if iri not in found or rank > found[iri][0]:
            found[iri] = (rank, Choice(iri=iri, title=text(row["title"]), kind=kind))
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


def pasted(form: FormData) -> list[Document]:
    """Return what was pasted into a form, or sent with it before, each with the name of its file."""
    # A form sends line ends as CRLF (HTML, 4.10.21.4); a document had what it had, and most have LF.
    texts = [str(each).replace("\r\n", "\n") for each in form.getlist("document")]
    names = [str(each) for each in form.getlist("name")]
    return [Document(text, name) for text, name in zip_longest(texts, names, fillvalue="") if text.strip()]


async def documents(form: FormData) -> tuple[list[Document], MasteryError | None]:
    """Return the documents of a form, pasted ones first, and what is wrong with the last file that is not text."""
    found, wrong = pasted(form), None
    for file in form.getlist("file"):
        if isinstance(file, UploadFile) and file.filename:
            try:
                found.append(await document_in(file))
            except MasteryError as error:
                wrong = error
    return found, wrong


async def document_in(file: UploadFile) -> Document:
    """Return a chosen file as text. Raises `BadDocument` where it is empty, or not text in UTF-8."""
    name = file.filename or ""
    try:
        text = decoded(await file.read())
    except BadEncoding:
        text = "\0"
    if "\0" in text:  # which no format that is read here may have: another encoding, a PDF, an archive
        raise BadDocument(
            Sentence("{file} is not a text in UTF-8.", file=name),
            Sentence("Choose a JSON, Turtle or XML file, saved as UTF-8."),
        )
    if not text.strip():
        raise BadDocument(Sentence("{file} is empty.", file=name), Sentence("Choose another file."))
    return Document(text, name)


def read(documents: list[Document]) -> list[SubmittedDocument]:
    """Read the documents of a form. Raises what `read_document` raises, with the name of the file."""
    found = []
    for each in documents:
        with naming(each):
            found.append(read_document(each.text.encode(), None, each.name))
    return found


@contextmanager
def naming(document: Document) -> Iterator[None]:
    """Say in an error which file it is about."""
    try:
        yield
    except MasteryError as error:
        if document.name:
            error.detail = Sentence("{file}: {why}", file=document.name, why=error.detail)
        raise
