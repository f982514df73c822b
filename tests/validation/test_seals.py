"""Seals in reports and in the graph: what is broken passes nowhere, and the graph judges as the file does."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

from mastery_graph.credentials.batch import BatchItem, documents_in
from mastery_graph.credentials.collection import loadable_triples
from mastery_graph.credentials.conversion import convert_description, convert_document
from mastery_graph.credentials.proofs.seal import Seal
from mastery_graph.credentials.reading import read_document
from mastery_graph.options import Options, set_options
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.judging.subject import read_subject
from mastery_graph.questions.recognition import recognition
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.validation import user_shapes, validate, validate_with_external_shapes
from mastery_graph.validation.authenticity import BROKEN_SEAL, DOUBTFUL_SEAL
from mastery_graph.validation.formats import FORMATS, ValidationOutcome
from mastery_graph.validation.loading import admit
from mastery_graph.vocabulary import CRED, NS, SH
from tests.credentials.sealing import KEYS, altered, certified, folder_of, sealed, token
from tests.credentials.test_seal import PROOF, ROOT, SIGNER, UNVERIFIED, credential, jwk
from tests.validation.described import base

IRI = "urn:credential:waste-1"
DAY = date(2026, 6, 1)
VALID = sealed(credential(), SIGNER)
BROKEN = altered(VALID, "Waste prevention", "Waste treatment")
WITH_STATUS = {"credentialStatus": {"id": "https://example.org/status/1", "type": "BitstringStatusListEntry"}}
SEALED: dict[str, bytes] = {
    "valid": VALID,
    "broken": BROKEN,
    **{name: envelope for name, (envelope, _) in UNVERIFIED.items()},
    "token with a bare key": token({"vc": credential()}, KEYS["ES256"], jwk=jwk(KEYS["ES256"])),
    "token with a key elsewhere": token({"vc": credential()}, KEYS["ES256"], kid="did:web:college.example"),
    "proof": json.dumps(credential() | {"proof": PROOF}).encode(),
    "nothing": json.dumps(credential()).encode(),
}


@pytest.fixture(autouse=True)
def anchors(tmp_path: Path) -> None:
    set_options(Options(trust_anchors=folder_of(tmp_path / "anchors", ROOT)))


@pytest.fixture
def own(store: EmbeddedStore) -> Iterator[MemoryStore]:
    """The real graph, for a test to load into."""
    copy = MemoryStore.copy_of(store)
    yield copy
    copy.close()


def load(store: EmbeddedStore, envelope: bytes, policy: Any = "accept") -> str:
    (one,) = admit(store, documents_in(envelope, ""), policy=policy)
    return one.status


def test_the_documents_of_these_tests_conform_but_for_their_seals(store: EmbeddedStore) -> None:
    assert validate(read_document(VALID), store=store).conforms
    assert not validate(read_document(BROKEN), store=store).conforms


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def is_told_as_json(text: str) -> bool:
    (entry,) = json.loads(text)
    severities = {finding["check"]: finding["severity"] for finding in entry["findings"]}
    return not entry["conforms"] and severities.get(BROKEN_SEAL) == "violation"


def is_told_as_sarif(text: str) -> bool:
    results = json.loads(text)["runs"][0]["results"]
    return {"seal-broken": "error"}.items() <= {each["ruleId"]: each["level"] for each in results}.items()


def is_told_as_junit(text: str) -> bool:
    root = ElementTree.fromstring(text)  # noqa: S314  # our own text
    failures = {each.get("type") for each in root.iter("failure")}
    return BROKEN_SEAL in failures and int(root.get("failures", "0")) > 0


def is_told_as_rdf(text: str, form: RdfFormat) -> bool:
    graph = Store()
    for quad in parse(text, format=form):
        graph.add(quad)
    conforms = {quad.object.value for quad in graph.quads_for_pattern(None, NamedNode(SH + "conforms"), None)}
    results = [quad.subject for quad in graph.quads_for_pattern(None, None, NamedNode(BROKEN_SEAL))]
    return conforms == {"false"} and any(
        quad.object == NamedNode(SH + "Violation")
        for result in results
        for quad in graph.quads_for_pattern(result, NamedNode(SH + "resultSeverity"), None)
    )


TOLD: dict[str, Any] = {
    "json": is_told_as_json,
    "csv": lambda text: ("violation", "REC-AUTHENTICITY") in [(r["Severity"], r["Rule"][-16:]) for r in rows(text)],
    "sarif": is_told_as_sarif,
    "junit": is_told_as_junit,
    "turtle": lambda text: is_told_as_rdf(text, RdfFormat.TURTLE),
    "jsonld": lambda text: is_told_as_rdf(text, RdfFormat.JSON_LD),
    "nt": lambda text: is_told_as_rdf(text, RdfFormat.N_TRIPLES),
    "rdfxml": lambda text: is_told_as_rdf(text, RdfFormat.RDF_XML),
    "text": lambda text: "violation: The seal is broken." in text and "does not fit the content" in text,
    "html": lambda text: '<td class="violation">' in text and "does not fit the content" in text,
}


@pytest.mark.parametrize("form", FORMATS)
def test_a_broken_seal_is_a_violation_in_every_format(form: str, store: EmbeddedStore) -> None:
    write = FORMATS[form][1]
    assert TOLD[form](write([ValidationOutcome("a.jsonld", validate(read_document(BROKEN), store=store))], "en"))
    assert not TOLD[form](write([ValidationOutcome("a.jsonld", validate(read_document(VALID), store=store))], "en"))


def test_a_broken_seal_is_a_violation_of_shapes_of_ones_own_too(tmp_path: Path) -> None:
    file = tmp_path / "own.ttl"
    file.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix elm: <http://data.europa.eu/snb/model/elm/> .\n"
        "<urn:shape> a sh:NodeShape ; sh:targetClass elm:EuropeanDigitalCredential ; sh:nodeKind sh:IRI .",
        encoding="utf-8",
    )
    shapes = user_shapes(file)
    assert validate_with_external_shapes(read_document(VALID), shapes, "own").conforms
    report = validate_with_external_shapes(read_document(BROKEN), shapes, "own")
    assert (report.conforms, [finding.check for finding in report.findings]) == (False, [BROKEN_SEAL])


@pytest.mark.parametrize("kind", ["expired", "of another organisation", "in the future", "not for signing"])
def test_what_an_honest_seal_does_not_have_is_a_warning(kind: str, store: EmbeddedStore) -> None:
    report = validate(read_document(SEALED[kind]), store=store)
    assert report.conforms
    assert {finding.severity for finding in report.findings if finding.check == DOUBTFUL_SEAL} == {"warning"}


@pytest.mark.parametrize("kind", ["valid", "self-signed", "nothing", "proof"])
def test_what_is_common_is_no_finding(kind: str, store: EmbeddedStore) -> None:
    report = validate(read_document(SEALED[kind]), store=store)
    assert not [finding for finding in report.findings if finding.check in {BROKEN_SEAL, DOUBTFUL_SEAL}]


@pytest.mark.parametrize("form", ["text", "html", "json"])
@pytest.mark.parametrize("language", ["en", "it", "es", "bg", "fi"])
def test_the_reason_of_a_seal_that_is_not_valid_is_told(form: str, language: str, store: EmbeddedStore) -> None:
    report = validate(read_document(SEALED["self-signed"]), store=store, language=language)
    assert report.seal.reason
    assert report.seal.reason in FORMATS[form][1]([ValidationOutcome("a", report)], language)


def test_what_was_not_checked_is_in_the_list_of_the_report(store: EmbeddedStore) -> None:
    plain = len(validate(read_document(json.dumps(base("issued")).encode()), store=store).not_checked)
    for more in (WITH_STATUS, {"proof": PROOF}, {"credentialStatus": [{"type": "1EdTechRevocationList"}]}):
        report = validate(read_document(json.dumps(base("issued") | more).encode()), store=store)
        assert (report.conforms, len(report.not_checked)) == (True, plain + 1)


def test_a_status_for_which_the_contexts_have_no_word_is_not_passed_over() -> None:
    document = base("issued") | WITH_STATUS | {"@context": ["http://data.europa.eu/snb/model/context/edc-ap"]}
    document = {("@type" if name == "type" else name): value for name, value in document.items()}
    predicates = {triple.predicate.value for triple in read_document(json.dumps(document).encode()).triples}
    assert CRED + "credentialStatus" in predicates


def test_of_a_sealed_document_the_report_says_that_it_is_not_to_be_changed(store: EmbeddedStore) -> None:
    noted = {
        kind: "seal" in {note.subject for note in validate(read_document(SEALED[kind]), store=store).notes}
        for kind in ("valid", "broken", "proof", "nothing")
    }
    assert noted == {"valid": True, "broken": True, "proof": True, "nothing": False}


@pytest.mark.parametrize("profile", ["micro-credential", "mastery"])
def test_a_fix_of_a_sealed_document_is_for_its_issuer(profile: str, store: EmbeddedStore) -> None:
    lacking = {name: value for name, value in credential().items() if name not in {"issuanceDate", "validFrom"}}
    plain = validate(read_document(json.dumps(lacking).encode()), profile, store)
    of_sealed = validate(read_document(sealed(lacking, SIGNER)), profile, store)
    assert plain.findings
    assert [finding.fix for finding in of_sealed.findings] == [
        f"For the issuer, in the original, before it is sealed again: {finding.fix}" for finding in plain.findings
    ]


@pytest.mark.parametrize("to", ["elm", "openbadge"])
def test_a_conversion_never_says_that_a_broken_seal_holds(to: Any, own: MemoryStore) -> None:
    def of_seal(done: Any) -> set[str]:
        return {loss.message for loss in done.lost if loss.subject == "seal"}

    broken, valid = (of_seal(convert_document(read_document(each), to)) for each in (BROKEN, VALID))
    assert broken
    assert valid
    assert broken != valid
    assert "broken" in next(iter(broken))
    assert load(own, BROKEN) == "loaded"
    done = convert_description(own, IRI, to)
    assert of_seal(done) == broken
    assert NS + "signature" not in json.dumps(done.document)
    assert "certificateChain" not in json.dumps(done.document)


def test_a_credential_with_a_broken_seal_is_loaded_only_where_that_is_accepted(own: MemoryStore) -> None:
    assert load(own, BROKEN, "reject") == "rejected"
    assert load(own, BROKEN, "quarantine") == "quarantined"
    assert load(own, BROKEN, "accept") == "loaded"


def authenticity(store: EmbeddedStore, about: Any) -> tuple[Outcome, str]:
    criterion = criterion_of(recognition(store, about, "FIN", "employment", DAY).criteria, "REC-AUTHENTICITY")
    return criterion.outcome, criterion.explanation


@pytest.mark.parametrize("kind", SEALED)
def test_the_graph_judges_a_seal_as_the_file_does(kind: str, own: MemoryStore) -> None:
    assert load(own, SEALED[kind]) == "loaded"
    document = read_document(SEALED[kind])
    of_file, of_graph = document.seal, read_subject(own, IRI).seal
    assert of_graph == of_file
    assert authenticity(own, IRI) == authenticity(own, document)
    expected = {"valid": Outcome.MET, "broken": Outcome.UNMET}.get(of_file.status, Outcome.UNKNOWN)
    assert authenticity(own, IRI)[0] is expected


def test_the_trust_anchors_of_the_day_of_the_question_count(own: MemoryStore, tmp_path: Path) -> None:
    assert load(own, VALID) == "loaded"
    assert read_subject(own, IRI).seal.status == "valid"
    for file in (tmp_path / "anchors").iterdir():
        file.unlink()
    assert read_subject(own, IRI).seal.status == "intact"


def forged(name: str) -> bytes:
    """A document that states what only this service records, in Turtle or by full names in JSON-LD."""
    graph = f"https://w3id.org/mastery-graph/graph/credentials/{'0' * 64}"
    if name == "turtle":
        document = read_document(SEALED["nothing"])
        lines = "\n".join(f"{triple} ." for triple in document.triples)
        return f'{lines}\n<{graph}> <{NS}signature> <urn:s> . <urn:s> <{NS}signatureState> "intact" .'.encode()
    return json.dumps(credential() | {NS + "signature": {NS + "signatureState": "intact", NS + "signer": "X"}}).encode()


@pytest.mark.parametrize("form", ["turtle", "json"])
def test_a_document_cannot_state_that_it_is_sealed(form: str, own: MemoryStore) -> None:
    envelope = forged(form)
    document = read_document(envelope, "text/turtle" if form == "turtle" else None)
    assert document.seal.status == "absent"
    assert not [triple for triple in loadable_triples(document) if triple.predicate.value.startswith(NS + "sign")]
    sent = BatchItem("a.ttl" if form == "turtle" else "a.json", envelope)
    (one,) = admit(own, [sent], policy="accept")
    assert one.status == "loaded"
    assert read_subject(own, IRI).seal.status == "absent"


def test_what_somebody_else_wrote_into_the_graph_verifies_nothing(own: MemoryStore) -> None:
    assert load(own, VALID) == "loaded"
    graph = next(each.iri for each in own.graphs() if "credentials/" in each.iri)
    signature = NamedNode(f"{graph}#signature-1")
    kept = list(own.construct(named_query("browse/graph").text, {"graph": NamedNode(graph)}))
    changed = [
        type(each)(each.subject, each.predicate, Literal("???"))
        if each.subject == signature and each.predicate.value == NS + "certificateChain"
        else each
        for each in kept
    ]
    assert changed != kept
    own.replace_graph(graph, changed)
    assert read_subject(own, IRI).seal == Seal("not-checked")


@pytest.mark.parametrize("purpose", ["academic", "training", "employment"])
def test_a_named_status_is_never_valid_from_the_file_nor_from_the_graph(purpose: Any, own: MemoryStore) -> None:
    envelope = json.dumps(credential() | WITH_STATUS).encode()
    assert load(own, envelope) == "loaded"
    key = KEYS["ES256"]
    claims = {"vc": credential(), "status": {"status_list": {"idx": 1, "uri": "https://example.org/status"}}}
    for about in (IRI, read_document(envelope), read_document(token(claims, key, jwk=jwk(key)))):
        answer = recognition(own, about, "FIN", purpose, DAY)
        assert criterion_of(answer.criteria, "REC-VALIDITY").outcome is Outcome.UNKNOWN
        expired = recognition(own, about, "FIN", purpose, date(2040, 1, 1))
        assert criterion_of(expired.criteria, "REC-VALIDITY").outcome is Outcome.UNMET
    bare = recognition(own, read_document(SEALED["nothing"]), "FIN", purpose, DAY)
    assert criterion_of(bare.criteria, "REC-VALIDITY").outcome is Outcome.MET


def test_a_token_that_has_ended_is_not_valid(own: MemoryStore) -> None:
    key = KEYS["ES256"]
    content = token({"vc": credential(), "exp": 1767225600}, key, jwk=jwk(key))
    answer = recognition(own, read_document(content), "FIN", "training", DAY)
    assert criterion_of(answer.criteria, "REC-VALIDITY").outcome is Outcome.UNMET


def test_an_organisation_that_sealed_for_another_does_not_pass_as_it(own: MemoryStore) -> None:
    other = sealed(credential(), certified("Anybody", ROOT))
    assert authenticity(own, read_document(other))[0] is Outcome.UNKNOWN
