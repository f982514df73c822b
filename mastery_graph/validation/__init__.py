"""Validation of credential descriptions against profiles: what is missing, where, and how to fix it."""

from mastery_graph.validation.external_shapes import validate_with_external_shapes
from mastery_graph.validation.profiles import PROFILES, available, profiles
from mastery_graph.validation.report import Completeness, Finding, SealReport, ValidationReport
from mastery_graph.validation.user_shapes import user_shapes
from mastery_graph.validation.validate import mandatory_properties, validate

__all__ = [
    "PROFILES",
    "Completeness",
    "Finding",
    "SealReport",
    "ValidationReport",
    "available",
    "mandatory_properties",
    "profiles",
    "user_shapes",
    "validate",
    "validate_with_external_shapes",
]
