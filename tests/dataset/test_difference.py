"""What differs between two versions: statements, resources, mappings."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from mastery_graph.dataset.difference import Mapping, Remapped, compare_dumps
from mastery_graph.dataset.dumps import export
from mastery_graph.dataset.lines import content_graphs, lines_of_dump, lines_of_store
from mastery_graph.pipeline.build import BuildReport, replace_graph
from mastery_graph.queries import named_query
from mastery_graph.rdf import link, words
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import ID, RDF, SKOS, graph
from tests.support.command_line import run

GS01 = f"{ID}green-skill/GS01"
EX = "http://example.org/"
OTHER = "http://data.europa.eu/esco/skill/00000000-0000-0000-0000-000000000001"


def lines(store: EmbeddedStore) -> Iterator[bytes]:
    return lines_of_store(store, content_graphs(store))


@pytest.fixture
def changed(store: EmbeddedStore) -> Iterator[tuple[EmbeddedStore, Triple, Triple, Triple]]:
    """A version in which one mapping has another relation, one another target, one is gone, and a concept is new."""
    copy = MemoryStore.copy_of(store)
    name = graph("mappings")
    triples = copy.construct(named_query("browse/graph").text, {"graph": NamedNode(name)})
    close = sorted(
        (t for t in triples if t.predicate.value == SKOS + "closeMatch" and str(t.subject.value).startswith(ID)),
        key=str,
    )
    relation, target, gone = close[0], close[1], close[2]
    kept = [t for t in triples if t not in {relation, target, gone}]
    kept.append(link(relation.subject.value, SKOS + "exactMatch", relation.object.value))
    kept.append(link(target.subject.value, SKOS + "closeMatch", OTHER))
    replace_graph(copy, name, kept)
    replace_graph(
        copy,
        graph("frameworks/tools"),
        [link(OTHER, RDF + "type", SKOS + "Concept"), words(OTHER, SKOS + "prefLabel", "mend things", "en")],
    )
    yield copy, relation, target, gone
    copy.close()


def test_a_version_does_not_differ_from_itself_nor_from_its_dump(store: EmbeddedStore, tmp_path: Path) -> None:
    export(store, tmp_path, "nquads")
    assert compare_dumps(lines(store), lines(store)).empty
    assert compare_dumps(lines(store), lines_of_dump(next(tmp_path.glob("*.nq")))).empty


def test_what_was_added_removed_and_re_mapped_is_told(
    store: EmbeddedStore, changed: tuple[EmbeddedStore, Triple, Triple, Triple]
) -> None:
    newer, relation, target, gone = changed
    found = compare_dumps(lines(store), lines(newer))
    subject, value = relation.subject.value, relation.object.value
    assert set(found.remapped) == {
        Remapped(Mapping(subject, SKOS + "closeMatch", value), Mapping(subject, SKOS + "exactMatch", value)),
        Remapped(
            Mapping(target.subject.value, SKOS + "closeMatch", target.object.value),
            Mapping(target.subject.value, SKOS + "closeMatch", OTHER),
        ),
    }
    assert found.mappings_removed == [Mapping(gone.subject.value, SKOS + "closeMatch", gone.object.value)]
    assert found.mappings_added == []
    assert [(one.iri, one.label) for one in found.resources_added] == [(OTHER, "mend things")]
    assert found.resources_removed == []
    assert {one.iri for one in found.resources_changed} == {t.subject.value for t in (relation, target, gone)}
    assert found.statements_added == {graph("mappings"): 2, graph("frameworks/tools"): 2}
    assert found.statements_removed == {graph("mappings"): 3}


def test_a_mapping_to_the_same_target_is_paired_before_one_of_the_same_relation() -> None:
    def stated(*mappings: tuple[str, str]) -> list[bytes]:
        return sorted(
            f"<{GS01}> <{SKOS}{relation}> <{EX}{target}> <{EX}graph> .\n".encode() for relation, target in mappings
        )

    old = stated(("closeMatch", "b"), ("exactMatch", "a"))
    new = stated(("closeMatch", "a"), ("exactMatch", "c"))
    found = compare_dumps(old, new)
    assert found.remapped == [
        Remapped(Mapping(GS01, SKOS + "exactMatch", EX + "a"), Mapping(GS01, SKOS + "closeMatch", EX + "a"))
    ]
    assert found.mappings_removed == [Mapping(GS01, SKOS + "closeMatch", EX + "b")]
    assert found.mappings_added == [Mapping(GS01, SKOS + "exactMatch", EX + "c")]


def test_the_other_way_round_everything_is_turned(
    store: EmbeddedStore, changed: tuple[EmbeddedStore, Triple, Triple, Triple]
) -> None:
    there, back = compare_dumps(lines(store), lines(changed[0])), compare_dumps(lines(changed[0]), lines(store))
    assert back.resources_removed == there.resources_added
    assert back.mappings_added == there.mappings_removed
    assert {(one.after, one.before) for one in back.remapped} == {(one.before, one.after) for one in there.remapped}


def test_diff_on_the_command_line_ends_with_1_where_versions_differ(
    built: tuple[Path, BuildReport], tmp_path: Path, changed: tuple[EmbeddedStore, Triple, Triple, Triple]
) -> None:
    export(changed[0], tmp_path / "dump", "nquads")
    same = run("diff", str(built[0]), str(built[0]))
    assert (same.returncode, same.stdout) == (0, "The two say the same.\n")
    told = run("diff", str(built[0]), str(tmp_path / "dump"))
    assert told.returncode == 1
    assert "Re-mapped: 2" in told.stdout
    assert f"{OTHER} (mend things)" in told.stdout
    as_json = json.loads(run("diff", str(built[0]), str(tmp_path / "dump"), "--json").stdout)
    assert as_json["same"] is False
    assert len(as_json["remapped"]) == 2
    (tmp_path / "broken.nq").write_text("<urn:a> <urn:b> .\n")
    broken = run("diff", str(built[0]), str(tmp_path / "broken.nq"))
    assert (broken.returncode, "line 1" in broken.stderr) == (2, True)


def test_a_dump_in_another_order_with_other_blank_nodes_says_the_same(store: EmbeddedStore, tmp_path: Path) -> None:
    export(store, tmp_path, "nquads")
    dump = next(tmp_path.glob("*.nq"))
    other = tmp_path / "other.nq"
    text = re.sub(r"_:g\w+c14n(\d)", r"_:x\1", dump.read_text(encoding="utf-8"))
    other.write_text("".join(reversed(text.splitlines(keepends=True))), encoding="utf-8")
    assert other.read_bytes() != dump.read_bytes()
    assert compare_dumps(lines_of_dump(dump), lines_of_dump(other)).empty
