"""What in the catalogue might close a gap: the micro-credentials that serve the outcomes of a target.

Read in a few queries for all of them together, so that the cost follows the number of descriptions that serve the
target and not the size of the catalogue.
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
from mastery_graph.questions.judging.workload import Credits, hours_at_most
from mastery_graph.questions.stackability.outcome_coverage import OfferedOutcome
from mastery_graph.rdf import Row, Term, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF, ID

_MICRO_CREDENTIAL = ID + "description-type/micro-credential"
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class CatalogueCandidate:
    """A micro-credential that might close the gap: its outcomes, its workload in hours, its prerequisites."""

    iri: str
    outcomes: tuple[OfferedOutcome, ...]
    """Those that serve the target."""
    outcome_count: int
    """How many it has in all: credits count in proportion."""
    hours: float
    """By which candidates are compared: the hours stated, or 25 a credit."""
    credits: Credits
    requires: frozenset[str]


@dataclass(frozen=True, slots=True)
class CandidateSearch:
    """The candidates, the outcomes that anything in the catalogue offers, and why the rest are none."""

    candidates: list[CatalogueCandidate]
    offered: tuple[OfferedOutcome, ...]
    left_out: dict[Message, int]
    """The number of micro-credentials that were left out, by the reason."""


class _Limits(NamedTuple):
    """What a candidate must reach, and stay under, to serve the target: an EQF level, and ECTS credits."""

    least_level: int | None
    credits_below: float | None


def candidates(
    store: Store,
    concepts: Iterable[str],
    held: frozenset[str],
    least_level: int | None,
    *,
    required: Iterable[str] = (),
    credits_below: float | None = None,
) -> CandidateSearch:
    """Return the candidates that serve one of `concepts`, with those that they, or what is held (`required`), require.

    What is held is none. Left out is what states no workload, because it cannot be compared. What its issuer declares
    stand-alone, what is known to be below `least_level` (EQF level 1 to 8) and what has `credits_below` ECTS credits or
    more would break a rule if it served the target: it is only there as a prerequisite, without its outcomes.
    """
    nodes = [NamedNode(concept) for concept in sorted(set(concepts))]
    rows = store.select(named_query("stackability/candidates").text, {"concept": nodes}) if nodes else []
    serving = _serving(rows, held)
    wanted = sorted(serving.keys() | set(required) - held)
    known: dict[str, CatalogueCandidate] = {}
    offered: list[OfferedOutcome] = []
    left_out: Counter[Message] = Counter()
    seen = set(held)
    while wanted:
        seen |= set(wanted)
        for candidate, reason, compared in _read(store, wanted, serving, _Limits(least_level, credits_below)):
            offered += candidate.outcomes
            if reason and (candidate.outcomes or not compared):
                left_out[reason] += 1
            if compared:
                known[candidate.iri] = replace(candidate, outcomes=()) if reason else candidate
        wanted = sorted({required for candidate in known.values() for required in candidate.requires} - seen)
    within = _within_reach(known, held)
    if beyond := sum(bool(known[iri].outcomes) for iri in known.keys() - {candidate.iri for candidate in within}):
        left_out[Message("a prerequisite is neither held nor within reach")] = beyond
    return CandidateSearch(within, tuple(offered), dict(left_out))


def titles(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Return the title of each description, in English where there is one; one without a title by its IRI."""
    found = dict.fromkeys(iris, "")
    if not found:
        return {}
    nodes = [NamedNode(iri) for iri in sorted(found)]
    for row in store.select(named_query("stackability/titles").text, {"description": nodes}):
        iri, title = term_text(row["description"]), row["title"]
        if not found[iri] or getattr(title, "language", None) == "en":
            found[iri] = term_text(title)
    return {iri: title or iri for iri, title in found.items()}


def _serving(rows: Iterable[Row], held: frozenset[str]) -> dict[str, tuple[OfferedOutcome, ...]]:
    """Return the outcomes that are tied to a wanted concept, by description."""
    concepts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        concepts[term_text(row["description"]), term_text(row["outcome"])].add(term_text(row["concept"]))
    serving: dict[str, list[OfferedOutcome]] = defaultdict(list)
    for (description, outcome), tied in sorted(concepts.items()):
        if description not in held:
            serving[description].append(OfferedOutcome(outcome, outcome, tuple(sorted(tied)), description))
    return {description: tuple(outcomes) for description, outcomes in serving.items()}


def _read(
    store: Store,
    iris: Sequence[str],
    serving: Mapping[str, tuple[OfferedOutcome, ...]],
    limits: "_Limits",
) -> Iterator[tuple[CatalogueCandidate, Message | None, bool]]:
    """Yield each micro-credential among these IRIs, why it cannot serve the target, or None, and if it has a workload.

    One that cannot serve may still be a prerequisite, if its workload is known.
    """
    for start in range(0, len(iris), _AT_ONCE):
        nodes = [NamedNode(iri) for iri in iris[start : start + _AT_ONCE]]
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

    counted = [row["value"] for row in rows if "framework" in row and term_text(row["framework"]) == ECTS]
    stated = {points for term in counted if (points := credit_points(term_text(term)))}
    ects = min(stated, default=None)
    hours, _ = hours_and_duration(values("volume"))
    workload = hours_at_most(ects, hours)
    levels = [term_text(term).removeprefix(EQF) for term in (*values("eqf"), *values("nationalEQF"))]
    level = next((int(each) for each in levels if each.isdigit()), None)
    reason = None
    if any(term_text(term) == STAND_ALONE for term in values("integration")):
        reason = Message("declared stand-alone")
    elif len(stated) > 1:
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
        credits=Credits.stated(ects, hours),
        requires=frozenset(term_text(term) for term in values("requires")),
    )
    return candidate, reason, workload is not None and len(stated) <= 1


def _within_reach(known: dict[str, CatalogueCandidate], held: frozenset[str]) -> list[CatalogueCandidate]:
    """Return the candidates whose prerequisites are held, or are within reach themselves; circles are not."""
    reached: dict[str, CatalogueCandidate] = {}
    waiting = dict(known)
    while ready := [iri for iri, candidate in waiting.items() if candidate.requires <= held | reached.keys()]:
        for iri in ready:
            reached[iri] = waiting.pop(iri)
    return [reached[iri] for iri in sorted(reached)]
