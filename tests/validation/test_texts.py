"""The texts of reports in five languages."""

from pathlib import Path

import pytest

from mastery_graph.credentials.reading import read_value
from mastery_graph.errors import BadParameter
from mastery_graph.languages import LANGUAGES
from mastery_graph.languages.extraction import template
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.validation import validate
from mastery_graph.validation.texts import Translator
from mastery_graph.vocabulary import ID, SKOS
from tests.validation.described import base, changed, faults

TEXTS = {entry.id for entry in template()}
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_speaks_one_language(language: str, store: EmbeddedStore) -> None:
    told = Translator(language)
    for fault in list(faults())[list(LANGUAGES).index(language) :: len(LANGUAGES)]:
        for finding in validate(read_value(fault.document), fault.profile, store, language=language).findings:
            assert "{" not in finding.message
            if language != "en":
                assert finding.fix not in TEXTS
    report = validate(read_value(changed(base("bare"), [{"remove": "/title"}])), store=store, language=language)
    assert report.language == language
    assert report.findings[0].message == told("The micro-credential has no title.")
    assert report.completeness.missing == (told("title"),)
    assert told("title") in report.summary


def test_elements_are_called_what_the_graph_calls_them() -> None:
    official: dict[str, set[str]] = {}
    for triple in read_turtle(ROOT / "ontology" / "micro-credential.ttl"):
        subject = getattr(triple.subject, "value", "")
        if triple.predicate.value == SKOS + "prefLabel" and subject.startswith(ID + "standard-element/"):
            official.setdefault(triple.object.language, set()).add(triple.object.value.casefold())
    ours = (
        *("title", "awarding body", "date of issuing", "learning outcomes", "notional workload", "level"),
        *("type of assessment", "form of participation", "type of quality assurance", "prerequisites", "grade"),
    )
    assert set(official) >= set(LANGUAGES)
    for language in LANGUAGES:
        for name in ours:
            told = Translator(language)(name).casefold()
            assert any(told in label for label in official[language]), (language, told)


def test_a_language_in_which_nothing_is_written_is_refused() -> None:
    with pytest.raises(BadParameter, match="not written in 'de'"):
        Translator("de")
