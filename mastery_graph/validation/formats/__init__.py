"""The formats of validation reports: for people, graphs, pipelines and spreadsheets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pyoxigraph import RdfFormat

from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.formats.for_people import as_html, as_page, as_text
from mastery_graph.validation.formats.json_list import as_json
from mastery_graph.validation.formats.junit import as_junit
from mastery_graph.validation.formats.sarif import as_sarif
from mastery_graph.validation.formats.shacl_report import as_rdf
from mastery_graph.validation.formats.work_list import as_csv

__all__ = ["FORMATS", "ValidationOutcome", "as_html", "as_text"]

FORMATS: Final[Mapping[str, tuple[str, Callable[[Sequence[ValidationOutcome], str], str]]]] = {
    "json": ("application/json", as_json),
    "text": ("text/plain", as_text),
    "html": ("text/html", as_page),
    "csv": ("text/csv", as_csv),
    "sarif": ("application/sarif+json", as_sarif),
    "junit": ("application/xml", as_junit),
    "turtle": ("text/turtle", as_rdf(RdfFormat.TURTLE)),
    "jsonld": ("application/ld+json", as_rdf(RdfFormat.JSON_LD)),
    "nt": ("application/n-triples", as_rdf(RdfFormat.N_TRIPLES)),
    "rdfxml": ("application/rdf+xml", as_rdf(RdfFormat.RDF_XML)),
}
"""The media type and the writer of each format; a writer takes outcomes and a language."""
