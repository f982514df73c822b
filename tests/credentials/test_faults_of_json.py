"""What is wrong with a text that is no JSON, in words of ours and in the reader's language, with what to do."""

import pytest

from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import BadDocument, ContextRefused
from mastery_graph.languages import TRANSLATIONS
from mastery_graph.languages.records import localize

FAULTS = {
    '{"a": 1 "b": 2}': "a comma or a closing bracket is missing",
    '{"a": [1, 2': "a comma or a closing bracket is missing",
    '{"a": "a "quoted" word"}': "a comma or a closing bracket is missing",
    "{'a': 1}": "a name in double quotation marks is missing",
    "{a: 1}": "a name in double quotation marks is missing",
    '{"a" 1}': "a colon is missing",
    '{"a": }': "a value is missing",
    '{"a": \u201cquoted\u201d}': "a value is missing",
    '// a comment\n{"a": 1}': "a value is missing",
    '{"a": 1} {"b": 2}': "something follows the end of the document",
    '{"a": "one\ntwo"}': "a text contains a line break, a tab or another control character",
    '{"a": "one': "a text is not closed",
    '{"a": "C:\\data"}': "a backslash is followed by a character that may not follow it",
    '{"a": "\\u12"}': "a backslash is followed by a character that may not follow it",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_told_in_words_of_ours_with_what_to_do(text: str) -> None:
    with pytest.raises(BadDocument) as refused:
        parse_json(text.encode())
    assert refused.value.detail.startswith(f"The document is not JSON: {FAULTS[text]} at line ")
    assert refused.value.advice
    for language in TRANSLATIONS:
        told, english = (localize([refused.value.detail, refused.value.advice], each) for each in (language, "en"))
        assert FAULTS[text] not in told[0]
        assert told[1] != english[1]


def test_a_comma_before_a_bracket_closes_is_told_in_each_version_of_python() -> None:
    for text in (b'{"a": 1,}', b"[1,]"):
        with pytest.raises(BadDocument, match="comma"):
            parse_json(text)


@pytest.mark.parametrize("name", ["https://w3id.org/openbadges/v2", "https://w3id.org/openbadges/v2/"])
def test_an_assertion_without_its_badge_class_is_refused_with_a_way_out(name: str) -> None:
    with pytest.raises(BadDocument, match="only the address of its badge class") as refused:
        read_value({"@context": name, "type": "Assertion", "id": "https://issuer.example/1"})
    assert "Download the badge" in refused.value.advice


def test_an_unknown_context_is_told_with_its_advice_in_the_language_of_the_reader() -> None:
    with pytest.raises(ContextRefused) as refused:
        read_document(b'{"@context": "https://nowhere.example/"}')
    assert "Contexts are fetched only" in refused.value.advice
    assert "I contesti si scaricano solo" in localize(refused.value.advice, "it")
