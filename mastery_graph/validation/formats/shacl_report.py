"""Reports as `sh:ValidationReport` (SHACL 3.6), with a pointer, a fix and a rule for each result.

`sh:conforms` is true only if there is no result at all, as SHACL requires; `mg:conforms` if there is no violation.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from mastery_graph.rdf import is_iri
from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.property_path import Path, parse
from mastery_graph.validation.report import Finding
from mastery_graph.vocabulary import DCTERMS, NS, PREFIXES, RDF, RDFS, SH, XSD

_SCHEME: Final = re.compile("(?:https?|urn|did|mailto):")
_GRAPH_CHECK_COMPONENT: Final = "https://w3id.org/mastery-graph/shapes#GraphCheckComponent"
"""The component of checks against the graph, which are not constraints of shapes."""
_OPERATORS: Final = {"^": "inversePath", "*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}


def as_rdf(rdf_format: RdfFormat) -> Callable[[Sequence[ValidationOutcome], str], str]:
    """Return a writer of reports in an RDF format."""

    def write(outcomes: Sequence[ValidationOutcome], language: str = "en") -> str:
        triples = [
            triple for position, outcome in enumerate(outcomes) for triple in _report(outcome, f"r{position}", language)
        ]
        prefixes = (
            {} if rdf_format == RdfFormat.N_TRIPLES else {name: iri for name, iri in PREFIXES.items() if name != "mgg"}
        )
        return (serialize(triples, format=rdf_format, prefixes=prefixes) or b"").decode()

    return write


def _report(outcome: ValidationOutcome, name: str, language: str) -> Iterator[Triple]:
    node = BlankNode(name)
    if outcome.report is None:
        return
    yield _triple(node, RDF.type, NamedNode(SH.ValidationReport))
    yield _triple(node, SH.conforms, _boolean(not outcome.report.findings))
    yield _triple(node, NS.conforms, _boolean(outcome.report.conforms))
    yield _triple(node, RDFS.label, Literal(outcome.report.summary, language=language))
    if outcome.name:
        yield _triple(node, DCTERMS.identifier, Literal(outcome.name))
    for position, finding in enumerate(outcome.report.findings):
        result = BlankNode(f"{name}x{position}")
        yield _triple(node, SH.result, result)
        yield from _result(finding, result, language)


def _result(finding: Finding, node: BlankNode, language: str) -> Iterator[Triple]:
    focus = _term(finding.focus_node, f"{node.value}focus")
    yield _triple(node, RDF.type, NamedNode(SH.ValidationResult))
    yield _triple(node, SH.focusNode, focus)
    if isinstance(focus, BlankNode):
        yield _triple(focus, RDFS.label, Literal(finding.focus_node))
    yield _triple(node, SH.resultSeverity, NamedNode(SH + finding.severity.capitalize()))
    yield _triple(node, SH.sourceConstraintComponent, NamedNode(finding.component or _GRAPH_CHECK_COMPONENT))
    yield _triple(node, SH.resultMessage, Literal(finding.message, language=language))
    if _is_absolute_iri(finding.check):
        yield _triple(node, SH.sourceShape, NamedNode(finding.check))
    if finding.path:
        path, triples = _path(parse(finding.path), f"{node.value}p")
        yield _triple(node, SH.resultPath, path)
        yield from triples
    if finding.value is not None:
        is_iri_value = _is_absolute_iri(finding.value)
        yield _triple(node, SH.value, NamedNode(finding.value) if is_iri_value else Literal(finding.value))
    if finding.pointer is not None:
        yield _triple(node, NS.pointer, Literal(finding.pointer))
    if finding.fix:
        yield _triple(node, NS.fix, Literal(finding.fix, language=language))
    if _is_absolute_iri(finding.rule):
        yield _triple(node, RDFS.seeAlso, NamedNode(finding.rule))


def _path(path: Path, name: str) -> tuple[NamedNode | BlankNode, list[Triple]]:
    """Return the node of a path (SHACL 2.3.1) and its triples."""
    if isinstance(path, str):
        return NamedNode(path), []
    kind, *parts = path
    inner = [_path(part, f"{name}{position}x") for position, part in enumerate(parts)]
    triples = [triple for _, member in inner for triple in member]
    node = BlankNode(name)
    if kind in _OPERATORS:
        return node, [*triples, _triple(node, SH + _OPERATORS[kind], inner[0][0])]
    head, members = _list([member for member, _ in inner], f"{name}l")
    if kind == "|":
        return node, [*triples, *members, _triple(node, SH.alternativePath, head)]
    return head, [*triples, *members]


def _list(nodes: Sequence[NamedNode | BlankNode], name: str) -> tuple[BlankNode, list[Triple]]:
    cells = [BlankNode(f"{name}{position}") for position in range(len(nodes))]
    rest: list[NamedNode | BlankNode] = [*cells[1:], NamedNode(RDF.nil)]
    triples = []
    for cell, node, next_cell in zip(cells, nodes, rest, strict=True):
        triples += [_triple(cell, RDF.first, node), _triple(cell, RDF.rest, next_cell)]
    return cells[0], triples


def _is_absolute_iri(text: str) -> bool:
    """Return whether a text is an IRI, not just a text with such a prefix."""
    return bool(_SCHEME.match(text)) and is_iri(text)


def _term(text: str, name: str) -> NamedNode | BlankNode:
    return NamedNode(text) if _is_absolute_iri(text) else BlankNode(name)


def _boolean(value: bool) -> Literal:
    return Literal("true" if value else "false", datatype=NamedNode(XSD.boolean))


def _triple(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
    return Triple(subject, NamedNode(predicate), value)
