"""The question of mapping: which concepts a text names."""

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mastery_graph.concept_search.index_cache import finder_of
from mastery_graph.errors import BadParameter
from mastery_graph.questions.mapping import MAX_TEXT_LENGTH, MappingVerdict, TextMapping, map_text
from mastery_graph.questions.question import Question
from mastery_graph.store.protocol import Store


class MappingQuestion(Question):
    """Which concepts a text names."""

    kind = "mapping"
    title = "Which concepts does a text name, if any?"
    returns = "Skills and green skills similar to the text, best match first, and the basis of each score."
    answer_type = TextMapping
    verdicts = MappingVerdict
    errors = (BadParameter,)
    path = kind
    example: ClassVar[dict[str, Any]] = {"text": "sort and recycle waste on site", "limit": 5}
    preloads = ("tantivy",)

    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH, description="A learning outcome, or a page.")]
    limit: Annotated[int, Field(ge=1, le=100, description="The largest number of candidates.")] = 10
    language: Annotated[
        str | None, Field(max_length=20, description="ISO 639-1, where it is known; all are tried by default.")
    ] = None

    def answer(self, store: Store, index: Path | None = None) -> TextMapping:
        """Return the concepts."""
        return map_text(store, finder_of(store, index), self.text, self.limit, self.language)
