"""Claims of documents: who says what, how strong that is, and what only a register or a referencing settles."""

from datetime import date
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.questions.answer import Origin, Outcome, Strength, criterion_of
from mastery_graph.questions.esco.existence import Existence, existence_of
from mastery_graph.questions.recognition import Recognition, recognition
from mastery_graph.questions.rendering import as_html, as_text
from mastery_graph.questions.stackability import stackability
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import SKOS, graph
from tests.conftest import DESCRIPTION

GOLDEN = Path(__file__).parent / "golden"
DAY = date(2026, 6, 1)
SKILL = "http://data.europa.eu/esco/skill/"
MADE_UP = SKILL + "00000000-0000-0000-0000-000000000000"
KNOWN = SKILL + "73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"


def document(name: str) -> SubmittedDocument:
    """A worked example of recognition, as a document that somebody sends."""
    parts = [(GOLDEN / file).read_text(encoding="utf-8") for file in ("usual.ttl", f"recognition/{name}.ttl")]
    return read_document("\n".join(parts).encode(), "text/turtle", f"{name}.ttl")


def ask(store: Store, name: str, *, accept_claims: bool = False) -> Recognition:
    return recognition(store, document(name), "FIN", "academic", DAY, accept_claims=accept_claims)


def test_what_a_document_says_of_itself_is_claimed_and_the_rest_is_not(store: EmbeddedStore) -> None:
    criterion = criterion_of(ask(store, "everything-is-stated").criteria, "REC-LEVEL")
    origins = {(quad.predicate.rpartition("/")[2].rpartition("#")[2], quad.origin) for quad in criterion.evidence}
    assert ("NQFLevel", Origin.CLAIMED) in origins
    assert ("eqfLevel", Origin.REFERENCED) in origins
    assert criterion.strength is Strength.SUBSTANTIAL, "the referencing is published, and was not read row by row"


def test_a_diploma_mill_is_not_recognisable(store: EmbeddedStore) -> None:
    answer = ask(store, "a-diploma-mill")
    assert answer.verdict == "insufficient-information"
    unknown = {one.rule: one.strength for one in answer.criteria if one.outcome is Outcome.UNKNOWN}
    assert {"REC-LEVEL", "REC-QUALITY", "REC-AWARDING-BODY"} <= unknown.keys()
    assert {unknown[rule] for rule in ("REC-LEVEL", "REC-QUALITY", "REC-AWARDING-BODY")} == {Strength.WEAK}
    assert {register.page for register in answer.not_consulted} >= {"https://www.eqar.eu/qa-results/"}
    assert {register.country for register in answer.not_consulted} >= {"USA"}
    assert (answer.level.eqf_level, answer.level.claimed_eqf_level, answer.level.destination) == (None, 8, ())


def test_an_answer_that_accepts_claims_says_so_in_its_first_lines(store: EmbeddedStore) -> None:
    plain, accepting = (ask(store, "a-diploma-mill", accept_claims=accepted) for accepted in (False, True))
    assert "accept_claims" not in plain.question
    assert accepting.question["accept_claims"] is True
    assert plain.id != accepting.id
    assert [level.label for level in accepting.level.destination] == ["FiNQF Level 8"]
    assert "Claims are accepted" in "\n".join(as_text(accepting).splitlines()[:3])
    assert "Claims are accepted" not in as_text(plain)


def test_a_stack_that_accepts_claims_says_so_and_counts_them(store: EmbeddedStore) -> None:
    carbon, target = DESCRIPTION + "carbon-footprint-bel", DESCRIPTION + "sustainable-operations-manager-bel"
    plain = stackability(store, [carbon], target, StackPolicy(on=DAY))
    accepting = stackability(store, [carbon], target, StackPolicy(on=DAY, accept_claims=True))
    assert criterion_of(plain.criteria, "STACK-LEVEL").outcome is Outcome.UNKNOWN
    assert criterion_of(accepting.criteria, "STACK-LEVEL").outcome is not Outcome.UNKNOWN
    assert "Claims are accepted" in (accepting.note or "")
    assert plain.not_consulted


@pytest.mark.parametrize("face", [as_text, as_html])
def test_text_and_html_show_strength_and_origin(store: EmbeddedStore, face: object) -> None:
    shown = face(recognition(store, DESCRIPTION + "waste-on-site-ita", "FIN", "training", DAY))  # type: ignore[operator]
    assert {"strong", "claimed", "registered", "referenced"} <= set(
        shown.replace("[", " ")
        .replace(":", " ")
        .replace(",", " ")
        .replace("]", " ")
        .replace("(", " ")
        .replace(")", " ")
        .replace("<", " ")
        .replace(">", " ")
        .split()
    )


def test_a_document_cannot_bring_its_own_register(store: EmbeddedStore) -> None:
    """A copy of a register's entry within the document is a claim, also where the document is loaded."""
    entry = (GOLDEN / "register.ttl").read_text(encoding="utf-8")
    text = "\n".join(
        (GOLDEN / file).read_text(encoding="utf-8") for file in ("usual.ttl", "recognition/everything-is-stated.ttl")
    )
    answer = recognition(store, read_document(f"{text}\n{entry}".encode(), "text/turtle", "a.ttl"), "ITA", "training")
    assert criterion_of(answer.criteria, "REC-AWARDING-BODY").outcome is Outcome.UNKNOWN
    own = MemoryStore.copy_of(store)
    own.load(f"{text}\n{entry}".encode(), RdfFormat.TURTLE, graph("credentials/loaded"))
    loaded = recognition(own, "https://example.org/golden/waste", "ITA", "training")
    assert criterion_of(loaded.criteria, "REC-AWARDING-BODY").outcome is Outcome.UNKNOWN
    own.close()


def test_a_concept_that_only_a_credential_names_does_not_exist_by_that(store: EmbeddedStore) -> None:
    own = MemoryStore.copy_of(store)
    own.replace_graph(graph("credentials/x"), [Triple(NamedNode(MADE_UP), NamedNode(SKOS + "prefLabel"), Literal("x"))])
    assert existence_of(own, [MADE_UP, KNOWN]) == {MADE_UP: Existence.UNKNOWN, KNOWN: Existence.EXISTS}
    own.close()


def test_an_address_that_a_complete_esco_does_not_have_is_unmet(store: EmbeddedStore) -> None:
    own = MemoryStore.copy_of(store)
    label, broader = NamedNode(SKOS + "prefLabel"), NamedNode(SKOS + "broader")
    skills = [KNOWN, *(SKILL + str(uuid5(NAMESPACE_URL, str(number))) for number in range(13_000))]
    group = NamedNode(SKILL + "S1")
    own.replace_graph(
        graph("esco"),
        [
            triple
            for skill in map(NamedNode, skills)
            for triple in (Triple(skill, broader, group), Triple(skill, label, Literal("A skill", language="en")))
        ],
    )
    made_up, known = (
        criterion_of(recognition(own, document(name), "ITA", "training", DAY).criteria, "REC-OUTCOMES")
        for name in ("a-made-up-esco-address", "everything-is-stated")
    )
    assert (made_up.outcome, known.outcome) == (Outcome.UNMET, Outcome.MET)
    assert MADE_UP in made_up.explanation
    own.close()
