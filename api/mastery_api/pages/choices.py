"""Form input of the pages: descriptions of the graph to choose from, and submitted documents."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from mastery_api.v1.knowledge import green_skills
from mastery_graph.credentials.containers.pictures import badge_in_picture
from mastery_graph.credentials.description import ECTS, credit_points
from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.credentials.strict_json import decode_utf8
from mastery_graph.credentials.unreadable import refuse_file_kind
from mastery_graph.errors import BadDocument, BadEncoding, MasteryError
from mastery_graph.languages import Message, country_name
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.equivalence.levels import countries_with_levels
from mastery_graph.questions.recognition_statements.records import recognition_statements
from mastery_graph.questions.rendering import as_json
from mastery_graph.rdf import term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF

_Number = TypeVar("_Number", int, float)


class Choice(Record):
    """An option of a form: its IRI, its title in the language of the reader, and its kind."""

    iri: str
    title: str
    kind: str
    """micro-credential, target-qualification, issued or skill."""
    level: int | None = None
    """The EQF level that it states, from 1 to 8; None where it states none, or several."""
    ects: float | None = None
    """The ECTS credits that it states; None where it states none, or several numbers."""


@dataclass(frozen=True, slots=True)
class UploadedDocument:
    """A submitted document: its text, and the name of its file if it was uploaded."""

    text: str
    name: str = ""


def descriptions(store: Store, language: str) -> list[Choice]:
    """Return the credentials and qualifications of the graph, sorted by title."""
    levels, credits_stated = _levels_and_credits(store)
    best: dict[str, tuple[int, Choice]] = {}
    for row in store.select(named_query("browse/descriptions").text):
        iri, title_language = term_text(row["description"]), term_text(row["language"])
        rank = 2 if title_language == language else 1 if title_language == "en" else 0
        kind = term_text(row["kind"]).rpartition("/")[2] if "kind" in row else "issued"
        if iri not in best or rank > best[iri][0]:
            title = term_text(row["title"])
            best[iri] = (
                rank,
                Choice(iri=iri, title=title, kind=kind, level=levels.get(iri), ects=credits_stated.get(iri)),
            )
    return sorted((choice for _, choice in best.values()), key=lambda choice: (choice.title.casefold(), choice.iri))


def _levels_and_credits(store: Store) -> tuple[dict[str, int], dict[str, float]]:
    """Return the EQF level and the ECTS credits of each description that states exactly one."""
    levels: dict[str, set[int]] = defaultdict(set)
    credits_stated: dict[str, set[float]] = defaultdict(set)
    for row in store.select(named_query("browse/levels-and-credits").text):
        iri, value = term_text(row["description"]), term_text(row["value"])
        if term_text(row["fact"]) == "eqf":
            if (level := value.removeprefix(EQF)).isdecimal():
                levels[iri].add(int(level))
        elif term_text(row["framework"]) == ECTS and (points := credit_points(value)):
            credits_stated[iri].add(float(points))
    return _single_values(levels), _single_values(credits_stated)


def _single_values(values: dict[str, set[_Number]]) -> dict[str, _Number]:
    return {iri: next(iter(candidates)) for iri, candidates in values.items() if len(candidates) == 1}


def skills(store: Store, language: str) -> list[Choice]:
    """Return the green skills."""
    return [
        Choice(iri=skill.uri, title=f"{skill.code}: {skill.names.get(language, skill.names['en'])}", kind="skill")
        for skill in green_skills(store).skills
    ]


def countries(store: Store, language: str) -> list[str]:
    """Return the countries with a framework (ISO alpha-3; XKX for Kosovo), sorted by their names in the language."""
    return sorted(countries_with_levels(store), key=lambda code: country_name(code, language))


def statement_bodies(store: Store) -> dict[str, str]:
    """Return the names of the bodies that recognition statements bind, by their IRIs; an IRI where no name is known."""
    bodies: dict[str, str] = {}
    for statement in recognition_statements(store):
        bodies[statement.stated_by] = statement.stated_by_name or statement.stated_by
        for follower in statement.followed_by:
            bodies.setdefault(follower, follower)
    return dict(sorted(bodies.items(), key=lambda body: body[1].casefold()))


def pasted_documents(form: FormData) -> list[UploadedDocument]:
    """Return the documents in the text fields of a form, each with the name of its file, without the removed one."""
    # Forms submit line breaks as CRLF (HTML, 4.10.21.4); most documents use LF.
    texts = [str(text).replace("\r\n", "\n") for text in form.getlist("document")]
    names = [str(name) for name in form.getlist("name")]
    removed = str(form.get("remove", ""))
    return [
        UploadedDocument(text, name)
        for number, (text, name) in enumerate(zip_longest(texts, names, fillvalue=""))
        if text.strip() and str(number) != removed
    ]


async def documents(form: FormData) -> tuple[list[UploadedDocument], MasteryError | None]:
    """Return the documents of a form, pasted ones first, and the error of the last file that is not text."""
    uploads, last_error = pasted_documents(form), None
    for file in form.getlist("file"):
        if isinstance(file, UploadFile) and file.filename:
            try:
                uploads.append(await read_upload(file))
            except MasteryError as error:
                last_error = error
    return uploads, last_error


async def read_upload(file: UploadFile) -> UploadedDocument:
    """Return an uploaded file as text. Raises `BadDocument` if it is empty, or not text in UTF-8."""
    name = file.filename or ""
    try:
        content = await file.read()
        content = badge_in_picture(content) or content
        refuse_file_kind(content)
        text = decode_utf8(content)
    except BadEncoding:
        text = "\0"
    if "\0" in text:  # not allowed in any supported format: another encoding, a PDF, an archive
        raise BadDocument(
            Message("{file} is not a text in UTF-8.", file=name),
            Message("Choose a JSON, Turtle or XML file, saved as UTF-8."),
        )
    if not text.strip():
        raise BadDocument(Message("{file} is empty.", file=name), Message("Choose another file."))
    return UploadedDocument(text, name)


def read_documents(documents: list[UploadedDocument]) -> list[SubmittedDocument]:
    """Read the documents of a form. Raises what `read_document` raises, with the name of the file."""
    submitted = []
    for document in documents:
        with name_file_in_errors(document):
            submitted.append(read_document(document.text.encode(), None, document.name))
    return submitted


def answer_file(answer: Answer, language: str) -> Response:
    """Return an answer as a file to keep, in a language."""
    name = f"{answer.kind.replace('/', '-')}-{answer.id[:12]}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_json(answer, language), media_type="application/json", headers=headers)


@contextmanager
def name_file_in_errors(document: UploadedDocument) -> Iterator[None]:
    """Add the name of the file to errors."""
    try:
        yield
    except MasteryError as error:
        if document.name:
            error.detail = Message("{file}: {why}", file=document.name, why=error.detail)
        raise
