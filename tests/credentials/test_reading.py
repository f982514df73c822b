"""Reading documents: real samples, and what must be refused."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastery_graph.credentials.description import describe_document
from mastery_graph.credentials.proofs.reasons import Code
from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.errors import BadDocument, ContextRefused, DocumentTooLarge, MasteryError, UnsupportedFormat

UNSIGNED = "credentials/Sample-MC-Annex1-unsigned.jsonld"
SIGNED = "credentials/Sample-MC-Annex1-signed.jsonld"
CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]


@pytest.mark.parametrize(
    "name", ["Sample-MC-Annex1-unsigned.jsonld", "Sample-CertOfPart-unsigned.jsonld", "credential-sample.jsonld"]
)
def test_our_contexts_expand_a_sample_as_the_published_one_does(reference: Path, name: str) -> None:
    text = (reference / "credentials" / name).read_bytes()
    published = json.loads((reference / "elm" / "edc-ap-context.jsonld").read_bytes())["@context"]
    document = json.loads(text)
    document["@context"] = ["https://www.w3.org/2018/credentials/v1", published]
    assert set(read_document(text).triples) == set(read_value(document).triples)


def test_the_annex_one_sample_is_described(reference: Path) -> None:
    found = describe_document(read_document((reference / UNSIGNED).read_bytes()))[0]
    assert found.title == "Digital micro-credential creation"
    assert (found.ects, found.hours, found.eqf_level) == (2, 60, 6)
    assert found.awarding_body is not None
    assert (found.awarding_body.name, found.awarding_body.country) == ("University of Zed", "IRL")
    assert [len(outcome.concepts) for outcome in found.outcomes] == [3, 3]


@pytest.mark.parametrize("subject", ["[]", "_:course", "<>", "<https://example.org/course>"])
def test_a_description_needs_no_address_of_its_own(subject: str) -> None:
    turtle = f"""
        @prefix elm: <http://data.europa.eu/snb/model/elm/> .
        @prefix dcterms: <http://purl.org/dc/terms/> .
        {subject} a elm:Qualification ; dcterms:title "Waste on site"@en ; elm:volumeOfLearning "PT50H" ;
            elm:learningOutcome [ dcterms:title "Sort waste"@en ] ."""
    (found,) = describe_document(read_document(turtle.encode(), "text/turtle"))
    assert (found.title, found.hours, [each.title for each in found.outcomes]) == ("Waste on site", 50, ["Sort waste"])


def test_the_label_of_a_blank_node_is_no_address() -> None:
    course = {"id": "_:course", "type": "Qualification", "title": {"en": "Waste on site"}}
    outcome = {"id": "_:a b", "type": "LearningOutcome", "title": {"en": "Sort waste"}}
    sent = read_value({"@context": CONTEXT, **course, "learningOutcome": ["_:a b"], "@included": [outcome]})
    (found,) = describe_document(sent)
    assert [each.title for each in found.outcomes] == ["Sort waste"]
    assert {found.iri: "", found.outcomes[0].iri: "/@included/0"}.items() <= sent.pointers.items()
    assert found.iri.startswith(f"urn:sha256:{sent.sha256}")


def test_a_text_in_place_of_a_thing_names_none() -> None:
    turtle = b"""
        @prefix elm: <http://data.europa.eu/snb/model/elm/> .
        @prefix mg: <https://w3id.org/mastery-graph/ns#> .
        <> a elm:Qualification ; elm:NQFLevel 6 ; elm:specifiedBy "a" ; mg:requires "Waste I", <urn:waste:1> ;
            elm:learningOutcome [ elm:relatedESCOSkill "sort waste", [], <urn:sort> ; mg:attestsGreenSkill "GS02" ] ."""
    (found,) = describe_document(read_document(turtle, "text/turtle"))
    assert (found.nqf_level, found.specifications, found.requires) == (None, (), ("urn:waste:1",))
    assert [(each.concepts, each.green_skills) for each in found.outcomes] == [(("urn:sort",), ())]


def test_two_descriptions_without_an_address_stay_two() -> None:
    turtle = b"""
        @prefix elm: <http://data.europa.eu/snb/model/elm/> .
        @prefix dcterms: <http://purl.org/dc/terms/> .
        [] a elm:Qualification ; dcterms:title "Waste on site"@en .
        [] a elm:Qualification ; dcterms:title "Water on site"@en ."""
    found = describe_document(read_document(turtle, "text/turtle"))
    assert sorted(each.title for each in found) == ["Waste on site", "Water on site"]


def test_the_seal_of_the_signed_sample_is_intact(reference: Path) -> None:
    seal = read_document((reference / SIGNED).read_bytes()).seal
    assert (seal.status, [reason.code for reason in seal.reasons]) == ("intact", [Code.NO_TRUST_ANCHORS])
    assert seal.by == "ORGANIZACION TEST, TEST SEAL"
    assert seal.certificate_valid_then
    assert len(seal.not_checked) == 3


def test_one_changed_letter_breaks_the_seal(reference: Path) -> None:
    envelope = json.loads((reference / SIGNED).read_bytes())
    envelope["payload"] = envelope["payload"].replace("Andromeda", "Andromedo", 1)
    seal = read_document(json.dumps(envelope).encode()).seal
    assert seal.status == "broken"
    assert "changed" in (seal.reason or "")


def test_a_critical_header_that_nobody_understands_breaks_the_seal(reference: Path) -> None:
    import base64

    envelope = json.loads((reference / SIGNED).read_bytes())
    signature = envelope["signatures"][0]
    header = json.loads(base64.urlsafe_b64decode(signature["protected"] + "=="))
    header["crit"].append("surprise")
    signature["protected"] = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    seal = read_document(json.dumps(envelope).encode()).seal
    assert (seal.status, "surprise" in (seal.reason or "")) == ("broken", True)


def test_each_node_leads_back_to_its_place() -> None:
    document = {"@context": CONTEXT, "type": "Qualification", "learningOutcome": [{"type": "LearningOutcome"}]}
    pointers = read_value(document).pointers
    assert set(pointers.values()) == {"", "/learningOutcome/0"}


@pytest.mark.parametrize(
    ("duration", "hours"), [("PT60H", 60), ("PT1H30M", Fraction(3, 2)), ("P2M", None), ("P5D", None)]
)
def test_only_hours_are_hours(duration: str, hours: Fraction | None) -> None:
    document = read_value(
        {"@context": CONTEXT, "type": "Qualification", "title": {"en": "T"}, "volumeOfLearning": duration}
    )
    found = describe_document(document)[0]
    assert (found.hours, found.duration) == (hours, None if hours else duration)


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b'{"a": 1,\n "b" 2}', BadDocument, "line 2, column 6"),
        (b'{"a": 1, "a": 2}', BadDocument, "occurs twice"),
        (b'{"a": "\xff"}', BadDocument, "not UTF-8"),
        (b"[" * 5000 + b"]" * 5000, BadDocument, "levels deep"),
        (b'{"@context": "https://evil.example/context", "type": "X"}', ContextRefused, "evil.example"),
        (b'{"@context": {"@import": "https://evil.example/"}, "type": "X"}', ContextRefused, "@import"),
        (b'{"type": "Qualification"}', BadDocument, "context"),
    ],
)
def test_a_bad_document_is_refused_with_its_reason(content: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read_document(content, "application/ld+json")


def test_a_document_type_declaration_is_refused() -> None:
    with pytest.raises(BadDocument, match="entities"):
        read_document(b'<!DOCTYPE a [<!ENTITY b "c">]><rdf/>', "application/rdf+xml")


def test_a_document_that_is_too_large_is_refused() -> None:
    with pytest.raises(DocumentTooLarge):
        read_document(b" " * (21 * 1024 * 1024))


def test_a_type_that_is_not_read_is_refused() -> None:
    with pytest.raises(UnsupportedFormat, match="application/pdf"):
        read_document(b"%PDF", "application/pdf")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    try:
        read_document(content)
    except MasteryError as error:
        assert error.detail


def test_a_document_without_a_description_is_refused() -> None:
    with pytest.raises(BadDocument, match="no credential description"):
        describe_document(read_document(b"<http://a.example/a> <http://a.example/b> 1 .", "text/turtle"))
