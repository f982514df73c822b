"""Reports as `sh:ValidationReport` (SHACL 3.6), with the pointer, how to mend it and the rule beside each result.

`sh:conforms` is true only where there is no result at all, as SHACL has it; `mg:conforms` where there is no violation.
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
_CHECK: Final = "https://w3id.org/mastery-graph/shapes#GraphCheckComponent"
"""The component of what is compared with the graph, and is no constraint of a shape."""
_OPERATORS: Final = {"^": "inversePath", "*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}


def as_rdf(form: RdfFormat) -> Callable[[Sequence[ValidationOutcome], str], str]:
    """Return what writes reports in a format of RDF."""

    def write(checked: Sequence[ValidationOutcome], language: str = "en") -> str:
        triples = [triple for place, one in enumerate(checked) for triple in _report(one, f"r{place}", language)]
        prefixes = {} if form == RdfFormat.N_TRIPLES else {name: iri for name, iri in PREFIXES.items() if name != "mgg"}
        return (serialize(triples, format=form, prefixes=prefixes) or b"").decode()

    return write


def _report(one: ValidationOutcome, name: str, language: str) -> Iterator[Triple]:
    node = BlankNode(name)
    if one.report is None:
        return
    yield _stated(node, RDF + "type", NamedNode(SH + "ValidationReport"))
    yield _stated(node, SH + "conforms", _truth(not one.report.findings))
    yield _stated(node, NS + "conforms", _truth(one.report.conforms))
    yield _stated(node, RDFS + "label", Literal(one.report.summary, language=language))
    if one.name:
        yield _stated(node, DCTERMS + "identifier", Literal(one.name))
    for place, finding in enumerate(one.report.findings):
        result = BlankNode(f"{name}x{place}")
        yield _stated(node, SH + "result", result)
        yield from _result(finding, result, language)


def _result(finding: Finding, node: BlankNode, language: str) -> Iterator[Triple]:
    focus = _term(finding.focus_node, f"{node.value}focus")
    yield _stated(node, RDF + "type", NamedNode(SH + "ValidationResult"))
    yield _stated(node, SH + "focusNode", focus)
    if isinstance(focus, BlankNode):
        yield _stated(focus, RDFS + "label", Literal(finding.focus_node))
    yield _stated(node, SH + "resultSeverity", NamedNode(SH + finding.severity.capitalize()))
    yield _stated(node, SH + "sourceConstraintComponent", NamedNode(finding.component or _CHECK))
    yield _stated(node, SH + "resultMessage", Literal(finding.message, language=language))
    if _is_name(finding.check):
        yield _stated(node, SH + "sourceShape", NamedNode(finding.check))
    if finding.path:
        path, triples = _path(parse(finding.path), f"{node.value}p")
        yield _stated(node, SH + "resultPath", path)
        yield from triples
    if finding.value is not None:
        named = _is_name(finding.value)
        yield _stated(node, SH + "value", NamedNode(finding.value) if named else Literal(finding.value))
    if finding.pointer is not None:
        yield _stated(node, NS + "pointer", Literal(finding.pointer))
    if finding.fix:
        yield _stated(node, NS + "fix", Literal(finding.fix, language=language))
    if _is_name(finding.rule):
        yield _stated(node, RDFS + "seeAlso", NamedNode(finding.rule))


def _path(path: Path, name: str) -> tuple[NamedNode | BlankNode, list[Triple]]:
    """Return the node of a path (SHACL 2.3.1) and the triples that make it."""
    if isinstance(path, str):
        return NamedNode(path), []
    kind, *parts = path
    inner = [_path(part, f"{name}{place}x") for place, part in enumerate(parts)]
    triples = [triple for _, each in inner for triple in each]
    node = BlankNode(name)
    if kind in _OPERATORS:
        return node, [*triples, _stated(node, SH + _OPERATORS[kind], inner[0][0])]
    head, members = _list([each for each, _ in inner], f"{name}l")
    if kind == "|":
        return node, [*triples, *members, _stated(node, SH + "alternativePath", head)]
    return head, [*triples, *members]


def _list(nodes: Sequence[NamedNode | BlankNode], name: str) -> tuple[BlankNode, list[Triple]]:
    cells = [BlankNode(f"{name}{place}") for place in range(len(nodes))]
    rest: list[NamedNode | BlankNode] = [*cells[1:], NamedNode(RDF + "nil")]
    triples = []
    for cell, node, after in zip(cells, nodes, rest, strict=True):
        triples += [_stated(cell, RDF + "first", node), _stated(cell, RDF + "rest", after)]
    return cells[0], triples


def _is_name(text: str) -> bool:
    """Return whether a text is an IRI, and no text that happens to begin like one."""
    return bool(_SCHEME.match(text)) and is_iri(text)


def _term(text: str, name: str) -> NamedNode | BlankNode:
    return NamedNode(text) if _is_name(text) else BlankNode(name)


def _truth(value: bool) -> Literal:
    return Literal("true" if value else "false", datatype=NamedNode(XSD + "boolean"))


def _stated(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
    return Triple(subject, NamedNode(predicate), value)
