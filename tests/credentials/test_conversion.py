"""Descriptions written in other formats, and read again."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode as Blank
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, Triple

from mastery_graph.credentials.conversion import convert_description, convert_document
from mastery_graph.credentials.description import Description, describe, describe_document, descriptions
from mastery_graph.credentials.reading import SubmittedDocument, read_document, read_value
from mastery_graph.errors import BadDocument, BadParameter, MasteryError, UnknownResource
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.validation import validate
from mastery_graph.vocabulary import ID
from tests.conftest import DESCRIPTION

BADGE = Path(__file__).parent / "documents" / "open-badge.json"
SAMPLES = [
    "Sample-MC-Annex1-unsigned.jsonld",
    "Sample-MC-Annex1-signed.jsonld",
    "Sample-CertOfPart-unsigned.jsonld",
    "credential-sample.jsonld",
]


def canonical(document: SubmittedDocument) -> str:
    """The graph of a document, with the names of objects without an id taken off."""
    names: dict[str, Blank] = {}

    def plain(term: Any) -> Any:
        made = isinstance(term, NamedNode) and term.value.startswith("urn:sha256:")
        return names.setdefault(term.value, Blank()) if made else term

    graph = Dataset(Quad(plain(t.subject), t.predicate, plain(t.object)) for t in document.triples)
    graph.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(map(str, graph)))


def again(document: dict[str, Any]) -> SubmittedDocument:
    return read_document(json.dumps(document).encode(), "application/ld+json")


def outcomes(description: Description) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    return sorted((o.title, frozenset(o.concepts), frozenset(o.green_skills)) for o in description.outcomes)


def findings(document: SubmittedDocument) -> Counter[tuple[str, str, str]]:
    """Return the findings on what is read: what is not read is not written either."""
    read = replace(document, unread=())
    return Counter((one.rule, one.severity, one.message) for one in validate(read).findings)


@pytest.mark.parametrize("name", SAMPLES)
def test_elm_written_as_elm_is_the_same_graph_and_as_valid(reference: Path, name: str) -> None:
    document = read_document((reference / "credentials" / name).read_bytes(), name=name)
    written = again(convert_document(document, "elm").document)
    assert canonical(written) == canonical(document)
    assert findings(written) == findings(document)


def test_an_object_without_an_id_has_none_in_what_is_written() -> None:
    document = read_value(
        {
            "@context": ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"],
            "type": "Qualification",
            "title": {"en": "T", "it": "U"},
            "volumeOfLearning": "PT60H",
            "learningOutcome": [{"type": "LearningOutcome", "title": {"en": "A"}}],
        }
    )
    written = convert_document(document, "elm").document
    del written["@context"]
    assert written == {
        "type": "Qualification",
        "title": {"en": "T", "it": "U"},
        "volumeOfLearning": "PT60H",
        "learningOutcome": {"type": "LearningOutcome", "title": {"en": "A"}},
    }


def test_turtle_becomes_json_ld(reference: Path) -> None:
    document = read_document((reference / "credentials" / "credential-sample-turtle.ttl").read_bytes(), "text/turtle")
    assert canonical(again(convert_document(document, "elm").document)) == canonical(document)


def test_every_description_of_the_catalogue_goes_to_a_badge_and_back(store: EmbeddedStore) -> None:
    catalogue = descriptions(store)
    assert len(catalogue) > 15
    for iri in catalogue:
        before = describe(store, iri)
        badge = convert_description(store, iri, "openbadge")
        after = describe_document(again(badge.document))[0]
        carried = ("title", "issued", "eqf_level", "nqf_level", "ects", "fields", "valid_from", "valid_until")
        expected = {name: getattr(before, name) for name in carried}
        if before.issued and before.valid_from is None:
            expected["valid_from"] = before.issued_at
        assert {name: getattr(after, name) for name in carried} == expected, iri
        assert outcomes(after) == outcomes(before)
        assert {t for a in after.assessments for t in a.types} == {t for a in before.assessments for t in a.types}
        assert (after.awarding_body is None) == (before.awarding_body is None)
        if before.awarding_body and after.awarding_body:
            assert (after.awarding_body.name, after.awarding_body.country, after.awarding_body.registration) == (
                before.awarding_body.name,
                before.awarding_body.country,
                before.awarding_body.registration,
            )
        told = {loss.subject for loss in badge.lost}
        stated = before.hours is not None or before.duration is not None
        assert ("elm:volumeOfLearning" in told) == stated, iri
        assert ("mg:integration" in told) == (before.integration is not None), iri
        assert ("elm:mode" in told) == bool(before.modes), iri


def test_every_description_of_the_catalogue_is_written_as_the_same_elm(store: EmbeddedStore) -> None:
    catalogue = descriptions(store)
    assert len(catalogue) > 15
    for iri in catalogue:
        before, after = describe(store, iri), None
        document = again(convert_description(store, iri, "elm").document)
        after = describe_document(document)[0]
        assert (after.title, after.hours, after.ects, after.quality_assurance) == (
            before.title,
            before.hours,
            before.ects,
            before.quality_assurance,
        )
        assert outcomes(after) == outcomes(before)


def test_a_badge_goes_to_elm_and_back_with_all_that_was_read() -> None:
    first = read_document(BADGE.read_bytes())
    elm = again(convert_document(first, "elm").document)
    assert canonical(elm) == canonical(first)
    badge = convert_document(elm, "openbadge").document
    sent = json.loads(BADGE.read_text(encoding="utf-8"))
    for name in ("id", "name", "validFrom", "validUntil", "type"):
        assert badge[name] == sent[name]
    subject, before = badge["credentialSubject"], sent["credentialSubject"]
    for name in ("id", "activityStartDate", "activityEndDate", "creditsEarned", "result"):
        assert subject[name] == before[name]
    for name in (
        "id",
        "inLanguage",
        "achievementType",
        "name",
        "description",
        "criteria",
        "creditsAvailable",
        "fieldOfStudy",
        "humanCode",
    ):
        assert subject["achievement"][name] == before["achievement"][name]


def _structure(badge: dict[str, Any]) -> None:
    """What the published JSON schema of Open Badges 3.0 asks of each object."""
    needed = {
        "OpenBadgeCredential": {"@context", "id", "type", "credentialSubject", "issuer", "validFrom"},
        "Achievement": {"id", "type", "criteria", "description", "name"},
        "AchievementSubject": {"type"},
        "Alignment": {"type", "targetName", "targetUrl"},
        "Profile": {"id", "type"},
        "Result": {"type"},
        "ResultDescription": {"id", "type", "name", "resultType"},
        "IdentifierEntry": {"type", "identifier", "identifierType"},
        "IdentityObject": {"type", "hashed", "identityHash", "identityType"},
        "Address": {"type"},
        "Image": {"id", "type"},
    }

    def walk(value: object) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            types = value.get("type", [])
            for kind in types if isinstance(types, list) else [types]:
                assert needed.get(kind, set()) <= set(value), value
            for name in ("targetUrl", "id", "resultDescription"):
                if isinstance(value.get(name), str):
                    assert ":" in value[name]
            for item in value.values():
                walk(item)

    walk(badge)


def test_a_badge_has_what_open_badges_asks_for(store: EmbeddedStore, reference: Path) -> None:
    written = [convert_description(store, iri, "openbadge").document for iri in descriptions(store)]
    for name in SAMPLES[:3]:
        document = read_document((reference / "credentials" / name).read_bytes(), name=name)
        written.append(convert_document(document, "openbadge").document)
    for badge in written:
        _structure(badge)


def test_what_a_badge_cannot_carry_of_the_annex_one_sample_is_listed_with_its_place(reference: Path) -> None:
    document = read_document((reference / "credentials" / SAMPLES[1]).read_bytes())
    lost = convert_document(document, "openbadge").lost
    told = {(one.pointer, one.subject) for one in lost}
    specification = "/credentialSubject/hasClaim/specifiedBy"
    assert {(specification, f"elm:{name}") for name in ("volumeOfLearning", "mode", "entryRequirement")} <= told
    assert (None, "seal") in told
    assert ("/credentialSubject/hasClaim/specifiedBy/learningOutcome/1", "dcterms:title") in told


def test_a_national_level_is_called_by_its_official_label(store: EmbeddedStore) -> None:
    badge = convert_description(store, DESCRIPTION + "biodiversity-bih", "openbadge").document
    assert "BH NQF Level" in json.dumps([one["targetName"] for one in badge["alignment"]])


def test_what_is_no_description_is_not_converted(store: EmbeddedStore) -> None:
    with pytest.raises(UnknownResource):
        convert_description(store, ID + "vision/none", "elm")
    with pytest.raises(BadParameter):
        convert_description(store, "no iri", "elm")
    nothing = SubmittedDocument((Triple(NamedNode("a:a"), NamedNode("a:b"), NamedNode("a:c")),), "0")
    with pytest.raises(BadDocument):
        convert_document(nothing, "elm")


def test_what_lies_deep_is_written_beside_and_can_be_read_again() -> None:
    chain = "".join(f"<http://a.example/{n}> elm:hasPart <http://a.example/{n + 1}> .\n" for n in range(2000))
    prefix = "@prefix elm: <http://data.europa.eu/snb/model/elm/> .\n"
    document = read_document(f"{prefix}<http://a.example/0> a elm:Qualification .\n{chain}".encode(), "text/turtle")
    assert canonical(again(convert_document(document, "elm").document)) == canonical(document)


def test_organisations_that_belong_to_each_other_are_written_once() -> None:
    document = read_document(
        b"""
        @prefix cred: <https://www.w3.org/2018/credentials#> .
        @prefix elm: <http://data.europa.eu/snb/model/elm/> .
        @prefix org: <http://www.w3.org/ns/org#> .
        <urn:a:0> a elm:EuropeanDigitalCredential ; cred:issuer <urn:a:1> .
        <urn:a:1> org:subOrganizationOf <urn:a:2> .
        <urn:a:2> org:subOrganizationOf <urn:a:1> .
        """,
        "text/turtle",
    )
    issuer = convert_document(document, "openbadge").document["issuer"]
    assert issuer["parentOrg"] == {"id": "urn:a:2", "type": ["Profile"]}


_TERMS = """
title description hasClaim specifiedBy learningOutcome relatedESCOSkill creditPoint point provenBy grade noteLiteral
eqfLevel awardingBody location identifier notation schemeName volumeOfLearning isPartialQualification id type @list
@value @reverse issuer credentialSubject alignment targetUrl targetName result value achievement criteria creator name
"""
_said = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["urn:x:y", "_:b", "Concept"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_TERMS.split()) | st.text(max_size=3), inner, max_size=5)
        | st.dictionaries(st.sampled_from(["en", "it", "x-y"]), inner, max_size=2)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(st.sampled_from(_TERMS.split()), _said, max_size=6),
    st.sampled_from(["Qualification", "Achievement"]),
)
def test_whatever_is_read_is_written_as_the_same_graph(said: dict[str, Any], kind: str) -> None:
    context = ["https://www.w3.org/ns/credentials/v2", "http://data.europa.eu/snb/model/context/edc-ap"]
    try:
        document = read_value({"@context": context} | said | {"type": kind})
        written = convert_document(document, "elm").document
        json.dumps(convert_document(document, "openbadge").document)
    except MasteryError as refused:
        assert refused.detail
    else:
        assert canonical(again(written)) == canonical(document)
