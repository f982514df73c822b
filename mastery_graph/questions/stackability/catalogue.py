"""Candidates of the catalogue for closing a gap: the micro-credentials that serve the outcomes of a target.

They are read together in a few queries, so that the cost depends on the number of descriptions that serve the target
and not on the size of the catalogue.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from pyoxigraph import NamedNode

from mastery_graph.credentials.description import ECTS, STAND_ALONE, credit_points, hours_and_duration
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.questions.judging.stated_level import supported_level
from mastery_graph.questions.judging.workload import Credits, hours_at_most
from mastery_graph.questions.stackability.outcome_coverage import OfferedOutcome
from mastery_graph.rdf import Row, Term, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF, ID

_MICRO_CREDENTIAL = ID + "description-type/micro-credential"
_BATCH_SIZE = 5000


@dataclass(frozen=True, slots=True)
class CatalogueCandidate:
    """A micro-credential that might close the gap: its outcomes, its workload in hours, its prerequisites."""

    iri: str
    outcomes: tuple[OfferedOutcome, ...]
    """The outcomes that serve the target."""
    outcome_count: int
    """The number of all outcomes: credits count in proportion."""
    hours: float
    """The workload by which candidates are compared: the stated hours, or 25 hours a credit."""
    credits: Credits
    requires: frozenset[str]


@dataclass(frozen=True, slots=True)
class CandidateSearch:
    """The candidates, all outcomes that serve the target, and why other micro-credentials are not candidates."""

    candidates: list[CatalogueCandidate]
    offered: tuple[OfferedOutcome, ...]
    left_out: dict[Message, int]
    """The number of excluded micro-credentials, by the reason."""


class _Limits(NamedTuple):
    """Limits of candidates that serve the target: a minimum EQF level, and an upper limit of ECTS credits."""

    least_level: int | None
    credits_below: float | None
    accept_claims: bool
    """Whether a claimed EQF level counts that no national level supports."""


def candidates(
    store: Store,
    concepts: Iterable[str],
    owned: frozenset[str],
    least_level: int | None,
    *,
    required: Iterable[str] = (),
    credits_below: float | None = None,
    accept_claims: bool = False,
) -> CandidateSearch:
    """Return the candidates that serve one of `concepts`, with their prerequisites and those in `required`.

    `owned` are the IRIs of the credentials of the stack, which are never candidates. A micro-credential without a
    workload is excluded, because it cannot be compared. One that is declared stand-alone, is below `least_level` (EQF
    level 1 to 8) or has `credits_below` ECTS credits or more would break a rule if it served the target: it is only
    returned as a prerequisite, without its outcomes. Its level counts as it does in STACK-LEVEL: with `accept_claims`
    also where it is only claimed.
    """
    nodes = [NamedNode(concept) for concept in sorted(set(concepts))]
    rows = store.select(named_query("stackability/candidates").text, {"concept": nodes}) if nodes else []
    serving = _serving(rows, owned)
    pending = sorted(serving.keys() | set(required) - owned)
    comparable_candidates: dict[str, CatalogueCandidate] = {}
    offered: list[OfferedOutcome] = []
    left_out: Counter[Message] = Counter()
    visited = set(owned)
    while pending:
        visited |= set(pending)
        for candidate, reason, is_comparable in _read_candidates(
            store, pending, serving, _Limits(least_level, credits_below, accept_claims)
        ):
            offered += candidate.outcomes
            if reason and (candidate.outcomes or not is_comparable):
                left_out[reason] += 1
            if is_comparable:
                comparable_candidates[candidate.iri] = replace(candidate, outcomes=()) if reason else candidate
        pending = sorted(
            {required for candidate in comparable_candidates.values() for required in candidate.requires} - visited
        )
    reachable = _reachable(comparable_candidates, owned)
    if unreachable := sum(
        bool(comparable_candidates[iri].outcomes)
        for iri in comparable_candidates.keys() - {candidate.iri for candidate in reachable}
    ):
        left_out[Message("a prerequisite is neither held nor within reach")] = unreachable
    return CandidateSearch(reachable, tuple(offered), dict(left_out))


def titles(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Return the title of each description, in English where available; its IRI where it has none."""
    found_titles = dict.fromkeys(iris, "")
    if not found_titles:
        return {}
    nodes = [NamedNode(iri) for iri in sorted(found_titles)]
    for row in store.select(named_query("stackability/titles").text, {"description": nodes}):
        iri, title = term_text(row["description"]), row["title"]
        if not found_titles[iri] or getattr(title, "language", None) == "en":
            found_titles[iri] = term_text(title)
    return {iri: title or iri for iri, title in found_titles.items()}


def _serving(rows: Iterable[Row], owned: frozenset[str]) -> dict[str, tuple[OfferedOutcome, ...]]:
    """Return the outcomes that are tied to one of the concepts, by description."""
    concepts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        concepts[term_text(row["description"]), term_text(row["outcome"])].add(term_text(row["concept"]))
    serving: dict[str, list[OfferedOutcome]] = defaultdict(list)
    for (description, outcome), outcome_concepts in sorted(concepts.items()):
        if description not in owned:
            serving[description].append(OfferedOutcome(outcome, outcome, tuple(sorted(outcome_concepts)), description))
    return {description: tuple(outcomes) for description, outcomes in serving.items()}


def _read_candidates(
    store: Store,
    iris: Sequence[str],
    serving: Mapping[str, tuple[OfferedOutcome, ...]],
    limits: "_Limits",
) -> Iterator[tuple[CatalogueCandidate, Message | None, bool]]:
    """Yield each micro-credential with why it cannot serve the target (or None), and whether it is comparable.

    One that cannot serve the target may still be a prerequisite, if its workload is known.
    """
    for start in range(0, len(iris), _BATCH_SIZE):
        nodes = [NamedNode(iri) for iri in iris[start : start + _BATCH_SIZE]]
        counts = {
            term_text(row["description"]): int(term_text(row["outcomes"]))
            for row in store.select(named_query("stackability/candidate-outcomes").text, {"description": nodes})
        }
        facts: dict[str, list[Row]] = defaultdict(list)
        for row in store.select(named_query("stackability/candidate-facts").text, {"description": nodes}):
            facts[term_text(row["description"])].append(row)
        for iri, rows in sorted(facts.items()):
            if any(term_text(row["fact"]) == "type" and term_text(row["value"]) == _MICRO_CREDENTIAL for row in rows):
                yield _candidate(iri, rows, serving.get(iri, ()), counts.get(iri, 0), limits)


def _candidate(
    iri: str,
    rows: Sequence[Row],
    outcomes: tuple[OfferedOutcome, ...],
    count: int,
    limits: "_Limits",
) -> tuple[CatalogueCandidate, Message | None, bool]:
    def values(name: str) -> list[Term]:
        return list(dict.fromkeys(row["value"] for row in rows if term_text(row["fact"]) == name))

    credit_terms = [row["value"] for row in rows if "framework" in row and term_text(row["framework"]) == ECTS]
    stated_credits = {points for term in credit_terms if (points := credit_points(term_text(term)))}
    ects = min(stated_credits, default=None)
    hours, _ = hours_and_duration(values("volume"))
    workload = hours_at_most(ects, hours)
    level = supported_level(
        _eqf_levels(values("eqf")), _eqf_levels(values("nationalEQF")), accept_claims=limits.accept_claims
    )
    reason = None
    if any(term_text(term) == STAND_ALONE for term in values("integration")):
        reason = Message("declared stand-alone")
    elif len(stated_credits) > 1:
        reason = Message("its credits contradict each other")
    elif workload is None:
        reason = Message("no workload is stated")
    elif limits.least_level is not None and level is not None and level < limits.least_level:
        reason = Message("below EQF level {level}", level=limits.least_level)
    elif limits.credits_below is not None and ects is not None and ects >= limits.credits_below:
        reason = Message("not under {ects} ECTS", ects=limits.credits_below)
    candidate = CatalogueCandidate(
        iri=iri,
        outcomes=outcomes,
        outcome_count=count,
        hours=float(workload or Fraction(0)),
        credits=Credits.of(ects, hours),
        requires=frozenset(term_text(term) for term in values("requires")),
    )
    return candidate, reason, workload is not None and len(stated_credits) <= 1


def _reachable(candidates: dict[str, CatalogueCandidate], owned: frozenset[str]) -> list[CatalogueCandidate]:
    """Return the candidates whose prerequisites are owned or reachable themselves; circular ones are not."""
    reachable: dict[str, CatalogueCandidate] = {}
    pending = dict(candidates)
    while ready := [iri for iri, candidate in pending.items() if candidate.requires <= owned | reachable.keys()]:
        for iri in ready:
            reachable[iri] = pending.pop(iri)
    return [reachable[iri] for iri in sorted(reachable)]


def _eqf_levels(terms: Iterable[Term]) -> list[int]:
    """Return the EQF levels (1 to 8) among terms: an IRI of the EQF, or a number."""
    return [int(text) for term in terms if (text := term_text(term).removeprefix(EQF)).isdigit()]
