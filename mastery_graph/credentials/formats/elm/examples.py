"""The examples of the shapes (fragments of JSON-LD), converted to the format of the submitted document."""

import json
import re
from functools import cache
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, RdfFormat, parse

from mastery_graph.credentials.contexts import resolve_context
from mastery_graph.vocabulary import PREFIXES

_SUBJECT: Final = "urn:mastery-graph:here"
_EQUIVALENT_MEMBERS: Final = {"awardedBy": ("awardingOpportunity",), "issuer": ("awardingOpportunity", "awardingBody")}
"""Members of a credential that correspond to members of a description."""
_CONTEXT: Final = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]


def example_for(example: str, media_type: str, node: str | None) -> str:
    """Return an example in the format of a document, about the node with the IRI `node`, or a node without an IRI.

    >>> example_for('"volumeOfLearning": "PT50H"', "text/turtle", "https://example.org/course")
    '<https://example.org/course> elm:volumeOfLearning "PT50H"^^xsd:duration .'
    """
    if media_type == "application/rdf+xml":
        return _rdf_xml(example)
    if media_type in {"text/turtle", "application/n-triples"}:
        return _turtle(example).replace(f"<{_SUBJECT}>", f"<{node}>" if node else "[]")
    return example


def part_at(example: str, pointer: str, *, is_object: bool) -> str:
    """Return the part of an example that is still to be added at a JSON pointer.

    `is_object`: whether the value there is an object; any other value is replaced.

    >>> part_at('"grade": {"type": "Note", "noteLiteral": {"en": "Pass"}}', "/provenBy/0/grade", is_object=True)
    '"noteLiteral": {"en": "Pass"}'
    """
    steps = [step for step in pointer.split("/")[1:] if not step.isdigit()]
    names = [name for step in (steps if is_object else steps[:-1]) for name in _EQUIVALENT_MEMBERS.get(step, (step,))]
    part, chain = json.loads(f"{{{example}}}"), []
    addition = part
    while len(part) == 1:
        ((name, value),) = part.items()
        if not isinstance(value, dict) or "type" not in value or "id" in value:
            break
        chain.append(name)
        part = {key: item for key, item in value.items() if key != "type"}
        if any(names[start : start + len(chain)] == chain for start in range(len(names))):
            addition = part
    return json.dumps(addition, ensure_ascii=False)[1:-1]


@cache
def _turtle(example: str) -> str:
    text = _serialize(example, "turtle")
    return re.sub(r"^@prefix .*\n+", "", text, flags=re.MULTILINE).strip()


@cache
def _rdf_xml(example: str) -> str:
    text = _serialize(example, "pretty-xml")
    inner = re.search(rf'<rdf:Description rdf:about="{_SUBJECT}">\n(.*?)\n  </rdf:Description>', text, re.DOTALL)
    return re.sub(r"^    ", "", inner[1], flags=re.MULTILINE) if inner else text


def _serialize(example: str, syntax: str) -> str:
    from rdflib import Graph

    try:
        document = {"@context": resolve_context(_CONTEXT), "@id": _SUBJECT, **json.loads(f"{{{example}}}")}
    except json.JSONDecodeError:
        return example
    graph = Graph()
    for quad in parse(json.dumps(document), format=RdfFormat.JSON_LD):
        graph.add((_term(quad.subject), _term(quad.predicate), _term(quad.object)))
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)
    return graph.serialize(format=syntax)


def _term(term: Any) -> Any:
    """Return a term for rdflib, without normalization: rdflib would turn PT50H into P2DT2H."""
    from rdflib import BNode, URIRef
    from rdflib import Literal as Text

    if isinstance(term, Literal):
        kind = None if term.language else URIRef(term.datatype.value)
        return Text(term.value, lang=term.language, datatype=kind, normalize=False)
    return BNode(term.value) if isinstance(term, BlankNode) else URIRef(term.value)
