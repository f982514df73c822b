"""Validation of credential descriptions against profiles: what is missing, where, and how to mend it."""

from mastery_graph.validation.report import Completeness, Finding, SealReport, ValidationReport
from mastery_graph.validation.validate import PROFILES, validate

__all__ = ["PROFILES", "Completeness", "Finding", "SealReport", "ValidationReport", "validate"]
