"""Concepts that are not in the graph, and their effect on a coverage.

Rule STACK-OUTCOMES. A path between two concepts goes over mappings and over the hierarchy of ESCO. Where a concept is
not in the graph, or its place in the hierarchy is not, such a path may exist and cannot be found: the coverage is then
a lower bound. What it is at most follows from the same assignment, with the grade that a pair could have at best.
"""

from collections.abc import Iterable

from pyoxigraph import NamedNode

from mastery_graph.esco.loaded import esco_in
from mastery_graph.languages import Joined, Message
from mastery_graph.queries import named_query
from mastery_graph.questions.concepts import describe_concepts
from mastery_graph.questions.esco.report import ESCO_PREFIX
from mastery_graph.questions.mapping_closure import reachable_from
from mastery_graph.questions.stackability.outcome_coverage import Matcher, OfferedOutcome, OutcomeMatch, TargetOutcome
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.rdf import term_text
from mastery_graph.store.protocol import Store

_MAX_NAMED = 5


class PotentialMatcher(Matcher):
    """Grades that pairs of outcomes could have at best, if the graph had complete data about their concepts."""

    def __init__(self, matcher: Matcher, offered: Iterable[OfferedOutcome], policy: StackPolicy) -> None:
        """Read which concepts of the target and of the offered outcomes are not in the graph."""
        self.store, self.target, self._matches = matcher.store, matcher.target, matcher._matches
        self._matcher = matcher
        self._policy = policy
        concepts = {concept for target in matcher.target for concept in target.concepts}
        concepts |= {concept for outcome in offered for concept in outcome.concepts}
        self._mapped = {
            concept: {(path.end, path.relation) for path in paths}
            for concept, paths in reachable_from(self.store, sorted(concepts)).items()
        }
        mapped = {end for ends in self._mapped.values() for end, _ in ends}
        self._unknown = unknown_concepts(self.store, concepts | mapped)
        self._grades: dict[tuple[str, str], tuple[float, frozenset[str]]] = {}

    def match(self, target: TargetOutcome, offered: OfferedOutcome) -> OutcomeMatch | None:
        """Return the best match that an offered outcome could be for one outcome of the target."""
        certain = self._matcher.match(target, offered)
        best, _ = self._potential(target, offered)
        return OutcomeMatch(best, None) if best > (certain.grade if certain else 0.0) else certain

    def leaves_open(self, target: TargetOutcome, offered: OfferedOutcome) -> bool:
        """Return whether the pair could have a better grade than the known one."""
        return bool(self.open_concepts(target, offered))

    def open_concepts(self, target: TargetOutcome, offered: OfferedOutcome) -> frozenset[str]:
        """Return the unknown concepts because of which the pair could have a better grade."""
        certain = self._matcher.match(target, offered)
        best, concepts = self._potential(target, offered)
        return concepts if best > (certain.grade if certain else 0.0) else frozenset()

    def _potential(self, target: TargetOutcome, offered: OfferedOutcome) -> tuple[float, frozenset[str]]:
        if not self._unknown or offered.not_accepted_as & {target.iri, *target.concepts}:
            return 0.0, frozenset()
        grades = [
            self._grade(target_concept, concept) for target_concept in target.concepts for concept in offered.concepts
        ]
        best = max((grade for grade, _ in grades), default=0.0)
        return best, frozenset(concept for grade, concepts in grades if grade == best for concept in concepts)

    def _grade(self, target_concept: str, concept: str) -> tuple[float, frozenset[str]]:
        """Return the best grade that two concepts could have, and the unknown concepts that this depends on.

        At best an unknown concept is replaced by, or the same as, one that the other concept is mapped to.
        """
        if (target_concept, concept) not in self._grades:
            best, responsible = 0.0, set[str]()
            for start, first in self._mapped[target_concept]:
                for end, last in self._mapped[concept]:
                    unknown = {start, end} & self._unknown
                    relation = first.then(last.inverse)
                    if start == end or relation is None or not _may_meet(start, end, unknown):
                        continue
                    grade = self._policy.grades.of(relation)
                    if grade >= best:
                        responsible = unknown | (responsible if grade == best else set())
                        best = grade
            self._grades[target_concept, concept] = best, frozenset(responsible)
        return self._grades[target_concept, concept]


def _may_meet(start: str, end: str, unknown: set[str]) -> bool:
    """Return whether two concepts of which some are unknown may turn out to be the same, or one above the other.

    ESCO would only add links among concepts of ESCO.
    """
    of_esco = start.startswith(ESCO_PREFIX) and end.startswith(ESCO_PREFIX)
    return bool(unknown) and (of_esco or any(not concept.startswith(ESCO_PREFIX) for concept in unknown))


def unknown_concepts(store: Store, concepts: Iterable[str]) -> frozenset[str]:
    """Return the concepts that are not in the graph; for concepts of ESCO, also those outside its hierarchy."""
    iris = sorted(set(concepts))
    if not iris:
        return frozenset()
    facts: dict[str, set[str]] = {}
    bindings = {"concept": [NamedNode(concept) for concept in iris]}
    for row in store.select(named_query("equivalence/known-concepts").text, bindings):
        facts.setdefault(term_text(row["concept"]), set()).add(term_text(row["fact"]))
    return frozenset(
        concept
        for concept in iris
        if not facts.get(concept, set())
        >= ({"described", "placed"} if concept.startswith(ESCO_PREFIX) else {"described"})
    )


def missing_data(store: Store, concepts: Iterable[str]) -> Message | Joined:
    """Return a message about the concepts that are not in the graph, and how to load them."""
    esco = {concept for concept in concepts if concept.startswith(ESCO_PREFIX)}
    other_concepts = set(concepts) - esco
    sentences = []
    if esco:
        names = _concept_names(store, esco)
        loaded = esco_in(store)
        if loaded is None:
            sentences.append(
                Message(
                    "ESCO is not loaded, so that its hierarchy could not be followed from: {concepts}. "
                    "`mastery-graph load esco` adds it.",
                    concepts=names,
                )
            )
        elif loaded.is_extract:
            sentences.append(
                Message(
                    "Only an extract of ESCO is loaded, and these concepts are not in it: {concepts}. "
                    "`mastery-graph load esco` loads all of ESCO.",
                    concepts=names,
                )
            )
        else:
            sentences.append(
                Message(
                    "ESCO as it is loaded does not have, or does not place in its hierarchy: {concepts}. Check the "
                    "address, or load a release that has it (`mastery-graph load esco`).",
                    concepts=names,
                )
            )
    if other_concepts:
        sentences.append(
            Message(
                "No framework in the graph has: {concepts}. Load the framework, or mappings from it "
                "(`mastery-graph load sssom`).",
                concepts=_concept_names(store, other_concepts),
            )
        )
    return sentences[0] if len(sentences) == 1 else Joined(sentences, " ")


def _concept_names(store: Store, concepts: Iterable[str]) -> Joined:
    labels = describe_concepts(store, concepts)
    iris = sorted(concepts)
    names: list[str] = [
        Joined((description.label, f"({iri})"), " ") if (description := labels.get(iri)) and description.label else iri
        for iri in iris
    ]
    if len(names) > _MAX_NAMED:
        more = Message("{number} more", number=len(names) - _MAX_NAMED)
        names = [*names[:_MAX_NAMED], more]
    return Joined(names, "; ")
