"""A made-up catalogue of any size over the concepts of a graph: the same seed gives the same catalogue.

Descriptions have one to five outcomes, each tied to a concept; popular concepts are drawn far more often than others
(the weight of the n-th is one by the root of n). A tenth has a prerequisite, a tenth states hours in place of credits,
one in twenty is declared stand-alone.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import sqrt

from pyoxigraph import Triple

from mastery_graph.credentials.description import ECTS
from mastery_graph.rdf import link, typed, words
from mastery_graph.vocabulary import DCTERMS, ELM, EQF, ID, NS, RDF

BASE = "https://example.org/catalogue/"
_MICRO_CREDENTIAL = ID + "description-type/micro-credential"


def catalogue(size: int, concepts: Sequence[str], seed: int = 1) -> Iterator[Triple]:
    """Yield the triples of a catalogue of `size` descriptions."""
    draw = random.Random(seed)
    popular = list(concepts)
    draw.shuffle(popular)
    weights = list(accumulate(1 / sqrt(place) for place in range(1, len(popular) + 1)))
    for number in range(size):
        yield from _description(draw, number, popular, weights)


def _description(
    draw: random.Random, number: int, concepts: Sequence[str], weights: Sequence[float]
) -> Iterator[Triple]:
    iri = f"{BASE}{number}"
    yield link(iri, RDF + "type", ELM + "Qualification")
    yield link(iri, DCTERMS + "type", _MICRO_CREDENTIAL)
    yield words(iri, DCTERMS + "title", f"Example {number}", "en")
    yield link(iri, ELM + "EQFLevel", f"{EQF}{draw.choices(range(3, 8), (1, 3, 5, 4, 2))[0]}")
    ects = draw.choice((1, 2, 2, 3, 3, 5, 5, 10))
    if draw.random() < 0.1:
        yield typed(iri, ELM + "volumeOfLearning", f"PT{ects * 27}H", "duration")
    else:
        yield link(iri, ELM + "creditPoint", f"{iri}/credits")
        yield link(f"{iri}/credits", ELM + "framework", ECTS)
        yield words(f"{iri}/credits", ELM + "point", str(ects))
    for place, concept in enumerate(draw.choices(concepts, cum_weights=weights, k=draw.randint(1, 5))):
        outcome = f"{iri}/outcome/{place}"
        yield link(iri, ELM + "learningOutcome", outcome)
        yield link(outcome, RDF + "type", ELM + "LearningOutcome")
        yield words(outcome, DCTERMS + "title", f"Outcome {place} of example {number}", "en")
        yield link(outcome, ELM + "relatedESCOSkill", concept)
    yield link(
        iri, NS + "integration", ID + ("integration/stand-alone" if draw.random() < 0.05 else "integration/stackable")
    )
    if number and draw.random() < 0.1:
        yield link(iri, NS + "requires", f"{BASE}{draw.randrange(number)}")
