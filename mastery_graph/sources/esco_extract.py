"""The extract of ESCO that ships, and how it is made from a download.

It contains the concepts of ESCO's green and transversal collections and every concept and group on their broader paths,
with their English labels and their place in the hierarchy, and no descriptions.

`python -m mastery_graph.sources.esco_extract DOWNLOAD... --issued 2024-05-15 --to ontology/esco-extract.ttl` makes it.
"""

import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from mastery_graph.errors import AdvisedAction, BadSource
from mastery_graph.rdf import link, typed, words
from mastery_graph.sources.esco import EscoDownload, normal_version
from mastery_graph.sources.turtle import format_turtle
from mastery_graph.vocabulary import DCTERMS, ESCO, ESCO_EXTRACT_GRAPH, ISO_THES, OWL, RDF, SKOS

ESCO_NOTICE: Final = "This service uses the ESCO classification of the European Commission."
_SOURCE: Final = "https://esco.ec.europa.eu/en/use-esco/download"
_COLLECTIONS: Final = ("greenSkillsCollection", "transversalSkillsCollection")
"""The tables of the collections. No triple tells all members of the transversal one: it has no concept scheme."""
_STATUS: Final = ISO_THES + "status"
_LINKS: Final = frozenset((RDF.type, SKOS.inScheme, SKOS.broader, DCTERMS.isReplacedBy, DCTERMS.replaces))
_TEXTS: Final = frozenset((SKOS.prefLabel, SKOS.altLabel, SKOS.notation))


@dataclass(frozen=True, slots=True)
class EscoExtract:
    """The triples of an extract, its version of ESCO, and the day from which that version is valid (ISO 8601)."""

    triples: list[Triple]
    version: str | None
    issued: str | None


def describe_extract(triples: list[Triple]) -> EscoExtract:
    """Return an extract with the version and the day that its triples state."""
    facts = {
        triple.predicate.value: str(getattr(triple.object, "value", ""))
        for triple in triples
        if triple.subject == NamedNode(ESCO_EXTRACT_GRAPH)
    }
    return EscoExtract(triples, facts.get(OWL.versionInfo), facts.get(DCTERMS.issued))


def make_extract(triples: Iterable[Triple], members: Iterable[str], version: str, issued: str) -> list[Triple]:
    """Return the extract of a download for the members of the collections, in a stable order."""
    by_subject: dict[str, list[Triple]] = defaultdict(list)
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            by_subject[triple.subject.value].append(triple)
    pending = list(members)
    concepts: set[str] = set()
    schemes: set[str] = set()
    while pending:
        concept = pending.pop()
        if concept in concepts:
            continue
        concepts.add(concept)
        pending += _values(by_subject[concept], SKOS.broader)
        schemes |= _values(by_subject[concept], SKOS.inScheme)
    extract = {triple for iri in concepts | schemes for triple in by_subject[iri] if _belongs(triple)}
    # A concept of which the download has only the place in the hierarchy is a concept all the same.
    extract |= {link(concept, RDF.type, SKOS.Concept) for concept in concepts}
    extract |= {
        words(ESCO_EXTRACT_GRAPH, OWL.versionInfo, version),
        typed(ESCO_EXTRACT_GRAPH, DCTERMS.issued, issued, "date"),
        link(ESCO_EXTRACT_GRAPH, DCTERMS.source, _SOURCE),
        words(ESCO_EXTRACT_GRAPH, DCTERMS.rights, ESCO_NOTICE, "en"),
    }
    return sorted(extract, key=str)


def _values(triples: Iterable[Triple], predicate: str) -> set[str]:
    return {
        triple.object.value
        for triple in triples
        if triple.predicate.value == predicate and isinstance(triple.object, NamedNode)
    }


def _belongs(triple: Triple) -> bool:
    """Return whether a triple is part of the extract: a label in English, a link of the hierarchy, or a status.

    That a concept is released is left out: it is the rule.
    """
    predicate, value = triple.predicate.value, triple.object
    if isinstance(value, Literal):
        is_text = predicate in _TEXTS and value.language in {"en", None}
        return is_text or (predicate in {_STATUS, ESCO.status} and value.value != "released")
    return predicate in _LINKS


def main(arguments: list[str]) -> int:
    """Make the extract from a download and write it to a file in the canonical format of Turtle."""
    parser = ArgumentParser(prog="python -m mastery_graph.sources.esco_extract", description=__doc__)
    parser.add_argument("download", nargs="+", type=Path, help="folders, files, ZIP archives of an ESCO download")
    parser.add_argument("--issued", required=True, help="the day from which this version of ESCO is valid: 2024-05-15")
    parser.add_argument("--version", help="its version, if no file name states it: 1.2.0")
    parser.add_argument("--to", type=Path, required=True, help="the file to write: ontology/esco-extract.ttl")
    options = parser.parse_args(arguments)
    download = EscoDownload(options.download)
    triples = list(download.triples())
    version = normal_version(options.version) if options.version else download.version
    if version is None:
        raise BadSource("Nothing tells the version of this ESCO download.", action=AdvisedAction.NAME_VERSION)
    members = [download.members_of(table) for table in _COLLECTIONS]
    if not all(members):
        raise BadSource(f"The extract needs the tables {' and '.join(_COLLECTIONS)}.")
    extract = make_extract(triples, set().union(*members), version, options.issued)
    options.to.write_bytes(serialize(extract, format=RdfFormat.TURTLE))
    options.to.write_text(format_turtle(options.to), encoding="utf-8")
    print(f"{options.to}: ESCO {version}, {len(extract)} triples")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
