"""JSON-LD is read as a conforming processor reads it; PyLD is the one that it is compared with."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, parse

from mastery_graph.credentials.contexts import CREDENTIALS_1, CREDENTIALS_2, ELM, context_of
from mastery_graph.credentials.reading import SubmittedDocument, read_document, read_value
from mastery_graph.validation import Finding, validate
from tests.validation.described import base

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "api" / "web" / "static" / "example.jsonld"
SAMPLES = ["Sample-MC-Annex1-unsigned.jsonld", "Sample-CertOfPart-unsigned.jsonld", "credential-sample.jsonld"]
UNKNOWN = "unheard"
"""A name that no context defines, and that is well formed where it stands for a language."""
EX = "https://example.org/"


def graph_of(document: SubmittedDocument) -> Dataset:
    """Return the graph of a document, with a blank node for each object that has no id of its own."""
    made_up = f"urn:sha256:{document.sha256}#"
    nodes: dict[str, BlankNode] = {}

    def as_written(term: Any) -> Any:
        made = isinstance(term, NamedNode) and term.value.startswith(made_up)
        return nodes.setdefault(term.value, BlankNode()) if made else term

    return canonical(Quad(as_written(s), p, as_written(o)) for s, p, o in document.triples)


def graph_by_pyld(document: dict[str, Any]) -> Dataset:
    """Return the graph that PyLD makes of a document, with the contexts that the project ships."""

    def refuse(url: str, _: object) -> Any:
        raise AssertionError(url)

    resolved = document | {"@context": context_of(document["@context"]).value}
    options = {"base": f"urn:sha256:{read_value(document).sha256}", "documentLoader": refuse}
    written = jsonld.to_rdf(resolved, options | {"format": "application/n-quads"})
    return canonical(parse(written, format=RdfFormat.N_QUADS))


def canonical(quads: Any) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def renamed(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the document once for each of its members, with an unknown name for that member."""

    def members(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
        if isinstance(value, dict):
            for name, item in value.items():
                if name != "@context":
                    yield (*at, name)
                    yield from members(item, (*at, name))
        elif isinstance(value, list):
            for place, item in enumerate(value):
                yield from members(item, (*at, place))

    for *above, last in members(document, ()):
        changed = copy.deepcopy(document)
        holder: Any = changed
        for step in above:
            holder = holder[step]
        entries = [(UNKNOWN if name == last else name, item) for name, item in holder.items()]
        holder.clear()
        holder.update(entries)
        yield "/".join(map(str, (*above, last))), changed


@pytest.mark.parametrize("document", [base("issued"), base("bare"), json.loads(EXAMPLE.read_bytes())])
def test_a_document_with_any_member_renamed_is_read_as_pyld_reads_it(document: dict[str, Any]) -> None:
    assert graph_of(read_value(document)) == graph_by_pyld(document)
    other = [place for place, changed in renamed(document) if graph_of(read_value(changed)) != graph_by_pyld(changed)]
    assert other == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_published_sample_is_read_as_pyld_reads_it(name: str, reference: Path) -> None:
    content = (reference / "credentials" / name).read_bytes()
    document = json.loads(content)
    assert graph_of(read_document(content)) == graph_by_pyld(document)
    some = {
        tuple(re.sub(r"/\d+", "", place).split("/")[-2:]): changed  # one stands for all in the same kind of object
        for place, changed in renamed(document)
        if place.endswith(("type", "id", "ntifier", "hasClaim"))
    }
    assert len(some) > 10
    assert [each for each in some.values() if graph_of(read_value(each)) != graph_by_pyld(each)] == []


THING = {"id": f"{EX}thing", "type": "Thing", "label": "a"}
BELOW = {"type": "Part", "id": f"{EX}part", "label": "b"}
SCOPED: dict[str, tuple[object, dict[str, Any]]] = {
    "a term without a meaning": ({"part": None}, {"part": BELOW}),
    "a definition without a meaning": ({"part": {"@id": None}}, {"part": BELOW}),
    "any name by a vocabulary": ({"@vocab": EX}, {"part": BELOW}),
    "a compact address": ({}, {"ex:part": BELOW, "other:part": BELOW}),
    "a name that looks like a keyword": ({}, {"@parts": BELOW}),
    "an array": ({}, {"none": [BELOW, [BELOW]], "part": [BELOW | {"none": BELOW}]}),
    "an alias": ({"kind": "@type", "held": "@graph"}, {"part": {"kind": "Part", "none": BELOW}}),
    "included": ({}, {"@included": [BELOW | {"none": {"type": "Part"}}]}),
    "a list": ({"parts": {"@id": "ex:parts", "@container": "@list"}}, {"parts": [BELOW, {"none": BELOW}]}),
    "a list in words": ({}, {"part": {"@list": [BELOW, {"none": BELOW, "label": "c"}]}}),
    "reverse": ({}, {"@reverse": {"part": {"id": f"{EX}whole", "none": BELOW}, "none": BELOW}}),
    "a reverse term": ({"of": {"@reverse": "ex:part"}}, {"of": {"id": f"{EX}whole", "none": BELOW}}),
    "nested members": ({"nest": "@nest"}, {"nest": {"part": BELOW, "none": BELOW}}),
    "a map by index": (
        {"parts": {"@id": "ex:parts", "@container": "@index"}},
        {"parts": {"one": BELOW, "two": {"none": BELOW}}},
    ),
    "a map by id": ({"parts": {"@id": "ex:parts", "@container": "@id"}}, {"parts": {f"{EX}1": {"none": BELOW}}}),
    "a map by type": (
        {"parts": {"@id": "ex:parts", "@container": "@type"}},
        {"parts": {"Part": {"label": "c", "none": BELOW}}},
    ),
    "a language map": ({"text": {"@id": "ex:text", "@container": "@language"}}, {"text": {"fi": "a", "none": "b"}}),
    "JSON": ({"json": {"@id": "ex:json", "@type": "@json"}}, {"json": {"none": [1, {"type": "Part"}]}}),
    "a context for a property": (
        {"part": {"@id": "ex:part", "@context": {"inner": "ex:inner"}}},
        {"part": {"type": "Part", "inner": BELOW | {"inner": BELOW}}, "inner": BELOW},
    ),
    "a context for a property that is not handed on": (
        {"part": {"@id": "ex:part", "@context": {"@propagate": False, "inner": "ex:inner"}}},
        {"part": {"type": "Part", "inner": BELOW | {"inner": BELOW}}},
    ),
    "a context for a type": (
        {"Part": {"@id": "ex:Part", "@context": {"inner": "ex:inner"}}},
        {"part": {"type": "Part", "inner": {"id": f"{EX}in", "inner": BELOW}}, "inner": BELOW},
    ),
    "a context for a type that is handed on": (
        {"Part": {"@id": "ex:Part", "@context": {"@propagate": True, "inner": "ex:inner"}}},
        {"part": {"type": "Part", "inner": {"id": f"{EX}in", "inner": BELOW}}},
    ),
    "an empty context": (
        {"part": {"@id": "ex:part", "@context": None}},
        {"part": {"@type": f"{EX}Part", "label": "x", f"{EX}label": "y", "part": BELOW}},
    ),
}


@pytest.mark.parametrize(("context", "members"), SCOPED.values(), ids=SCOPED)
def test_what_a_context_defines_where_is_read_as_pyld_reads_it(context: object, members: dict[str, Any]) -> None:
    known = {"ex": EX, "id": "@id", "type": "@type", "label": "ex:label", "part": "ex:part"}
    types = {"Thing": "ex:Thing", "Part": "ex:Part"}
    document = {"@context": [known | types, context], **THING, **members}
    assert graph_of(read_value(document)) == graph_by_pyld(document)


def findings(document: dict[str, Any]) -> list[Finding]:
    kinds = ("#protected-term", "#languages-not-read", "#name-not-known")
    return [each for each in validate(read_value(document)).findings if each.check.endswith(kinds)]


def in_version_2(*contexts: object) -> dict[str, Any]:
    """Return the faultless credential with other contexts, and the dates of Verifiable Credentials 2.0."""
    document = {("validFrom" if name == "issuanceDate" else name): value for name, value in base("issued").items()}
    document["credentialSubject"]["hasClaim"][0]["description"] = {"en": "Two days."}
    return document | {"@context": list(contexts)}


def test_a_protected_term_that_is_defined_again_is_read_and_told_as_what_other_software_refuses() -> None:
    document = in_version_2(CREDENTIALS_2, ELM)
    with pytest.raises(jsonld.JsonLdError) as refused:
        graph_by_pyld(document)
    assert "protected term redefinition" in str(refused.getrepr(chain=True))
    (finding,) = findings(document)
    assert (finding.severity, finding.pointer, finding.name) == ("warning", "/@context", "description")
    assert "Two days." in {triple.object.value for triple in read_value(document).triples}


def test_texts_by_language_that_another_context_takes_for_one_text_are_told_where_they_stand() -> None:
    document = in_version_2(ELM, CREDENTIALS_2)
    told = {(each.check.partition("#")[2], each.severity, each.pointer) for each in findings(document)}
    assert ("languages-not-read", "info", "/credentialSubject/hasClaim/0/description") in told
    assert {check for check, _, _ in told} == {"languages-not-read"}
    assert "Two days." not in {triple.object.value for triple in read_value(document).triples}


@pytest.mark.parametrize("contexts", [(CREDENTIALS_2, ELM), (ELM, CREDENTIALS_2)])
def test_who_follows_the_advice_on_the_two_contexts_is_read_everywhere(contexts: tuple[str, str]) -> None:
    document = in_version_2(*contexts)
    (fix,) = {finding.fix for finding in findings(document)}
    assert CREDENTIALS_1 in fix
    assert "issuanceDate" in fix
    followed = document | {"@context": [CREDENTIALS_1, ELM], "issuanceDate": document["validFrom"]}
    del followed["validFrom"]
    assert findings(followed) == []
    assert graph_of(read_value(followed)) == graph_by_pyld(followed)
    assert "Two days." in {triple.object.value for triple in read_value(followed).triples}
