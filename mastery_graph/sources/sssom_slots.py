"""What SSSOM calls its slots, in the order of a table's columns, and what kind of value each takes.

Sources: https://mapping-commons.github.io/sssom/Mapping/ and https://mapping-commons.github.io/sssom/MappingSet/.
"""

from enum import Enum
from typing import Final

from mastery_graph.vocabulary import SSSOM

NO_TERM: Final = SSSOM + "NoTermFound"
"""Stands on the side of a mapping on which there is no term that corresponds."""


class Kind(Enum):
    """What stands in a slot. An entity is an IRI that a table writes as a CURIE; an address is an IRI written whole."""

    ENTITY = "entity"
    ADDRESS = "address"
    TEXT = "text"
    DATE = "date"
    NUMBER = "number"


MAPPING_SLOTS: Final[dict[str, Kind]] = {
    "record_id": Kind.ENTITY,
    "subject_id": Kind.ENTITY,
    "subject_label": Kind.TEXT,
    "subject_category": Kind.TEXT,
    "predicate_id": Kind.ENTITY,
    "predicate_label": Kind.TEXT,
    "predicate_modifier": Kind.TEXT,
    "object_id": Kind.ENTITY,
    "object_label": Kind.TEXT,
    "object_category": Kind.TEXT,
    "mapping_justification": Kind.ENTITY,
    "confidence": Kind.NUMBER,
    "author_id": Kind.ENTITY,
    "author_label": Kind.TEXT,
    "reviewer_id": Kind.ENTITY,
    "reviewer_label": Kind.TEXT,
    "creator_id": Kind.ENTITY,
    "creator_label": Kind.TEXT,
    "reviewer_agreement": Kind.NUMBER,
    "mapping_date": Kind.DATE,
    "publication_date": Kind.DATE,
    "review_date": Kind.DATE,
    "license": Kind.ADDRESS,
    "subject_type": Kind.TEXT,
    "subject_source": Kind.ENTITY,
    "subject_source_version": Kind.TEXT,
    "object_type": Kind.TEXT,
    "object_source": Kind.ENTITY,
    "object_source_version": Kind.TEXT,
    "predicate_type": Kind.TEXT,
    "mapping_provider": Kind.ADDRESS,
    "mapping_source": Kind.ENTITY,
    "mapping_cardinality": Kind.TEXT,
    "cardinality_scope": Kind.TEXT,
    "mapping_tool": Kind.TEXT,
    "mapping_tool_id": Kind.ENTITY,
    "mapping_tool_version": Kind.TEXT,
    "subject_match_field": Kind.ENTITY,
    "object_match_field": Kind.ENTITY,
    "match_string": Kind.TEXT,
    "subject_preprocessing": Kind.ENTITY,
    "object_preprocessing": Kind.ENTITY,
    "similarity_score": Kind.NUMBER,
    "similarity_measure": Kind.TEXT,
    "curation_rule": Kind.ENTITY,
    "curation_rule_text": Kind.TEXT,
    "derived_from": Kind.ENTITY,
    "see_also": Kind.ADDRESS,
    "issue_tracker_item": Kind.ENTITY,
    "other": Kind.TEXT,
    "comment": Kind.TEXT,
}
SET_SLOTS: Final[dict[str, Kind]] = {
    "mapping_set_version": Kind.TEXT,
    "mapping_set_description": Kind.TEXT,
    "mapping_set_confidence": Kind.NUMBER,
    "mapping_set_source": Kind.ADDRESS,
    "license": Kind.ADDRESS,
    "creator_id": Kind.ENTITY,
    "creator_label": Kind.TEXT,
    "publication_date": Kind.DATE,
    "issue_tracker": Kind.ADDRESS,
    "see_also": Kind.ADDRESS,
    "other": Kind.TEXT,
    "comment": Kind.TEXT,
}
"""Those of a set, beside its IRI and its title; others hold for each of its mappings, and are kept with these."""
SEVERAL: Final = frozenset(
    (
        *("author_id", "author_label", "reviewer_id", "reviewer_label", "creator_id", "creator_label"),
        *("subject_match_field", "object_match_field", "match_string", "subject_preprocessing", "object_preprocessing"),
        *("cardinality_scope", "curation_rule", "curation_rule_text", "derived_from", "see_also"),
    )
)
"""The slots that hold several values."""
