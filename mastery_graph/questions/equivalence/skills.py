"""Equivalence of skills: the counterparts of a skill in other frameworks, through the mapping closure.

Rules SKILL-1 to SKILL-3. Each counterpart comes with the path that leads to it, link by link. If there is none, the
answer explains why and who could resolve it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pyoxigraph import Literal, NamedNode

from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import AdvisedAction, BadParameter, UnknownResource
from mastery_graph.languages import N_, Joined, Message, ngettext
from mastery_graph.languages.records import Localized
from mastery_graph.queries import bind, named_query
from mastery_graph.questions.answer import Answer, Outcome
from mastery_graph.questions.concepts import Concept, describe_concepts, note_on_green_skills
from mastery_graph.questions.equivalence.contradictions import (
    ConceptStatus,
    Contradiction,
    concept_statuses,
    contradictions,
)
from mastery_graph.questions.equivalence.paths import Step, path_evidence, step_of, steps_of, weakest_link
from mastery_graph.questions.esco.replacement import replacement_criteria
from mastery_graph.questions.mapping_closure import Link, Path, Relation, denied_mappings, explore
from mastery_graph.questions.rules import Judge, Judgement, judge
from mastery_graph.questions.verdicts import NEGATIVE, Verdict
from mastery_graph.rdf import term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import GREEN_SKILL

FRAMEWORKS = {"esco": "http://data.europa.eu/esco/", "green-skills": GREEN_SKILL}
"""The short names of frameworks of skills, with the IRI prefix of their concepts."""


class Counterpart(Record):
    """A concept of another framework. `relation` is read from the skill to it: `narrowMatch` means it is narrower."""

    uri: str
    label: str | None
    framework: str | None
    relation: str
    confidence: float | None
    """The product of the links' confidences (SKILL-2), or None if a link has none."""
    path: tuple[Step, ...]
    contested: bool = False
    """True if a link of the path is part of a contradiction (SKILL-3)."""
    obsolete: bool = False
    """True if the owner of the concept no longer maintains it."""
    successor: str | None = None
    """The concept that replaces an obsolete one, if its owner names it."""


class Contested(Record):
    """A contradiction, with the fewest links that cause it and the mapping sets whose authors could resolve it."""

    kind: str
    explanation: Localized
    links: tuple[Step, ...]
    denied: Step | None
    settled_by: tuple[str, ...]


class SkillVerdict(Verdict):
    """Whether concepts correspond to a skill."""

    MAPPED = N_("mapped"), N_("At least one concept corresponds to the skill.")
    NO_MAPPING_KNOWN = N_("no-mapping-known"), N_("No mapping is known from this skill."), NEGATIVE
    FRAMEWORK_NOT_COVERED = (
        N_("framework-not-covered"),
        N_("No mapping leads to any concept of the framework."),
        NEGATIVE,
    )
    CONTRADICTED = (
        N_("contradicted"),
        N_("Each path to a counterpart has a link that another mapping denies."),
        NEGATIVE,
    )
    OUT_OF_DATE = N_("out-of-date"), N_("Each counterpart is obsolete in its framework."), NEGATIVE


class SkillEquivalence(Answer):
    """The concepts that correspond to a skill."""

    kind: ClassVar[str] = "equivalence/skills"

    verdict: SkillVerdict
    skill: Concept
    framework: str | None
    equivalents: tuple[Counterpart, ...]
    contradictions: tuple[Contested, ...] = ()
    weakest_link: Step | None = None
    """The link with the lowest confidence on all the paths."""
    settled_by: Localized | None = None
    """Who could resolve a verdict other than `mapped`."""
    reproduced_by: str
    """The SPARQL query that returns every link on the paths."""
    note: Localized | None = None
    """A note on the green skills in the answer, such as that the set is provisional."""


def equivalent_skills(store: Store, skill: str, framework: str | None = None) -> SkillEquivalence:
    """Return the counterparts of a skill (an IRI, or the code of a green skill), the closest and surest first.

    `framework` narrows the answer: `esco`, `green-skills`, or the IRI prefix of its concepts. Raises
    `UnknownResource` and `BadParameter`. Rules: SKILL-1 to SKILL-3.
    """
    requested_skill = _find_skill(store, skill)
    prefix = _prefix(framework) if framework else ""
    exploration = explore(store, requested_skill.uri)
    paths = [path for path in exploration.paths if path.links and path.end.startswith(prefix)]
    statuses = concept_statuses(store, exploration.links)
    path_contradictions = _contradictions_on(
        paths,
        contradictions(
            (link for links in exploration.links.values() for link in links if not link.replacement),
            denied_mappings(store, exploration.links),
            statuses,
        ),
    )
    concepts_by_uri = describe_concepts(store, (path.end for path in paths))
    contested_triples = {link.triple for contradiction in path_contradictions for link in contradiction.links}
    equivalents = sorted(
        (
            _counterpart(
                path, concepts_by_uri.get(path.end), statuses.get(path.end, ConceptStatus()), contested_triples
            )
            for path in paths
        ),
        key=_sort_key,
    )
    verdict = _verdict(store, equivalents, prefix)
    links = _links(paths)
    weakest = weakest_link(links)
    return SkillEquivalence(
        question={"skill": requested_skill.uri} | ({"framework": framework} if framework else {}),
        verdict=verdict,
        summary=_summary(verdict, requested_skill, equivalents, framework),
        criteria=(
            *judge(store, RULES, _SkillCase(store, requested_skill, paths, links, path_contradictions)),
            *replacement_criteria(store, [requested_skill.uri, *(path.end for path in paths)]),
        ),
        dataset=dataset_of(store),
        skill=requested_skill,
        framework=framework,
        equivalents=tuple(equivalents),
        contradictions=tuple(_contested_record(contradiction) for contradiction in path_contradictions),
        weakest_link=step_of(weakest) if weakest else None,
        settled_by=_settled_by(store, verdict, path_contradictions, prefix),
        reproduced_by=bind(
            named_query("equivalence/mapping-links").text,
            {"concept": [NamedNode(start) for start in sorted({requested_skill.uri, *(link.start for link in links)})]},
        ),
        note=note_on_green_skills(store, [requested_skill.uri, *(counterpart.uri for counterpart in equivalents)]),
    )


def _find_skill(store: Store, skill: str) -> Concept:
    name = skill.strip()
    if "://" not in name:
        name = GREEN_SKILL + name.upper()
    try:
        concepts = describe_concepts(store, [name])
        is_known = bool(concepts) or any(path.links for path in explore(store, name).paths)
    except ValueError:
        concepts, is_known = {}, False
    if not is_known:
        raise UnknownResource(
            Message("The graph knows no skill {skill}.", skill=repr(skill)),
            Message(
                "Give its IRI, or the code of a green skill. Of ESCO an extract ships; `mastery-graph load esco` loads "
                "all of it."
            ),
            AdvisedAction.LIST_SKILLS,
        )
    return concepts.get(name) or Concept(uri=name, label=None, framework=None)


def _prefix(framework: str) -> str:
    prefix = FRAMEWORKS.get(framework.strip().lower(), framework if "://" in framework else None)
    if prefix is None:
        raise BadParameter(
            Message("There is no framework of skills called {name}.", name=repr(framework)),
            Message("Use {names}, or the IRI prefix of its concepts.", names=", ".join(FRAMEWORKS)),
        )
    return prefix


def _links(paths: Sequence[Path]) -> list[Link]:
    return list({(link.start, link.relation, link.end): link for path in paths for link in path.links}.values())


def _contradictions_on(paths: Sequence[Path], candidates: Sequence[Contradiction]) -> list[Contradiction]:
    """Return the contradictions that involve a link of these paths."""
    path_triples = {link.triple for path in paths for link in path.links}
    return [
        contradiction
        for contradiction in candidates
        if any(link.triple in path_triples for link in contradiction.links)
    ]


def _counterpart(
    path: Path, concept: Concept | None, status: ConceptStatus, contested_triples: set[tuple[str, Relation, str]]
) -> Counterpart:
    return Counterpart(
        uri=path.end,
        label=concept.label if concept else None,
        framework=concept.framework if concept else None,
        relation=path.relation.value,
        confidence=None if path.confidence is None else round(path.confidence, 4),
        path=steps_of(path),
        contested=any(link.triple in contested_triples for link in path.links),
        obsolete=status.obsolete,
        successor=status.successor,
    )


def _contested_record(contradiction: Contradiction) -> Contested:
    return Contested(
        kind=contradiction.kind.value,
        explanation=contradiction.explanation,
        links=tuple(step_of(link) for link in contradiction.links),
        denied=step_of(contradiction.denial) if contradiction.denial else None,
        settled_by=contradiction.mapping_sets,
    )


def _sort_key(counterpart: Counterpart) -> tuple[int, float, str]:
    rank = [relation.value for relation in Relation].index(counterpart.relation)
    return rank, -(counterpart.confidence or 0.0), counterpart.uri


def _mapping_sets_into(store: Store, prefix: str) -> list[str]:
    """Return the titles of the mapping sets with mappings to concepts with this IRI prefix, "" for a bare triple."""
    rows = store.select(named_query("equivalence/mapping-sets-into").text, {"beginning": Literal(prefix)})
    return [term_text(row["setTitle"]) if "setTitle" in row else "" for row in rows]


def _verdict(store: Store, equivalents: Sequence[Counterpart], prefix: str) -> SkillVerdict:
    if not equivalents:
        is_covered = not prefix or _mapping_sets_into(store, prefix)
        return SkillVerdict.NO_MAPPING_KNOWN if is_covered else SkillVerdict.FRAMEWORK_NOT_COVERED
    if all(counterpart.contested for counterpart in equivalents):
        return SkillVerdict.CONTRADICTED
    if all(counterpart.obsolete for counterpart in equivalents):
        return SkillVerdict.OUT_OF_DATE
    return SkillVerdict.MAPPED


def _settled_by(
    store: Store, verdict: SkillVerdict, path_contradictions: Sequence[Contradiction], prefix: str
) -> Message | None:
    if verdict is SkillVerdict.CONTRADICTED:
        titles = sorted({title for contradiction in path_contradictions for title in contradiction.mapping_sets})
        return _authors(titles)
    if verdict is SkillVerdict.NO_MAPPING_KNOWN:
        titles = sorted(filter(None, _mapping_sets_into(store, prefix)))
        return _authors(titles) if titles else Message("Whoever knows both skills and records a mapping.")
    if verdict is SkillVerdict.FRAMEWORK_NOT_COVERED:
        return Message("Whoever publishes a mapping set to that framework; it can be loaded as SSSOM.")
    if verdict is SkillVerdict.OUT_OF_DATE:
        return Message("The authors of the mappings, by mapping to the concepts in use.")
    return None


def _authors(titles: Sequence[str]) -> Message:
    return Message("The authors of {sets}.", sets="; ".join(titles) or Message("the mappings"))


def _summary(
    verdict: SkillVerdict, requested_skill: Concept, equivalents: list[Counterpart], framework: str | None
) -> str:
    arguments: dict[str, object] = {"skill": requested_skill.label or requested_skill.uri, "framework": framework}
    if verdict is SkillVerdict.FRAMEWORK_NOT_COVERED:
        return Message("No known mapping leads to a concept in {framework}.", **arguments)
    if not equivalents and framework:
        return Message("No mapping is known from {skill} to a concept in {framework}.", **arguments)
    if not equivalents:
        return Message("No mapping is known from {skill} to a concept.", **arguments)
    counts_by_relation: dict[str, int] = {}
    for counterpart in equivalents:
        counts_by_relation[counterpart.relation] = counts_by_relation.get(counterpart.relation, 0) + 1
    relation_counts = Joined(
        Message("{count} by {relation}", count=count, relation=kind) for kind, count in counts_by_relation.items()
    )
    distinct = len({counterpart.uri for counterpart in equivalents})
    number = ngettext("{count} counterpart", "{count} counterparts", distinct)
    summary = Message(
        N_("{skill} has {counterparts} in {framework}: {kinds}.")
        if framework
        else N_("{skill} has {counterparts}: {kinds}."),
        counterparts=number,
        kinds=relation_counts,
        **arguments,
    )
    if verdict is SkillVerdict.CONTRADICTED:
        return Joined([summary, Message("Mappings contradict each other about each of them.")], " ")
    if verdict is SkillVerdict.OUT_OF_DATE:
        return Joined([summary, Message("Each is obsolete in its framework.")], " ")
    return summary


@dataclass(frozen=True, slots=True)
class _SkillCase:
    """A skill with the paths from it, their links, and the contradictions that involve them."""

    store: Store
    skill: Concept
    paths: Sequence[Path]
    links: Sequence[Link]
    contradictions: Sequence[Contradiction]


def _judge_closure(case: _SkillCase) -> Judgement:
    evidence = path_evidence(case.store, case.links)
    if not case.paths:
        message = Message(
            "No mapping leads from {skill}; that none is known does not mean that there is no counterpart.",
            skill=case.skill.label or case.skill.uri,
        )
        return Outcome.UNKNOWN, message, evidence
    message = ngettext(
        "{count} concept is reached (mappings: {mappings}); nothing is promoted.",
        "{count} concepts are reached (mappings: {mappings}); nothing is promoted.",
        len({path.end for path in case.paths}),
        mappings=len(case.links),
    )
    return Outcome.MET, message, evidence


def _judge_confidence(case: _SkillCase) -> Judgement:
    weakest = weakest_link(case.links)
    if weakest is None:
        return Outcome.NOT_APPLICABLE, Message("There is no path.")
    if unrated := [path for path in case.paths if path.confidence is None]:
        return Outcome.UNKNOWN, ngettext(
            "{count} path has a link without a recorded confidence.",
            "{count} paths have a link without a recorded confidence.",
            len(unrated),
        )
    return Outcome.MET, Message(
        "The weakest link, {start} to {end}, has the confidence {confidence}.",
        start=weakest.start,
        end=weakest.end,
        confidence=weakest.confidence,
    )


def _judge_consistency(case: _SkillCase) -> Judgement:
    if not case.contradictions:
        if not case.paths:
            return Outcome.NOT_APPLICABLE, Message("There is no path.")
        return Outcome.MET, Message("No link on the paths is part of a contradiction.")
    contested_links = [
        link
        for contradiction in case.contradictions
        for link in (*contradiction.links, *((contradiction.denial,) if contradiction.denial else ()))
    ]
    sentences: list[str] = []
    for contradiction in case.contradictions[:3]:
        sentences += [contradiction.explanation, Message("Links to blame: {number}.", number=len(contradiction.links))]
    if len(case.contradictions) > 3:
        sentences.append(Message("{number} more are listed.", number=len(case.contradictions) - 3))
    return Outcome.UNMET, Joined(sentences, " "), path_evidence(case.store, contested_links)


RULES: Final[Mapping[str, Judge[_SkillCase]]] = {
    "SKILL-1": _judge_closure,
    "SKILL-2": _judge_confidence,
    "SKILL-3": _judge_consistency,
}
"""The judge of each rule, in the order of the answer."""
