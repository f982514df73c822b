"""Validation of the shapes that a user supplies, before they are applied.

If broken shapes were ignored, every document would conform. So the file must parse, use only the terms of the SHACL
namespace that SHACL defines, conform to the shapes of SHACL itself (SHACL-SHACL, Appendix C), contain valid queries and
regular expressions, contain a shape with a target, and contain nothing without effect.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Final
from warnings import catch_warnings, simplefilter

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from mastery_graph.errors import BadShapes, OntologyError
from mastery_graph.languages import Message
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.validation.engine import Result, Shapes, compiled, explain_results, run_shapes
from mastery_graph.validation.engine.shapes import named_shape, without_quoted_triples
from mastery_graph.validation.engine.sparql import FORBIDDEN, constraint_queries, first_keyword
from mastery_graph.validation.idle_shapes import declared_parameters, idle_parts
from mastery_graph.validation.profiles import ApplicableShapes
from mastery_graph.validation.shacl_messages import ResultTexts
from mastery_graph.vocabulary import OWL, SH

_MAX_PROBLEMS: Final = 5
_UNSUPPORTED_TERMS: Final = {
    SH.js: "constraints in JavaScript are not run here",
    SH.entailment: "entailment is not applied here (SHACL 3.3)",
}
_NEWER_TERMS: Final = frozenset({"codeIdentifier", "intent", "agentInstruction"})
"""Terms that describe shapes and are newer than the SHACL vocabulary of pyshacl."""


def user_shapes(*files: Path) -> ApplicableShapes:
    """Return the shapes of Turtle files. Raises `BadShapes` with all problems if there are any."""
    try:
        triples = [triple for file in files for triple in read_turtle(file)]
    except OntologyError as error:
        raise BadShapes(error.detail, Message("Correct the file, and validate again.")) from None
    shapes = Shapes(triples)
    problems = list(dict.fromkeys(_problems(shapes)))
    if problems:
        more = len(problems) - _MAX_PROBLEMS
        listed = " | ".join(problems[:_MAX_PROBLEMS])
        names = ", ".join(file.name for file in files)
        raise BadShapes(
            Message(
                "The shapes of {names} are broken: {problems} … and {number} more.",
                names=names,
                problems=listed,
                number=more,
            )
            if more > 0
            else Message("The shapes of {names} are broken: {problems}", names=names, problems=listed),
            Message("Nothing was validated."),
            problems=problems,
        )
    return ApplicableShapes(shapes, tuple(file.name for file in files), {})


def _problems(shapes: Shapes) -> Iterator[str]:
    yield from _nothing_to_check(shapes)
    yield from _unknown_terms(shapes)
    yield from _shacl_shacl_violations(shapes)
    yield from _broken_queries(shapes)
    yield from _broken_patterns(shapes)
    yield from idle_parts(shapes, _constraint_parameters(), lambda shape: _location(shapes, shape))


def _nothing_to_check(shapes: Shapes) -> Iterator[str]:
    predicates = {predicate.value for _, predicate, _ in shapes.triples}
    if not predicates & (_constraint_parameters() | declared_parameters(shapes)):
        yield "there is no shape: nothing says a constraint of SHACL"
    elif not shapes.targets and not shapes.implicit_classes:
        yield "no shape has a target (sh:targetClass and the like): nothing would ever be checked"
    elif not shapes.active_targets:
        yield "every shape that has a target is switched off (sh:deactivated): nothing would ever be checked"


def _unknown_terms(shapes: Shapes) -> Iterator[str]:
    known = _shacl_terms()
    for subject, predicate, value in shapes.triples:
        for term in (predicate, value):
            if not isinstance(term, NamedNode) or not term.value.startswith(SH):
                continue
            name = term.value.removeprefix(SH)
            if term.value in _UNSUPPORTED_TERMS:
                yield f"{_location(shapes, subject.value)}: {_UNSUPPORTED_TERMS[term.value]}"
            elif name and name not in known:
                matches = get_close_matches(name, known, 1, 0.7)
                suggestion = f"; sh:{matches[0]} may be meant" if matches else ""
                yield f"{_location(shapes, subject.value)}: SHACL 1.0 has no sh:{name}{suggestion}"


def _shacl_shacl_violations(shapes: Shapes) -> Iterator[str]:
    rules = _shacl_shacl()
    triples = [Triple(*triple) for triple in shapes.triples]
    texts = ResultTexts(rules, triples)
    for result in explain_results(run_shapes(triples, rules), triples, rules):
        for reason in _reasons(result):
            message = texts.of(reason).message.removeprefix("Description, ").removeprefix("Description: ")
            yield f"{_location(shapes, result.focus_node.value)}: {message}"


def _reasons(result: Result) -> Iterator[Result]:
    """Yield the causes of a result: the results of its nested shapes, or the result itself if there are none."""
    if not result.details:
        yield result
    for detail in result.details:
        yield from _reasons(detail)


def _broken_queries(shapes: Shapes) -> Iterator[str]:
    from rdflib.plugins.sparql import prepareQuery

    targets = {value.value for _, value in shapes.targets.get("target", ())}
    for name, kind, text in constraint_queries(shapes):
        location = _location(shapes, name)
        if keyword := first_keyword(text, *(FORBIDDEN[:2] if name in targets else FORBIDDEN)):
            yield f"{location}: a query of a shape must not say {keyword} (SHACL, Appendix A)"
        elif kind in {"select", "ask", "construct"}:
            if kind == "select" and not re.search(r"[$?]this\b", text):
                yield f"{location}: the query does not return $this (SHACL 5.2.1)"
            try:
                prepareQuery(text.replace("$PATH", "<urn:path>"), initNs=_prefixes(shapes, name))
            except Exception as error:  # anything that rdflib's parser raises
                yield f"{location}: the query does not parse: {str(error).strip().splitlines()[0]}"


def _broken_patterns(shapes: Shapes) -> Iterator[str]:
    for subject, predicate, value in shapes.triples:
        if predicate.value == SH.pattern:
            try:
                with catch_warnings():
                    simplefilter("ignore")
                    re.compile(value.value)
            except re.error as error:
                if compiled.supports_pattern(value.value):
                    continue
                yield f"{_location(shapes, subject.value)}: the pattern {value.value} is no regular expression: {error}"


def _prefixes(shapes: Shapes, name: str) -> dict[str, str]:
    """Return the prefixes that `sh:prefixes` declares, also through `owl:imports` (SHACL 5.2.1)."""
    pending = [value.value for value in shapes.values(name, SH.prefixes)]
    visited: set[str] = set()
    prefixes: dict[str, str] = {}
    while pending:
        source = pending.pop()
        if source in visited:
            continue
        visited.add(source)
        pending += [value.value for value in shapes.values(source, OWL.imports)]
        for declaration in shapes.values(source, SH.declare):
            prefix = shapes.values_of(declaration, SH.prefix)
            namespace = shapes.values_of(declaration, SH.namespace)
            if prefix and namespace:
                prefixes[prefix[0].value] = namespace[0].value
    return prefixes


def _location(shapes: Shapes, shape: str) -> str:
    """Return the location of a shape for messages: the enclosing shape with an IRI, and the path in it."""
    if ":" not in shape:
        return "a shape without an IRI"
    path = shapes.path(shape)
    property_part = f", property {path}" if path and named_shape(shape) != shape else ""
    return f"{named_shape(shape) or 'a shape without an IRI'}{property_part}"


@cache
def _shacl_terms() -> frozenset[str]:
    """Return the local names of the SHACL vocabulary."""
    subjects = {subject.value for subject, _, _ in without_quoted_triples(_asset("shacl.ttl"))}
    return frozenset(subject.removeprefix(SH) for subject in subjects if subject.startswith(SH)) | _NEWER_TERMS


@cache
def _constraint_parameters() -> frozenset[str]:
    """Return the parameters of the constraint components of SHACL."""
    return frozenset(
        value.value for _, predicate, value in without_quoted_triples(_asset("shacl.ttl")) if predicate.value == SH.path
    )


@cache
def _shacl_shacl() -> Shapes:
    return Shapes(_asset("shacl-shacl.ttl"))


@cache
def _asset(name: str) -> tuple[Triple, ...]:
    """Return the triples of a file about SHACL that pyshacl contains."""
    content = package_files("pyshacl").joinpath("assets", name).read_bytes()
    return tuple(quad.triple for quad in parse(content, format=RdfFormat.TURTLE))
