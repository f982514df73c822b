"""Equivalence of skills: from a skill in one framework to its counterparts in others, through the mapping closure.

Rules SKILL-1 to SKILL-3. Each counterpart comes with the path that leads to it, link by link.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pyoxigraph import NamedNode

from mastery_graph.answers.answer import Answer, Criterion, Evidence, Outcome, Record
from mastery_graph.answers.closure import Link, Path, Relation, reachable
from mastery_graph.answers.evidence import dataset, statements, text
from mastery_graph.answers.rules import Rules
from mastery_graph.errors import BadParameter, UnknownResource
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID, SKOS

FRAMEWORKS = {"esco": "http://data.europa.eu/esco/", "green-skills": ID + "green-skill/"}
"""The short names of frameworks of skills, with the beginning of the IRIs of their concepts."""


class Concept(Record):
    """A concept with its label in English and its code, where the graph has them."""

    uri: str
    label: str | None
    framework: str | None
    notation: str | None = None


class Step(Record):
    """One link of a path, read from `subject` to `object`, with its justification and its confidence (0 to 1)."""

    subject: str
    relation: str
    object: str
    confidence: float | None
    justification: str | None
    comment: str | None
    record: str | None


class Counterpart(Record):
    """A concept of another framework. `relation` reads from the asked skill: `narrowMatch` means it is narrower."""

    uri: str
    label: str | None
    framework: str | None
    relation: str
    confidence: float | None
    """The product of the links' confidences (SKILL-2), or None where a link has none."""
    path: tuple[Step, ...]


class SkillEquivalence(Answer):
    """Which concepts correspond to a skill: `mapped` or `no-mapping-known`."""

    kind: ClassVar[str] = "equivalence/skills"

    skill: Concept
    framework: str | None
    equivalents: tuple[Counterpart, ...]
    note: str | None = None
    """What must be known of the green skills that the answer shows, such as that they are a provisional set."""


def equivalent_skills(store: Store, skill: str, framework: str | None = None) -> SkillEquivalence:
    """Return the counterparts of a skill (an IRI, or the code of a green skill), surest and closest first.

    `framework` narrows the answer: `esco`, `green-skills`, or the beginning of the IRIs of its concepts. Raises
    `UnknownResource` and `BadParameter`. Rules: SKILL-1 to SKILL-3.
    """
    asked = _find(store, skill)
    prefix = _prefix(framework) if framework else None
    paths = [path for path in reachable(store, asked.uri) if path.links and (not prefix or path.end.startswith(prefix))]
    concepts = describe_concepts(store, (path.end for path in paths))
    equivalents = sorted((_counterpart(path, concepts.get(path.end)) for path in paths), key=_order)
    return SkillEquivalence(
        question={"skill": asked.uri} | ({"framework": framework} if framework else {}),
        verdict="mapped" if equivalents else "no-mapping-known",
        summary=_summary(asked, equivalents, framework),
        criteria=_criteria(store, asked, paths),
        dataset=dataset(store),
        skill=asked,
        framework=framework,
        equivalents=tuple(equivalents),
        note=note_on_green_skills(store, [asked.uri, *(one.uri for one in equivalents)]),
    )


def note_on_green_skills(store: Store, shown: Iterable[str] | None = None) -> str | None:
    """Return the editorial note of a provisional set of green skills, where one of its skills is shown.

    Without `shown`, where there is such a set at all.
    """
    iris = None if shown is None else list(shown)
    for row in store.select(named_query("browse/green-skill-scheme").text):
        provisional = "provisional" in row and text(row["provisional"]) in {"true", "1"}
        concerned = iris is None or any(iri.startswith(text(row["scheme"]) + "/") for iri in iris)
        if provisional and concerned and "note" in row:
            return text(row["note"])
    return None


def describe_concepts(store: Store, uris: Iterable[str]) -> dict[str, Concept]:
    """Return what the graph says of these concepts, by IRI; concepts that it does not know are left out."""
    nodes = [NamedNode(uri) for uri in dict.fromkeys(uris)]
    if not nodes:
        return {}
    found: dict[str, Concept] = {}
    for row in store.select(named_query("equivalence/concepts").text, {"concept": nodes}):
        uri = text(row["concept"])
        found.setdefault(
            uri,
            Concept(
                uri=uri,
                label=text(row["label"]),
                framework=text(row["framework"]) if "framework" in row else None,
                notation=text(row["notation"]) if "notation" in row else None,
            ),
        )
    return found


def steps_of(path: Path) -> tuple[Step, ...]:
    """Return the links of a path as they are shown."""
    return tuple(
        Step(
            subject=link.start,
            relation=link.relation.value,
            object=link.end,
            confidence=link.confidence,
            justification=link.justification,
            comment=link.comment,
            record=link.record,
        )
        for link in path.links
    )


def path_evidence(store: Store, links: Sequence[Link]) -> tuple[Evidence, ...]:
    """Return the quads that the links of a path rest on: the triples themselves and the records of the mappings."""
    records = statements(store, (link.record for link in links if link.record))
    wanted = {
        (link.subject, (link.relation if link.subject == link.start else link.relation.inverse).value, _other_end(link))
        for link in links
    }
    predicates = [SKOS + name for name in (*(relation.value for relation in Relation), "broader")]
    triples = statements(store, (link.subject for link in links), predicates)
    names = {(subject, name, value) for subject, name, value in wanted}
    hierarchy = {(link.subject, _other_end(link)) for link in links if link.hierarchy}
    kept = tuple(
        quad
        for quad in triples
        if (quad.subject, quad.predicate.removeprefix(SKOS), quad.object) in names
        or (quad.predicate == SKOS + "broader" and (quad.subject, quad.object) in hierarchy)
    )
    return kept + records


def _other_end(link: Link) -> str:
    return link.end if link.subject == link.start else link.start


def _find(store: Store, skill: str) -> Concept:
    name = skill.strip()
    if "://" not in name:
        name = f"{ID}green-skill/{name.upper()}"
    try:
        found = describe_concepts(store, [name])
    except ValueError:
        found = {}
    if name not in found:
        raise UnknownResource(
            f"The graph knows no skill {skill!r}.",
            "Give its IRI, or the code of a green skill; GET /v1/skills lists those. ESCO must be loaded for its IRIs.",
        )
    return found[name]


def _prefix(framework: str) -> str:
    prefix = FRAMEWORKS.get(framework.strip().lower(), framework if "://" in framework else None)
    if prefix is None:
        raise BadParameter(
            f"There is no framework of skills called {framework!r}.",
            f"Use {', '.join(FRAMEWORKS)}, or the beginning of the IRIs of its concepts.",
        )
    return prefix


def _counterpart(path: Path, concept: Concept | None) -> Counterpart:
    return Counterpart(
        uri=path.end,
        label=concept.label if concept else None,
        framework=concept.framework if concept else None,
        relation=path.relation.value,
        confidence=None if path.confidence is None else round(path.confidence, 4),
        path=steps_of(path),
    )


def _order(counterpart: Counterpart) -> tuple[int, float, str]:
    rank = [relation.value for relation in Relation].index(counterpart.relation)
    return rank, -(counterpart.confidence or 0.0), counterpart.uri


def _summary(asked: Concept, equivalents: list[Counterpart], framework: str | None) -> str:
    place = f" in {framework}" if framework else ""
    if not equivalents:
        return f"No mapping is known from {asked.label} to a concept{place}."
    kinds: dict[str, int] = {}
    for counterpart in equivalents:
        kinds[counterpart.relation] = kinds.get(counterpart.relation, 0) + 1
    listed = ", ".join(f"{number} by {kind}" for kind, number in kinds.items())
    return f"{asked.label} has {len(equivalents)} counterparts{place}: {listed}."


def _criteria(store: Store, asked: Concept, paths: list[Path]) -> tuple[Criterion, ...]:
    rules = Rules(store, "SKILL-1", "SKILL-2", "SKILL-3")
    links = list({(link.start, link.relation, link.end): link for path in paths for link in path.links}.values())
    evidence = path_evidence(store, links)
    unsure = [path for path in paths if path.confidence is None]
    closure = rules.criterion(
        "SKILL-1",
        Outcome.MET if paths else Outcome.UNKNOWN,
        f"{len(paths)} concepts are reached over {len(links)} mappings; nothing is promoted."
        if paths
        else f"No mapping leads from {asked.label}; that none is known does not mean that there is no counterpart.",
        evidence,
    )
    if not paths:
        confidence = rules.criterion("SKILL-2", Outcome.NOT_APPLICABLE, "There is no path.")
    elif unsure:
        confidence = rules.criterion(
            "SKILL-2", Outcome.UNKNOWN, f"{len(unsure)} paths have a link without a recorded confidence."
        )
    else:
        weakest = min((link.confidence or 0.0, link.start, link.end) for link in links)
        confidence = rules.criterion(
            "SKILL-2",
            Outcome.MET,
            f"The weakest link, {weakest[1]} to {weakest[2]}, has the confidence {weakest[0]:g}.",
        )
    ends: dict[str, set[Relation]] = {}
    for path in paths:
        ends.setdefault(path.end, set()).add(path.relation)
    torn = sorted(end for end, relations in ends.items() if _contradict(relations))
    contradiction = (
        rules.criterion("SKILL-3", Outcome.UNMET, f"Reached by relations that exclude each other: {', '.join(torn)}.")
        if torn
        else rules.criterion("SKILL-3", Outcome.MET, "No concept is reached by relations that exclude each other.")
    )
    return closure, confidence, contradiction


def _contradict(relations: set[Relation]) -> bool:
    """Return whether the relations to one concept exclude each other (SKOS Reference, S46)."""
    exact = Relation.EXACT in relations and relations & {Relation.BROAD, Relation.NARROW, Relation.RELATED}
    return bool(exact) or {Relation.BROAD, Relation.NARROW} <= relations
