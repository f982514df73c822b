"""Documents made to break a reader: each is refused in words, by its own kind of problem."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES, read_document, read_value
from mastery_graph.errors import MasteryError

ELM = "http://data.europa.eu/snb/model/context/edc-ap"
V1 = "https://www.w3.org/2018/credentials/v1"
CONTEXT = [V1, ELM]
TEXT = json.dumps({"@context": CONTEXT, "type": "Qualification", "title": {"en": "Caffè"}}, ensure_ascii=False)


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b'{"a": 1', "bad-document"),
        (b'{"a": NaN}', "bad-document"),
        (b'{"a": ' + b"9" * 5000 + b"}", "bad-document"),
        (TEXT.encode("utf-16"), "bad-encoding"),
        (TEXT.encode("utf-16-le"), "bad-encoding"),
        (TEXT.encode("utf-32"), "bad-encoding"),
        (TEXT.encode("latin-1"), "bad-encoding"),
        (b'{"@context": {}, "\\ud800": 1}', "bad-encoding"),
        (nested(200), "document-too-deep"),
        (nested(100_000), "document-too-deep"),
        (b" " * (MAX_DOCUMENT_BYTES + 1), "document-too-large"),
    ],
)
def test_what_is_no_document_is_refused_by_its_kind(content: bytes, slug: str) -> None:
    with pytest.raises(MasteryError) as refused:
        read_document(content, "application/ld+json")
    assert refused.value.slug == slug


def test_a_byte_order_mark_of_utf_8_is_passed_over() -> None:
    assert len(read_document(TEXT.encode("utf-8-sig")).triples) == 2


@pytest.mark.parametrize(
    ("context", "slug"),
    [
        ([V1, *[ELM] * 100_000], "context-refused"),
        ([{f"t{n}": {"@id": f"http://a.example/{n}", "@context": ELM} for n in range(40)}], "context-refused"),
        ({"@import": "https://evil.example/"}, "context-refused"),
        ("file:///etc/passwd", "context-refused"),
        ("../secret", "context-refused"),
        ({"a": "b:x", "b": "a:x"}, "bad-document"),
        ({"a": {"@id": "a:a"}}, "bad-document"),
        ({"type": {"@id": "@type", "@container": 7}}, "bad-document"),
        ([[[[V1]]], ELM], None),
    ],
    ids=["many", "many-scoped", "import", "file", "relative", "circle", "itself", "malformed", "lists"],
)
def test_a_context_made_to_grow_or_to_fetch_is_refused(context: object, slug: str | None) -> None:
    try:
        read_value({"@context": context, "type": "Qualification", "a": 1})
        assert slug is None
    except MasteryError as refused:
        assert refused.slug == slug


def test_a_context_within_the_document_is_refused_with_its_place() -> None:
    with pytest.raises(MasteryError, match="/learningOutcome/0"):
        read_value({"@context": CONTEXT, "type": "Qualification", "learningOutcome": [{"@context": ELM}]})


@pytest.mark.parametrize(
    "part",
    [
        {"@reverse": {"http://a.example/p": {"id": "http://a.example/x"}}},
        {"@included": [{"id": "http://a.example/x", "type": "Concept"}]},
        {"@graph": [{"id": "http://a.example/x", "type": "Concept"}]},
        {"@nest": {"title": {"en": "T"}}},
        {"@reverse": 7},
        {"@included": 7},
        {"@index": 7},
        {"id": 7},
        {"id": ["a", "b"]},
        {"type": {"a": 1}},
        {"title": {"not a language": ["T"], "en": {"a": 1}}},
        {"volumeOfLearning": {"@value": {"a": 1}}},
        {"learningOutcome": {"@list": [{"@list": [{"@set": []}]}]}},
    ],
)
def test_a_document_of_odd_parts_is_read_or_refused_in_words(part: dict[str, Any]) -> None:
    try:
        read_value({"@context": CONTEXT, "type": "Qualification"} | part)
    except MasteryError as refused:
        assert refused.detail


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><r>&c;</r>',
        b'<?xml version="1.0"?><!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>',
        '<?xml version="1.0"?><!DOCTYPE r SYSTEM "http://evil.example/"><r/>'.encode("utf-16"),
        '<!DOCTYPE r [<!ENTITY a "b">]><r/>'.encode("utf-16-be"),
    ],
)
def test_xml_with_a_document_type_is_refused_in_any_encoding(content: bytes) -> None:
    with pytest.raises(MasteryError) as refused:
        read_document(content, "application/rdf+xml")
    assert refused.value.slug in {"entities-refused", "bad-encoding"}


def test_a_document_of_twenty_megabytes_with_its_images_is_read() -> None:
    image = "A" * (19 * 1024 * 1024)
    document = read_value(
        {
            "@context": CONTEXT,
            "type": "Qualification",
            "title": {"en": "T"},
            "additionalNote": {"type": "Note", "noteLiteral": {"en": image}},
        }
    )
    assert len(document.triples) == 5
    assert sum(graph.triples for graph in document.store.graphs()) == 4


_KEYS = """
id type @id @type @value @list @graph @reverse @context title proof credentialSubject achievement alignment issuer
identifier payload protected
"""
_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8) | st.sampled_from([V1, ELM, "en"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(_KEYS.split()),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_contexts = st.sampled_from(
    [CONTEXT, ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]]
)
_types = st.sampled_from(["Qualification", "OpenBadgeCredential", "Achievement", "EuropeanDigitalCredential"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_values, _contexts, _types)
@example({"alignment": [{"targetUrl": " "}]}, CONTEXT, "Achievement")
def test_any_json_is_read_or_refused_in_words(value: Any, context: list[str], kind: str) -> None:
    document = {"@context": context, "type": kind} | (value if isinstance(value, dict) else {"achievement": value})
    for each in (value, document):
        try:
            read_value(each)
        except MasteryError as refused:
            assert refused.detail


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["text/turtle", "application/n-triples", "application/rdf+xml", None]))
@example(b"<a> <b> <c> .", "text/turtle")
@example(b"@base <http://[> . <a> <b> <//c> .", "text/turtle")
def test_any_bytes_are_read_or_refused_in_words(content: bytes, kind: str | None) -> None:
    try:
        read_document(content, kind)
    except MasteryError as refused:
        assert refused.detail
