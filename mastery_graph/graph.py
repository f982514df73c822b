"""The graph as Python sees it: `open_graph` opens a store, and each method of `Graph` answers one question.

The names that `mastery_graph` exports are the public interface; everything else may change without notice.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pyoxigraph import QueryResultsFormat, RdfFormat

from mastery_graph.credentials.inputs import DescriptionInput, read_description, read_input
from mastery_graph.errors import BadParameter
from mastery_graph.options import set_options
from mastery_graph.settings import Settings
from mastery_graph.store.query_text import require_form
from mastery_graph.store_choice import choose_store, open_chosen_store

if TYPE_CHECKING:
    from mastery_graph.credentials.conversion import Conversion, TargetFormat
    from mastery_graph.dataset_identity import Dataset
    from mastery_graph.questions.comparison import DescriptionComparison
    from mastery_graph.questions.coverage import CurriculumCoverage
    from mastery_graph.questions.equivalence.level_tables import EQFGrid, LevelTable
    from mastery_graph.questions.equivalence.levels import LevelEquivalence
    from mastery_graph.questions.equivalence.skills import SkillEquivalence
    from mastery_graph.questions.mapping import TextMapping
    from mastery_graph.questions.profile import LearnerProfile
    from mastery_graph.questions.recognition import Recognition
    from mastery_graph.questions.stackability import Stackability
    from mastery_graph.questions.stackability.policy import StackPolicy
    from mastery_graph.store.protocol import Store
    from mastery_graph.validation import ValidationReport

    PolicyInput = StackPolicy | str | Mapping[str, Any] | None


def open_graph(
    store: str | PathLike[str] | None = None, *, endpoint: str | None = None, esco: str | None = None
) -> "Graph":
    """Open a store in a folder, or behind a SPARQL endpoint, for questions.

    Without either, the environment and the working folder decide (see `mastery_graph.store_choice`); in the end the
    shipped graph is used, and built on first use. `esco` is a version of ESCO, or a day (ISO 8601), to answer as of.
    Raises `StoreMissing`, `StoreUnreadable`, `EndpointDown` and `UnknownEscoVersion`.
    """
    settings = Settings()
    if endpoint is not None:
        settings = Settings(sparql_endpoint=endpoint)
    elif store is not None:
        settings = Settings(store=Path(store), sparql_endpoint=None)
    set_options(settings.options)
    return Graph(choose_store(settings), esco)


class Graph:
    """An open graph: each method answers one question over it.

    Descriptions of credentials are passed as the name or the path of a file, as an IRI of the graph, as bytes, or as
    parsed JSON. Levels are written as a URI, an official label (`FiNQF Level 5`) or `EQF 5`; countries as ISO alpha-3
    codes. A policy is a record, the name of a preset such as `FIN`, or some of its figures by name. Answers are
    immutable records with `verdict`, `summary`, `criteria` and `dataset`.

    >>> with open_graph() as graph:
    ...     print(graph.equivalent_levels("FiNQF Level 5", country="IRL").verdict)
    comparable
    """

    def __init__(self, settings: Settings, esco: str | None = None) -> None:
        """Open the store that the settings name, as of a version of ESCO or of a day."""
        self._settings = settings
        self._exit_stack = ExitStack()
        self._store = self._exit_stack.enter_context(open_chosen_store(settings, esco))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self._exit_stack.close()

    @property
    def store(self) -> "Store":
        """The store, for what no method here does."""
        return self._store

    @property
    def dataset(self) -> "Dataset":
        """The dataset to cite: title, version, date of the build, content hash, licence."""
        from mastery_graph.dataset_identity import dataset_of

        return dataset_of(self._store)

    def equivalent_levels(self, level: str, country: str | None = None) -> "LevelEquivalence":
        """Return which levels compare with a level, in one country or in all.

        Raises `UnknownLevel` and `UnknownCountry`.

        >>> [level.label for level in graph.equivalent_levels("EQF 5", country="FIN").equivalents]
        ['FiNQF Level 5']
        """
        answer: LevelEquivalence = self._ask("equivalence/levels", level=level, country=country)
        return answer

    def eqf_grid(self, *countries: str) -> "EQFGrid":
        """Return the national levels at each EQF level, for these countries or all. Raises `UnknownCountry`.

        >>> list(graph.eqf_grid("FIN", "IRL").table()[3].values())
        [5, 'FiNQF Level 5', 'IE NQF Level 6']
        """
        answer: EQFGrid = self._ask("equivalence/grid", countries=countries)
        return answer

    def level_table(self, countries: Sequence[str] = (), others: Sequence[str] = ()) -> "LevelTable":
        """Return every comparison between the levels of these countries and of the others (all by default).

        Raises `UnknownCountry`.
        """
        answer: LevelTable = self._ask("equivalence/table", countries=countries, others=others)
        return answer

    def equivalent_skills(self, skill: str, framework: str | None = None) -> "SkillEquivalence":
        """Return which concepts correspond to a skill (its IRI, or the code of a green skill such as `GS01`).

        `framework` is `esco`, `green-skills`, or how the IRIs of a framework begin. Raises `UnknownResource`.

        >>> print(graph.equivalent_skills("GS01", framework="esco").verdict)
        mapped
        """
        answer: SkillEquivalence = self._ask("equivalence/skills", skill=skill, framework=framework)
        return answer

    def recognise(
        self,
        credential: DescriptionInput,
        country: str,
        purpose: str = "employment",
        *,
        on: date | None = None,
        body: str | None = None,
        accept_claims: bool = False,
    ) -> "Recognition":
        """Return how a credential is treated in a country for a purpose.

        `purpose` is the code of one that the graph describes: `academic`, `training`, `employment`. `on` is the day on
        which validity is judged (today by default). `body` is the IRI of your institution: the recognition statements
        that it made, or follows, bind it. With `accept_claims`, what the document claims of its level, its awarding
        body and its quality assurance counts. Raises `UnknownCountry`, `UnknownResource` and `BadDocument`.

        >>> print(graph.recognise("credential.jsonld", country="FIN").verdict)
        insufficient-information
        """
        answer: Recognition = self._ask(
            "recognition",
            credential=read_description(credential),
            country=country,
            purpose=purpose,
            on=on,
            body=body,
            accept_claims=accept_claims,
        )
        return answer

    def stack(
        self,
        credentials: Iterable[DescriptionInput],
        target: DescriptionInput,
        policy: "PolicyInput" = None,
        *,
        purpose: str | None = None,
        body: str | None = None,
        explain: bool = False,
    ) -> "Stackability":
        """Return whether credentials add up to a target, what is missing, and what of the catalogue closes the gap.

        The target is a description, or the IRI of a skill. With `explain`, each suggestion says why it was chosen.
        Raises `UnknownResource`, `BadDocument`, `NoOutcomes` and `BadParameter`.
        """
        answer: Stackability = self._ask(
            "stackability",
            credentials=[read_description(credential) for credential in credentials],
            target=read_description(target),
            policy=_policy(policy),
            purpose=purpose,
            body=body,
            explain=explain,
        )
        return answer

    def compare(
        self, left: DescriptionInput, right: DescriptionInput, policy: "PolicyInput" = None
    ) -> "DescriptionComparison":
        """Return two descriptions side by side: level, workload, outcomes, assessment, quality assurance.

        Raises `UnknownResource` and `BadDocument`.
        """
        descriptions = [read_description(left), read_description(right)]
        answer: DescriptionComparison = self._ask("comparison", descriptions=descriptions, policy=_policy(policy))
        return answer

    def profile(self, credentials: Iterable[DescriptionInput], policy: "PolicyInput" = None) -> "LearnerProfile":
        """Return which green skills credentials attest, at which EQF level, and what to learn next.

        Raises `UnknownResource` and `BadDocument`.
        """
        subjects = [read_description(credential) for credential in credentials]
        answer: LearnerProfile = self._ask("profile", credentials=subjects, policy=_policy(policy))
        return answer

    def coverage(self, descriptions: Iterable[DescriptionInput], policy: "PolicyInput" = None) -> "CurriculumCoverage":
        """Return which green skills, sectors and policy visions a curriculum covers, by which learning outcome.

        Raises `UnknownResource`, `BadDocument` and `NoOutcomes`.
        """
        subjects = [read_description(description) for description in descriptions]
        answer: CurriculumCoverage = self._ask("coverage", descriptions=subjects, policy=_policy(policy))
        return answer

    def map_text(self, text: str, limit: int = 10, language: str | None = None) -> "TextMapping":
        """Return the skills that a text names, the most similar first; `language` is that of the text (all if None).

        Raises `BadParameter` for a text that is empty or too long.

        >>> graph.map_text("apply the principles of the circular economy", limit=1).candidates[0].label
        'Apply circular economy principles'
        """
        answer: TextMapping = self._ask("mapping", text=text, limit=limit, language=language)
        return answer

    def validate(
        self, document: DescriptionInput, profile: str = "micro-credential", language: str = "en"
    ) -> "ValidationReport":
        """Return what a description lacks, where, and how to fix it, also compared with the graph.

        `profile` is `micro-credential`, `mastery`, `elm`, or one of the profiles of ELM (`elm-…`). Raises
        `BadDocument`, `BadParameter`, and `ShapesMissing` if the official shapes are not loaded.

        >>> graph.validate("credential.jsonld").conforms
        False
        """
        answer: ValidationReport = self._ask(
            "validation", document=read_input(document), profile=profile, language=language
        )
        return answer

    def convert(self, credential: DescriptionInput, to: "TargetFormat", language: str = "en") -> "Conversion":
        """Return a description in another format (`elm` or `openbadge`), and what that format cannot express.

        Raises `UnknownResource` and `BadDocument`.

        >>> graph.convert("credential.jsonld", to="openbadge").document["type"]
        ['VerifiableCredential', 'OpenBadgeCredential']
        """
        answer: Conversion = self._ask("conversion", credential=read_description(credential), to=to, language=language)
        return answer

    def _ask(self, kind: str, **fields: Any) -> Any:
        """Return the answer to a question of a kind; a field that is None has its default."""
        from mastery_graph.concept_search.index_cache import index_folder
        from mastery_graph.questions.registry import question_from

        record = {name: value for name, value in fields.items() if value is not None}
        return question_from(kind, record).answer(self._store, index_folder(self._settings))

    def query(self, query: str, **parameters: str) -> list[dict[str, Any]]:
        """Return the rows of a SPARQL SELECT query, or of a named query (`browse/concepts`) with its parameters.

        Each row has all variables of the query. Numbers and truth values become Python values, an unbound variable
        None, everything else text. `pandas.DataFrame` accepts the rows. Raises `BadQuery`, `UnknownQuery` and
        `BadParameter`.

        >>> graph.query("SELECT (COUNT(*) AS ?skills) { ?skill a <https://w3id.org/mastery-graph/ns#GreenSkill> }")
        [{'skills': 12}]
        """
        from mastery_graph.queries import bind_text, named_query
        from mastery_graph.sparql_rows import rows_of

        is_name = not any(character.isspace() for character in query)
        text = bind_text(named_query(query), parameters.items()) if is_name else query
        if parameters and not is_name:
            raise BadParameter("Parameters are for a named query.", "Write the values into the query.")
        require_form(text, "SELECT")
        pieces = self._store.stream(text, QueryResultsFormat.JSON, RdfFormat.TURTLE)
        return rows_of(b"".join(pieces))


def validate(document: DescriptionInput, profile: str = "micro-credential", language: str = "en") -> "ValidationReport":
    """Return what a description lacks by the shapes of a profile, without a graph to compare it with.

    Raises `BadDocument` and `BadParameter`.

    >>> [finding.element for finding in validate("credential.jsonld").findings if finding.severity == "violation"]
    ['date of issuing', 'type of quality assurance']
    """
    from mastery_graph.validation import validate as validate_document

    return validate_document(read_input(document), profile, language=language)


def convert(document: DescriptionInput, to: "TargetFormat", language: str = "en") -> "Conversion":
    """Return a document in another format (`elm` or `openbadge`), and what that format cannot express.

    Raises `BadDocument`.
    """
    from mastery_graph.credentials.conversion import convert_document

    return convert_document(read_input(document), to, language=language)


def _policy(policy: "PolicyInput") -> "StackPolicy | None":
    from mastery_graph.questions.stackability.policy import StackPolicy
    from mastery_graph.questions.stackability.presets import parse_policy

    if isinstance(policy, str):
        return parse_policy(policy)
    return StackPolicy.model_validate(policy) if isinstance(policy, Mapping) else policy
