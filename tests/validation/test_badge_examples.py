"""What a report offers for an Open Badge mends it where it is put, and where nothing can, the report says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from mastery_graph.credentials.reading import read_value
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.validation import Finding, validate

BADGE = Path(__file__).parents[1] / "credentials" / "documents" / "open-badge.json"
UNSAYABLE = {"form of participation", "type of quality assurance", "prerequisites", "integration or stackability"}


def badge(*without: str) -> dict[str, Any]:
    """A badge without these members of its achievement, its issuer or its learner."""
    document: dict[str, Any] = json.loads(BADGE.read_text(encoding="utf-8"))
    subject = document["credentialSubject"]
    for part in (subject["achievement"], subject, document["issuer"], document):
        for name in without:
            part.pop(name, None)
    return document


def findings(document: dict[str, Any], store: EmbeddedStore) -> dict[str, Finding]:
    return {each.check: each for each in validate(read_value(document), "micro-credential", store).findings}


def put(document: dict[str, Any], pointer: str, piece: dict[str, Any]) -> None:
    """Put members into the object at a place; of an array, its items beside those that are there."""
    here: Any = document
    for step in pointer.split("/")[1:]:
        here = here[int(step)] if isinstance(here, list) else here[step]
    for name, value in piece.items():
        here[name] = [*here[name], *value] if isinstance(here.get(name), list) else value


@pytest.mark.parametrize(
    "without",
    [
        ("alignment",),
        ("resultDescription", "result"),
        ("address",),
        ("creditsAvailable", "creditsEarned"),
        ("identifier",),
    ],
)
def test_an_example_for_a_badge_mends_it_where_it_is_put(store: EmbeddedStore, without: tuple[str, ...]) -> None:
    found = findings(badge(*without), store)
    mended = [each for each in found.values() if each.example]
    assert mended
    for each in mended:
        assert each.pointer is not None
        document = badge(*without)
        put(document, each.pointer, json.loads(f"{{{each.example}}}"))
        assert each.check not in findings(document, store), each


def test_of_what_a_badge_cannot_say_the_report_says_so(store: EmbeddedStore) -> None:
    found = findings(badge(), store).values()
    assert {finding.element for finding in found if "has no place for this" in finding.fix} == UNSAYABLE
    assert not [finding for finding in found if finding.example and finding.element in UNSAYABLE]
