"""The IRIs used in the code: namespaces, named graphs and a few terms.

All other IRIs occur only in the ontology, the shapes and the queries.
"""

from typing import Final

from mastery_graph.namespaces import (
    ADMS,
    CRED,
    DCAT,
    DCTERMS,
    ELM,
    ESCO,
    FOAF,
    NS,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    ROV,
    SEMAPV,
    SH,
    SKOS,
    SSSOM,
    VOID,
    XSD,
)

__all__ = [
    "ADMS",
    "COUNTRY",
    "CRED",
    "DCAT",
    "DCTERMS",
    "DESCRIPTIONS",
    "ELM",
    "EQF",
    "ESCO",
    "ESCO_EXTRACT_GRAPH",
    "ESCO_GRAPH",
    "FOAF",
    "GRAPH",
    "GREEN_SKILL",
    "ID",
    "ISO_THES",
    "NS",
    "ORG",
    "OWL",
    "PREFIXES",
    "PROV",
    "QDR",
    "RDF",
    "RDFS",
    "ROV",
    "SEMAPV",
    "SH",
    "SKOS",
    "SKOSXL",
    "SSSOM",
    "TIED_TO",
    "VOID",
    "XSD",
    "graph",
]

ID: Final = "https://w3id.org/mastery-graph/id/"
GRAPH: Final = "https://w3id.org/mastery-graph/graph/"
ESCO_GRAPH: Final = GRAPH + "esco"
"""The graph of an ESCO download that was loaded."""
ESCO_EXTRACT_GRAPH: Final = GRAPH + "esco-extract"
"""The graph of the extract of ESCO that ships; the graph of a loaded download takes its place."""
GREEN_SKILL: Final = ID + "green-skill/"
"""The prefix of the IRIs of green skills."""

SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
ISO_THES: Final = "http://purl.org/iso25964/skos-thes#"
EQF: Final = "http://data.europa.eu/snb/eqf/"
QDR: Final = "http://data.europa.eu/snb/qdr/"
COUNTRY: Final = "http://publications.europa.eu/resource/authority/country/"
DESCRIPTIONS: Final = frozenset(
    ELM + name for name in ("EuropeanDigitalCredential", "Qualification", "LearningAchievementSpecification")
)
"""The classes of descriptions of credentials."""
TIED_TO: Final = (ELM.relatedESCOSkill, ELM.relatedSkill, NS.attestsGreenSkill)
"""The properties that link a learning outcome to a concept."""

PREFIXES: Final[dict[str, str]] = {
    "mg": NS,
    "mgr": ID,
    "mgg": GRAPH,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "dcat": DCAT,
    "void": VOID,
    "prov": PROV,
    "org": ORG,
    "skosxl": SKOSXL,
    "iso-thes": ISO_THES,
    "sssom": SSSOM,
    "semapv": SEMAPV,
    "sh": SH,
    "elm": ELM,
    "esco": ESCO,
    "cred": CRED,
    "adms": ADMS,
    "foaf": FOAF,
    "rov": ROV,
    "eqf": EQF,
    "qdr": QDR,
    "country": COUNTRY,
}
"""The prefixes of the project, in the order in which Turtle, SPARQL and JSON-LD files declare them."""


def graph(name: str) -> str:
    """Return the IRI of a named graph of the project.

    >>> graph("frameworks")
    'https://w3id.org/mastery-graph/graph/frameworks'
    """
    return GRAPH + name
