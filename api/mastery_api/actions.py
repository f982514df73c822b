"""What to do next, in the words of the HTTP service: a request, or what only the operator of the service can do."""

from collections.abc import Mapping
from typing import Final

from mastery_graph.errors import AdvisedAction
from mastery_graph.languages import Message

_ASK_OPERATOR: Final = Message("Ask the operator of the service.")

ACTIONS: Final[Mapping[AdvisedAction, str]] = {
    AdvisedAction.FIND_CONCEPTS: Message("GET /v1/concepts?q= finds concepts by label."),
    AdvisedAction.LIST_FRAMEWORKS: Message("GET /v1/frameworks lists them all."),
    AdvisedAction.LIST_GRAPHS: Message("GET /v1/dataset lists them."),
    AdvisedAction.LIST_POLICIES: Message("`GET /v1/policies` lists the settings with their defaults."),
    AdvisedAction.LIST_QUERIES: Message("See GET /v1/queries for the list."),
    AdvisedAction.LIST_SKILLS: Message("GET /v1/skills lists them."),
    AdvisedAction.ALLOW_REMOVAL: _ASK_OPERATOR,
    AdvisedAction.BUILD_STORE: _ASK_OPERATOR,
    AdvisedAction.LOAD_SHAPES: _ASK_OPERATOR,
    AdvisedAction.NAME_IDENTIFIERS: _ASK_OPERATOR,
    AdvisedAction.NAME_STORE: _ASK_OPERATOR,
    AdvisedAction.NAME_VERSION: _ASK_OPERATOR,
    AdvisedAction.RESTORE_STORE: _ASK_OPERATOR,
}
