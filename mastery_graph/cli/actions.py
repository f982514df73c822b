"""What to do next, in the words of the command line: a command, or an option."""

from collections.abc import Mapping
from typing import Final

from mastery_graph.errors import AdvisedAction

ACTIONS: Final[Mapping[AdvisedAction, str]] = {
    AdvisedAction.FIND_CONCEPTS: "`mastery-graph map` finds concepts in a text.",
    AdvisedAction.LIST_FRAMEWORKS: "`mastery-graph levels` lists them all.",
    AdvisedAction.LIST_GRAPHS: "`mastery-graph info` lists the graphs.",
    AdvisedAction.LIST_POLICIES: "`mastery-graph stack --help` says how a policy is written.",
    AdvisedAction.LIST_QUERIES: "The names are those of the files in queries/.",
    AdvisedAction.LIST_SKILLS: "`mastery-graph query browse/green-skills` lists the green skills.",
    AdvisedAction.ALLOW_REMOVAL: "Give --replace to remove it.",
    AdvisedAction.BUILD_STORE: "Build it with `mastery-graph build`; --store names its folder.",
    AdvisedAction.LOAD_SHAPES: "Run `mastery-graph load elm DIR` with the download of the European Learning Model.",
    AdvisedAction.NAME_IDENTIFIERS: "Give --identifiers IRI.",
    AdvisedAction.NAME_STORE: "Name a store with --store DIR or MASTERY_STORE; `mastery-graph build` makes one.",
    AdvisedAction.NAME_VERSION: "Give it, as in --version 1.2.0.",
    AdvisedAction.RESTORE_STORE: "Restore a back-up with `mastery-graph restore`, or build into another folder.",
}
