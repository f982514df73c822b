"""W3C's SHACL test suite, as its manifests describe it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from mastery_graph.rdf import Term
from mastery_graph.validation.engine import Result, Shapes
from mastery_graph.validation.engine.shapes import path_text
from mastery_graph.vocabulary import SH

SUITE = Path(__file__).resolve().parents[3] / "shared/suites/data-shapes/data-shapes-test-suite/tests"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"

Found = Counter[tuple[str | None, ...]]
"""Results as the suite compares them: focus node, path, value, shape, component, severity; blank nodes are alike."""


@dataclass(frozen=True)
class SuiteTest:
    """One test: data, shapes, and the results that are due; None where a failure is due."""

    name: str
    data: tuple[Triple, ...]
    shapes: Shapes
    due: Found | None


def suite_tests() -> list[str]:
    """Return the names of the tests, such as `core/node/and-001`; none where the suite is missing."""
    if not SUITE.is_dir():
        return []
    return sorted(
        str(file.relative_to(SUITE).with_suffix(""))
        for manifest in ("core/manifest.ttl", "sparql/manifest.ttl")
        for file in _files(SUITE / manifest)
        if any(
            triple.object.value == SHT + "Validate"
            for triple in _triples(file)
            if triple.predicate.value.endswith("#type")
        )
    )


def suite_test(name: str) -> SuiteTest:
    """Return one test by its name."""
    file = (SUITE / name).with_suffix(".ttl")
    shapes = Shapes(_triples(file))
    (test,) = (subject.value for subject, _, value in shapes.triples if value == NamedNode(SHT + "Validate"))
    action = _one(shapes, NamedNode(test), MF + "action")
    data = _triples(_file(_one(shapes, action, SHT + "dataGraph")))
    applied = Shapes(_triples(_file(_one(shapes, action, SHT + "shapesGraph"))))
    report = _one(shapes, NamedNode(test), MF + "result")
    due = None if isinstance(report, NamedNode) else _due(shapes, report)
    return SuiteTest(name, data, applied, due)


def as_found(results: tuple[Result, ...]) -> Found:
    """Return results as the suite compares them."""
    return Counter(
        (
            _key(result.focus_node),
            result.path,
            _key(result.value),
            result.shape,
            result.component,
            result.severity_iri,
        )
        for result in results
    )


def _due(shapes: Shapes, report: Term) -> Found:
    found: Found = Counter()
    for result in shapes.values_of(report, SH + "result"):
        stated = {
            name: next(iter(shapes.values_of(result, SH + name)), None)
            for name in (
                "focusNode",
                "resultPath",
                "value",
                "sourceShape",
                "sourceConstraintComponent",
                "resultSeverity",
            )
        }
        path = stated["resultPath"]
        found[
            (
                _key(stated["focusNode"]),
                path_text(shapes.index, path) if isinstance(path, BlankNode) else path and path.value,
                _key(stated["value"]),
                stated["sourceShape"].value if stated["sourceShape"] else "",
                stated["sourceConstraintComponent"].value if stated["sourceConstraintComponent"] else "",
                stated["resultSeverity"].value if stated["resultSeverity"] else "",
            )
        ] += 1
    return found


def _key(term: Term | None) -> str | None:
    return None if term is None else "[]" if isinstance(term, BlankNode) else str(term)


def _one(shapes: Shapes, subject: Term, predicate: str) -> Term:
    return shapes.values_of(subject, predicate)[0]


def _file(graph: Term) -> Path:
    return Path(graph.value.removeprefix("file://"))


@cache
def _triples(file: Path) -> tuple[Triple, ...]:
    return tuple(quad.triple for quad in parse(path=str(file), format=RdfFormat.TURTLE, base_iri=file.as_uri()))


def _files(manifest: Path) -> Iterator[Path]:
    for triple in _triples(manifest):
        if triple.predicate.value == MF + "include":
            yield from _files(_file(triple.object))
    yield manifest
