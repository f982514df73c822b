"""The build: deterministic, checked, all or nothing."""

import shutil
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from mastery_graph.errors import BadSource, GraphCheckFailed, OntologyError
from mastery_graph.pipeline.build import BuildReport, Sources, build, read_graphs, replace_graph
from mastery_graph.pipeline.closure import closure
from mastery_graph.pipeline.dataset import content_of, write_description
from mastery_graph.rdf import words
from mastery_graph.resources import folder
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import ESCO_EXTRACT_GRAPH, NS, SKOS, graph


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder("ontology"), tmp_path / "ontology"))


def test_the_same_input_gives_the_same_hash(built: tuple[Path, BuildReport]) -> None:
    again = build(MemoryStore(), Sources())
    assert again.content_hash == built[1].content_hash
    assert again.graphs == built[1].graphs


def _triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]


def test_the_hash_of_a_graph_stands_for_its_content_and_not_for_the_names_of_blank_nodes() -> None:
    one = content_of(_triples("_:a <urn:p> _:b . _:b <urn:q> 1 ."))
    assert content_of(_triples("_:y <urn:q> 1 . _:x <urn:p> _:y . _:x <urn:p> _:y .")) == one
    assert one.triples == 2
    assert content_of(_triples("_:a <urn:p> _:b . _:a <urn:q> 1 .")) != one
    assert content_of(_triples("_:a <urn:p> _:b . _:b <urn:q> 2 .")) != one


def test_the_hash_of_the_dataset_stands_for_its_graphs_their_names_and_contents_in_any_order() -> None:
    store = MemoryStore()
    one, two = content_of(_triples("<urn:a> <urn:b> 1 .")), content_of(_triples("<urn:a> <urn:b> 2 ."))
    hashed = write_description(store, {"urn:x": one, "urn:y": two})
    assert write_description(store, {"urn:y": two, "urn:x": one}) == hashed
    assert (
        len(
            {
                hashed,
                write_description(store, {"urn:x": two, "urn:y": one}),
                write_description(store, {"urn:x": one, "urn:z": two}),
            }
        )
        == 3
    )
    store.close()


def test_the_shipped_graphs_are_all_there(store: EmbeddedStore) -> None:
    names = {size.iri for size in store.graphs()}
    shipped = (
        "ontology",
        "green-skills",
        "frameworks",
        "policy",
        "mappings",
        "catalogue",
        "registers/example",
        "inferred",
    )
    assert {graph(name) for name in shipped} <= names


def test_levels_at_one_eqf_level_are_inferred_to_be_comparable_both_ways(store: EmbeddedStore) -> None:
    query = f"""ASK {{ GRAPH <{graph("inferred")}> {{
      <http://data.europa.eu/snb/qdr/c_fd8ce5f6> <{NS}comparableLevel> ?other .
      ?other <{NS}comparableLevel> <http://data.europa.eu/snb/qdr/c_fd8ce5f6> . }} }}"""
    assert store.ask(query)


def test_the_closure_says_nothing_that_is_asserted_already() -> None:
    asserted = [triple for triples in read_graphs(Sources()).values() for triple in triples]
    few = [triple for triple in asserted if "c_fd8ce5f6" in str(triple) or "ns#referenced" in str(triple.subject)]
    assert set(closure(few)) & set(few) == set()


def test_a_broken_file_stops_the_build_with_its_line(ontology: Path) -> None:
    path = ontology / "visions.ttl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[20] = "this is no Turtle"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(OntologyError, match=r"visions\.ttl, line 21"):
        build(MemoryStore(), Sources(ontology=ontology))


def test_a_graph_that_breaks_its_shapes_is_not_stored(ontology: Path, tmp_path: Path) -> None:
    with Draft.change(tmp_path / "store") as draft:
        draft.replace_graph(graph("esco"), read_graphs(Sources())[graph("green-skills")][:3])
    before = EmbeddedStore.open(tmp_path / "store").graphs()
    path = ontology / "visions.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("mg:rolloutStep 2 ;", ""), encoding="utf-8")
    with (
        pytest.raises(GraphCheckFailed, match="roll-out step"),
        Draft.change(tmp_path / "store") as draft,
    ):
        build(draft, Sources(ontology=ontology))
    assert EmbeddedStore.open(tmp_path / "store").graphs() == before


def test_a_bad_table_stops_the_build_with_its_row(tmp_path: Path) -> None:
    table = tmp_path / "levels.csv"
    table.write_text(
        "framework_uri,framework_label,country_iso3,level_uri,level_label,eqf_level,basis,confidence,"
        "source_title,source_url,note\n"
        "http://data.europa.eu/snb/qdr/c_1,F,FIN,http://data.europa.eu/snb/qdr/c_2,L,9,report,high,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(BadSource, match="row 2: eqf_level is '9'"):
        build(MemoryStore(), Sources(referencings=table))


def test_another_set_of_green_skills_takes_the_place_of_ours(tmp_path: Path) -> None:
    table = tmp_path / "skills.csv"
    table.write_text(
        "skill_code,name_en,sectors,eqf_min,eqf_max,greencomp\nX-1,Repair things,Construction,4,5,Systems thinking\n",
        encoding="utf-8",
    )
    graphs = read_graphs(Sources(green_skills=table))
    text = "\n".join(str(triple) for triple in graphs[graph("green-skills")])
    assert "green-skill/X-1" in text
    assert "GS01" not in text
    assert graphs[graph("mappings")] == []


def test_what_a_user_loaded_stays_when_the_graph_is_built_again(reference: Path) -> None:
    esco = list(dict.fromkeys(EscoDownload([reference / "esco-1.2.0" / "greenSkillsCollection_en.csv"]).triples()))
    store = MemoryStore()
    report = replace_graph(store, graph("esco"), esco)
    assert report.graphs[graph("esco")] == content_of(esco)
    rebuilt = build(store, Sources())
    assert rebuilt.graphs[graph("esco")] == content_of(esco)
    assert ESCO_EXTRACT_GRAPH not in rebuilt.graphs


def test_the_extract_of_esco_is_there_until_esco_is_loaded(built: tuple[Path, BuildReport], reference: Path) -> None:
    extract = built[1].graphs[ESCO_EXTRACT_GRAPH]
    assert (extract.version, extract.issued, extract.triples > 10_000) == ("1.2.0", "2024-05-15", True)
    store = MemoryStore()
    replace_graph(store, ESCO_EXTRACT_GRAPH, [words("urn:skill", SKOS.prefLabel, "sort waste", "en")])
    download = EscoDownload([reference / "esco-1.2.0" / "greenSkillsCollection_en.csv"])
    report = replace_graph(store, graph("esco"), list(dict.fromkeys(download.triples())))
    assert set(report.graphs) == {graph("esco")}
    assert not list(store.triples(NamedNode(ESCO_EXTRACT_GRAPH)))
