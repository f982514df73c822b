"""The W3C SPARQL 1.1 tests as they are published: manifests, files, and how results compare."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)
from rdflib import RDF, RDFS, Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Identifier, Node, URIRef

SUITE = Path(__file__).resolve().parents[3] / "shared" / "suites" / "rdf-tests" / "sparql" / "sparql11"
BASE = "https://w3c.github.io/rdf-tests/sparql/sparql11/"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_NUMBERS = tuple(f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal", "double", "float"))
_RDF = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".rdf": RdfFormat.RDF_XML}
_TABLES = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".csv": QueryResultsFormat.CSV,
    ".tsv": QueryResultsFormat.TSV,
}


@dataclass(frozen=True)
class Case:
    """One test: its name in the suite, its kind, and its node in the graph of its manifest."""

    name: str
    kind: str
    manifest: Graph
    node: Node

    def __str__(self) -> str:
        return self.name

    def action(self, name: Namespace | URIRef) -> list[Node]:
        """What the action of the test says by a property."""
        action = self.manifest.value(self.node, MF.action)
        return list(self.manifest.objects(action, URIRef(name)))

    def text(self, node: Node) -> str:
        """The text of a file that the manifest names, relative addresses in it being relative to it."""
        return f"BASE <{node}>\n{path_of(str(node)).read_text(encoding='utf-8')}"


@cache
def cases() -> tuple[Case, ...]:
    """Every test of the suite, in its order; none where the suite is not there."""
    return tuple({case.name: case for case in _cases(SUITE / "manifest-all.ttl")}.values())


def _cases(path: Path) -> list[Case]:
    if not path.is_file():
        return []
    graph = Graph().parse(path, publicID=BASE + path.relative_to(SUITE).as_posix())
    found: list[Case] = []
    for manifest in graph.subjects(RDF.type, MF.Manifest):
        for included in graph.objects(manifest, MF.include):
            for part in Collection(graph, included):
                if (inner := path_of(str(part))) != path:
                    found += _cases(inner)
        for entries in graph.objects(manifest, MF.entries):
            for node in Collection(graph, entries):
                kind = str(graph.value(node, RDF.type)).rpartition("#")[2]
                name = f"{path.parent.name}/{str(node).rpartition('#')[2]}"
                found.append(Case(name, kind, graph, node))
    return found


def path_of(iri: str) -> Path:
    """The file that an address of the suite stands for."""
    return SUITE / iri.removeprefix(BASE)


def triples_of(iri: str) -> list[Triple]:
    """The triples of a file of the suite."""
    path = path_of(iri)
    return [quad.triple for quad in parse(path.read_bytes(), format=_RDF[path.suffix], base_iri=iri)]


def block(triples: list[Triple], prefix: str) -> str:
    """Triples as they stand in INSERT DATA, their blank nodes apart from those of other blocks."""
    return "\n".join(f"{_apart(t.subject, prefix)} {t.predicate} {_apart(t.object, prefix)} ." for t in triples)


def _apart(term: object, prefix: str) -> str:
    return f"_:{prefix}{term.value}" if isinstance(term, BlankNode) else str(term)


def graphs_of(manifest: Graph, node: Node | None) -> dict[str | None, list[Triple]]:
    """The graphs that a node of the manifest lists: `ut:data` without a name, `ut:graphData` with theirs."""
    found: dict[str | None, list[Triple]] = {None: []}
    for data in manifest.objects(node, UT.data):
        found[None] += triples_of(str(data))
    for named in manifest.objects(node, UT.graphData):
        label = manifest.value(named, RDFS.label)
        file = manifest.value(named, UT.graph)
        found[str(label if label is not None else named)] = triples_of(str(file if file is not None else named))
    return found


def same_graphs(ours: dict[str | None, list[Triple]], theirs: dict[str | None, list[Triple]]) -> bool:
    """Whether the graphs with content are the same, but for the names of blank nodes."""
    return _canonical(_quads(ours)) == _canonical(_quads(theirs))


def _quads(graphs: dict[str | None, list[Triple]]) -> list[Quad]:
    return [
        Quad(_plain(t.subject), t.predicate, _plain(t.object), *([NamedNode(name)] if name else []))
        for name, triples in graphs.items()
        for t in triples
    ]


def expected(path: Path, iri: str) -> object:
    """The expected result: a boolean, a Counter of rows, or a list of triples."""
    if path.suffix in _TABLES:
        return table(path.read_bytes(), _TABLES[path.suffix])
    triples = triples_of(iri)
    if any(str(t.object) == f"<{_RS}ResultSet>" for t in triples):
        return _result_set(triples)
    return triples


def table(content: bytes, kind: QueryResultsFormat) -> object:
    """A result as a boolean, or as a list of rows."""
    found = parse_query_results(content, format=kind)
    if isinstance(found, QueryBoolean):
        return bool(found)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in found]


def _result_set(triples: list[Triple]) -> object:
    of: dict[tuple[str, str], list[object]] = {}
    for t in triples:
        of.setdefault((str(t.subject), t.predicate.value.removeprefix(_RS)), []).append(t.object)
    for (_, name), values in of.items():
        if name == "boolean":
            return str(values[0].value) == "true"  # type: ignore[attr-defined]  # a literal
    rows = []
    for (_, name), solutions in of.items():
        if name == "solution":
            for solution in solutions:
                bindings = of.get((str(solution), "binding"), [])
                rows.append({of[str(b), "variable"][0].value: of[str(b), "value"][0] for b in bindings})  # type: ignore[attr-defined]
    return rows


def same_rows(ours: list[dict[str, object]], theirs: list[dict[str, object]], *, lax: bool) -> bool:
    """Whether two tables hold the same rows as often, in any order, but for the names of blank nodes."""
    if not any(isinstance(v, BlankNode) for row in [*ours, *theirs] for v in row.values()):
        first, second = Counter(map(_key, ours)), Counter(map(_key, theirs))
        return set(first) == set(second) if lax else first == second
    return len(ours) == len(theirs) and _canonical(_rows(ours)) == _canonical(_rows(theirs))


def _rows(rows: list[dict[str, object]]) -> list[Quad]:
    made = []
    for number, row in enumerate(sorted(rows, key=_key)):
        node = BlankNode(f"row{number}")
        made.append(Quad(node, NamedNode("urn:row"), Literal("row")))
        for name, value in row.items():
            made.append(Quad(node, NamedNode(f"urn:{name}"), _plain(value)))
    return made


def _key(row: dict[str, object]) -> str:
    return repr(sorted((n, "_" if isinstance(v, BlankNode) else str(_plain(v))) for n, v in row.items()))


def _plain(term: object) -> object:
    """A number in one form of its value; every other term as it is."""
    if isinstance(term, Literal) and term.datatype.value in _NUMBERS:
        try:
            value = Decimal(term.value) if not term.datatype.value.endswith(("double", "float")) else float(term.value)
        except (InvalidOperation, ValueError):
            return term
        shown = format(value.normalize(), "f") if isinstance(value, Decimal) else repr(value)
        return Literal(shown, datatype=term.datatype)
    return term


def _canonical(quads: list[Quad]) -> set[str]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def literal(node: Identifier | Node | None) -> str:
    """The text of a literal of the manifest; nothing where there is none."""
    return "" if node is None else str(node)
