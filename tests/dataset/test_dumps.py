"""Dumps: whole, the same bytes for the same content, described, checkable, and without personal data."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Store, Triple, parse
from rdflib import Graph

from mastery_graph.dataset.description import describe_dataset
from mastery_graph.dataset.dumps import export
from mastery_graph.dataset.lines import PERSONAL, content_graphs, lines_of_store, sort_unique
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.mappings.mapping_set import sssom_table
from mastery_graph.pipeline.build import BuildReport, replace_graph
from mastery_graph.pipeline.dataset import DATASET_GRAPH, OWN_GRAPHS, read_description
from mastery_graph.queries import named_query
from mastery_graph.rdf import link, words
from mastery_graph.sources.sssom import read_mapping_set
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import DCTERMS, ESCO_EXTRACT_GRAPH, GRAPH, ID, RDF, SKOS, SSSOM, graph
from tests.support.command_line import run


def canonical(quads: list[Quad]) -> Dataset:
    found = Dataset(quads)
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return found


def content(store: EmbeddedStore, name: str) -> Dataset:
    triples = store.construct(named_query("browse/graph").text, {"graph": NamedNode(name)})
    return canonical([Quad(*triple) for triple in triples])


def test_n_quads_hold_every_graph_and_load_as_they_were(store: EmbeddedStore, tmp_path: Path) -> None:
    report = export(store, tmp_path, "nquads")
    dump = next(tmp_path.glob("*.nq"))
    assert dump.name == f"mastery-graph-{report.dataset.version}-{report.dataset.content_hash[:12]}.nq"
    loaded = Store()
    loaded.bulk_load(path=str(dump), format=RdfFormat.N_QUADS)
    names = content_graphs(store)
    assert {str(name.value) for name in loaded.named_graphs()} == {*names, DATASET_GRAPH}
    for name in names:
        quads = loaded.quads_for_pattern(None, None, None, NamedNode(name))
        assert canonical([Quad(*quad.triple) for quad in quads]) == content(store, name)


def test_n_quads_bring_their_description_along(store: EmbeddedStore, tmp_path: Path) -> None:
    with_personal = MemoryStore.copy_of(store)
    replace_graph(with_personal, PERSONAL + "1", [words("urn:credential:1", DCTERMS + "title", "Of a person")])
    export(with_personal, tmp_path / "without", "nquads")
    export(with_personal, tmp_path / "with", "nquads", personal=True)
    for folder, source in (("without", store), ("with", with_personal)):
        dump = next((tmp_path / folder).glob("*.nq"))
        lines = dump.read_bytes().splitlines()
        assert lines == sorted(lines)
        loaded = MemoryStore()
        loaded.load_quads(dump.read_bytes())
        assert read_description(loaded) == read_description(source)
        assert dataset_of(loaded).content_hash == dataset_of(source).content_hash
        sizes = {each.iri: each.triples for each in loaded.graphs() if each.iri != DATASET_GRAPH}
        assert {name: content.triples for name, content in read_description(loaded).items()} == sizes


def test_no_name_in_turtle_needs_a_backslash(store: EmbeddedStore, tmp_path: Path) -> None:
    copy = MemoryStore.copy_of(store)
    names = ["a/b", "a.b/c.", "ä/ö,(x)", "x'y!", "plain", "a%2Fb/c"]
    triples = [link(f"{GRAPH}{name}", DCTERMS + "relation", f"{ID}{name}") for name in names]
    triples.append(words(f"{ID}text", DCTERMS + "title", 'mgr:a\\/b "mgr:c\\/d" <mgr:e\\/f>'))
    replace_graph(copy, graph("statements"), triples)
    export(copy, tmp_path, "turtle")
    for file in ("statements.ttl", "dataset.ttl"):
        content = (tmp_path / file).read_text(encoding="utf-8")
        outside = re.sub(r'"(?:[^"\\]|\\.)*"', '""', content)
        assert "\\" not in outside
    quads = parse(path=str(tmp_path / "statements.ttl"), format=RdfFormat.TURTLE)
    assert {quad.triple for quad in quads} == set(triples)


@pytest.mark.parametrize(("form", "rdf_format"), [("turtle", RdfFormat.TURTLE), ("jsonld", RdfFormat.JSON_LD)])
def test_turtle_and_json_ld_hold_a_graph_a_file(
    store: EmbeddedStore, tmp_path: Path, form: str, rdf_format: RdfFormat
) -> None:
    export(store, tmp_path, form)  # type: ignore[arg-type]  # one of the formats
    names = content_graphs(store)
    assert len(names) > 5
    for name in names:
        ending = "ttl" if form == "turtle" else "jsonld"
        quads = parse(path=str(tmp_path / f"{name.removeprefix(GRAPH).replace('/', '_')}.{ending}"), format=rdf_format)
        assert canonical([Quad(*quad.triple) for quad in quads]) == content(store, name), name


def test_sssom_holds_every_mapping_and_can_be_loaded_again(store: EmbeddedStore, tmp_path: Path) -> None:
    export(store, tmp_path, "sssom")
    again = read_mapping_set(next(tmp_path.glob("*.sssom.tsv")))
    assert again.refused == []
    assert again.accepted == len(sssom_table(store).records) > 50


@pytest.mark.parametrize("form", ["nquads", "turtle", "jsonld", "sssom"])
def test_the_same_content_gives_the_same_bytes(store: EmbeddedStore, tmp_path: Path, form: str) -> None:
    copy = MemoryStore.copy_of(store)
    export(store, tmp_path / "one", form)  # type: ignore[arg-type]  # one of the formats
    export(copy, tmp_path / "two", form)  # type: ignore[arg-type]
    copy.close()
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_the_checksums_are_those_of_the_files(store: EmbeddedStore, tmp_path: Path) -> None:
    export(store, tmp_path, "turtle")
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True, capture_output=True)
    listed = {line.split()[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()}
    assert listed == {path.name for path in tmp_path.iterdir()} - {"SHA256SUMS"}


def test_a_second_format_joins_the_first_and_another_version_is_refused(store: EmbeddedStore, tmp_path: Path) -> None:
    for form in ("sssom", "nquads"):
        export(store, tmp_path, form)  # type: ignore[arg-type]  # one of the formats
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True, capture_output=True)
    listed = {line.split()[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()}
    assert listed == {path.name for path in tmp_path.iterdir()} - {"SHA256SUMS"}
    described = (tmp_path / "dataset.ttl").read_text()
    assert all(f'"{name}"' in described for name in listed - {"dataset.ttl"})
    copy = MemoryStore.copy_of(store)
    replace_graph(copy, "urn:more", [words("urn:a", "urn:b", "c")])
    with pytest.raises(BadParameter, match="another version"):
        export(copy, tmp_path, "turtle")
    copy.close()
    assert listed == {path.name for path in tmp_path.iterdir()} - {"SHA256SUMS"}


def test_the_description_gives_each_file_its_size_and_checksum(store: EmbeddedStore, tmp_path: Path) -> None:
    export(store, tmp_path, "turtle")
    described = Graph().parse(tmp_path / "dataset.ttl")
    rows = described.query(
        """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX spdx: <http://spdx.org/rdf/terms#>
        PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?file ?size ?sum WHERE { ?part dcat:distribution ?d . ?d dcterms:title ?file ; dcat:byteSize ?size ;
          spdx:checksum/spdx:checksumValue ?sum }"""
    )
    found = {str(file): (int(size), str(checksum)) for file, size, checksum in rows}  # type: ignore[misc]  # three columns
    files = {path.name: path.read_bytes() for path in tmp_path.glob("*.ttl") if path.name != "dataset.ttl"}
    assert len(files) == len(content_graphs(store))
    assert found == {name: (len(written), hashlib.sha256(written).hexdigest()) for name, written in files.items()}


def test_only_our_own_parts_are_under_our_licence(built: tuple[Path, BuildReport], store: EmbeddedStore) -> None:
    cc0 = "https://creativecommons.org/publicdomain/zero/1.0/"
    a_set, another = graph("mappings/a"), graph("mappings/b")
    assert set(built[1].graphs) == {*OWN_GRAPHS, ESCO_EXTRACT_GRAPH}
    copy = MemoryStore.copy_of(store)
    loaded = [link("urn:set", RDF + "type", SSSOM + "MappingSet"), link("urn:set", SSSOM + "license", cc0)]
    replace_graph(copy, a_set, loaded)
    replace_graph(copy, another, [link("urn:other", RDF + "type", SSSOM + "MappingSet")])
    replace_graph(copy, graph("esco"), [words("urn:skill", SKOS + "prefLabel", "sort waste", "en")])
    which = dataset_of(copy)
    about = describe_dataset(copy, which, (), content_graphs(copy))
    copy.close()
    own = dict.fromkeys(OWN_GRAPHS, which.licence)
    given = {
        triple.subject.value: triple.object.value for triple in about if triple.predicate.value == DCTERMS + "license"
    }
    parts = {f"{which.iri}/{name.removeprefix(GRAPH)}": licence for name, licence in {**own, a_set: cc0}.items()}
    assert given == {which.iri: which.licence, **parts}
    notices = {triple.subject.value: triple.object for triple in about if triple.predicate.value == DCTERMS + "rights"}
    assert notices.keys() == {which.iri, f"{which.iri}/esco"}
    for notice in notices.values():
        assert Triple(notice, NamedNode(RDF + "type"), NamedNode(DCTERMS + "RightsStatement")) in about


def test_descriptions_of_peoples_credentials_stay_out_unless_asked_for(store: EmbeddedStore, tmp_path: Path) -> None:
    copy = MemoryStore.copy_of(store)
    replace_graph(copy, f"{PERSONAL}aino", [words("urn:aino", "http://xmlns.com/foaf/0.1/name", "Aino Virtanen")])
    export(copy, tmp_path / "public", "nquads")
    export(copy, tmp_path / "all", "nquads", personal=True)
    copy.close()
    public = b"".join(path.read_bytes() for path in (tmp_path / "public").iterdir())
    assert b"Aino Virtanen" not in public
    assert PERSONAL.encode() not in public
    assert b"Aino Virtanen" in next((tmp_path / "all").glob("*.nq")).read_bytes()


def test_blank_nodes_of_two_graphs_are_not_mixed_up() -> None:
    copy = MemoryStore()
    for name in ("one", "two"):
        copy.load(b"<urn:s> <urn:p> [ <urn:q> 1 ] .", RdfFormat.TURTLE, graph(name))
    lines = b"".join(lines_of_store(copy, [graph("one"), graph("two")]))
    copy.close()
    nodes = {term for quad in parse(lines, format=RdfFormat.N_QUADS) for term in [quad.object] if "_:" in str(term)}
    assert len(nodes) == 2


def test_lines_are_sorted_through_files_as_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    from mastery_graph.dataset import lines

    monkeypatch.setattr(lines, "_BATCH_SIZE", 7)
    given = [f"line {n * 37 % 100}\n".encode() for n in range(250)]
    assert list(sort_unique(given)) == sorted(set(given))


def test_export_on_the_command_line(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    done = run("export", "--format", "turtle", store=built[0], folder=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next(tmp_path.iterdir())
    assert built[1].content_hash[:12] in folder.name
    for line in done.stdout.splitlines():
        sha256, _, name = line.split()
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == sha256
