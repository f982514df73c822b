"""The IRIs used in the code: namespaces, named graphs and a few terms.

All other IRIs occur only in the ontology, the shapes and the queries.
"""

from typing import Final

NS: Final = "https://w3id.org/mastery-graph/ns#"
ID: Final = "https://w3id.org/mastery-graph/id/"
GRAPH: Final = "https://w3id.org/mastery-graph/graph/"
GREEN_SKILL: Final = ID + "green-skill/"
"""The prefix of the IRIs of green skills."""

SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
DCTERMS: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
PROV: Final = "http://www.w3.org/ns/prov#"
VOID: Final = "http://rdfs.org/ns/void#"
ORG: Final = "http://www.w3.org/ns/org#"
SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
ISO_THES: Final = "http://purl.org/iso25964/skos-thes#"
SSSOM: Final = "https://w3id.org/sssom/"
SEMAPV: Final = "https://w3id.org/semapv/vocab/"
SH: Final = "http://www.w3.org/ns/shacl#"
ELM: Final = "http://data.europa.eu/snb/model/elm/"
ESCO: Final = "http://data.europa.eu/esco/model#"
CRED: Final = "https://www.w3.org/2018/credentials#"
EQF: Final = "http://data.europa.eu/snb/eqf/"
QDR: Final = "http://data.europa.eu/snb/qdr/"
COUNTRY: Final = "http://publications.europa.eu/resource/authority/country/"
ADMS: Final = "http://www.w3.org/ns/adms#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
ROV: Final = "http://www.w3.org/ns/regorg#"
DESCRIPTIONS: Final = frozenset(
    ELM + name for name in ("EuropeanDigitalCredential", "Qualification", "LearningAchievementSpecification")
)
"""The classes of descriptions of credentials."""
TIED_TO: Final = (ELM + "relatedESCOSkill", ELM + "relatedSkill", NS + "attestsGreenSkill")
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
