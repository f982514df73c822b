"""Credentials that are loaded: validated on the way in, each in a graph of its own, and removed again."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode

from mastery_graph.credentials.batch import BatchItem, documents, documents_in
from mastery_graph.credentials.collection import GRAPH_PREFIX, loaded_graphs
from mastery_graph.credentials.conversion import convert_description
from mastery_graph.errors import BadParameter, UnknownResource
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.questions.judging.subject import read_subject
from mastery_graph.questions.recognition import recognition
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.validation.loading import Policy, admit, remove, remove_all

LEARNER = "did:example:aino"
QUALITY = {"type": "Accreditation", "title": {"en": "Institutional quality assurance"}}


def credential(number: int, title: str, skill: str) -> dict[str, Any]:
    """An issued credential that conforms; its learner and its parts have the same names in each."""
    return {
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "http://data.europa.eu/snb/model/context/edc-ap",
        ],
        "id": f"urn:credential:{number}",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuanceDate": "2025-03-01T00:00:00Z",
        "issuer": {
            "id": "urn:epass:org:1",
            "type": "Organisation",
            "legalName": {"en": "Example School"},
            "location": {
                "type": "Location",
                "address": {
                    "type": "Address",
                    "countryCode": {
                        "id": "http://publications.europa.eu/resource/authority/country/ITA",
                        "type": "Concept",
                    },
                },
            },
        },
        "credentialSubject": {
            "id": LEARNER,
            "type": "Person",
            "fullName": {"en": "Aino Example"},
            "hasClaim": {
                "id": f"urn:epass:learningAchievement:{number}",
                "type": "LearningAchievement",
                "title": {"en": title},
                "provenBy": {
                    "id": "urn:epass:learningAssessment:1",
                    "type": "LearningAssessment",
                    "dcType": {"id": "http://data.europa.eu/snb/assessment/6e6cb2cc78", "type": "Concept"},
                },
                "specifiedBy": {
                    "id": "urn:epass:qualification:1",
                    "type": "Qualification",
                    "title": {"en": title},
                    "accreditation": QUALITY,
                    "volumeOfLearning": "PT50H",
                    "eqfLevel": {"id": "http://data.europa.eu/snb/eqf/4", "type": "Concept"},
                    "mode": {"id": "http://data.europa.eu/snb/learning-assessment/9191af2ed9", "type": "Concept"},
                    "learningOutcome": {
                        "id": "urn:epass:learningOutcome:1",
                        "type": "LearningOutcome",
                        "title": {"en": f"Outcome of {title}"},
                        "relatedESCOSkill": {"id": f"http://data.europa.eu/esco/skill/{skill}", "type": "Concept"},
                    },
                },
            },
        },
    }


WASTE, ENERGY = credential(1, "Waste", "waste"), credential(2, "Energy", "energy")
LACKING = copy.deepcopy(credential(3, "Water", "water"))
del LACKING["issuanceDate"]


def sent(*values: object) -> Iterator[BatchItem]:
    lines = b"\n".join(value if isinstance(value, bytes) else json.dumps(value).encode() for value in values)
    return documents_in(lines, "all.jsonl")


@pytest.fixture
def filled(store: EmbeddedStore) -> EmbeddedStore:
    target = MemoryStore.copy_of(store)
    assert [one.status for one in admit(target, sent(WASTE, ENERGY))] == ["loaded", "loaded"]
    return target


def test_credentials_of_one_learner_do_not_share_what_they_attest(filled: EmbeddedStore) -> None:
    for number, title in ((1, "Waste"), (2, "Energy")):
        found = read_subject(filled, f"urn:credential:{number}").description
        assert found.title == title
        assert [outcome.title for outcome in found.outcomes] == [f"Outcome of {title}"]
        assert (found.hours, len(found.assessments)) == (50, 1)


def test_evidence_names_the_graph_of_the_credential(filled: EmbeddedStore) -> None:
    held = read_subject(filled, "urn:credential:1")
    graphs = {one.graph for one in held.evidence(["http://purl.org/dc/terms/title"])}
    assert len(graphs) == 1
    assert graphs <= set(loaded_graphs(filled))


def test_an_answer_sees_a_loaded_credential_as_it_sees_the_document(filled: EmbeddedStore) -> None:
    document = next(sent(WASTE)).document
    assert document is not None
    by_iri = recognition(filled, "urn:credential:1", "FIN", "training")
    by_document = recognition(filled, document, "FIN", "training")
    assert by_iri.verdict == by_document.verdict
    assert [(one.rule, one.outcome) for one in by_iri.criteria if one.rule != "REC-AUTHENTICITY"] == [
        (one.rule, one.outcome) for one in by_document.criteria if one.rule != "REC-AUTHENTICITY"
    ]


def test_the_same_content_is_loaded_once_and_a_new_content_replaces_it(filled: EmbeddedStore) -> None:
    newer = copy.deepcopy(WASTE)
    newer["credentialSubject"]["hasClaim"]["specifiedBy"]["volumeOfLearning"] = "PT60H"
    assert [one.status for one in admit(filled, sent(WASTE, newer, newer))] == ["present", "replaced", "present"]
    assert read_subject(filled, "urn:credential:1").description.hours == 60
    assert len(list(loaded_graphs(filled))) == 2
    assert set(loaded_graphs(filled)) == {graph for graph in read_description(filled) if graph.startswith(GRAPH_PREFIX)}


def test_two_contents_of_one_credential_in_one_batch_leave_the_last(store: EmbeddedStore) -> None:
    target, newer = MemoryStore.copy_of(store), copy.deepcopy(WASTE)
    newer["credentialSubject"]["hasClaim"]["specifiedBy"]["volumeOfLearning"] = "PT60H"
    assert [one.status for one in admit(target, sent(WASTE, newer))] == ["loaded", "replaced"]
    assert read_subject(target, "urn:credential:1").description.hours == 60
    assert len(list(loaded_graphs(target))) == 1


def test_many_are_admitted_by_several_processes_as_by_one(store: EmbeddedStore, tmp_path: Path) -> None:
    newer = copy.deepcopy(WASTE)
    newer["credentialSubject"]["hasClaim"]["specifiedBy"]["volumeOfLearning"] = "PT60H"
    many = [credential(number, f"Title {number}", "waste") for number in range(10, 230)]
    values = [WASTE, newer, LACKING, b"{", *many, ENERGY, WASTE, many[3]]
    hashes = []
    for processes in (1, 2):
        with Draft.change(tmp_path / str(processes)) as draft:
            for graph in store.graphs():
                draft.replace_graph(graph.iri, store.triples(NamedNode(graph.iri)))
            assert [one.status for one in admit(draft, sent(WASTE, ENERGY))] == ["loaded", "loaded"]
        with Draft.change(tmp_path / str(processes)) as draft:
            done = list(admit(draft, sent(*values), processes=processes))
            contents = read_description(draft)
        statuses = [one.status for one in done]
        assert statuses[:4] == ["present", "replaced", "rejected", "unreadable"]
        assert statuses[4:] == ["loaded"] * len(many) + ["present", "replaced", "present"]
        assert done[2].report is not None
        hashes.append(contents)
    assert hashes[0] == hashes[1]
    assert len([graph for graph in hashes[0] if graph.startswith(GRAPH_PREFIX)]) == len(many) + 2


def test_a_load_that_is_left_early_is_described_as_far_as_it_came(store: EmbeddedStore) -> None:
    target = MemoryStore.copy_of(store)
    for one in admit(target, sent(*(credential(number, "Title", "waste") for number in range(10, 20)))):
        assert one.status == "loaded"
        break
    assert (
        set(loaded_graphs(target))
        == {graph for graph in read_description(target) if graph.startswith(GRAPH_PREFIX)}
        != set()
    )


@pytest.mark.parametrize(
    ("policy", "status", "number"),
    [("reject", "rejected", 0), ("quarantine", "quarantined", 0), ("accept", "loaded", 1)],
)
def test_what_does_not_conform_is_treated_as_the_policy_says(
    store: EmbeddedStore, policy: Policy, status: str, number: int
) -> None:
    target = MemoryStore.copy_of(store)
    done = list(admit(target, sent(LACKING, b"{", WASTE), policy=policy))
    assert [one.status for one in done] == [status, "unreadable", "loaded"]
    assert "date of issuing" in (done[0].reason or "")
    assert len(list(loaded_graphs(target))) == number + 1


def test_a_removed_credential_is_gone_and_the_dataset_is_as_before(store: EmbeddedStore) -> None:
    target = MemoryStore.copy_of(store)
    before = read_description(target)
    list(admit(target, sent(WASTE, ENERGY, LACKING), policy="accept"))
    assert len(read_description(target)) == len(before) + 3
    remove(target, "urn:credential:1")
    with pytest.raises(UnknownResource):
        read_subject(target, "urn:credential:1")
    with pytest.raises(UnknownResource):
        remove(target, "urn:credential:1")
    graph = next(loaded_graphs(target))
    assert remove(target, graph.rpartition("/")[2]) == [graph]
    assert len(remove_all(target)) == 1
    assert read_description(target) == before


def test_what_several_credentials_speak_of_is_not_guessed(filled: EmbeddedStore) -> None:
    with pytest.raises(BadParameter, match="2 loaded credentials"):
        read_subject(filled, LEARNER)


def test_a_loaded_credential_is_converted_with_all_that_it_says(filled: EmbeddedStore) -> None:
    badge = convert_description(filled, "urn:credential:2", "openbadge").document
    assert badge["credentialSubject"]["achievement"]["alignment"][0]["targetName"] == "Outcome of Energy"


def test_the_official_sample_is_loaded_from_a_folder(reference: Path, store: EmbeddedStore) -> None:
    target = MemoryStore.copy_of(store)
    done = list(admit(target, documents([reference / "credentials"]), policy="accept"))
    statuses = {Path(one.sent.name).name: one.status for one in done}
    assert statuses["Sample-MC-Annex1-signed.jsonld"] in {"loaded", "replaced"}
    found = read_subject(target, "urn:credential:3ef0ac26-9a1f-41c6-871b-2b82e670907b").description
    assert found.title == "Digital micro-credential creation"
    assert [len(outcome.concepts) for outcome in found.outcomes] == [3, 3]
