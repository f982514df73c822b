"""Descriptions that each break one thing: exactly that is found, at its place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat

from mastery_graph.credentials.reading import read_value
from mastery_graph.errors import BadDocument
from mastery_graph.pipeline.build import replace_graph
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.validation import ValidationReport, validate
from mastery_graph.vocabulary import graph
from tests.validation.described import Fault, base, changed, faults, leads_somewhere

FAULTS = faults()


@pytest.fixture(scope="module")
def with_esco(store: EmbeddedStore, reference: Path) -> Iterator[EmbeddedStore]:
    own = MemoryStore.copy_of(store)
    replace_graph(own, graph("esco"), list(dict.fromkeys(EscoDownload([reference / "esco-1.2.0"]).triples())))
    yield own
    own.close()


def _found(report: ValidationReport) -> list[tuple[str, str, str | None]]:
    return sorted((one.severity, one.check.rpartition("#")[2], one.pointer) for one in report.findings)


def _expected(fault: Fault) -> list[tuple[str, str, str | None]]:
    return sorted(
        (severity, check, one["at"])
        for one in fault.finds
        for severity, check in one.items()
        if severity in {"violation", "warning", "info"}
    )


@pytest.mark.parametrize("name", ["issued", "bare"])
@pytest.mark.parametrize("profile", ["micro-credential", "mastery"])
def test_the_bases_of_the_corpus_are_without_fault(name: str, profile: str, with_esco: EmbeddedStore) -> None:
    report = validate(read_value(base(name)), profile, with_esco)
    assert _found(report) == []
    assert report.conforms
    assert report.completeness.ratio == 1
    assert report.not_checked == ()


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_exactly_the_fault_is_found(fault: Fault, store: EmbeddedStore, request: pytest.FixtureRequest) -> None:
    asked = request.getfixturevalue("with_esco") if fault.esco else store
    report = validate(read_value(fault.document), fault.profile, asked)
    assert _found(report) == _expected(fault)
    assert report.conforms == all("violation" not in one for one in fault.finds)
    told = {finding.check.rpartition("#")[2]: finding.value for finding in report.findings}
    for one in fault.finds:
        if "value" in one:
            assert (
                told[next(one[severity] for severity in ("violation", "warning", "info") if severity in one)]
                == (one["value"])
            )


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_each_finding_reads_well_and_leads_to_a_place(
    fault: Fault, store: EmbeddedStore, request: pytest.FixtureRequest
) -> None:
    asked = request.getfixturevalue("with_esco") if fault.esco else store
    findings = validate(read_value(fault.document), fault.profile, asked).findings
    assert len(findings) == len(fault.finds)
    for finding in findings:
        assert finding.pointer is not None
        assert leads_somewhere(fault.document, finding.pointer)
        told = (finding.message, finding.fix, finding.element, finding.name)
        assert all(told)
        assert not any("{" in text or "_:" in text or "urn:sha256" in text for text in told)
        json.loads(f"{{{finding.example}}}")
        assert "CELEX:32022H0627(02)" in finding.source


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 60


MANDATORY = {
    "issued": [
        ["/credentialSubject/fullName"],
        ["/issuanceDate"],
        ["/credentialSubject/hasClaim"],
        ["/credentialSubject/hasClaim/0/type"],
        ["/credentialSubject/hasClaim/0/title", "/credentialSubject/hasClaim/0/specifiedBy/title"],
        ["/credentialSubject/hasClaim/0/awardedBy"],
        ["/credentialSubject/hasClaim/0/awardedBy/awardingBody/legalName"],
        ["/credentialSubject/hasClaim/0/specifiedBy"],
        ["/credentialSubject/hasClaim/0/specifiedBy/learningOutcome"],
        ["/credentialSubject/hasClaim/0/specifiedBy/learningOutcome/0/title"],
        ["/credentialSubject/hasClaim/0/provenBy/0/specifiedBy/dcType"],
        ["/credentialSubject/hasClaim/0/specifiedBy/mode"],
    ],
    "bare": [
        ["/title"],
        ["/awardingOpportunity"],
        ["/awardingOpportunity/awardingBody/legalName"],
        ["/awardingOpportunity/awardingBody/location/address/countryCode/id"],
        ["/learningOutcome"],
        ["/creditPoint", "/volumeOfLearning"],
        ["/creditPoint/point", "/volumeOfLearning"],
        ["/eqfLevel", "/nqfLevel"],
        ["/eqfLevel/id", "/nqfLevel/id"],
        ["/provenBy"],
        ["/provenBy/dcType/id"],
        ["/mode"],
        ["/mode/id"],
    ],
}
"""What carries a mandatory element: without it, or with nothing in it, the description must not pass."""

EMPTY = st.sampled_from([None, "", " ", [], {}, {"en": ""}])
OTHER = st.text("abc <>{}é", max_size=6) | st.integers(0, 9) | st.booleans()


@pytest.mark.parametrize("name", ["issued", "bare"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_mandatory_can_be_taken_away_or_emptied_unseen(name: str, data: st.DataObject) -> None:
    pointers = data.draw(st.sampled_from(MANDATORY[name]))
    emptied = data.draw(st.none() | EMPTY)
    whole = [{"remove": each} if emptied is None else {"set": each, "to": emptied} for each in pointers]
    # a further member that has nothing to do with it is altered as well, so that faults do not hide one another
    other = data.draw(st.sampled_from(["/note", "/validFrom", "/identifier"]))
    document = changed(base(name), [*whole, {"set": other, "to": data.draw(OTHER)}])
    try:
        report = validate(read_value(document))
    except BadDocument:
        return
    assert not report.conforms
    assert [finding for finding in report.findings if finding.severity == "violation"]


def _members(value: Any, pointer: str = "") -> list[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, item in items:
        at = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        found += [at, *_members(item, at)]
    return found


@pytest.mark.parametrize("name", ["issued", "bare"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_altered_the_report_is_sound(name: str, data: st.DataObject) -> None:
    pointer = data.draw(st.sampled_from([each for each in _members(base(name)) if not each.startswith("/@context")]))
    change = data.draw(st.sampled_from([{"remove": pointer}, {"set": pointer, "to": data.draw(EMPTY | OTHER)}]))
    document = changed(base(name), [change])
    try:
        report = validate(read_value(document))
    except BadDocument:
        return
    assert report.conforms == all(finding.severity != "violation" for finding in report.findings)
    assert 0 <= report.completeness.ratio <= 1
    for finding in report.findings:
        assert finding.pointer is not None
        assert leads_somewhere(document, finding.pointer)
        assert not any(odd in finding.message + finding.name for odd in ("{?", "_:", "urn:sha256"))


def test_a_concept_that_esco_has_withdrawn_is_doubted_where_it_stands(store: EmbeddedStore) -> None:
    own = MemoryStore.copy_of(store)
    document = base("bare")
    concept = document["learningOutcome"][0]["relatedESCOSkill"]["id"]
    stated = f'<{concept}> <http://data.europa.eu/esco/model#status> "obsolete" .'
    own.load(stated.encode(), RdfFormat.TURTLE, graph("esco"))
    (finding,) = validate(read_value(document), "micro-credential", own).findings
    own.close()
    assert (finding.severity, finding.check.rpartition("#")[2]) == ("warning", "esco-obsolete")
    assert (finding.pointer, finding.value) == ("/learningOutcome/0/relatedESCOSkill", concept)
