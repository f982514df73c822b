"""The questions of equivalence: levels, the table and the grid of levels, and skills."""

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mastery_graph.errors import BadParameter, UnknownCountry, UnknownLevel, UnknownResource
from mastery_graph.questions.equivalence.level_tables import (
    EQFGrid,
    LevelTable,
    LevelTableVerdict,
    eqf_grid,
    level_table,
)
from mastery_graph.questions.equivalence.levels import LevelEquivalence, LevelVerdict, equivalent_levels
from mastery_graph.questions.equivalence.skills import SkillEquivalence, SkillVerdict, equivalent_skills
from mastery_graph.questions.question import Question, UrlParameter
from mastery_graph.store.protocol import Store

_COUNTRIES = "ISO 3166-1 alpha-3 codes; all countries by default."


class LevelQuestion(Question):
    """Which levels compare with a level, in a country or in all."""

    kind = "equivalence/levels"
    title = "Which levels compare with a level?"
    returns = "All comparable levels, both referencings as evidence, and the levels without a referencing."
    answer_type = LevelEquivalence
    verdicts = LevelVerdict
    errors = (UnknownLevel, UnknownCountry, BadParameter)
    path = kind
    is_read_by_url = True
    depends_on_esco = False
    example: ClassVar[dict[str, Any]] = {"level": "FiNQF Level 5", "country": "IRL"}

    level: Annotated[str, Field(description="A URI, an official label, or EQF 5.", examples=["FiNQF Level 5"])]
    country: Annotated[
        str | None, Field(description="ISO 3166-1 alpha-3; all countries by default.", examples=["IRL"])
    ] = None

    def answer(self, store: Store, index: Path | None = None) -> LevelEquivalence:
        """Return the comparable levels."""
        return equivalent_levels(store, self.level, self.country)


class LevelTableQuestion(Question):
    """Which levels of some countries compare with which levels of others."""

    kind = "equivalence/table"
    title = "Which levels of these countries compare?"
    returns = "All comparisons between the levels of `country` and of `other`, as JSON or CSV."
    answer_type = LevelTable
    verdicts = LevelTableVerdict
    errors = (UnknownCountry, BadParameter)
    path = kind
    is_read_by_url = True
    depends_on_esco = False
    example: ClassVar[dict[str, Any]] = {"countries": ["FIN"], "others": ["IRL"]}

    countries: Annotated[
        tuple[str, ...], UrlParameter("country"), Field(description=_COUNTRIES, max_length=100, examples=[["FIN"]])
    ] = ()
    others: Annotated[
        tuple[str, ...],
        UrlParameter("other"),
        Field(description="The countries to compare with; those of `country` by default.", max_length=100),
    ] = ()

    def answer(self, store: Store, index: Path | None = None) -> LevelTable:
        """Return the table of comparisons."""
        return level_table(store, self.countries, self.others)


class GridQuestion(Question):
    """Which national levels correspond to which EQF level."""

    kind = "equivalence/grid"
    title = "Which national levels correspond to which EQF level?"
    returns = "The eight EQF levels and the corresponding levels of each framework, as JSON or CSV."
    answer_type = EQFGrid
    verdicts = LevelTableVerdict
    errors = (UnknownCountry, BadParameter)
    path = kind
    is_read_by_url = True
    depends_on_esco = False
    example: ClassVar[dict[str, Any]] = {"countries": ["FIN", "IRL"]}

    countries: Annotated[
        tuple[str, ...], UrlParameter("country"), Field(description=_COUNTRIES, max_length=100, examples=[["FIN"]])
    ] = ()

    def answer(self, store: Store, index: Path | None = None) -> EQFGrid:
        """Return the grid."""
        return eqf_grid(store, self.countries)


class SkillQuestion(Question):
    """Which concepts correspond to a skill."""

    kind = "equivalence/skills"
    title = "Which concepts correspond to a skill?"
    returns = "The counterparts of a skill and the path of mappings to each."
    answer_type = SkillEquivalence
    verdicts = SkillVerdict
    errors = (UnknownResource, BadParameter)
    path = kind
    is_read_by_url = True
    example: ClassVar[dict[str, Any]] = {"skill": "GS01"}

    skill: Annotated[str, Field(description="The IRI of a concept, or the code of a green skill.", examples=["GS01"])]
    framework: Annotated[
        str | None, Field(description="esco, green-skills, or the beginning of IRIs; all by default.")
    ] = None

    def answer(self, store: Store, index: Path | None = None) -> SkillEquivalence:
        """Return the counterparts."""
        return equivalent_skills(store, self.skill, self.framework)
