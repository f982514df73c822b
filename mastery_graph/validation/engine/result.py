"""One result of SHACL validation (SHACL 3.6.2), as every engine gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pyoxigraph import BlankNode

from mastery_graph.rdf import Term
from mastery_graph.vocabulary import SH

Severity = Literal["violation", "warning", "info"]

SEVERITIES: Final[tuple[Severity, ...]] = ("violation", "warning", "info")
"""From the gravest to the lightest."""

SEVERITY: Final[dict[str, Severity]] = {SH + "Violation": "violation", SH + "Warning": "warning", SH + "Info": "info"}
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
"""The constraint components of SHACL Core (SHACL 4). The others are written in SPARQL and word their own messages."""


@dataclass(frozen=True, slots=True)
class Result:
    """A node that breaks one constraint of one shape."""

    focus_node: Term
    path: str | None
    """The IRI of the property, or the SPARQL 1.1 property path; None where the node itself is at fault."""
    value: Term | None
    shape: str
    """The IRI of the shape; for a shape without one, the IRI that `Shapes` made for it, the same each time."""
    component: str
    """The IRI of the constraint component, such as `sh:MinCountConstraintComponent`."""
    severity_iri: str
    """One of the three severities of SHACL, or one that the shapes define."""
    messages: Mapping[str, str] = field(hash=False)
    """The shape's own messages by language tag; the empty tag for a message without one. Often there is none."""
    details: tuple["Result", ...] = ()
    """What a nested shape, or the closest of several, finds wrong (`sh:detail`)."""
    alternative: str | None = None
    """The nested shape that `details` speak of, where it is one."""

    @property
    def severity(self) -> Severity:
        """The severity; one that the shapes define counts as a violation."""
        return SEVERITY.get(self.severity_iri, "violation")


def text_of(node: Term) -> str:
    """Return the IRI, the text of a literal, or the label of a blank node, as reports show it."""
    return str(node) if isinstance(node, BlankNode) else node.value
