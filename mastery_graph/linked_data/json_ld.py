"""The JSON-LD context of the vocabulary, and the serialisation of triples with it (JSON-LD 1.1).

Every term is preserved exactly: lexical form, datatype and language. A value is written in short form if the context
defines how to expand it, else in full.
"""

from collections.abc import Iterable
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, NS, OWL, PREFIXES, PROV, RDF, RDFS, SKOS, VOID, XSD

_LANGUAGE_MAPS: Final = {
    "prefLabel": SKOS,
    "altLabel": SKOS,
    "hiddenLabel": SKOS,
    "definition": SKOS,
    "scopeNote": SKOS,
    "example": SKOS,
    "note": SKOS,
    "editorialNote": SKOS,
    "label": RDFS,
    "title": DCTERMS,
    "description": DCTERMS,
}
_LINKS: Final = {
    **dict.fromkeys(("inScheme", "topConceptOf", "hasTopConcept", "broader", "narrower", "related"), SKOS),
    **dict.fromkeys(("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch", "member"), SKOS),
    **dict.fromkeys(("isDefinedBy", "subClassOf", "subPropertyOf", "domain", "range", "seeAlso"), RDFS),
    **dict.fromkeys(("license", "isPartOf", "hasPart"), DCTERMS),
    "wasDerivedFrom": PROV,
    "inDataset": VOID,
}


def context(store: Store) -> dict[str, Any]:
    """Return the context: every prefix and every term of the vocabulary, and the terms of SKOS and others in use.

    An object property is defined as a link, a property with a datatype as a value of it, names as texts by language.
    """
    terms: dict[str, Any] = {"id": "@id", "type": "@type"}
    for name, namespace in _LANGUAGE_MAPS.items():
        terms[name] = {"@id": namespace + name, "@container": "@language"}
    for name, namespace in _LINKS.items():
        terms[name] = {"@id": namespace + name, "@type": "@id"}
    vocabulary: dict[str, dict[str, set[str]]] = {}
    for triple in store.construct(named_query("browse/vocabulary").text):
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode):
            properties = vocabulary.setdefault(triple.subject.value, {})
            properties.setdefault(triple.predicate.value, set()).add(triple.object.value)
    for iri, properties in sorted(vocabulary.items()):
        name = iri.removeprefix(NS)
        if iri.startswith(NS) and name and name not in terms and name not in PREFIXES:
            terms[name] = _definition(iri, properties)
    return {"@version": 1.1, **PREFIXES, **terms}


def to_json_ld(triples: Iterable[Triple], terms: dict[str, Any], address: str) -> dict[str, Any]:
    """Return triples as a JSON-LD document that refers to the context at `address`, whose content is `terms`."""
    short = {
        definition["@id"]: (name, definition)
        for name, definition in terms.items()
        if isinstance(definition, dict) and "@id" in definition
    }
    nodes: dict[str, dict[str, Any]] = {}
    for triple in dict.fromkeys(triples):
        subject = str(triple.subject) if isinstance(triple.subject, BlankNode) else triple.subject.value  # type: ignore[union-attr]  # no quoted triples
        node = nodes.setdefault(subject, {"id": subject})
        if triple.predicate.value == RDF.type and isinstance(triple.object, NamedNode):
            _add(node, "type", _compact(triple.object.value))
            continue
        if isinstance(triple.object, Triple):
            raise TypeError("A triple as a term cannot be written as JSON-LD 1.1.")
        name, definition = short.get(triple.predicate.value, ("", {}))
        _add_value(node, name, definition, triple.predicate.value, triple.object)
    return {"@context": address, "@graph": list(nodes.values())}


def _definition(iri: str, properties: dict[str, set[str]]) -> Any:
    types, ranges = properties.get(RDF.type, set()), properties.get(RDFS.range, set())
    if OWL.ObjectProperty in types:
        return {"@id": iri, "@type": "@id"}
    if OWL.DatatypeProperty in types:
        if ranges == {RDF.langString}:
            return {"@id": iri, "@container": "@language"}
        datatypes = [datatype for datatype in ranges if datatype.startswith(XSD) and datatype != XSD.string]
        return {"@id": iri, "@type": datatypes[0]} if len(datatypes) == 1 else {"@id": iri}
    return iri


def _add_value(
    node: dict[str, Any],
    name: str,
    definition: dict[str, Any],
    predicate: str,
    value: NamedNode | BlankNode | Literal,
) -> None:
    """Add a value under the short name if the context expands it without loss, else under the full name."""
    full = _compact(predicate)
    if not isinstance(value, Literal):
        iri = str(value) if isinstance(value, BlankNode) else value.value
        if definition.get("@type") == "@id":
            _add(node, name, iri)
        else:
            _add(node, full, {"id": iri})
    elif value.language:
        if definition.get("@container") == "@language" and not value.direction:
            _add(node.setdefault(name, {}), value.language, value.value)
        else:
            _add(node, full, {"@value": value.value, "@language": value.language})
    elif definition.get("@type") == value.datatype.value:
        _add(node, name, value.value)
    elif value.datatype.value == XSD.string:
        plain = definition and not {"@type", "@container"} & definition.keys()
        _add(node, name if plain else full, value.value)
    else:
        _add(node, full, {"@value": value.value, "@type": value.datatype.value})


def _add(node: dict[str, Any], key: str, value: Any) -> None:
    if key not in node:
        node[key] = value
    elif isinstance(node[key], list):
        node[key].append(value)
    else:
        node[key] = [node[key], value]


def _compact(iri: str) -> str:
    """Return an IRI in compact form if the context has a prefix for it."""
    for prefix, namespace in PREFIXES.items():
        rest = iri.removeprefix(namespace)
        if iri.startswith(namespace) and rest and not rest.startswith("//"):
            return f"{prefix}:{rest}"
    return iri
