"""The worked examples in `golden/`: what the rules make of small cases, on the real graph.

Each case is a question with its expected verdict, criteria and evidence, and says why. The expected results follow the
rules in ontology/rules.ttl, so that a domain expert can judge them without reading code.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from mastery_graph.credentials.conversion import convert_description
from mastery_graph.credentials.reading import SubmittedDocument, read_document
from mastery_graph.options import Options, set_options
from mastery_graph.questions.answer import Answer, Evidence, Outcome, criterion_of
from mastery_graph.questions.comparison import DescriptionComparison, compare
from mastery_graph.questions.coverage import coverage_of
from mastery_graph.questions.equivalence.levels import LevelEquivalence, equivalent_levels
from mastery_graph.questions.equivalence.skills import SkillEquivalence, equivalent_skills
from mastery_graph.questions.profile import learner_profile
from mastery_graph.questions.recognition import Recognition, recognition
from mastery_graph.questions.stackability import Skills, Stackability, stackability
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import DCTERMS, ELM, EQF, ID, NS, SKOS, graph
from tests.credentials.sealing import certified, folder_of, sealed
from tests.questions.examples import split_examples

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = graph("credentials/golden")
KNOWLEDGE = graph("mappings/golden")
REGISTER = graph("registers/golden")
QUESTIONS = ("equivalence", "stackability", "recognition", "comparison", "coverage", "profile")
DAY = date(2026, 6, 1)
PREFIXES = {
    "": "https://example.org/golden/",
    "assessment": "http://data.europa.eu/snb/assessment/",
    "country": "http://publications.europa.eu/resource/authority/country/",
    "cred": "https://www.w3.org/2018/credentials#",
    "dcterms": DCTERMS,
    "elm": ELM,
    "eqf": EQF,
    "green": ID + "green-skill/",
    "integration": ID + "integration/",
    "isced": "http://data.europa.eu/snb/isced-f/",
    "mg": NS,
    "mgr": ID,
    "qdr": "http://data.europa.eu/snb/qdr/",
    "quality": ID + "quality-assurance/",
    "rov": "http://www.w3.org/ns/regorg#",
    "skill": "http://data.europa.eu/esco/skill/",
    "skos": SKOS,
    "sssom": "https://w3id.org/sssom/",
    "supervision": "http://data.europa.eu/snb/supervision-verification/",
}
Case = dict[str, Any]


def _cases(question: str) -> list[Any]:
    cases = yaml.safe_load((GOLDEN / question / "cases.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.fixture(scope="module")
def examples(store: EmbeddedStore) -> Iterator[EmbeddedStore]:
    """The real graph, to which each case adds its own descriptions in place of those of the case before."""
    copy = MemoryStore.copy_of(store)
    yield copy
    copy.close()


@pytest.mark.parametrize("case", _cases("equivalence"))
def test_equivalence(examples: EmbeddedStore, case: Case) -> None:
    _put(examples, "equivalence", case)
    if "level" in case:
        levels: LevelEquivalence = equivalent_levels(examples, case["level"], case.get("country"))
        assert [level.label for level in levels.equivalents] == case["equivalents"]
        assert [level.label for level in levels.unreferenced] == case.get("unreferenced", [])
        _check_exactly(levels, case)
    else:
        skills: SkillEquivalence = equivalent_skills(examples, _iri(case["skill"]), case["framework"])
        found = [[one.uri, one.relation, one.confidence] for one in skills.equivalents]
        assert found == [[_iri(name), relation, confidence] for name, relation, confidence in case["counterparts"]]
        if "contested" in case:
            assert [one.uri for one in skills.equivalents if one.contested] == [
                _iri(name) for name in case["contested"]
            ]
        if "weakest" in case:
            assert skills.weakest_link
            assert [skills.weakest_link.subject, skills.weakest_link.object] == [_iri(name) for name in case["weakest"]]
        _check_exactly(skills, case)


@pytest.mark.parametrize("case", _cases("stackability"))
def test_stackability(examples: EmbeddedStore, case: Case) -> None:
    _put(examples, "stackability", case)
    answer = _stack(examples, case)
    _check_exactly(answer, case)
    counted = answer.credits.recognised
    statuses = {one.outcome: one.status for one in answer.outcomes}
    assert answer.coverage == pytest.approx(case["coverage"])
    assert [counted.lower, counted.upper] == pytest.approx(case["recognised"])
    assert [one.credential for one in answer.left_out] == [_iri(name) for name in case.get("left_out", [])]
    for name, status in case.get("outcomes", {}).items():
        assert statuses[_iri(name)] == status
    if "order" in case:
        assert list(answer.order) == [_iri(name) for name in case["order"]]
    if "suggested" in case:
        assert [list(one.credentials) for one in answer.suggestions] == case["suggested"]
    for names in case.get("closed_by", []):
        assert [_iri(name) for name in names] in [list(one.credentials) for one in answer.suggestions]


@pytest.mark.parametrize("case", _cases("recognition"))
def test_recognition(
    examples: EmbeddedStore,
    case: Case,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    _put(examples, "recognition", case)
    document = None
    if "sealed_by" in case:
        root = certified("Example Root", authority=True)
        set_options(Options(trust_anchors=folder_of(tmp_path / "anchors", root)))
        unsealed = convert_description(examples, _iri(case["credential"]), "elm").document
        time = {"sigT": None} if case.get("sealed_without_time") else {}
        document = read_document(sealed(unsealed, certified(case["sealed_by"], root), **time))
    if "document" in case:
        file = request.getfixturevalue("reference") / case["document"]
        document = read_document(_changed(file.read_bytes(), case.get("change")))
    answer = _recognise(examples, case, document)
    _check_exactly(answer, case)
    for rule, expected in case["criteria"].items():
        if isinstance(expected, dict) and "strength" in expected:
            assert criterion_of(answer.criteria, rule).strength == expected["strength"], rule
    assert bool(answer.note) == (case.get("credential") == "waste" or case.get("accept_claims", False))
    if "levels" in case:
        assert [level.label for level in answer.level.destination] == case["levels"]
    if "if_claim_holds" in case:
        assert [level.label for level in answer.level.if_claim_holds] == case["if_claim_holds"]
    wanting = {one.rule for one in answer.criteria if one.outcome in {Outcome.UNMET, Outcome.UNKNOWN}}
    assert {rule for action in answer.actions for rule in action.criteria} == {
        rule for rule in wanting if rule.startswith("REC-")
    }
    assert all(action.action and action.actor for action in answer.actions)
    for rule, actors in case.get("actors", {}).items():
        assert [str(action.actor) for action in answer.actions if rule in action.criteria] == actors


@pytest.mark.parametrize("case", _cases("comparison"))
def test_comparison(examples: EmbeddedStore, case: Case) -> None:
    """In the order of the case, and with the sides exchanged."""
    _put(examples, "comparison", case)
    answer = compare(examples, _iri("first"), _iri("second"))
    _check_exactly(answer, case)
    assert _pairs(answer) == [(*map(_iri, pair), grade) for *pair, grade in case["matched"]]
    assert [list(answer.only_left), list(answer.only_right)] == [case["only_first"], case["only_second"]]
    assert {one.rule: one.outcome.value for one in answer.aspects} == _outcomes(case)
    exchanged = compare(examples, _iri("second"), _iri("first"))
    assert (exchanged.verdict, {one.rule: one.outcome.value for one in exchanged.criteria}) == (
        case["verdict"],
        _outcomes(case),
    )
    assert sorted((left, right, grade) for right, left, grade in _pairs(exchanged)) == sorted(_pairs(answer))
    assert [list(exchanged.only_right), list(exchanged.only_left)] == [case["only_first"], case["only_second"]]


@pytest.mark.parametrize("case", _cases("coverage"))
def test_coverage(examples: EmbeddedStore, case: Case) -> None:
    _put(examples, "coverage", case)
    answer = coverage_of(examples, [_iri(name) for name in case["descriptions"]])
    _check_exactly(answer, case)
    for status in ("covered", "partial"):
        assert [one.code for one in answer.skills if one.status == status] == case[status]
    assert {one.sector: [one.status, one.share] for one in answer.sectors} == case["sectors"]
    for one in answer.sectors:
        assert not set(one.covered) - set(case["covered"])
        assert not set(one.partial) - set(case["partial"])
    visions = {one.code: [one.status, one.share, list(one.outcomes)] for one in answer.visions}
    assert {code: visions[code] for code in case["visions"]} == case["visions"]
    assert list(answer.unused) == case["unused"]


@pytest.mark.parametrize("case", _cases("profile"))
def test_profile(examples: EmbeddedStore, case: Case) -> None:
    _put(examples, "profile", case)
    answer = learner_profile(examples, [_iri(name) for name in case["credentials"]], StackPolicy(on=DAY))
    _check_exactly(answer, case)
    known = {one.code: [one.status, one.eqf_level, one.within_range] for one in answer.skills if one.grade}
    assert known == case["skills"]
    assert list(answer.not_counted) == [_iri(name) for name in case.get("not_counted", [])]
    if "sectors" in case:
        sectors = {one.sector: [list(one.attested), list(one.partial), list(one.missing)] for one in answer.sectors}
        assert sectors == case["sectors"]
    if "next" in case:
        steps = [[one.credential, one.hours, list(one.requires)] for one in answer.next]
        expected = [[_iri(name), hours, [_iri(each) for each in requires]] for name, hours, requires in case["next"]]
        assert steps[: len(expected)] == expected
    assert not {one.credential for one in answer.next} & {_iri(name) for name in case.get("not_next", [])}


def test_every_rule_is_worked_out_in_each_outcome_that_it_can_have() -> None:
    found: dict[str, set[str]] = {}
    for question in QUESTIONS:
        for case in yaml.safe_load((GOLDEN / question / "cases.yaml").read_text(encoding="utf-8")):
            for rule, expected in case["criteria"].items():
                outcome = expected if isinstance(expected, str) else expected["outcome"]
                found.setdefault(rule, set()).add(outcome)
    usual = {"met", "unmet", "unknown"}
    can_not = {
        "COVERAGE-SECTORS": {"unknown"},  # what is not stated is not covered
        "COVERAGE-SKILLS": {"unknown"},
        "COVERAGE-VISIONS": {"unknown"},
        "LEVEL-2": {"unmet"},  # no referencing is unknown
        "LEVEL-3": {"unmet", "unknown"},  # says how many there are
        "LEVEL-4": {"unmet", "unknown"},  # says whether it is historical
        "PROFILE-ATTESTED": {"unknown"},  # what is not stated is not attested
        "SKILL-1": {"unmet"},  # no mapping known is unknown
        "SKILL-2": {"unmet"},
        "SKILL-3": {"unknown"},
        "STACK-OVERLAP": {"unmet", "unknown"},  # the counting sees to it
        "STACK-QUALITY": {"unmet"},  # nobody states that nothing assures the quality
        "REC-ELEMENTS": {"unknown"},  # an element is there or it is missing
        "STATEMENT-1": {"unmet"},
        "STATEMENT-2": {"unmet"},
        "STATEMENT-3": {"unmet", "unknown"},
        "STATEMENT-4": {"unknown"},
    }
    pages = (Path(__file__).parents[2] / "docs" / "rules").glob("*-*.md")
    families = ("LEVEL-", "SKILL-", "STACK-", "REC-", "STATEMENT-", "COMPARE-", "COVERAGE-", "PROFILE-")
    rules = sorted(page.stem for page in pages if page.stem.startswith(families))
    lacking = {rule: usual - can_not.get(rule, set()) - found.get(rule, set()) for rule in rules}
    assert {rule: outcomes for rule, outcomes in lacking.items() if outcomes} == {}


FACTS = ("elm:EQFLevel", "elm:creditPoint", "elm:volumeOfLearning", "elm:provenBy", "mg:qualityStatement")
FACTS += ("mg:integration", "elm:awardingOpportunity", "cred:issuanceDate", "elm:nationalID", "elm:dateOfBirth")


CONTRADICTION = "the-same-identifier-and-two-birthdays"
"""A case of facts that contradict each other: without one of them, the other counts."""


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        [("stackability", each.values[0]) for each in _cases("stackability") if each.values[0]["name"] != CONTRADICTION]
    )
    | st.sampled_from(
        [
            ("recognition", each.values[0])
            for each in _cases("recognition")
            if not {"document", "sealed_by"} & each.values[0].keys()
        ]
    ),
    st.lists(st.sampled_from(FACTS), min_size=1, max_size=2),
)
def test_saying_less_never_turns_unknown_into_met(
    examples: EmbeddedStore, asked: tuple[str, Case], unsaid: list[str]
) -> None:
    """Of a credential; a national level or an accreditation that speaks against it is not among what is left unsaid."""
    question, case = asked
    outcomes = []
    for left_out in ([], unsaid):
        _put(examples, question, case, left_out)
        answer = _stack(examples, case) if question == "stackability" else _recognise(examples, case)
        outcomes.append({one.rule: one.outcome for one in answer.criteria})
    before, after = outcomes
    assert not [rule for rule, one in before.items() if one is Outcome.UNKNOWN and after.get(rule) is Outcome.MET]


def _stack(examples: EmbeddedStore, case: Case) -> Stackability:
    target = case["target"]
    return stackability(
        examples,
        [_iri(name) for name in case["credentials"]],
        Skills(skills=tuple(map(_iri, target["skills"]))) if isinstance(target, dict) else _iri(target),
        StackPolicy.model_validate({"on": DAY, "accept_claims": True, **case.get("policy", {})}),
        body=_iri(case["body"]) if "body" in case else None,
    )


def _recognise(examples: EmbeddedStore, case: Case, document: SubmittedDocument | None = None) -> Recognition:
    return recognition(
        examples,
        document or _iri(case["credential"]),
        case["country"],
        case["purpose"],
        date.fromisoformat(case["day"]) if "day" in case else DAY,
        body=_iri(case["body"]) if "body" in case else None,
        accept_claims=case.get("accept_claims", False),
    )


def _put(examples: EmbeddedStore, question: str, case: Case, unsaid: Sequence[str] = ()) -> None:
    files = [GOLDEN / "usual.ttl", GOLDEN / question / f"{case['name']}.ttl"]
    triples = [quad.triple for file in files if file.exists() for quad in parse(path=file, format=RdfFormat.TURTLE)]
    targets = {_iri(case["target"])} if isinstance(case.get("target"), str) else set()
    kept = [
        triple
        for triple in triples
        if triple.predicate.value not in {_iri(name) for name in unsaid} or str(triple.subject.value) in targets
    ]
    parts = split_examples(kept)
    examples.replace_graph(EXAMPLES, parts.descriptions)
    examples.replace_graph(graph("statements"), parts.statements)
    examples.replace_graph(KNOWLEDGE, parts.knowledge)
    register = GOLDEN / question / f"{case['name']}.register.ttl"
    entries = register if register.exists() else GOLDEN / "register.ttl"
    listed = [] if case.get("register") == "none" else parse(path=entries, format=RdfFormat.TURTLE)
    examples.replace_graph(REGISTER, [quad.triple for quad in listed])


def _pairs(answer: DescriptionComparison) -> list[tuple[str, str, float]]:
    return [(one.left, one.right, one.grade) for one in answer.matched]


def _outcomes(case: Case) -> dict[str, str]:
    """Return the outcome that a case expects of each rule."""
    return {rule: one if isinstance(one, str) else one["outcome"] for rule, one in case["criteria"].items()}


def _check_exactly(answer: Answer, case: Case) -> None:
    """Compare verdict, summary, and the outcome, reason and evidence of each criterion with what the case names."""
    assert {one.rule: one.outcome.value for one in answer.criteria} == _outcomes(case)
    if "summary" in case:
        assert re.search(case["summary"], answer.summary)
    assert answer.verdict == case["verdict"]
    for rule, one in case["criteria"].items():
        if isinstance(one, str):
            continue
        criterion = criterion_of(answer.criteria, rule)
        assert re.search(one.get("says", ""), criterion.explanation)
        for quad in one.get("rests_on", ()):
            assert any(_is(quad, evidence) for evidence in criterion.evidence), f"{rule} does not rest on {quad}"
        if criterion.explanation.startswith(("Counted as stated", "Settled by")):
            assert criterion.evidence[0].subject.startswith(PREFIXES[""] + "statement-")


def _is(written: str, evidence: Evidence) -> bool:
    subject, predicate, value = written.split(" ", 2)
    return (
        (subject in {"*", "_"} or evidence.subject == _iri(subject))
        and evidence.predicate == _iri(predicate)
        and (
            value == '"*"'
            or (evidence.object == value.strip('"') if value.startswith('"') else evidence.object == _iri(value))
        )
        and bool(evidence.graph)
    )


def _iri(name: str) -> str:
    if "://" in name:
        return name
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon else PREFIXES[""] + name


def _changed(content: bytes, change: list[str] | None) -> bytes:
    """Return a signed document with one word of its payload changed, and the signature left as it was."""
    if change is None:
        return content
    before, after = (word.encode() for word in change)
    assert before in content
    return content.replace(before, after, 1)
