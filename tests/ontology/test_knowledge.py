"""The curated knowledge: complete, sourced, and consistent with the tables that it comes from."""

import csv
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from mastery_graph.credentials.description import describe, descriptions
from mastery_graph.queries import named_query
from mastery_graph.questions.equivalence.levels import all_levels
from mastery_graph.resources import folder
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import EQF, NS, RDFS, SH, SKOS, XSD


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _count(store: EmbeddedStore, name: str) -> int:
    query = f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s a <{NS}{name}> }}"
    return int(store.select(query)[0]["n"].value)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("EQFLevel", 8),
        ("Vision", 8),
        ("Challenge", 7),
        ("TargetGroup", 4),
        ("EQAVETIndicator", 5),
        ("QualityDescriptor", 18),
        ("CrossPoint", 27),
        ("IndustryNeed", 7),
        ("ChecklistItem", 11),
        ("Activity", 14),
        ("Sector", 5),
        ("Pilot", 5),
        ("MicroCredentialRole", 5),
        ("StandardElement", 16),
        ("DesignPrinciple", 10),
    ],
)
def test_the_policy_document_is_there_as_data(store: EmbeddedStore, name: str, number: int) -> None:
    assert _count(store, name) == number


def test_the_visions_are_those_of_the_table(store: EmbeddedStore, reference: Path) -> None:
    query = f"""SELECT ?code ?step (COUNT(DISTINCT ?challenge) AS ?challenges) (COUNT(DISTINCT ?group) AS ?groups)
    WHERE {{ ?v a <{NS}Vision> ; <http://www.w3.org/2004/02/skos/core#notation> ?code ; <{NS}rolloutStep> ?step ;
      <{NS}addressesChallenge> ?challenge ; <{NS}concernsTargetGroup> ?group }} GROUP BY ?code ?step ORDER BY ?code"""
    found = [tuple(row[name].value for name in ("code", "step", "challenges", "groups")) for row in store.select(query)]
    assert found == [
        (
            row["vision"],
            row["rollout_step"],
            str(len(row["challenges"].split(";"))),
            str(len(row["target_groups"].split(";"))),
        )
        for row in _rows(reference / "policy" / "visions.csv")
    ]


def test_what_is_not_known_of_a_country_is_said_to_be_unknown(store: EmbeddedStore, reference: Path) -> None:
    query = f"""SELECT ?country ?status WHERE {{ ?p a <{NS}NationalPolicy> ; <{NS}countryCode> ?country ;
      <{NS}policyStatus>/<http://www.w3.org/2004/02/skos/core#notation> ?status }} ORDER BY ?country"""
    found = {row["country"].value: row["status"].value for row in store.select(query)}
    table = _rows(reference / "nqf" / "micro-credential-policies.csv")
    assert found == {row["country_iso3"]: row["status"] for row in table}
    assert sum(status != "unknown" for status in found.values()) == 12


KNOWLEDGE = (
    *("Basic general knowledge", "Basic facts of a field", "Facts, principles and concepts"),
    *("Factual and theoretical knowledge in broad contexts", "Comprehensive, specialised knowledge"),
    *("Advanced knowledge", "Highly specialised knowledge", "most advanced frontier"),
)
"""What the knowledge of each EQF level is told by, lowest first (2017/C 189/03, Annex II)."""


def test_each_eqf_level_has_its_number_and_its_own_description(store: EmbeddedStore) -> None:
    query = f"""PREFIX skos: <{SKOS}> SELECT ?level ?code ?label ?position ?text WHERE {{ ?level a <{NS}EQFLevel> ;
      skos:notation ?code ; skos:prefLabel ?label ; <{NS}position> ?position ; skos:definition ?text . }}
      ORDER BY ?position"""
    rows = store.select(query)
    found = [tuple(row[name].value for name in ("level", "code", "label", "position")) for row in rows]
    assert found == [(f"{EQF}{n}", str(n), f"EQF Level {n}", str(n)) for n in range(1, 9)]
    texts = [row["text"].value.casefold() for row in rows]
    assert [[phrase.casefold() in text for phrase in KNOWLEDGE] for text in texts] == [
        [place == own for place in range(8)] for own in range(8)
    ]


MANDATORY = {
    *("learner", "title", "country-of-issuer", "awarding-body", "date-of-issuing", "learning-outcomes"),
    *("notional-workload", "level", "type-of-assessment", "form-of-participation", "quality-assurance"),
}
OPTIONAL = {
    *("prerequisites", "supervision-and-identity-verification", "grade", "integration-or-stackability"),
    "further-information",
}
"""The standard elements of the Council Recommendation 2022/C 243/02, Annex I."""


def test_the_standard_elements_are_mandatory_and_optional_as_the_recommendation_says(store: EmbeddedStore) -> None:
    rows = store.select(named_query("validation/standard-elements").text)
    found = {row["element"].value.rpartition("/")[2]: row["mandatory"].value for row in rows}
    assert found == dict.fromkeys(MANDATORY, "true") | dict.fromkeys(OPTIONAL, "false")


def test_what_the_shapes_of_a_micro_credential_call_a_violation_is_mandatory() -> None:
    triples = read_turtle(folder("shapes") / "micro-credential.ttl")
    stated = {(t.subject.value, t.predicate.value): t.object.value for t in triples if isinstance(t.subject, NamedNode)}
    of_elements = {
        (element.rpartition("/")[2], stated[shape, SH + "severity"].removeprefix(SH))
        for (shape, predicate), element in stated.items()
        if predicate == RDFS + "seeAlso" and shape.rpartition("#")[2] == element.rpartition("/")[2]
    }
    expected = dict.fromkeys(MANDATORY, "Violation") | dict.fromkeys(OPTIONAL, "Info")
    assert of_elements == set(expected.items())


def test_each_country_has_one_preferred_term_for_micro_credential(store: EmbeddedStore) -> None:
    query = f"""SELECT ?label WHERE {{ <https://w3id.org/mastery-graph/id/concept/micro-credential>
      <http://www.w3.org/2004/02/skos/core#prefLabel> ?label . ?term a <{NS}TermInUse> }} GROUP BY ?label"""
    labels = [row["label"] for row in store.select(query)]
    languages = [label.language for label in labels]  # type: ignore[union-attr]  # labels are literals
    assert len(languages) == len(set(languages)) >= 6


def test_the_catalogue_attests_every_green_skill(store: EmbeddedStore) -> None:
    query = f"SELECT ?skill WHERE {{ ?skill a <{NS}GreenSkill> }}"
    skills = {row["skill"].value for row in store.select(query)}
    found = [describe(store, iri) for iri in descriptions(store)]
    attested = {
        skill for one in found if not one.is_target for outcome in one.outcomes for skill in outcome.green_skills
    }
    assert skills <= attested
    assert sum(not one.is_target for one in found) >= 15
    assert sum(one.is_target for one in found) == 3


def test_the_catalogue_names_real_levels_and_real_esco_concepts(store: EmbeddedStore, reference: Path) -> None:
    levels = {level.uri: level for level in all_levels(store)}
    concepts = {triple.subject.value for triple in EscoDownload([reference / "esco-1.2.0"]).triples()}
    described = [describe(store, iri) for iri in descriptions(store)]
    assert sum(bool(one.nqf_level) for one in described) > 5
    assert sum(bool(outcome.concepts) for one in described for outcome in one.outcomes) > 15
    for one in described:
        if one.nqf_level:
            national = levels[one.nqf_level]
            assert one.eqf_level is None or national.eqf_level == one.eqf_level, one.title
        for outcome in one.outcomes:
            assert set(outcome.concepts) <= concepts, one.title


def test_every_description_that_ships_is_marked_as_an_example(store: EmbeddedStore) -> None:
    shipped = descriptions(store)
    assert len(shipped) > 15
    for iri in shipped:
        assert store.ask(f"ASK {{ <{iri}> a <{NS}ExampleDescription> }}")


def test_the_catalogue_writes_dates_as_elm_does(reference: Path) -> None:
    shapes = read_turtle(reference / "elm" / "shapes" / "EDC-generic-no-cv.ttl")
    dated = {t.subject for t in shapes if t.predicate.value == f"{SH}datatype" and str(t.object) == f"<{XSD}dateTime>"}
    properties = {t.object for t in shapes if t.predicate.value == f"{SH}path" and t.subject in dated}
    catalogue = read_turtle(folder("ontology") / "catalogue.ttl")
    dates = [t.object for t in catalogue if t.predicate in properties]
    assert len(dates) > 9
    assert {date.datatype.value for date in dates if isinstance(date, Literal)} == {f"{XSD}dateTime"}
