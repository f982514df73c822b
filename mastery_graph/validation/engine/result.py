"""The result of a SHACL validation (SHACL 3.6.2), the same for every engine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pyoxigraph import BlankNode

from mastery_graph.rdf import Term
from mastery_graph.vocabulary import SH

Severity = Literal["violation", "warning", "info"]

SEVERITIES: Final[tuple[Severity, ...]] = ("violation", "warning", "info")
"""From the most to the least severe."""

SEVERITY: Final[dict[str, Severity]] = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}
"""By IRI; any other is a violation."""

CORE_COMPONENTS: Final = frozenset(
    f"{SH}{name}ConstraintComponent"
    for name in (
        *("And", "Class", "Closed", "Datatype", "Disjoint", "Equals", "HasValue", "In", "LanguageIn", "LessThan"),
        *("LessThanOrEquals", "MaxCount", "MaxExclusive", "MaxInclusive", "MaxLength", "MinCount", "MinExclusive"),
        *("MinInclusive", "MinLength", "Node", "NodeKind", "Not", "Or", "Pattern", "Property"),
        *("QualifiedMaxCount", "QualifiedMinCount", "UniqueLang", "Xone"),
    )
)
"""The constraint components of SHACL Core (SHACL 4). The others are in SPARQL and generate their own messages."""


@dataclass(frozen=True, slots=True)
class Result:
    """A violation of one constraint of one shape by one node."""

    focus_node: Term
    path: str | None
    """The IRI of the property, or the SPARQL 1.1 property path; None if the node itself is at fault."""
    value: Term | None
    shape: str
    """The IRI of the shape; for a shape without one, the stable IRI that `Shapes` generates."""
    component: str
    """The IRI of the constraint component, such as `sh:MinCountConstraintComponent`."""
    severity_iri: str
    """One of the three severities of SHACL, or one that the shapes define."""
    messages: Mapping[str, str] = field(hash=False)
    """The messages of the shape by language tag; the empty tag for a message without one. Often empty."""
    details: tuple["Result", ...] = ()
    """The results of a nested shape, or of the closest of several (`sh:detail`)."""
    alternative: str | None = None
    """The nested shape that `details` are about, if it is a single one."""

    @property
    def severity(self) -> Severity:
        """The severity; one that the shapes define counts as a violation."""
        return SEVERITY.get(self.severity_iri, "violation")


MAX_RESULTS: Final = 1_000
"""The number of results of which a report has findings."""

_RANKS: Final[dict[str, int]] = {"violation": 0, "warning": 1, "info": 2}


def most_severe(results: Iterable[Result]) -> list[Result]:
    """Return at most `MAX_RESULTS` results: if there are more, one of each shape first, then violations."""
    all_results = list(results)
    if len(all_results) <= MAX_RESULTS:
        return all_results
    first = {result.shape: result for result in reversed(all_results)}
    return sorted(all_results, key=lambda result: (first[result.shape] is not result, _RANKS[result.severity]))[
        :MAX_RESULTS
    ]


def text_of(node: Term) -> str:
    """Return the IRI, the text of a literal, or the label of a blank node, as reports show it."""
    return str(node) if isinstance(node, BlankNode) else node.value
