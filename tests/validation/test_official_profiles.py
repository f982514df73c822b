"""The official profiles of the European Learning Model, run as published, in plain words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.errors import AdvisedAction, BadDocument, BadParameter, ShapesMissing, UnsupportedFormat
from mastery_graph.languages import TRANSLATIONS
from mastery_graph.pipeline.build import replace_graphs
from mastery_graph.sources.elm import SHAPES, ElmDownload
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.validation import ValidationReport, available, profiles, validate
from mastery_graph.validation.engine.shapes import name_shapes
from mastery_graph.validation.profiles import OFFICIAL, shapes_for
from mastery_graph.validation.texts import Translator
from mastery_graph.vocabulary import DESCRIPTIONS, graph
from tests.validation.described import leads_somewhere

AP = "http://data.europa.eu/snb/model/ap/"
CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]


@pytest.fixture(scope="module")
def official(store: EmbeddedStore, reference: Path) -> Iterator[EmbeddedStore]:
    """The graph with the download of the model taken in."""
    loaded = MemoryStore.copy_of(store)
    graphs = ElmDownload([reference / "elm"]).graphs
    replace_graphs(
        loaded, {name: name_shapes(triples) if name.startswith(SHAPES) else triples for name, triples in graphs.items()}
    )
    yield loaded
    loaded.close()


def _sample(reference: Path, name: str) -> bytes:
    return (reference / "credentials" / name).read_bytes()


def _told(report: ValidationReport) -> list[tuple[str, str]]:
    return [(finding.severity, finding.element) for finding in report.findings]


def test_without_the_shapes_the_error_says_what_to_run(store: EmbeddedStore) -> None:
    document = read_value({"@context": CONTEXT, "type": "EuropeanDigitalCredential"})
    with pytest.raises(ShapesMissing) as missing:
        validate(document, "elm", store)
    assert missing.value.action is AdvisedAction.LOAD_SHAPES
    with pytest.raises(ShapesMissing):
        validate(document, "elm")


def test_an_unknown_profile_is_answered_with_all_that_there_are() -> None:
    with pytest.raises(BadParameter, match="elm-diploma-supplement"):
        validate(read_value({"@context": CONTEXT, "type": "Qualification"}), "elm-x")


def test_the_sealed_official_sample_conforms(official: EmbeddedStore, reference: Path) -> None:
    report = validate(read_document(_sample(reference, "Sample-MC-Annex1-signed.jsonld")), "elm", official)
    assert report.conforms
    assert report.findings == ()
    assert {"awarded by", "issuer", "valid from"} <= set(report.completeness.present)


def test_what_a_seal_adds_is_advice_until_the_credential_is_sealed(official: EmbeddedStore, reference: Path) -> None:
    report = validate(read_document(_sample(reference, "Sample-MC-Annex1-unsigned.jsonld")), "elm", official)
    assert report.conforms
    assert _told(report) == [("warning", "issued"), ("warning", "issuer")]
    assert "certificate with which the credential is sealed" in report.findings[1].message


def test_the_same_is_a_violation_once_there_is_a_seal(official: EmbeddedStore, reference: Path) -> None:
    signed = json.loads(_sample(reference, "Sample-MC-Annex1-signed.jsonld"))
    payload = json.loads(signed["payload"])
    del payload["issued"]
    del payload["issuer"][next(key for key in payload["issuer"] if key.startswith("eIDAS"))]
    report = validate(read_value(signed | {"payload": json.dumps(payload)}), "elm", official)
    assert sorted(_told(report)) == [("violation", "issued"), ("violation", "issuer"), ("violation", "seal")]
    issuer = next(finding for finding in report.findings if finding.element == "issuer")
    assert issuer.message.endswith("mandatory legal identifier: at least 1 needed, 0 given.")
    assert issuer.pointer == "/issuer"


@pytest.mark.parametrize("profile", OFFICIAL)
def test_every_official_profile_runs_with_all_that_it_builds_on(profile: str, official: EmbeddedStore) -> None:
    found = shapes_for(profile, read_value({"@context": CONTEXT, "type": "Claim"}), official)
    assert found.names[-1] == AP + OFFICIAL[profile]
    builds_on = {
        "elm": 2,
        "elm-no-vocabularies": 1,
        "elm-accredited": 3,
        "elm-diploma-supplement": 4,
        "elm-issued-by-mandate": 3,
        "elm-converted": 3,
        "elm-opportunities": 3,
        "elm-opportunities-no-vocabularies": 1,
        "elm-accreditations": 2,
    }
    assert len(found.names) == builds_on[profile]
    assert len(found.vocabularies) == 15


def test_the_diploma_supplement_asks_for_more(official: EmbeddedStore, reference: Path) -> None:
    document = read_document(_sample(reference, "Sample-MC-Annex1-signed.jsonld"))
    report = validate(document, "elm-diploma-supplement", official)
    assert {element for _, element in _told(report)} == {
        "awarding information",
        "credit received",
        "evidence accreditation",
        "has part",
    }
    assert {finding.source for finding in report.findings} == {AP + "edc-accredited", AP + "edc-diploma-supplement"}


def test_the_shapes_that_the_credential_names_are_chosen(official: EmbeddedStore) -> None:
    def names(schema: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
        document = {"@context": CONTEXT, "id": "urn:c", "type": "EuropeanDigitalCredential", "credentialSchema": schema}
        found = shapes_for("elm", read_value(document), official)
        return found.names, found.unknown

    accredited = {"id": AP + "edc-accredited", "type": "ShaclValidator2017"}
    assert names(accredited)[0][-1] == AP + "edc-accredited"
    other = {"id": "https://example.org/schema.json", "type": "JsonSchema"}
    assert names(other) == ((AP + "edc-generic-no-cv", AP + "edc-generic-full"), ("https://example.org/schema.json",))
    assert names([accredited, other])[0][-1] == AP + "edc-accredited"


def test_a_schema_that_is_not_here_is_told(official: EmbeddedStore) -> None:
    schema = {"id": "https://example.org/schema.json", "type": "JsonSchema"}
    document = {"@context": CONTEXT, "id": "urn:c", "type": "EuropeanDigitalCredential", "credentialSchema": schema}
    report = validate(read_value(document), "elm", official)
    told = next(finding for finding in report.findings if "is not installed" in finding.message)
    assert (told.severity, told.pointer) == ("info", "/credentialSchema")


def test_what_the_official_sample_lacks_itself_is_said_to_be_so(official: EmbeddedStore, reference: Path) -> None:
    document = read_document(_sample(reference, "credential-sample-turtle.ttl"), name="credential-sample-turtle.ttl")
    awarded = next(f for f in validate(document, "elm", official).findings if f.element == "awarded by")
    assert "own sample lacks it as well" in awarded.message
    assert awarded.source.endswith("European-Learning-Model/issues/62")


def test_an_error_of_the_published_shapes_blames_nobody(official: EmbeddedStore, reference: Path) -> None:
    document = read_document(_sample(reference, "Sample-MC-Annex1-signed.jsonld"))
    report = validate(document, "elm-opportunities", official)
    assert report.conforms
    assert {(finding.severity, finding.source.rpartition("/")[2]) for finding in report.findings} == {("info", "85")}


def _qualification(official: EmbeddedStore, **stated: object) -> list[tuple[str, str]]:
    document = {"@context": CONTEXT, "id": "urn:q", "type": "Qualification", "title": {"en": "Q"}, **stated}
    return [(finding.severity, finding.message) for finding in validate(read_value(document), "elm", official).findings]


def test_a_concept_is_looked_up_in_the_vocabularies_that_are_here(official: EmbeddedStore) -> None:
    concept = {"id": "http://data.europa.eu/snb/eqf/5", "type": "Concept"}
    scheme = {"id": "http://data.europa.eu/snb/eqf/25831c2", "type": "ConceptScheme"}
    said = "Qualification, EQF level: {} is in the controlled vocabulary, but the document does not state this."
    assert _qualification(official, eqfLevel=concept) == [("warning", said.format(concept["id"]))]
    assert _qualification(official, eqfLevel=concept | {"inScheme": scheme}) == []
    none = {"id": "http://data.europa.eu/snb/eqf/9", "type": "Concept"}
    assert _qualification(official, eqfLevel=none) == [
        ("violation", f"Qualification, EQF level: {none['id']} is not in the controlled vocabulary {scheme['id']}.")
    ]


def test_an_object_without_an_id_is_no_iri(official: EmbeddedStore) -> None:
    scheme = {"id": "http://data.europa.eu/snb/eqf/25831c2", "type": "ConceptScheme"}
    level = {"type": "Concept", "prefLabel": {"en": "Level 5"}, "inScheme": scheme}
    ((severity, message),) = _qualification(official, eqfLevel=level)
    assert severity == "violation"
    assert message == "Qualification, EQF level: “Level 5” should be an address (IRI)."


@pytest.mark.parametrize(
    ("language", "message", "fix"),
    [
        (
            "it",
            "Qualification, EQF level: “Level 5” dovrebbe essere un indirizzo (IRI).",
            "Scriverlo nella forma richiesta: un indirizzo (IRI).",
        ),
        (
            "fi",
            "Qualification, EQF level: “Level 5”: tässä pitäisi olla osoite (IRI).",
            "Kirjoita se vaaditussa muodossa: osoite (IRI).",
        ),
    ],
)
def test_a_finding_is_told_in_the_language_that_is_asked_for(
    language: str, message: str, fix: str, official: EmbeddedStore
) -> None:
    scheme = {"id": "http://data.europa.eu/snb/eqf/25831c2", "type": "ConceptScheme"}
    level = {"type": "Concept", "prefLabel": {"en": "Level 5"}, "inScheme": scheme}
    document = {"@context": CONTEXT, "id": "urn:q", "type": "Qualification", "title": {"en": "Q"}, "eqfLevel": level}
    report = validate(read_value(document), "elm", official, language=language)
    (finding,) = report.findings
    assert (report.language, finding.message, finding.fix) == (language, message, fix)
    assert report.summary == Translator(language)(
        "The document does not conform to {profile}. To fix: {elements}.", profile="elm", elements="EQF level"
    )


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_no_sentence_of_an_official_profile_stays_english(
    language: str, official: EmbeddedStore, reference: Path
) -> None:
    document = read_document(_sample(reference, "credential-sample-turtle.ttl"), name="credential-sample-turtle.ttl")
    english = validate(document, "elm-diploma-supplement", official).findings
    told = validate(document, "elm-diploma-supplement", official, language=language).findings
    assert len(told) == len(english) > 5
    assert not {finding.message for finding in told} & {finding.message for finding in english}
    assert not {finding.fix for finding in told} & {finding.fix for finding in english}


NOTHING_TO_CHECK: dict[str, dict[str, Any]] = {
    "no name of the model": {"@context": CONTEXT, "id": "urn:x", "type": "https://example.org/Thing"},
    "an empty graph": {"@context": CONTEXT, "id": "urn:x"},
    "a graph of one text": {"@context": CONTEXT, "id": "urn:x", "title": {"en": "Waste on site"}},
    "a credential without the context of the model": {
        "@context": CONTEXT[:1],
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "credentialSubject": {"type": "Person", "hasClaim": {"type": "LearningAchievement"}},
    },
    "a credential of another model": {
        "@context": ["https://www.w3.org/ns/credentials/v2", {"@vocab": "https://example.org/"}],
        "type": ["VerifiableCredential", "DegreeCredential"],
        "issuer": "https://example.org/school",
        "credentialSubject": {"id": "did:example:a", "degree": {"type": "BachelorDegree", "name": "B.A."}},
    },
    "a presentation of nothing": {"@context": CONTEXT, "type": "VerifiablePresentation", "holder": "did:example:a"},
    "a credential whose type is misspelt": {
        "@context": CONTEXT,
        "type": ["VerifiableCredential", "EuropeanDigitalCredentail"],
        "credentialSubject": {
            "type": "Person",
            "hasClaim": {"type": "LearningAchievement", "specifiedBy": {"type": "Qualification"}},
        },
    },
    "parts of a description without it": {
        "@context": CONTEXT,
        "type": "Note",
        "noteLiteral": {"en": "Bring boots."},
        "@included": [{"type": "Concept", "id": "urn:c", "prefLabel": {"en": "Waste"}}],
    },
}


@pytest.mark.parametrize("profile", profiles())
@pytest.mark.parametrize("document", NOTHING_TO_CHECK.values(), ids=NOTHING_TO_CHECK)
def test_a_document_of_which_nothing_is_checked_is_refused(
    document: dict[str, Any], profile: str, official: EmbeddedStore
) -> None:
    if profile.startswith("elm-opportunities") and "Qualification" in str(document):
        document = {"@context": CONTEXT, "type": "Qualifikation"}
    with pytest.raises((BadDocument, UnsupportedFormat)):
        validate(read_value(document), profile, official)


@pytest.mark.parametrize("profile", profiles())
def test_a_document_of_the_kind_that_a_profile_is_for_is_checked(profile: str, official: EmbeddedStore) -> None:
    of_credentials = sorted(iri.rpartition("/")[2] for iri in DESCRIPTIONS)
    kinds = {"elm-accreditations": ["Accreditation"], "elm-opportunities": ["LearningOpportunity", "Qualification"]}
    checked = kinds.get(profile.removesuffix("-no-vocabularies"), of_credentials)
    assert checked
    for kind in checked:
        assert not validate(read_value({"@context": CONTEXT, "type": kind}), profile, official).conforms


def test_both_engines_report_the_same(official: EmbeddedStore, reference: Path) -> None:
    document = read_document(_sample(reference, "credential-sample.jsonld"))
    assert validate(document, "elm-diploma-supplement", official) == validate(
        document, "elm-diploma-supplement", official, "pyshacl"
    )


def test_no_label_of_a_blank_node_reaches_a_person(official: EmbeddedStore) -> None:
    document = {
        "@context": CONTEXT,
        "type": "EuropeanDigitalCredential",
        "issuer": {"type": "Organisation", "location": {"type": "Location", "address": {"type": "Address"}}},
        "credentialSubject": {"type": "Person", "hasClaim": {"type": "Claim", "awardedBy": {"type": "Note"}}},
    }
    report = validate(read_value(document), "elm-diploma-supplement", official)
    said = " ".join(f"{f.element} {f.message} {f.fix} {f.value} {f.rule} {f.example}" for f in report.findings)
    assert len(report.findings) > 15
    assert "_:" not in said
    assert "urn:mastery-graph" not in said
    assert "{?" not in said


def test_profiles_are_listed_with_ours_first() -> None:
    assert profiles()[:3] == ["micro-credential", "mastery", "elm"]


def test_only_profiles_whose_shapes_are_here_are_available(official: EmbeddedStore, store: EmbeddedStore) -> None:
    assert available(store) == ["micro-credential", "mastery"]
    assert available(official) == profiles()


@pytest.mark.parametrize(
    "name",
    [
        "Sample-CertOfPart-unsigned.jsonld",
        "Sample-MC-Annex1-signed.jsonld",
        "Sample-MC-Annex1-unsigned.jsonld",
        "credential-sample.jsonld",
    ],
)
def test_every_pointer_leads_to_a_place_in_the_document(name: str, official: EmbeddedStore, reference: Path) -> None:
    content = _sample(reference, name)
    sent = json.loads(content)
    if "payload" in sent:
        sent = json.loads(sent["payload"])
    document = read_document(content)
    profiles_of_credentials = [
        name for name in OFFICIAL if "opportunities" not in name and name != "elm-accreditations"
    ]
    findings = [f for profile in profiles_of_credentials for f in validate(document, profile, official).findings]
    assert len(findings) > 5
    for finding in findings:
        assert finding.pointer is not None
        assert leads_somewhere(sent, finding.pointer), finding


def _pointers(official: EmbeddedStore, profile: str, **stated: object) -> dict[str, str | None]:
    document = {"@context": CONTEXT, "id": "urn:q", "type": "Qualification", "title": {"en": "Q"}, **stated}
    report = validate(read_value(document), profile, official)
    for finding in report.findings:
        assert leads_somewhere(document, finding.pointer or ""), finding
    return {finding.element: finding.pointer for finding in report.findings}


def test_a_finding_about_a_property_that_is_there_points_to_it(official: EmbeddedStore) -> None:
    assert _pointers(official, "elm", eqfLevel={"id": "http://data.europa.eu/snb/eqf/9", "type": "Concept"}) == {
        "EQF level": "/eqfLevel"
    }
    outcomes = [{"type": "LearningOutcome", "title": {"en": "A"}}, {"type": "Note", "noteLiteral": {"en": "B"}}]
    assert _pointers(official, "elm", learningOutcome=outcomes)["learning outcome"] == "/learningOutcome/1"


def test_what_is_described_twice_is_pointed_to_where_the_property_is(official: EmbeddedStore, reference: Path) -> None:
    document = read_document(_sample(reference, "Sample-MC-Annex1-unsigned.jsonld"))
    issuer = next(each for each in validate(document, "elm", official).findings if each.element == "issuer")
    assert issuer.pointer == "/issuer"


def test_taking_in_another_download_removes_what_it_lacks(official: EmbeddedStore, reference: Path) -> None:
    other = MemoryStore.copy_of(official)
    download = ElmDownload([reference / "elm" / "shapes" / "EDC-generic-no-cv.ttl"])
    replace_graphs(other, download.graphs, under=graph("elm/"))
    assert [each.iri for each in other.graphs() if "/elm/" in each.iri] == [SHAPES + "edc-generic-no-cv"]
