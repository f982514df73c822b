"""Shapes that a user brings: checked before they check anything.

A broken shape that is passed over would let every document pass. So the file must parse, say nothing in the name of
SHACL that SHACL does not know, keep the shapes of SHACL itself (SHACL-SHACL, Appendix C), hold queries that parse and
patterns that are regular expressions, have a shape with a target, and hold nothing that would check nothing.
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
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.validation.engine import Result, Shapes, compiled, explain_results, run_shapes
from mastery_graph.validation.engine.shapes import named_shape, without_quoted_triples
from mastery_graph.validation.engine.sparql import FORBIDDEN, constraint_queries, first_keyword
from mastery_graph.validation.idle_shapes import declared_parameters, idle_parts
from mastery_graph.validation.profiles import ApplicableShapes
from mastery_graph.validation.shacl_messages import ResultTexts
from mastery_graph.vocabulary import OWL, SH

_SHOWN: Final = 5
_NOT_RUN: Final = {
    SH + "js": "constraints in JavaScript are not run here",
    SH + "entailment": "entailment is not applied here (SHACL 3.3)",
}
_NEWER: Final = frozenset({"codeIdentifier", "intent", "agentInstruction"})
"""Terms of SHACL that describe shapes, and came after the vocabulary that is at hand."""


def user_shapes(*files: Path) -> ApplicableShapes:
    """Return the shapes of Turtle files. Raises `BadShapes`, with all that is wrong, where they cannot be relied on."""
    try:
        triples = [triple for file in files for triple in read_turtle(file)]
    except OntologyError as error:
        raise BadShapes(error.detail, "Mend the file, and validate again.") from None
    shapes = Shapes(triples)
    problems = list(dict.fromkeys(_problems(shapes)))
    if problems:
        more = f" … and {len(problems) - _SHOWN} more." if len(problems) > _SHOWN else ""
        raise BadShapes(
            f"The shapes of {', '.join(file.name for file in files)} are broken: {' | '.join(problems[:_SHOWN])}{more}",
            "Nothing was validated.",
            problems=problems,
        )
    return ApplicableShapes(shapes, tuple(file.name for file in files), {})


def _problems(shapes: Shapes) -> Iterator[str]:
    yield from _nothing_to_do(shapes)
    yield from _unknown_terms(shapes)
    yield from _against_the_shapes_of_shacl(shapes)
    yield from _broken_queries(shapes)
    yield from _broken_patterns(shapes)
    yield from idle_parts(shapes, _constraints(), lambda shape: _place(shapes, shape))


def _nothing_to_do(shapes: Shapes) -> Iterator[str]:
    said = {predicate.value for _, predicate, _ in shapes.statements}
    if not said & (_constraints() | declared_parameters(shapes)):
        yield "there is no shape: nothing says a constraint of SHACL"
    elif not shapes.targets and not shapes.implicit_classes:
        yield "no shape has a target (sh:targetClass and the like): nothing would ever be checked"
    elif not shapes.active_targets:
        yield "every shape that has a target is switched off (sh:deactivated): nothing would ever be checked"


def _unknown_terms(shapes: Shapes) -> Iterator[str]:
    known = _terms()
    for subject, predicate, value in shapes.statements:
        for term in (predicate, value):
            if not isinstance(term, NamedNode) or not term.value.startswith(SH):
                continue
            name = term.value.removeprefix(SH)
            if term.value in _NOT_RUN:
                yield f"{_place(shapes, subject.value)}: {_NOT_RUN[term.value]}"
            elif name and name not in known:
                near = get_close_matches(name, known, 1, 0.7)
                meant = f"; sh:{near[0]} may be meant" if near else ""
                yield f"{_place(shapes, subject.value)}: SHACL 1.0 has no sh:{name}{meant}"


def _against_the_shapes_of_shacl(shapes: Shapes) -> Iterator[str]:
    rules = _shapes_of_shacl()
    triples = [Triple(*statement) for statement in shapes.statements]
    words = ResultTexts(rules, triples)
    for result in explain_results(run_shapes(triples, rules), triples, rules):
        for reason in _reasons(result):
            said = words.of(reason).message.removeprefix("Description, ").removeprefix("Description: ")
            yield f"{_place(shapes, result.focus_node.value)}: {said}"


def _reasons(result: Result) -> Iterator[Result]:
    """Yield what a result comes down to: itself, or what its nested shapes find wrong."""
    if not result.details:
        yield result
    for each in result.details:
        yield from _reasons(each)


def _broken_queries(shapes: Shapes) -> Iterator[str]:
    from rdflib.plugins.sparql import prepareQuery

    targets = {value.value for _, value in shapes.targets.get("target", ())}
    for name, kind, text in constraint_queries(shapes):
        place = _place(shapes, name)
        if keyword := first_keyword(text, *(FORBIDDEN[:1] if name in targets else FORBIDDEN)):
            yield f"{place}: a query of a shape must not say {keyword} (SHACL, Appendix A)"
        elif kind in {"select", "ask", "construct"}:
            if kind == "select" and not re.search(r"[$?]this\b", text):
                yield f"{place}: the query does not return $this (SHACL 5.2.1)"
            try:
                prepareQuery(text.replace("$PATH", "<urn:path>"), initNs=_prefixes(shapes, name))
            except Exception as error:  # whatever rdflib's parser raises
                yield f"{place}: the query does not parse: {str(error).strip().splitlines()[0]}"


def _broken_patterns(shapes: Shapes) -> Iterator[str]:
    for subject, predicate, value in shapes.statements:
        if predicate.value == SH + "pattern":
            try:
                with catch_warnings():
                    simplefilter("ignore")
                    re.compile(value.value)
            except re.error as error:
                if compiled.takes_pattern(value.value):
                    continue
                yield f"{_place(shapes, subject.value)}: the pattern {value.value} is no regular expression: {error}"


def _prefixes(shapes: Shapes, name: str) -> dict[str, str]:
    """Return the prefixes that `sh:prefixes` brings in, also over `owl:imports` (SHACL 5.2.1)."""
    left = [value.value for value in shapes.values(name, SH + "prefixes")]
    seen: set[str] = set()
    found: dict[str, str] = {}
    while left:
        source = left.pop()
        if source in seen:
            continue
        seen.add(source)
        left += [value.value for value in shapes.values(source, OWL + "imports")]
        for declared in shapes.values(source, SH + "declare"):
            prefix = shapes.values_of(declared, SH + "prefix")
            namespace = shapes.values_of(declared, SH + "namespace")
            if prefix and namespace:
                found[prefix[0].value] = namespace[0].value
    return found


def _place(shapes: Shapes, shape: str) -> str:
    """Return where in the shapes something stands: the shape with an IRI, and the path in it."""
    if ":" not in shape:
        return "a shape without an IRI"
    path = shapes.path(shape)
    at = f", property {path}" if path and named_shape(shape) != shape else ""
    return f"{named_shape(shape) or 'a shape without an IRI'}{at}"


@cache
def _terms() -> frozenset[str]:
    """Return the local names of the SHACL vocabulary."""
    subjects = {subject.value for subject, _, _ in without_quoted_triples(_asset("shacl.ttl"))}
    return frozenset(each.removeprefix(SH) for each in subjects if each.startswith(SH)) | _NEWER


@cache
def _constraints() -> frozenset[str]:
    """Return the parameters of the constraint components of SHACL."""
    return frozenset(
        value.value
        for _, predicate, value in without_quoted_triples(_asset("shacl.ttl"))
        if predicate.value == SH + "path"
    )


@cache
def _shapes_of_shacl() -> Shapes:
    return Shapes(_asset("shacl-shacl.ttl"))


@cache
def _asset(name: str) -> tuple[Triple, ...]:
    """Return what pyshacl brings of SHACL itself."""
    content = package_files("pyshacl").joinpath("assets", name).read_bytes()
    return tuple(quad.triple for quad in parse(content, format=RdfFormat.TURTLE))
