"""What a person can choose from, and what a person sends instead: descriptions of the graph, and documents."""

from starlette.datastructures import FormData, UploadFile

from mastery_api.knowledge import green_skills
from mastery_graph.answers.answer import Record
from mastery_graph.answers.equivalence.levels import countries_with_levels
from mastery_graph.answers.evidence import text
from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.errors import BadParameter
from mastery_graph.languages import Sentence, country_name
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store


class Choice(Record):
    """Something that can be chosen: its IRI, its title in the reader's language, and its kind."""

    iri: str
    title: str
    kind: str
    """micro-credential, target-qualification, issued or skill."""


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


async def documents(form: FormData) -> list[str]:
    """Return the documents of a form: what was pasted, then the files. Raises `BadParameter` where one is not text."""
    # A form sends line ends as CRLF (HTML, 4.10.21.4).
    found = [str(each).replace("\r\n", "\n") for each in form.getlist("document")]
    for file in form.getlist("file"):
        if isinstance(file, UploadFile) and file.filename:
            try:
                found.append((await file.read()).decode("utf-8-sig"))
            except UnicodeDecodeError:
                raise BadParameter(
                    Sentence("{file} is not a text in UTF-8.", file=file.filename),
                    Sentence("Choose a JSON, Turtle or XML file."),
                ) from None
    return [each for each in found if each.strip()]


def read(documents: list[str]) -> list[SubmittedDocument]:
    """Read the documents of a form. Raises what `read_document` raises."""
    return [read_document(each.encode()) for each in documents]
