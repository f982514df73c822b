"""The mappings as other tools take them: SSSOM, valid by its reference implementation, and JSKOS; and back in."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from mastery_graph.mappings.mapping_set import (
    MappingRecord,
    MappingSetExport,
    as_jskos,
    as_sssom_json,
    as_sssom_tsv,
    sssom_table,
)
from mastery_graph.pipeline.build import replace_graph
from mastery_graph.questions.mapping_closure import reachable
from mastery_graph.rdf import link, words
from mastery_graph.sources.sssom import MappingSet, read_mapping_set
from mastery_graph.sources.sssom_slots import SEVERAL
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import RDF, SKOS, XSD

ROOT = Path(__file__).resolve().parents[2]
DENIED = """#mapping_set_id: https://example.org/sets/a
#curie_map:
#  gs: https://w3id.org/mastery-graph/id/green-skill/
#  ex: https://example.org/skill/
subject_id\tpredicate_id\tobject_id\tmapping_justification\tpredicate_modifier\tauthor_label\tcomment
gs:GS01\tskos:exactMatch\tex:waste\tsemapv:ManualMappingCuration\tNot\tA|B\tnot "the same", at all
gs:GS01\tskos:broadMatch\tex:waste\tsemapv:ManualMappingCuration\t\tA\t
gs:GS02\tskos:exactMatch\tsssom:NoTermFound\tsemapv:ManualMappingCuration\t\tA\t
gs:GS03\tskos:exactMatch\tsssom:NoTermFound\tsemapv:ManualMappingCuration\t\tA\t
"""
GREEN = "https://w3id.org/mastery-graph/id/green-skill/"
NO_TERM = "https://w3id.org/sssom/NoTermFound"


@pytest.fixture(scope="module")
def table_store(store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    file = tmp_path_factory.mktemp("set") / "a.sssom.tsv"
    file.write_text(DENIED, encoding="utf-8")
    found = read_mapping_set(file)
    copy = MemoryStore.copy_of(store)
    replace_graph(copy, found.graph, found.triples)
    return copy


SLOTS = """#mapping_set_id: https://example.org/sets/b
#license: https://creativecommons.org/publicdomain/zero/1.0/
#mapping_tool: A matcher
#creator_label: [A person]
#subject_source: gs:scheme
#subject_source_version: "2"
#curie_map:
#  gs: https://w3id.org/mastery-graph/id/green-skill/
#  ex: https://example.org/skill/
#  orcid: https://orcid.org/
"""
ROW = {
    "subject_id": "gs:GS01",
    "predicate_id": "skos:closeMatch",
    "object_id": "ex:waste",
    "mapping_justification": "semapv:LexicalMatching",
    "confidence": "0.5",
    "similarity_score": "0.75",
    "reviewer_id": "orcid:0000-0000-0000-0001|orcid:0000-0000-0000-0002",
    "review_date": "2026-01-02",
    "match_string": "refuse|waste",
    "subject_match_field": "skos:prefLabel",
    "subject_type": "skos concept",
    "mapping_cardinality": "1:n",
    "see_also": "https://example.org/why",
    "record_id": "ex:record",
    "mapping_tool_id": "ex:",
    "mapping_source": "ex:origin",
}
READ = """\
import sys
from sssom.parsers import parse_sssom_json
from sssom.writers import write_table
with open(sys.argv[2], "w", encoding="utf-8") as out:
    write_table(parse_sssom_json(sys.argv[1]), out)
"""
"""What `sssom parse` does, without the map of all prefixes of biology, which takes it half a minute to make."""


def reference(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the reference implementation of SSSOM, or skip where it is not installed."""
    own = ROOT / ".venv-sssom" / "bin" / "sssom"
    installed = str(own) if own.exists() else shutil.which("sssom")
    if installed is None:
        pytest.skip("the reference implementation of SSSOM is missing: make .venv-sssom/.ready")
    command = [str(Path(installed).with_name(program)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_table_is_valid_by_the_reference_implementation(table_store: EmbeddedStore, tmp_path: Path) -> None:
    file = tmp_path / "all.sssom.tsv"
    file.write_text(as_sssom_tsv(sssom_table(table_store)), encoding="utf-8")
    done = reference("sssom", "validate", str(file))
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stdout + done.stderr


def test_the_document_is_read_whole_by_the_reference_implementation(table_store: EmbeddedStore, tmp_path: Path) -> None:
    table = sssom_table(table_store)
    file, read = tmp_path / "all.json", tmp_path / "read.sssom.tsv"
    file.write_text(json.dumps(as_sssom_json(table)), encoding="utf-8")
    done = reference("python", "-c", READ, str(file), str(read))
    assert done.returncode == 0, done.stderr
    assert reference("sssom", "validate", str(read)).returncode == 0
    rows = [line for line in read.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(rows) - 1 == len(table.records)


@pytest.mark.parametrize("form", ["tsv", "json"])
def test_what_goes_out_comes_in_again(
    store: EmbeddedStore, table_store: EmbeddedStore, tmp_path: Path, form: str
) -> None:
    table = sssom_table(table_store)
    file = tmp_path / f"all.{form}"
    file.write_text(as_sssom_tsv(table) if form == "tsv" else json.dumps(as_sssom_json(table)), encoding="utf-8")
    found = read_mapping_set(file)
    assert (found.accepted, found.denied, found.refused) == (len(table.records), 1, [])
    own = MemoryStore.copy_of(store)
    replace_graph(own, "https://w3id.org/mastery-graph/graph/mappings", [])
    replace_graph(own, found.graph, found.triples)
    assert told(sssom_table(own)) == told(table)


def told(table: MappingSetExport) -> list[MappingRecord]:
    """What a table says, but for the IRI that its store gives to a record."""
    return [{name: each for name, each in record.items() if name != "record"} for record in table.records]


def test_every_slot_goes_out_as_it_came_in(store: EmbeddedStore, tmp_path: Path) -> None:
    file = tmp_path / "b.tsv"
    file.write_text(SLOTS + "\t".join(ROW) + "\n" + "\t".join(ROW.values()) + "\n", encoding="utf-8")
    found = read_mapping_set(file)
    own = MemoryStore.copy_of(store)
    replace_graph(own, found.graph, found.triples)
    table = sssom_table(own)
    (out,) = (record for record in table.records if record["object_id"] == "https://example.org/skill/waste")
    (row,) = (row for row in as_sssom_json(table)["mappings"] if row["object_id"].endswith(":waste"))
    lists = {name: value.split("|") for name, value in ROW.items() if name in SEVERAL}
    numbers = {"confidence": 0.5, "similarity_score": 0.75}
    of_the_set = {
        "mapping_tool": "A matcher",
        "subject_source": "gs:scheme",
        "subject_source_version": "2",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
    }
    shown = {name: re.sub(r"ns\d+:", "ex:", each) if isinstance(each, str) else each for name, each in row.items()}
    assert shown == {**ROW, **lists, **numbers, **of_the_set}
    assert out["mapping_source"] == "https://example.org/skill/origin"
    assert not [each for each in table.records if "license" in each and each is not out]
    said = {
        (quad.predicate.value.removeprefix("https://w3id.org/sssom/"), quad.object)
        for quad in parse(json.dumps(as_sssom_json(table)), format=RdfFormat.JSON_LD)
    }
    assert {
        ("license", NamedNode("https://creativecommons.org/licenses/by-sa/4.0/")),
        ("license", NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")),
        ("review_date", Literal("2026-01-02", datatype=NamedNode(XSD + "date"))),
        ("see_also", NamedNode("https://example.org/why")),
    } <= said


def slot(found: MappingSet, name: str) -> list[str]:
    values = (triple.object.value for triple in found.triples if triple.predicate.value.endswith(f"/{name}"))
    return sorted(values)


def test_what_a_set_says_holds_only_where_no_mapping_says_its_own(tmp_path: Path) -> None:
    head = "#mapping_date: 2020-01-01\n" + SLOTS
    rows = [ROW | {"mapping_date": "2024-02-02"}, ROW | {"object_id": "ex:other", "mapping_date": ""}]
    file = tmp_path / "own.tsv"
    file.write_text(
        head + "\n".join("\t".join(row) for row in [ROW | {"mapping_date": ""}, *(row.values() for row in rows)]),
        encoding="utf-8",
    )
    found = read_mapping_set(file)
    assert found.accepted == 2
    assert slot(found, "mapping_date") == ["2024-02-02"]
    assert slot(found, "mapping_tool") == ["A matcher"] * 2


def test_the_same_mapping_by_another_tool_is_another_and_extensions_are_passed_over(tmp_path: Path) -> None:
    head = SLOTS.replace("#mapping_tool: A matcher\n", "").replace(
        "#curie_map",
        "#extension_definitions:\n#  - slot_name: mood\n#    property: https://example.org/mood\n#curie_map",
    )
    by = [{**ROW, "record_id": "", "mapping_tool": tool, "mood": "good"} for tool in ("A", "B", "B")]
    file = tmp_path / "tools.tsv"
    file.write_text(
        head + "\n".join("\t".join(each) for each in (by[0], *(row.values() for row in by))), encoding="utf-8"
    )
    found = read_mapping_set(file)
    assert (found.accepted, len(found.refused), slot(found, "mapping_tool")) == (2, 1, ["A", "B"])


def test_the_values_of_a_document_are_kept_as_they_are(tmp_path: Path) -> None:
    row = {name: ROW[name] for name in ("subject_id", "predicate_id", "object_id", "mapping_justification")}
    row |= {"author_label": ["A|B", "C"], "comment": "one\ntwo  three"}
    content = {
        "mapping_set_id": "https://example.org/sets/j",
        "curie_map": {"gs": GREEN, "ex": "https://example.org/skill/"},
    }
    file = tmp_path / "set.json"
    file.write_text(json.dumps({**content, "mappings": [row]}), encoding="utf-8")
    found = read_mapping_set(file)
    assert slot(found, "author_label") == ["A|B", "C"]
    assert slot(found, "comment") == ["one\ntwo  three"]


def test_where_no_term_was_found_nothing_corresponds(table_store: EmbeddedStore) -> None:
    rows = [row for row in sssom_table(table_store).records if row["object_id"] == NO_TERM]
    assert sorted(str(row["subject_id"]) for row in rows) == [f"{GREEN}GS02", f"{GREEN}GS03"]
    found = {path.end for path in reachable(table_store, f"{GREEN}GS02")}
    assert not found & {NO_TERM, f"{GREEN}GS03"}
    assert not table_store.ask(
        f"ASK {{ ?s ?p <{NO_TERM}> . FILTER (STRSTARTS(STR(?p), 'http://www.w3.org/2004/02/skos')) }}"
    )
    assert NO_TERM not in json.dumps(list(as_jskos(sssom_table(table_store))))


def test_the_document_says_as_json_ld_what_it_says(table_store: EmbeddedStore) -> None:
    table = sssom_table(table_store)
    said = list(parse(json.dumps(as_sssom_json(table)), format=RdfFormat.JSON_LD))
    mappings = {str(quad.object) for quad in said if quad.predicate.value.endswith("/mappings")}
    ends = sorted(quad.object.value for quad in said if quad.predicate.value.endswith("/object_id"))
    assert len(mappings) == len(table.records)
    assert ends == sorted(str(row["object_id"]) for row in table.records)


def test_what_somebody_wrote_and_is_no_mapping_is_left_out(store: EmbeddedStore) -> None:
    own = MemoryStore.copy_of(store)
    sssom = "https://w3id.org/sssom/"
    mapping = [
        link("urn:m", RDF + "type", f"{sssom}Mapping"),
        link("urn:m", f"{sssom}subject_id", f"{GREEN}GS01"),
        link("urn:m", f"{sssom}predicate_id", f"{SKOS}exactMatch"),
        link("urn:m", f"{sssom}object_id", "https://example.org/skill/waste"),
        words("urn:m", f"{sssom}confidence", "high"),
        words("urn:m", f"{sssom}made_up", "anything"),
    ]
    replace_graph(own, "urn:graph", mapping)
    assert len(sssom_table(own).records) == len(sssom_table(store).records)
    justified = link("urn:m", f"{sssom}mapping_justification", "https://w3id.org/semapv/vocab/ManualMappingCuration")
    replace_graph(own, "urn:graph", [*mapping, justified])
    table = sssom_table(own)
    (record,) = (each for each in table.records if each["record"] == "urn:m")
    assert not {"confidence", "made_up"} & record.keys()
    assert len(as_sssom_json(table)["mappings"]) == len(list(as_jskos(table))) == len(table.records)


def test_jskos_leaves_out_what_is_denied_or_without_a_term(table_store: EmbeddedStore) -> None:
    table = sssom_table(table_store)
    shown = list(as_jskos(table))
    assert len(shown) == len(table.records) - 3
    assert all(each["type"][0].startswith("http://www.w3.org/2004/02/skos/core#") for each in shown)
    own = next(each for each in shown if each["to"]["memberSet"][0]["uri"] == "https://example.org/skill/waste")
    assert own["from"]["memberSet"][0]["uri"].endswith("/green-skill/GS01")
    assert own["creator"] == [{"prefLabel": {"und": "A"}}]
    stated = {str(each["object_id"]): each["confidence"] for each in table.records if "confidence" in each}
    relevance = {
        each["to"]["memberSet"][0]["uri"]: each["mappingRelevance"] for each in shown if "mappingRelevance" in each
    }
    assert len(set(relevance.values())) > 2
    assert relevance == {uri: float(confidence) for uri, confidence in stated.items() if uri in relevance}
    assert "mappingRelevance" not in own


def test_jskos_carries_the_confidence_of_a_mapping_and_none_where_none_is_stated(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    file = tmp_path / "a.sssom.tsv"
    header = (
        DENIED.partition("subject_id")[0] + "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\n"
    )
    rows = [
        f"gs:GS01\tskos:exactMatch\tex:{name}\tsemapv:ManualMappingCuration\t{value}\n"
        for name, value in (("a", "0.35"), ("b", ""))
    ]
    file.write_text(header + "".join(rows), encoding="utf-8")
    own, found = MemoryStore.copy_of(store), read_mapping_set(file)
    replace_graph(own, found.graph, found.triples)
    shown = {each["to"]["memberSet"][0]["uri"]: each for each in as_jskos(sssom_table(own))}
    own.close()
    assert shown["https://example.org/skill/a"]["mappingRelevance"] == 0.35
    assert "mappingRelevance" not in shown["https://example.org/skill/b"]


def test_each_author_is_told_and_no_row_is_doubled(table_store: EmbeddedStore) -> None:
    denied = [each for each in sssom_table(table_store).records if "predicate_modifier" in each]
    assert [sorted(each["author_label"]) for each in denied] == [["A", "B"]]


def test_refused_mappings_of_a_document_are_told_by_their_place(tmp_path: Path) -> None:
    good = {
        "subject_id": "gs:GS01",
        "predicate_id": "skos:exactMatch",
        "object_id": "ex:a",
        "mapping_justification": "semapv:ManualMappingCuration",
    }
    content = {
        "@context": {"gs": "https://w3id.org/mastery-graph/id/green-skill/", "ex": "https://example.org/skill/"},
        "mapping_set_id": "https://example.org/sets/j",
        "mappings": [good, {**good, "object_id": "nowhere:a"}, good, "no row"],
    }
    file = tmp_path / "set.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    found = read_mapping_set(file)
    assert found.accepted == 1
    assert [row.line for row in found.refused] == [2, 3, 4]
    assert "nowhere" in found.refused[0].reason
