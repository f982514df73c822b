"""The slots of SSSOM mappings and mapping sets, in the order of a table's columns, with the kind of their values.

Sources: https://mapping-commons.github.io/sssom/Mapping/ and https://mapping-commons.github.io/sssom/MappingSet/.
"""

from enum import Enum
from typing import Final

from mastery_graph.vocabulary import SSSOM

NO_TERM: Final = SSSOM.NoTermFound
"""The placeholder for a missing subject or object of a mapping."""


class SlotKind(Enum):
    """The kind of a slot's values. An entity is an IRI that a table writes as a CURIE; an address is a full IRI."""

    ENTITY = "entity"
    ADDRESS = "address"
    TEXT = "text"
    DATE = "date"
    NUMBER = "number"


MAPPING_SLOTS: Final[dict[str, SlotKind]] = {
    "record_id": SlotKind.ENTITY,
    "subject_id": SlotKind.ENTITY,
    "subject_label": SlotKind.TEXT,
    "subject_category": SlotKind.TEXT,
    "predicate_id": SlotKind.ENTITY,
    "predicate_label": SlotKind.TEXT,
    "predicate_modifier": SlotKind.TEXT,
    "object_id": SlotKind.ENTITY,
    "object_label": SlotKind.TEXT,
    "object_category": SlotKind.TEXT,
    "mapping_justification": SlotKind.ENTITY,
    "confidence": SlotKind.NUMBER,
    "author_id": SlotKind.ENTITY,
    "author_label": SlotKind.TEXT,
    "reviewer_id": SlotKind.ENTITY,
    "reviewer_label": SlotKind.TEXT,
    "creator_id": SlotKind.ENTITY,
    "creator_label": SlotKind.TEXT,
    "reviewer_agreement": SlotKind.NUMBER,
    "mapping_date": SlotKind.DATE,
    "publication_date": SlotKind.DATE,
    "review_date": SlotKind.DATE,
    "license": SlotKind.ADDRESS,
    "subject_type": SlotKind.TEXT,
    "subject_source": SlotKind.ENTITY,
    "subject_source_version": SlotKind.TEXT,
    "object_type": SlotKind.TEXT,
    "object_source": SlotKind.ENTITY,
    "object_source_version": SlotKind.TEXT,
    "predicate_type": SlotKind.TEXT,
    "mapping_provider": SlotKind.ADDRESS,
    "mapping_source": SlotKind.ENTITY,
    "mapping_cardinality": SlotKind.TEXT,
    "cardinality_scope": SlotKind.TEXT,
    "mapping_tool": SlotKind.TEXT,
    "mapping_tool_id": SlotKind.ENTITY,
    "mapping_tool_version": SlotKind.TEXT,
    "subject_match_field": SlotKind.ENTITY,
    "object_match_field": SlotKind.ENTITY,
    "match_string": SlotKind.TEXT,
    "subject_preprocessing": SlotKind.ENTITY,
    "object_preprocessing": SlotKind.ENTITY,
    "similarity_score": SlotKind.NUMBER,
    "similarity_measure": SlotKind.TEXT,
    "curation_rule": SlotKind.ENTITY,
    "curation_rule_text": SlotKind.TEXT,
    "derived_from": SlotKind.ENTITY,
    "see_also": SlotKind.ADDRESS,
    "issue_tracker_item": SlotKind.ENTITY,
    "other": SlotKind.TEXT,
    "comment": SlotKind.TEXT,
}
SET_SLOTS: Final[dict[str, SlotKind]] = {
    "mapping_set_version": SlotKind.TEXT,
    "mapping_set_description": SlotKind.TEXT,
    "mapping_set_confidence": SlotKind.NUMBER,
    "mapping_set_source": SlotKind.ADDRESS,
    "license": SlotKind.ADDRESS,
    "creator_id": SlotKind.ENTITY,
    "creator_label": SlotKind.TEXT,
    "publication_date": SlotKind.DATE,
    "issue_tracker": SlotKind.ADDRESS,
    "see_also": SlotKind.ADDRESS,
    "other": SlotKind.TEXT,
    "comment": SlotKind.TEXT,
}
"""The slots of a set, apart from its IRI and title; the others apply to its mappings and are stored with them."""
SEVERAL: Final = frozenset(
    (
        *("author_id", "author_label", "reviewer_id", "reviewer_label", "creator_id", "creator_label"),
        *("subject_match_field", "object_match_field", "match_string", "subject_preprocessing", "object_preprocessing"),
        *("cardinality_scope", "curation_rule", "curation_rule_text", "derived_from", "see_also"),
    )
)
"""The slots with several values."""
