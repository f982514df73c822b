"""Linked data: things, documents, their forms, and what they say."""

import json
import re
import shutil
from pathlib import Path

import httpx
import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, parse

from mastery_api.linked_data.representations import SUFFIXES
from mastery_graph.linked_data.json_ld import context, to_json_ld
from mastery_graph.pipeline.build import BuildReport, replace_graph
from mastery_graph.queries import named_query
from mastery_graph.rdf import link
from mastery_graph.resources import folder
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import EQF, ID, NS, RDF, graph
from tests.store import servers

FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "nq": RdfFormat.N_QUADS,
}


def canonical(quads: list[Quad]) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def triples_of(client: httpx.Client, path: str, ending: str) -> list[Quad]:
    answer = client.get(path)
    assert answer.headers["content-type"].partition(";")[0] == SUFFIXES[ending]
    content: bytes | str = answer.content
    if ending == "jsonld":
        document = answer.json()
        document["@context"] = client.get(document["@context"]).json()["@context"]
        content = json.dumps(document)
    quads = parse(content, format=FORMATS.get(ending, RdfFormat.JSON_LD))
    return [Quad(quad.subject, quad.predicate, quad.object) for quad in quads]


def test_a_thing_leads_to_the_document_about_it(client: httpx.Client) -> None:
    answer = client.get("/id/vision/V1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/doc/vision/V1")
    assert answer.headers["link"] == '</doc/vision/V1>; rel="describedby"'
    named = client.get("/id/vision/V1?format=turtle", follow_redirects=False)
    assert named.headers["location"] == "/doc/vision/V1.ttl"


@pytest.mark.parametrize("accept", SUFFIXES.values())
@pytest.mark.parametrize("path", ["/doc/vision/V1", f"/resource?uri={EQF}5", "/ns"])
def test_a_document_has_the_form_that_is_accepted_and_names_the_others(
    client: httpx.Client, path: str, accept: str
) -> None:
    answer = client.get(path, headers={"Accept": accept}, follow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, accept)
    assert "Accept" in answer.headers["vary"].split(", ")
    alternates = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', answer.headers["link"])
    assert {media_type for _, media_type in alternates} == set(SUFFIXES.values()) - {accept}
    own = client.get(answer.headers["content-location"])
    assert own.headers["content-type"] == answer.headers["content-type"]
    assert own.content == answer.content or accept == "text/html"
    address, media_type = alternates[0]
    assert client.get(address).headers["content-type"].partition(";")[0] == media_type


def test_the_etag_of_a_document_changes_with_the_dataset_and_with_the_form(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    place = Path(shutil.copytree(built[0], tmp_path / "store"))
    with servers.mastery_graph(place) as serving, serving.client() as client:

        def asked(accept: str, etag: str = "") -> httpx.Response:
            return client.get("/doc/vision/V1", headers={"Accept": accept, "If-None-Match": etag})

        first, other = asked("text/turtle"), asked("application/n-triples")
        etag = first.headers["etag"]
        assert asked("text/turtle", etag).status_code == 304
        assert other.headers["etag"] != etag
        with Draft.change(place) as draft:
            replace_graph(draft, graph("statements"), [link("urn:a", NS + "accepts", "urn:b")])
        again = asked("text/turtle", etag)
        assert again.status_code == 200
        assert again.headers["etag"] != etag


@pytest.mark.parametrize("path", ["/doc/vision/V1", "/ns"])
def test_every_rdf_form_says_the_same(client: httpx.Client, path: str) -> None:
    expected = canonical(triples_of(client, f"{path}.nt", "nt"))
    assert len(expected) > 50
    for ending in ("ttl", "rdf", "jsonld", "trig", "nq"):
        assert canonical(triples_of(client, f"{path}.{ending}", ending)) == expected, ending


def test_the_quads_of_a_document_keep_the_graph_that_states_them(client: httpx.Client, store: EmbeddedStore) -> None:
    quads = list(parse(client.get("/doc/vision/V1.nq").content, format=RdfFormat.N_QUADS))
    said = [quad for quad in quads if isinstance(quad.graph_name, NamedNode)]
    assert {graph("policy"), graph("inferred")} <= {quad.graph_name.value for quad in said}
    for quad in said:
        pattern = " ".join(str(term) for term in quad.triple)
        assert store.ask(f"ASK {{ GRAPH {quad.graph_name} {{ {pattern} }} }}")


def test_a_document_says_what_it_is_about_and_where_it_comes_from(client: httpx.Client) -> None:
    said = client.get("/doc/vision/V1.nt").text
    about = f"<{client.base_url.join('/doc/vision/V1')}> <http://xmlns.com/foaf/0.1/primaryTopic>"
    assert f"{about} <{ID}vision/V1>" in said
    assert f"<http://www.w3.org/ns/prov#wasDerivedFrom> <{graph('policy')}>" in said


def test_a_page_shows_labels_links_in_both_directions_and_graphs(client: httpx.Client) -> None:
    page = client.get("/doc/vision/V1.html").text
    assert "Measurable, comparable and understandable micro-credentials" in page
    assert "What points to it" in page
    assert re.search(rf'<a href="/doc/(challenge/C\d+)" title="{ID}\1">', page)
    assert '<a href="/doc/dataset/policy"' in page


def test_a_concept_of_another_publisher_is_described_and_its_long_list_paged(client: httpx.Client) -> None:
    seen: set[str] = set()
    path: str | None = f"/resource?uri={EQF}5&format=nt"
    pages = 0
    while path:
        answer = client.get(path)
        page = {quad.subject for quad in parse(answer.content, format=RdfFormat.N_TRIPLES) if quad.object == eqf(5)}
        ours = {str(subject) for subject in page if str(client.base_url) not in str(subject)}
        assert ours
        assert not ours & seen
        seen |= ours
        pages += 1
        following = re.search(r'<([^>]+)>; rel="next"', answer.headers["link"])
        path = f"{following[1]}&format=nt" if following else None
    assert pages > 1
    count = f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s ?p <{EQF}5> FILTER(isIRI(?s)) }}"
    answer = client.get("/sparql", params={"query": count, "format": "tsv"})
    assert len(seen) == int(answer.text.splitlines()[1])


def eqf(level: int) -> NamedNode:
    return NamedNode(f"{EQF}{level}")


def test_a_property_chain_is_described_to_its_depth(client: httpx.Client) -> None:
    page = client.get("/ns.html").text
    section = page.partition('id="comparableLevel"')[2].partition("</section>")[0]
    assert re.search(r"<ol><li>.*referenced to.*</li><li>.*referenced by.*</li></ol>", section)
    said = client.get("/ns.nt").text
    assert said.count("#rest>") == said.count("#first>") > 2


def test_every_term_of_the_vocabulary_has_its_fragment(client: httpx.Client) -> None:
    page = client.get("/ns.html").text
    terms = {
        t.subject.value for t in read_turtle(folder("ontology") / "mastery.ttl") if t.predicate.value == RDF + "type"
    }
    ours = {term.removeprefix(NS) for term in terms if term.startswith(NS) and term != NS}
    assert len(ours) > 100
    assert ours == set(re.findall(r'<div id="(\w+)">\s*<h3>', page))
    assert (
        client.get("/resource", params={"uri": f"{NS}Vision"}, follow_redirects=False).headers["location"]
        == "/ns#Vision"
    )


def test_what_the_graph_does_not_know_is_not_found(client: httpx.Client) -> None:
    assert client.get("/resource?uri=http://example.org/none").status_code == 404
    assert client.get("/resource?uri=not%20an%20iri").status_code == 400
    assert client.get("/doc/vision/V1", headers={"Accept": "image/png"}).status_code == 406
    assert client.get("/ns.docx").status_code == 406


@pytest.mark.parametrize("path", ["/id/vision/V1", "/doc/vision/V1.ttl", "/ns", "/v1/skills", "/context.jsonld"])
def test_head_tells_the_same_as_get_without_content(client: httpx.Client, path: str) -> None:
    named = {"X-Request-ID": "the-same"}
    got = client.get(path, headers=named, follow_redirects=False)
    head = client.head(path, headers=named, follow_redirects=False)
    assert (head.status_code, head.content) == (got.status_code, b"")
    for answer in (got, head):
        del answer.headers["date"]
    assert head.headers == got.headers


def test_a_form_that_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/doc/vision/V1.ttl")
    again = client.get("/doc/vision/V1.ttl", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/doc/vision/V1.nt", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_a_script_in_a_literal_or_an_iri_stays_text(tmp_path: Path, built: tuple[Path, BuildReport]) -> None:
    evil = '<http://example.org/x> <http://www.w3.org/2000/01/rdf-schema#label> "<script>alert(1)</script>" .\n'
    evil += "<http://example.org/x> <http://example.org/p> <javascript:alert(1)> ."
    place = tmp_path / "store"
    shutil.copytree(built[0], place)
    with Draft.change(place) as draft:
        draft.load(evil.encode(), RdfFormat.TURTLE, "http://example.org/g")
    with servers.mastery_graph(place) as serving, serving.client() as client:
        page = client.get("/resource?uri=http://example.org/x", headers={"Accept": "text/html"}).text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "name",
    ["ontology", "policy", "frameworks", "catalogue", "registers/example", "mappings", "green-skills", "dataset"],
)
def test_json_ld_with_the_published_context_loses_nothing(store: EmbeddedStore, name: str) -> None:
    triples = store.construct(named_query("browse/graph").text, {"graph": NamedNode(graph(name))})
    terms = context(store)
    document = to_json_ld(triples, terms, "http://example.org/context.jsonld")
    document["@context"] = terms
    back = parse(json.dumps(document), format=RdfFormat.JSON_LD)
    assert canonical([Quad(*triple) for triple in triples]) == canonical([Quad(*quad.triple) for quad in back])


def test_the_context_covers_every_term_of_the_vocabulary(client: httpx.Client) -> None:
    terms = client.get("/context.jsonld").json()["@context"]
    stated = read_turtle(folder("ontology") / "mastery.ttl")
    own = {triple.subject.value for triple in stated if triple.predicate.value == RDF + "type"}
    names = {iri for iri in own if iri.startswith(NS) and iri != NS}
    assert len(names) > 50
    for name in names:
        definition = terms[name.removeprefix(NS)]
        assert (definition["@id"] if isinstance(definition, dict) else definition) == name


def test_the_redirects_at_w3id_lead_to_addresses_that_answer(client: httpx.Client) -> None:
    rules = re.findall(r"^RewriteRule (\S+) (\S+) ", (folder("ontology") / "w3id.htaccess").read_text(), re.MULTILINE)
    asked = ["ns", "context.jsonld", "id/vision/V1", "graph/policy", "problem/bad-query"]
    for path in asked:
        target = next(re.sub(rule, to.replace("$1", r"\1"), path) for rule, to in rules if re.search(rule, path))
        assert client.get(target.removeprefix("https://example.org")).status_code == 200, path
    assert len(rules) == len(asked)
