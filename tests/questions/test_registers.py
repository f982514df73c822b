"""Awarding bodies that are matched with entries of a register: by what, and what an entry then settles.

The register is the sample of accreditations in XML; each credential here is made up for one of its bodies.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.pipeline.registers import load_register
from mastery_graph.questions.answer import Criterion, Outcome, Strength, criterion_of
from mastery_graph.questions.recognition import Recognition, recognition
from mastery_graph.questions.rendering import as_text
from mastery_graph.sources.registers.records import RegisterSource
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore

DAY = date(2026, 6, 1)
EXAMPLE = "https://example.org/register/"
LAKES = "Example University of the Lakes"
ENERGY = "Example University of the Lakes, School of Energy"


@pytest.fixture(scope="module")
def registered(store: EmbeddedStore, reference: Path) -> Iterator[EmbeddedStore]:
    own = MemoryStore.copy_of(store)
    source = RegisterSource("deqar", "https://www.eqar.eu/qa-results/", date(2026, 11, 1))
    load_register(own, [reference / "registers" / "accreditations-sample.xml"], source)
    yield own
    own.close()


def credential(
    name: str,
    identifier: str = "",
    *,
    country: str = "FIN",
    nqf: str = "c_8a7da315",
    cited: str = "",
    field: str = "0712",
    iri: str = "https://example.org/course",
) -> SubmittedDocument:
    """A description of a course at FiNQF level 6, awarded by a body of this name, with one identifier."""
    text = f"""
    PREFIX adms: <http://www.w3.org/ns/adms#>
    PREFIX dcterms: <http://purl.org/dc/terms/>
    PREFIX elm: <http://data.europa.eu/snb/model/elm/>
    PREFIX rov: <http://www.w3.org/ns/regorg#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    <{iri}> a elm:Qualification ; dcterms:title "Course"@en ;
      elm:NQFLevel <http://data.europa.eu/snb/qdr/{nqf}> ;
      elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/{field}> ;
      elm:awardingOpportunity [ elm:awardingBody <https://example.org/body> ] .
    <https://example.org/body> rov:legalName "{name}"@en ; {identifier}
      {f"elm:accreditation <{cited}> ;" if cited else ""}
      elm:location [ elm:address [ elm:countryCode
        <http://publications.europa.eu/resource/authority/country/{country}> ] ] .
    """
    return read_document(text.encode(), "text/turtle", "course.ttl")


def status(store: EmbeddedStore, document: SubmittedDocument) -> Criterion:
    return criterion_of(recognise(store, document).criteria, "REC-AWARDING-BODY")


def recognise(store: EmbeddedStore, document: SubmittedDocument) -> Recognition:
    return recognition(store, document, "IRL", "academic", DAY)


def national(notation: str, scheme: str = "") -> str:
    stated = f' ; elm:schemeName "{scheme}"' if scheme else ""
    return f'adms:identifier [ skos:notation "{notation}"{stated} ] ;'


@pytest.mark.parametrize(
    "identifier",
    [
        national("FI9901", "ETER"),
        national("fi 9901", "ETER"),
        national("FI9901"),
        national("deqarinst-99101", "DEQARINST"),
        'elm:vatIdentifier [ skos:notation "FI 9901.0101" ] ;',
        national("http://www.example.org/register/institution/101/", "DEQAR"),
    ],
)
def test_a_body_is_matched_by_an_identifier_in_any_spelling(registered: EmbeddedStore, identifier: str) -> None:
    criterion = status(registered, credential(LAKES, identifier))
    assert (criterion.outcome, criterion.strength) == (Outcome.MET, Strength.STRONG)
    assert "Institutional audit" in criterion.explanation
    assert any(quad.subject == f"{EXAMPLE}report/9001" for quad in criterion.evidence)


def test_an_identifier_within_another_scheme_has_to_be_confirmed(registered: EmbeddedStore) -> None:
    criterion = status(registered, credential(LAKES, national("FI9901", "Chamber of commerce")))
    assert criterion.outcome is Outcome.UNKNOWN
    assert "within the scheme ETER" in criterion.explanation


def test_an_identifier_of_another_country_is_no_match(registered: EmbeddedStore) -> None:
    criterion = status(registered, credential(LAKES, national("FI9901", "ETER"), country="ESP"))
    assert criterion.outcome is Outcome.UNKNOWN
    assert "No register in the graph has an entry" in criterion.explanation


def test_a_cited_report_ties_the_body_to_the_register(registered: EmbeddedStore) -> None:
    criterion = status(registered, credential(LAKES, cited=f"{EXAMPLE}report/9001"))
    assert (criterion.outcome, criterion.strength) == (Outcome.MET, Strength.STRONG)


def test_a_cited_report_about_another_body_has_to_be_confirmed(registered: EmbeddedStore) -> None:
    """A diploma mill may cite the report on a university."""
    criterion = status(registered, credential("Belford Example University", cited=f"{EXAMPLE}report/9001"))
    assert criterion.outcome is Outcome.UNKNOWN
    assert LAKES in criterion.explanation


@pytest.mark.parametrize("name", [LAKES, LAKES.upper(), "Jarvien  esimerkkiyliopisto"])
def test_a_name_alone_is_a_hint_to_confirm(registered: EmbeddedStore, name: str) -> None:
    criterion = status(registered, credential(name))
    assert (criterion.outcome, criterion.strength) == (Outcome.UNKNOWN, Strength.WEAK)
    assert "no identifier ties it to the description" in criterion.explanation


def test_a_programme_accreditation_covers_only_its_programmes(registered: EmbeddedStore) -> None:
    identifier = national("DEQARINST99102", "DEQARINST")
    other = status(registered, credential(ENERGY, identifier, field="0713"))
    assert other.outcome is Outcome.UNKNOWN
    assert "covers only the programmes that it names" in other.explanation
    own = status(registered, credential(ENERGY, identifier, field="0713", iri=f"{EXAMPLE}programme/770001"))
    assert (own.outcome, own.strength) == (Outcome.MET, Strength.SUBSTANTIAL)
    assert "laboratory safety plan" in own.explanation


def test_what_is_decided_on_the_whole_is_not_decided_on_its_part(registered: EmbeddedStore) -> None:
    criterion = status(registered, credential(ENERGY, national("DEQARINST99102", "DEQARINST")))
    assert "Institutional audit" not in criterion.explanation


def test_a_negative_decision_in_force_is_unmet(registered: EmbeddedStore) -> None:
    criterion = status(registered, credential("Example Institute of Applied Economics", national("FI9904", "ETER")))
    assert (criterion.outcome, criterion.strength) == (Outcome.UNMET, Strength.STRONG)
    assert "negative decision in force" in criterion.explanation


def test_an_expired_licence_is_unknown_with_its_date(registered: EmbeddedStore) -> None:
    academy = credential("Example Regional Academy", national("ES9905", "ETER"), country="ESP")
    criterion = status(registered, academy)
    assert criterion.outcome is Outcome.UNKNOWN
    assert "Institutional licence ended on 2022-09-30" in criterion.explanation


def test_an_answer_lists_the_registers_that_were_consulted_with_their_days(registered: EmbeddedStore) -> None:
    answer = recognise(registered, credential(LAKES))
    assert {register.iri: register.as_of for register in answer.consulted}[
        "https://w3id.org/mastery-graph/id/register/deqar"
    ] == date(2026, 11, 1)
    assert not {register.iri for register in answer.consulted} & {register.iri for register in answer.not_consulted}
    text = as_text(answer)
    assert "Registers consulted" in text
    assert "2026-11-01" in text
