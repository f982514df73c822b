"""Registers in the store: loaded into graphs of their own, replaced, removed, and what is refused."""

from datetime import date
from pathlib import Path

import pytest

from mastery_graph.errors import BadParameter, BadSource, UnknownResource, WouldRemove
from mastery_graph.pipeline.dataset import content_of, read_description
from mastery_graph.pipeline.registers import load_register, remove_register
from mastery_graph.queries import named_query
from mastery_graph.questions.judging.registers import known_registers
from mastery_graph.sources.registers.records import RegisterSource
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import graph

SOURCE = RegisterSource("deqar", "https://www.eqar.eu/qa-results/", date(2026, 11, 1))


@pytest.fixture
def own(store: EmbeddedStore) -> EmbeddedStore:
    return MemoryStore.copy_of(store)


@pytest.fixture
def accreditations(reference: Path) -> Path:
    return reference / "registers" / "accreditations-sample.xml"


def test_a_register_becomes_a_graph_that_the_dataset_describes(own: EmbeddedStore, accreditations: Path) -> None:
    report = load_register(own, [accreditations], SOURCE)
    assert (report.organisations, report.accreditations, report.programmes, report.rejected) == (7, 5, 0, [])
    described = read_description(own)[graph("registers/deqar")]
    triples = own.construct("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <" + graph("registers/deqar") + "> { ?s ?p ?o } }")
    assert (described.triples, described.sha256) == (len(triples), content_of(triples).sha256)
    assert described.issued == "2026-11-01"
    loaded, missing = known_registers(own)
    assert {register.iri: register.as_of for register in loaded}[SOURCE.iri] == date(2026, 11, 1)
    assert SOURCE.iri not in {register.iri for register in missing}


def test_loading_twice_changes_nothing(own: EmbeddedStore, accreditations: Path) -> None:
    load_register(own, [accreditations], SOURCE)
    before = read_description(own)
    load_register(own, [accreditations], SOURCE)
    assert read_description(own) == before


def test_entries_are_not_removed_without_being_asked_to(
    own: EmbeddedStore, accreditations: Path, reference: Path
) -> None:
    load_register(own, [accreditations], SOURCE)
    before = read_description(own)
    other = reference / "registers" / "deqar-web-api-sample.json"
    with pytest.raises(WouldRemove, match="12 entries"):
        load_register(own, [other], SOURCE)
    assert read_description(own) == before
    load_register(own, [other], SOURCE, may_remove=True)
    entries = own.select(
        named_query("registers/entries").text.replace("UNDEF", f"<{SOURCE.graph}>"),
    )
    assert {row["entry"].value for row in entries} == {
        "https://data.deqar.eu/institution/99103",
        "https://data.deqar.eu/programme/770101",
        "https://data.deqar.eu/report/990001",
        "https://data.deqar.eu/report/990002",
    }


def test_a_file_that_cannot_be_read_changes_nothing(own: EmbeddedStore, accreditations: Path, tmp_path: Path) -> None:
    (broken := tmp_path / "broken.xml").write_text(accreditations.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    before = read_description(own)
    with pytest.raises(BadSource):
        load_register(own, [accreditations, broken], SOURCE)
    assert read_description(own) == before
    assert SOURCE.graph not in {stored.iri for stored in own.graphs()}


def test_a_register_is_removed_as_a_whole(own: EmbeddedStore, accreditations: Path) -> None:
    before = read_description(own)
    load_register(own, [accreditations], SOURCE)
    assert remove_register(own, "deqar") == 12
    assert read_description(own) == before
    with pytest.raises(UnknownResource, match="No register deqar is loaded"):
        remove_register(own, "deqar")


def test_a_register_that_ships_is_neither_replaced_nor_removed(own: EmbeddedStore, accreditations: Path) -> None:
    source = RegisterSource("example", "https://example.org/", date(2026, 11, 1), "Example")
    with pytest.raises(BadParameter, match="ships"):
        load_register(own, [accreditations], source)
    with pytest.raises(BadParameter, match="ships"):
        remove_register(own, "example")


def test_a_register_that_is_not_known_needs_a_title(own: EmbeddedStore, accreditations: Path) -> None:
    source = RegisterSource("national", "https://example.org/", date(2026, 11, 1))
    with pytest.raises(BadParameter, match="title"):
        load_register(own, [accreditations], source)
