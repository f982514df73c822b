"""The content of the page of the vocabulary: its classes and properties, each at its fragment."""

from dataclasses import dataclass

from pyoxigraph import NamedNode

from mastery_api.linked_data import resource_page
from mastery_graph.languages import Message
from mastery_graph.linked_data.resource import ResourceDescription
from mastery_graph.vocabulary import NS, OWL, RDF, RDFS

_SHOWN_SEPARATELY = {RDFS.label, RDFS.isDefinedBy}
_SECTIONS = (
    (Message("Classes"), {OWL.Class}),
    (Message("Properties"), {OWL.ObjectProperty, OWL.DatatypeProperty}),
)


@dataclass(frozen=True, slots=True)
class VocabularyTerm:
    """A term: its name, which is also the fragment, its label, and its other properties."""

    name: str
    label: str
    groups: tuple[resource_page.PropertyGroup, ...]


def sections(description: ResourceDescription) -> list[tuple[str, list[VocabularyTerm]]]:
    """Return the terms by section, ordered by name."""
    types: dict[str, set[str]] = {}
    for quad in description.outbound:
        if quad.predicate.value == RDF.type and isinstance(quad.object, NamedNode):
            types.setdefault(str(getattr(quad.subject, "value", "")), set()).add(quad.object.value)
    own = sorted(iri for iri in types if iri.startswith(NS) and iri != NS)
    groups = resource_page.outbound_of(description, own)
    return [
        (
            title,
            [
                VocabularyTerm(
                    iri.removeprefix(NS),
                    description.label(iri) or iri.removeprefix(NS),
                    tuple(group for group in groups[iri] if group.property.iri not in _SHOWN_SEPARATELY),
                )
                for iri in own
                if types[iri] & kinds
            ],
        )
        for title, kinds in _SECTIONS
    ]
