"""A made-up graph of any size in the shape of ESCO's official Turtle, grown from the real hierarchy of its CSV files.

Concepts, their groups, their broader concepts and, where the download gives them, their English labels are real. All
else is drawn, the same for the same seed: labels of other languages, which say `[made fi]`; which skills an occupation
asks for; which concepts are obsolete, and what replaces them. Two versions with the same seed differ in nothing but the
shares that are asked for. Each concept comes after those that are broader, so that
a small graph is a whole one. A graph larger than the hierarchy goes on with made concepts under the real groups.

The shape is that of the download (`esco-v….ttl`): SKOS and SKOS-XL labels side by side, descriptions and relations as
nodes of their own, broader concepts with their transitive closure, a status, a date.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from uuid import UUID

from pyoxigraph import Literal

from mastery_graph.sources.esco import EscoDownload
from mastery_graph.vocabulary import ESCO, RDF, SKOS

# fmt: off
LANGUAGES = (
    "en", "ar", "bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "hr", "hu",
    "is", "it", "lt", "lv", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sv", "uk",
)
# fmt: on
"""The languages in which ESCO is published (ISO 639-1), the reference language first."""

_DATA = "http://data.europa.eu/esco/"
_SCHEME = _DATA + "concept-scheme/"
_PREFIXES = {
    "rdf": RDF,
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": SKOS,
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "iso-thes": "http://purl.org/iso25964/skos-thes#",
    "dct": "http://purl.org/dc/terms/",
    "esco": ESCO,
}
_KINDS = {
    ESCO + "Skill": ("esco:MemberConcept", "esco:Skill", "skos:Concept"),
    ESCO + "Occupation": ("esco:MemberConcept", "esco:Occupation", "skos:Concept"),
    SKOS + "Concept": ("skos:Concept",),
}
_MEMBERS = {ESCO + "Skill": ("member-skills", "skills"), ESCO + "Occupation": ("member-occupations", "occupations")}
_OCCUPATIONS_OF_A_SKILL = 9
"""On average, as in ESCO 1.2: 126,000 relations of 13,900 skills."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What graph is wanted: its size, languages and version, and how it differs from the one without such shares."""

    triples: int
    languages: tuple[str, ...] = LANGUAGES
    version: str = "1.2.0"
    seed: int = 1
    obsolete: float = 0.0
    """The share of skills that are obsolete; four in five of them name a successor."""
    missing: float = 0.0
    """The share of skills that are left out."""
    relabelled: float = 0.0
    """The share of skills with another preferred label in English."""


@dataclass(slots=True)
class Concept:
    """A concept of the real hierarchy, with what the download says of it."""

    iri: str
    kind: str
    label: str | None = None
    alternatives: list[str] = field(default_factory=list)
    description: str | None = None
    broader: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Hierarchy:
    """The concepts of the download by IRI, and the top concepts of its schemes."""

    concepts: dict[str, Concept]
    tops: dict[str, list[str]]

    @property
    def leaves(self) -> list[Concept]:
        """The skills and occupations; what is not among them is a group."""
        return [concept for concept in self.concepts.values() if concept.kind != SKOS + "Concept"]

    def above(self, concept: Concept) -> list[str]:
        """Return all that is broader than a concept, the nearest last."""
        found: dict[str, None] = {}
        for iri in concept.broader:
            if iri in self.concepts:
                found |= dict.fromkeys([*self.above(self.concepts[iri]), iri])
        return list(found)


def hierarchy(paths: Iterable[Path]) -> Hierarchy:
    """Read the hierarchy from the CSV files of the download. Raises `BadSource`."""
    concepts: dict[str, Concept] = {}
    tops: dict[str, list[str]] = defaultdict(list)
    groups: set[str] = set()

    def concept(iri: str) -> Concept:
        kind = ESCO + "Skill" if iri.startswith(f"{_DATA}skill/") else SKOS + "Concept"
        return concepts.setdefault(iri, Concept(iri, kind))

    for triple in EscoDownload(list(paths)).triples():
        subject, predicate, value = triple.subject.value, triple.predicate.value, triple.object.value  # type: ignore[union-attr]  # ESCO has no blank nodes
        match predicate.rpartition("#" if "#" in predicate else "/")[2]:
            case "hasTopConcept":
                tops[subject].append(value)
            case "type" if value in (ESCO + "Occupation", ESCO + "Skill"):
                concept(subject).kind = value
            case "prefLabel" if not subject.startswith(_SCHEME):
                concept(subject).label = value
            case "altLabel":
                concept(subject).alternatives.append(value)
            case "description" if not subject.startswith(_SCHEME):
                concept(subject).description = value
            case "broader":
                concept(subject)
                concept(value)
                if value not in concepts[subject].broader:
                    concepts[subject].broader.append(value)
            case "inScheme" if value.endswith(("/skills-hierarchy", "/isced-f", "/isco", "/skill-transversal-groups")):
                groups.add(subject)
    for iri in groups & concepts.keys():
        concepts[iri].kind = SKOS + "Concept"
    return Hierarchy(concepts, {scheme: members for scheme, members in tops.items() if len(members) <= 20})


def write_esco(out: TextIO, known: Hierarchy, wanted: Wanted) -> int:
    """Write the graph as Turtle and return its number of triples: at least as many as wanted, by one concept at most.

    Memory is bounded by the hierarchy, not by the size.
    """
    writer = _Writer(out, known, wanted)
    writer.write()
    return writer.triples


class _Writer:
    def __init__(self, out: TextIO, known: Hierarchy, wanted: Wanted) -> None:
        self._out, self._known, self._wanted = out, known, wanted
        self._draw = random.Random(wanted.seed)
        self._occupations: list[str] = []
        self._skills: list[str] = []
        self.triples = 0

    def write(self) -> None:
        for name, namespace in _PREFIXES.items():
            self._out.write(f"@prefix {name}: <{namespace}> .\n")
        self._out.write("\n")
        for scheme, tops in sorted(self._known.tops.items()):
            self._block(
                scheme,
                {
                    "a": ["skos:ConceptScheme"],
                    "owl:versionInfo": [str(Literal(self._wanted.version))],
                    "skos:hasTopConcept": map(_node, tops),
                },
            )
        written: set[str] = set()
        for concept in self._leaves():
            for iri in [*self._known.above(concept), concept.iri]:
                if self.triples >= self._wanted.triples:
                    return
                if iri not in written:
                    if iri in self._known.concepts:
                        written.add(iri)
                    self._concept(concept if iri == concept.iri else self._known.concepts[iri])

    def _leaves(self) -> Iterator[Concept]:
        """Yield the skills and occupations in a drawn order, and then made ones like them, without end."""
        leaves = sorted(self._known.leaves, key=lambda concept: concept.iri)
        self._draw.shuffle(leaves)
        yield from leaves
        while leaves:
            for like in leaves:
                folder = "occupation" if like.kind == ESCO + "Occupation" else "skill"
                yield Concept(f"{_DATA}{folder}/{_uuid(self._draw)}", like.kind, broader=like.broader)

    def _concept(self, concept: Concept) -> None:
        wanted, skill = self._wanted, concept.kind == ESCO + "Skill"
        draw = random.Random(f"{wanted.seed} {concept.iri}")
        fate = random.Random(f"{wanted.seed} {wanted.version} {concept.iri}")
        gone, obsolete, relabelled = (fate.random() for _ in range(3))
        if skill and gone < wanted.missing:
            return
        is_obsolete = skill and obsolete < wanted.obsolete
        name = concept.label or f"made skill {concept.iri.rpartition('/')[2][:8]}"
        statements: dict[str, list[str]] = defaultdict(list)
        statements["a"] += _KINDS[concept.kind]
        nodes: list[tuple[str, dict[str, list[str]]]] = []
        for language in wanted.languages:
            labels = _labels(concept, name, language, draw)
            if language == "en" and skill and relabelled < wanted.relabelled:
                labels[0] += " [relabelled]"
            for role, label in zip(["prefLabel", *["altLabel"] * len(labels)], labels, strict=False):
                literal, node = str(Literal(label, language=language)), f"{_DATA}label/{_uuid(draw)}"
                statements[f"skos:{role}"].append(literal)
                statements[f"skosxl:{role}"].append(_node(node))
                nodes.append((node, {"a": ["skosxl:Label"], "skosxl:literalForm": [literal]}))
        for language in dict.fromkeys((wanted.languages[0], draw.choice(wanted.languages))):
            text = concept.description or f"What {name} is about."
            node = f"{_DATA}node-literal/{_uuid(draw)}"
            statements["dct:description"].append(_node(node))
            nodes.append(
                (
                    node,
                    {
                        "a": ["esco:NodeLiteral"],
                        "esco:language": [str(Literal(language))],
                        "esco:nodeLiteral": [str(Literal(text if language == "en" else f"{text} [made {language}]"))],
                    },
                )
            )
        statements["dct:modified"].append(f'"20{draw.randint(16, 24)}-05-15T12:00:00Z"^^xsd:dateTime')
        statements["iso-thes:status"].append('"obsolete"' if is_obsolete else '"released"')
        if is_obsolete:
            if self._skills and fate.random() < 0.8:
                statements["dct:isReplacedBy"].append(_node(fate.choice(self._skills)))
        else:
            statements["skos:broader"] += map(_node, concept.broader)
            statements["skos:broaderTransitive"] += map(_node, self._known.above(concept))
        if members := _MEMBERS.get(concept.kind):
            statements["esco:referenceLanguage"].append('"en"^^xsd:language')
            statements["skos:inScheme"] += [_node(_SCHEME + name) for name in members]
        if skill:
            kind, reuse = draw.choice(("skill", "knowledge")), draw.choice(("sector-specific", "cross-sector"))
            statements["esco:skillType"].append(_node(f"{_DATA}skill-type/{kind}"))
            statements["esco:skillReuseLevel"].append(_node(f"{_DATA}skill-reuse-level/{reuse}"))
            if not is_obsolete:
                nodes += self._relations(concept.iri, statements, draw)
                self._skills.append(concept.iri)
        elif concept.kind == ESCO + "Occupation":
            self._occupations.append(concept.iri)
        self._block(concept.iri, statements)
        for node, said in nodes:
            self._block(node, said)

    def _relations(
        self, skill: str, statements: dict[str, list[str]], draw: random.Random
    ) -> list[tuple[str, dict[str, list[str]]]]:
        """Draw which occupations ask for a skill; return what is said of the relations, and of the occupations."""
        number = min(len(self._occupations), draw.randint(0, 2 * _OCCUPATIONS_OF_A_SKILL))
        nodes = []
        for occupation in draw.sample(self._occupations, number):
            kind, relation = draw.choice(("essential", "optional")), f"{_DATA}relation/{_uuid(draw)}"
            statements["esco:hasAssociation"].append(_node(relation))
            statements[f"esco:is{kind.title()}SkillFor"].append(_node(occupation))
            association = {
                "a": ["esco:AssociationObject"],
                "esco:isAssociationFor": [_node(occupation)],
                "esco:target": [_node(skill)],
                "esco:targetFramework": [_node(_SCHEME + name) for name in _MEMBERS[ESCO + "Skill"]],
                "dct:type": [_node(f"{_DATA}relationship-type/{kind}-skill")],
            }
            of_occupation = {
                "esco:hasAssociation": [_node(relation)],
                f"esco:related{kind.title()}Skill": [_node(skill)],
            }
            nodes += [(relation, association), (occupation, of_occupation)]
        return nodes

    def _block(self, subject: str, statements: dict[str, list[str]] | dict[str, Iterable[str]]) -> None:
        said = [(predicate, list(dict.fromkeys(values))) for predicate, values in statements.items()]
        said = [(predicate, values) for predicate, values in said if values]
        lines = " ;\n".join(f"        {predicate}  {' , '.join(values)}" for predicate, values in said)
        self._out.write(f"<{subject}>\n{lines} .\n\n")
        self.triples += sum(len(values) for _, values in said)


def _labels(concept: Concept, name: str, language: str, draw: random.Random) -> list[str]:
    """Return the labels of a concept in a language, the preferred one first."""
    if language == "en":
        return [name, *concept.alternatives]
    more = [f"{name} {number} [made {language}]" for number in range(1, draw.randint(0, 2) + 1)]
    return [f"{name} [made {language}]", *more]


def _uuid(draw: random.Random) -> UUID:
    return UUID(int=draw.getrandbits(128), version=4)


def _node(iri: str) -> str:
    return f"<{iri}>"
