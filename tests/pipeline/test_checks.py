"""The checks that the graph must pass before it is stored: a small graph that passes, and each way to break it."""

import re

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from mastery_graph.errors import GraphCheckFailed
from mastery_graph.pipeline.checks import check
from mastery_graph.resources import folder
from mastery_graph.vocabulary import PREFIXES

SOUND = """
<urn:source> dcterms:title "A source"@en .

<urn:eqf> a mg:QualificationsFramework ; skos:prefLabel "EQF"@en ; dcterms:source <urn:source> .
<urn:eqf4> a mg:EQFLevel ; skos:prefLabel "EQF 4"@en ; dcterms:source <urn:source> ;
  skos:inScheme <urn:eqf> ; mg:position 4 .
<urn:eqf5> a mg:EQFLevel ; skos:prefLabel "EQF 5"@en ; dcterms:source <urn:source> ;
  skos:inScheme <urn:eqf> ; mg:position 5 .
<urn:nqf> a mg:QualificationsFramework ; skos:prefLabel "NQF"@en ; dcterms:source <urn:source> ;
  mg:countryCode "FIN" .
<urn:level> a mg:NationalLevel ; skos:prefLabel "Level 5"@en , "Taso 5"@fi ; dcterms:source <urn:source> ;
  skos:inScheme <urn:nqf> ; mg:position 1 .
<urn:open> a mg:NationalLevel ; skos:prefLabel "Level 6"@en ; dcterms:source <urn:source> ;
  skos:inScheme <urn:nqf> ; mg:position 2 ; mg:openBecause "There is no report."@en .
<urn:referencing> a mg:LevelReferencing ; skos:prefLabel "Level 5 to EQF 5"@en ; dcterms:source <urn:source> ;
  mg:nationalLevel <urn:level> ; mg:eqfLevel <urn:eqf5> ; mg:basis "page 3" ; mg:confidence "verified" .

<urn:sector> a mg:Sector ; skos:prefLabel "Wood"@en ; dcterms:source <urn:source> .
<urn:skill> a mg:GreenSkill ; skos:prefLabel "Waste"@en ; dcterms:source <urn:source> ;
  skos:notation "GS01" ; mg:minimumEQFLevel <urn:eqf4> ; mg:maximumEQFLevel <urn:eqf5> ; mg:inSector <urn:sector> ;
  skos:exactMatch <urn:same> .
<urn:mapping> a sssom:Mapping ; sssom:subject_id <urn:skill> ; sssom:predicate_id skos:exactMatch ;
  sssom:object_id <urn:same> ; sssom:mapping_justification semapv:ManualMappingCuration ; sssom:confidence 0.8 ;
  sssom:mapping_date "2026-01-01"^^xsd:date ; sssom:comment "Word for word." .

<https://w3id.org/mastery-graph/id/stage/design> a mg:Stage ; skos:prefLabel "Design"@en ; dcterms:source <urn:source> .
<urn:challenge> a mg:Challenge ; skos:prefLabel "Trust"@en ; dcterms:source <urn:source> .
<urn:group> a mg:TargetGroup ; skos:prefLabel "Learners"@en ; dcterms:source <urn:source> .
<urn:principle> a mg:DesignPrinciple ; skos:prefLabel "Quality"@en ; dcterms:source <urn:source> .
<urn:vision> a mg:Vision ; skos:prefLabel "First"@en ; dcterms:source <urn:source> ; skos:notation "V1" ;
  mg:inStage <https://w3id.org/mastery-graph/id/stage/design> ; mg:rolloutStep 1 ;
  mg:addressesChallenge <urn:challenge> ; mg:concernsTargetGroup <urn:group> .
<urn:element> a mg:StandardElement ; skos:prefLabel "Title"@en ; dcterms:source <urn:source> ;
  mg:carriedBy dcterms:title ; mg:supportsVision <urn:vision> ; mg:servesPrinciple <urn:principle> .
<urn:rule> a mg:Rule ; skos:prefLabel "Level"@en ; dcterms:source <urn:source> ; skos:notation "REC-LEVEL" ;
  mg:asks "Which level?"@en ; dcterms:bibliographicCitation "A law, article 1" .

<urn:purpose> a mg:Purpose ; skos:prefLabel "Work"@en ; dcterms:source <urn:source> ;
  skos:notation "work" ; mg:informedByPolicy false ; mg:requiresAssurance "esg" .

<urn:outcome> a elm:LearningOutcome .
<urn:description> a elm:Qualification , mg:ExampleDescription ; dcterms:title "Waste on site"@en ;
  dcterms:source <urn:source> ; elm:learningOutcome <urn:outcome> .
"""
TERM = """
mg:{0} a owl:Class ; rdfs:label "{0}"@en ; skos:definition "What {0} is."@en ; skos:example "one"@en ;
  rdfs:isDefinedBy mg: ; dcterms:source <urn:source> .
"""


def graph(text: str, terms: set[str]) -> list[Triple]:
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    stated = prefixes + text + "".join(TERM.format(term) for term in sorted(terms))
    return [quad.triple for quad in parse(stated, format=RdfFormat.TURTLE)]


TERMS = set(re.findall(r"mg:(\w+)", SOUND))


def problems(text: str, terms: set[str] = TERMS) -> list[str]:
    try:
        check(graph(text, terms), folder("shapes") / "ontology.ttl")
    except GraphCheckFailed as refused:
        found = refused.members["problems"]
        assert isinstance(found, list)
        return found
    return []


def test_a_sound_graph_passes() -> None:
    assert problems(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "subject", "message"),
    [
        ('mg:confidence "verified"', 'mg:confidence "certain"', "urn:referencing", "not verified or published"),
        ('; mg:confidence "verified"', "", "urn:referencing", "not verified or published"),
        ('mg:basis "page 3" ; ', "", "urn:referencing", "on what it rests"),
        ("mg:eqfLevel <urn:eqf5>", "mg:eqfLevel <urn:eqf4> , <urn:eqf5>", "urn:referencing", "exactly one EQF level"),
        ('; mg:openBecause "There is no report."@en', "", "urn:open", "either one referencing or a reason"),
        ("mg:position 1 .", "mg:position 1 ; mg:openBecause 'None.'@en .", "urn:level", "either one referencing"),
        ("mg:position 2", "mg:position 0", "urn:open", "no single place"),
        ('mg:countryCode "FIN"', 'mg:countryCode "fi"', "urn:nqf", "three-letter code"),
        ('"Level 5"@en , "Taso 5"@fi', '"Level 5"@en , "Level five"@en', "urn:level", "two preferred labels"),
        ('skos:prefLabel "Wood"@en ; ', "", "urn:sector", "no label"),
        ('"Wood"@en ; dcterms:source <urn:source>', '"Wood"@en', "urn:sector", "where it comes from"),
        ('<urn:source> dcterms:title "A source"@en .', "", "urn:source", "no title"),
        ("mg:minimumEQFLevel <urn:eqf4>", "mg:minimumEQFLevel <urn:eqf5>", "", ""),
        (
            "mg:minimumEQFLevel <urn:eqf4> ; mg:maximumEQFLevel <urn:eqf5>",
            "mg:minimumEQFLevel <urn:eqf5> ; mg:maximumEQFLevel <urn:eqf4>",
            "urn:skill",
            "above its maximum",
        ),
        ("; mg:inSector <urn:sector>", "", "urn:skill", "no sector"),
        ('; sssom:comment "Word for word."', "", "urn:mapping", "no reason in words"),
        ("sssom:confidence 0.8", "sssom:confidence 1.1", "urn:mapping", "from 0 to 1"),
        ("sssom:confidence 0.8", "sssom:confidence 1.0", "", ""),
        ("skos:exactMatch <urn:same> .", "skos:exactMatch <urn:same> ; skos:closeMatch <urn:b> .", "urn:skill", "why"),
        ("mg:rolloutStep 1 ;", "", "urn:vision", "roll-out step"),
        ("; mg:concernsTargetGroup <urn:group>", "", "urn:vision", "no target group"),
        ("; mg:servesPrinciple <urn:principle>", "", "urn:element", "no design principle"),
        ('"REC-LEVEL"', '"level"', "urn:rule", "of the form"),
        ('; dcterms:bibliographicCitation "A law, article 1"', "", "urn:rule", "cites no source"),
        ('skos:notation "work"', 'skos:notation "For work"', "urn:purpose", "other characters"),
        ("mg:informedByPolicy false ;", "", "urn:purpose", "not stated once"),
        ('mg:requiresAssurance "esg"', 'mg:requiresAssurance "iso"', "urn:purpose", "neither esg nor eqavet"),
        ("; elm:learningOutcome <urn:outcome>", "", "urn:description", "no learning outcome"),
    ],
)
def test_each_way_to_break_the_graph_is_named_and_nothing_else(old: str, new: str, subject: str, message: str) -> None:
    assert SOUND.count(old) == 1
    found = problems(SOUND.replace(old, new))
    assert [one.partition(": ")[0] for one in found] == ([subject] if subject else [])
    assert all(message in one for one in found)


def test_what_is_pointed_at_in_our_namespace_is_described_with_its_type() -> None:
    stage = "https://w3id.org/mastery-graph/id/stage/design"
    found = problems(SOUND + f"<urn:vision> dcterms:relation <{stage}-2> . <{stage}-2> skos:note 'no type'@en .")
    assert len(found) == 1
    assert f"{stage}-2 is pointed at" in found[0]


def test_a_term_that_is_used_is_declared_in_the_vocabulary() -> None:
    found = problems(SOUND + "<urn:vision> mg:unknownTerm 1 .")
    assert len(found) == 1
    assert "unknownTerm is used" in found[0]


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ('rdfs:label "{0}"@en ;', "no English label"),
        ('skos:definition "What {0} is."@en ;', "no definition"),
        ('skos:example "one"@en ;', "no example"),
        ("rdfs:isDefinedBy mg: ;", "does not say that the vocabulary defines it"),
    ],
)
def test_a_term_has_a_label_a_definition_an_example_and_a_source(old: str, message: str) -> None:
    assert old in TERM
    found = problems(SOUND + TERM.format("bare").replace(old.format("bare"), ""))
    assert [message in one for one in found] == [True]
