"""The registry of formats: each document has one format, and each format is named once."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from mastery_graph.credentials import conversion
from mastery_graph.credentials.contexts import CREDENTIALS_1, CREDENTIALS_2, OPEN_BADGES
from mastery_graph.credentials.description import describe_document
from mastery_graph.credentials.formats import FORMATS, TARGETS, detect_format, format_named
from mastery_graph.credentials.reading import read_value
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.validation import validate

ROOT = Path(__file__).resolve().parents[2]
BADGE = Path(__file__).parent / "documents" / "open-badge.json"
ELM = ROOT / "api" / "web" / "static" / "example.jsonld"


def _document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_names_of_formats_are_unique() -> None:
    names = [form.name for form in FORMATS]
    assert len(names) == len(set(names)) >= 2
    assert [format_named(name) for name in names] == list(FORMATS)


def test_the_targets_of_conversion_are_those_of_the_registry() -> None:
    assert set(get_args(conversion.TargetFormat)) == set(TARGETS)


@pytest.mark.parametrize(("path", "name"), [(BADGE, "open-badges"), (ELM, "elm")])
def test_a_document_is_read_in_its_format(path: Path, name: str) -> None:
    document = _document(path)
    form = detect_format(document)
    assert form is not None
    assert form.name == name == read_value(document).format


def test_an_object_without_a_context_is_in_no_format() -> None:
    assert detect_format({"type": "EuropeanDigitalCredential"}) is None
    assert detect_format({"type": "OpenBadgeCredential"}) is None


def test_a_badge_with_an_endorsement_is_read_without_it(store: EmbeddedStore) -> None:
    badge = _document(BADGE)
    endorsement = {
        "@context": badge["@context"],
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": "https://example.org/reviewer",
    }
    document = read_value({**badge, "endorsement": [endorsement]})
    assert "/endorsement" in [note.pointer for note in document.notes]
    conforms = validate(read_value(badge), "micro-credential", store).conforms
    assert validate(document, "micro-credential", store).conforms == conforms


@pytest.mark.parametrize(("context", "names"), [(CREDENTIALS_2, ("Ann Example",)), (CREDENTIALS_1, ())])
def test_the_name_of_a_subject_is_that_of_the_learner_where_its_version_has_names(
    context: str, names: tuple[str, ...]
) -> None:
    badge = _document(BADGE)
    badge["@context"] = [context, OPEN_BADGES]
    badge["credentialSubject"].pop("identifier", None)
    badge["credentialSubject"]["name"] = "Ann Example"
    document = read_value(badge)
    (description,) = describe_document(document)
    assert (description.holder.names if description.holder else ()) == names
    assert ("/credentialSubject/name" in [note.pointer for note in document.notes]) is not bool(names)
