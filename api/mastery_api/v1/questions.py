"""The routes of the questions: equivalence, stackability, recognition, comparison, profile and coverage."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from mastery_api.dependencies import OpenStore
from mastery_api.permalinks.stored_request import remember_question
from mastery_api.responses import render_answer
from mastery_graph.credentials.reading import SubmittedDocument, read_value
from mastery_graph.errors import BadParameter
from mastery_graph.questions.equivalence.level_tables import EQFGrid, LevelTable, eqf_grid, level_table
from mastery_graph.questions.equivalence.levels import LevelEquivalence, equivalent_levels
from mastery_graph.questions.equivalence.skills import SkillEquivalence, equivalent_skills
from mastery_graph.questions.recognition_statements.records import Purpose
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.stackability.presets import Figure, Preset, presets, resolve_policy

router = APIRouter(prefix="/v1", tags=["questions"], dependencies=[Depends(remember_question)])

_EXAMPLE = "https://w3id.org/mastery-graph/id/description/"

SubjectBody = Annotated[
    str | dict[str, Any], Field(description="The IRI of a description in the graph, or a document (ELM).")
]


class Policies(BaseModel):
    """All values of the stack policy with their defaults, and the presets with the values from a source."""

    defaults: list[Figure]
    presets: list[Preset]


Body = Annotated[
    str | None, Field(description="The IRI of the body that asks: statements that it made, or follows, bind it.")
]


class StackQuestion(BaseModel):
    """Whether these credentials add up to that target."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "credentials": [f"{_EXAMPLE}waste-on-site-ita", f"{_EXAMPLE}energy-audit-irl"],
                "target": f"{_EXAMPLE}green-site-technician-irl",
            }
        },
    )

    credentials: Annotated[list[SubjectBody], Field(min_length=1, max_length=100)]
    target: SubjectBody
    policy: StackPolicy = StackPolicy()
    purpose: Annotated[
        Purpose | None,
        Field(description="What for. Without one, a statement that does not hold for every purpose is left open."),
    ] = None
    body: Body = None
    explain: Annotated[bool, Field(description="Whether each suggestion says why it was chosen.")] = False


class ComparisonQuestion(BaseModel):
    """How these two descriptions compare."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"descriptions": [f"{_EXAMPLE}waste-on-site-ita", f"{_EXAMPLE}waste-management-irl"]}
        },
    )

    descriptions: Annotated[list[SubjectBody], Field(min_length=2, max_length=2)]
    policy: StackPolicy | None = None


class ProfileQuestion(BaseModel):
    """Which green skills these credentials attest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"credentials": [f"{_EXAMPLE}issued-waste-aino", f"{_EXAMPLE}issued-energy-aino"]}
        },
    )

    credentials: Annotated[list[SubjectBody], Field(min_length=1, max_length=100)]
    policy: StackPolicy | None = None


class CoverageQuestion(BaseModel):
    """Which green skills, sectors and visions this curriculum covers."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"descriptions": [f"{_EXAMPLE}circular-principles-fin", f"{_EXAMPLE}circular-design-fin"]}
        },
    )

    descriptions: Annotated[list[SubjectBody], Field(min_length=1, max_length=100)]
    policy: StackPolicy | None = None


class RecognitionQuestion(BaseModel):
    """How this credential is treated in that country."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"credential": f"{_EXAMPLE}waste-on-site-ita", "country": "FIN", "purpose": "employment"}
        },
    )

    credential: SubjectBody
    country: Annotated[str, Field(description="ISO 3166-1 alpha-3, such as FIN.", max_length=100)]
    purpose: Purpose = "employment"
    on: Annotated[date | None, Field(description="The day on which validity is judged; today by default.")] = None
    body: Body = None
    accept_claims: Annotated[
        bool,
        Field(
            description="Whether what the document claims of its level, its awarding body and its quality assurance "
            "counts. The answer says so."
        ),
    ] = False


@router.get("/equivalence/levels", response_model=LevelEquivalence, summary="Which levels compare with a level?")
def levels(
    request: Request,
    store: OpenStore,
    level: Annotated[str, Query(description="A URI, an official label, or EQF 5.", examples=["FiNQF Level 5"])],
    country: Annotated[
        str | None, Query(description="ISO alpha-3; all countries by default.", examples=["IRL"])
    ] = None,
) -> Response:
    """Answer with all comparable levels, both referencings as evidence, and the levels without a referencing."""
    return render_answer(request, equivalent_levels(store, level, country))


Countries = Annotated[
    list[str], Query(description="ISO alpha-3, several times for several; all countries by default.", max_length=100)
]


@router.get("/equivalence/table", response_model=LevelTable, summary="Which levels of these countries compare?")
def table(
    request: Request,
    store: OpenStore,
    country: Countries = [],  # noqa: B006  # a query parameter's default, which FastAPI copies
    other: Countries = [],  # noqa: B006
) -> Response:
    """Answer with all comparisons between the levels of `country` and of `other`, as JSON or CSV."""
    return render_answer(request, level_table(store, country, other))


@router.get("/equivalence/grid", response_model=EQFGrid, summary="Which national levels stand at which EQF level?")
def grid(
    request: Request,
    store: OpenStore,
    country: Countries = [],  # noqa: B006
) -> Response:
    """Answer with the eight EQF levels and the corresponding levels of each framework, as JSON or CSV."""
    return render_answer(request, eqf_grid(store, country))


@router.get("/equivalence/skills", response_model=SkillEquivalence, summary="Which concepts correspond to a skill?")
def skills(
    request: Request,
    store: OpenStore,
    skill: Annotated[str, Query(description="The IRI of a concept, or the code of a green skill.")],
    framework: Annotated[str | None, Query(description="esco, green-skills, or the beginning of IRIs.")] = None,
) -> Response:
    """Answer with the counterparts of a skill and the path of mappings to each."""
    return render_answer(request, equivalent_skills(store, skill, framework))


@router.post("/stackability", summary="Do these credentials add up to that target, and what is missing?")
def stack(
    request: Request,
    store: OpenStore,
    question: StackQuestion,
    explain: Annotated[bool, Query(description="Whether each suggestion says why it was chosen.")] = False,
) -> Response:
    """Answer with a verdict, its criteria, the gap, and pathways of credentials in the catalogue that close it."""
    from mastery_graph.questions.stackability import Skills, stackability

    credentials = [_subject(credential) for credential in question.credentials]
    target = question.target
    if isinstance(target, dict) and set(target) == {"skills"}:
        if not isinstance(target["skills"], list) or not all(isinstance(skill, str) for skill in target["skills"]):
            raise BadParameter("The skills of a target are a list of IRIs.")
        goal: Skills | str | SubmittedDocument = Skills(skills=tuple(target["skills"]))
    else:
        goal = _subject(target)
    explained = explain or question.explain
    return render_answer(
        request,
        stackability(
            store, credentials, goal, question.policy, purpose=question.purpose, body=question.body, explain=explained
        ),
    )


@router.get("/policies", summary="By which figures is a stack judged, and who gives them?")
def policies() -> Policies:
    """List the presets of the stack policy, with the values from a source, and all defaults."""
    return Policies(defaults=list(resolve_policy(StackPolicy())[1]), presets=list(presets()))


@router.post("/compare", summary="How do two descriptions compare?")
def comparison(request: Request, store: OpenStore, question: ComparisonQuestion) -> Response:
    """Answer with level, workload, outcomes, assessment and quality assurance of both, side by side."""
    from mastery_graph.questions.comparison import compare

    left, right = (_subject(description) for description in question.descriptions)
    return render_answer(request, compare(store, left, right, question.policy))


@router.post("/profile", summary="Which green skills do these credentials attest, and what is next?")
def profile(request: Request, store: OpenStore, question: ProfileQuestion) -> Response:
    """Answer with the green skills by sector, the EQF level and evidence of each, and what to learn next."""
    from mastery_graph.questions.profile import learner_profile

    return render_answer(
        request, learner_profile(store, [_subject(credential) for credential in question.credentials], question.policy)
    )


@router.post("/coverage", summary="Which green skills, sectors and visions does this curriculum serve?")
def coverage(request: Request, store: OpenStore, question: CoverageQuestion) -> Response:
    """Answer with what is covered, by which learning outcome and with which grade, and what is not."""
    from mastery_graph.questions.coverage import coverage_of

    return render_answer(
        request, coverage_of(store, [_subject(description) for description in question.descriptions], question.policy)
    )


@router.post("/recognition", summary="What does this credential count as in that country?")
def recognise(request: Request, store: OpenStore, question: RecognitionQuestion) -> Response:
    """Answer with a verdict, its criteria, the comparable levels, and what would change the verdict."""
    from mastery_graph.questions.recognition import recognition

    answer = recognition(
        store,
        _subject(question.credential),
        question.country,
        question.purpose,
        question.on,
        body=question.body,
        accept_claims=question.accept_claims,
    )
    return render_answer(request, answer)


def _subject(value: str | dict[str, Any]) -> str | SubmittedDocument:
    return value if isinstance(value, str) else read_value(value)
