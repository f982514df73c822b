"""What is wrong with a field, in plain words: the failures of pydantic as texts that are translated."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails

from mastery_graph.languages import Joined, Message

_REASONS: Final[Mapping[str, Message]] = {
    "missing": Message("is missing"),
    "extra_forbidden": Message("is not known here"),
    "string_type": Message("must be a text"),
    "string_too_long": Message("must have at most {limit} characters"),
    "string_pattern_mismatch": Message("must match the pattern {limit}"),
    "whole_number": Message("must be a whole number"),
    "number": Message("must be a number"),
    "bool": Message("must be true or false"),
    "list_type": Message("must be a list"),
    "object": Message("must be an object with named fields"),
    "empty": Message("must not be empty"),
    "too_short": Message("must have at least {limit} entries"),
    "too_long": Message("must have at most {limit} entries"),
    "greater_than": Message("must be more than {limit}"),
    "greater_than_equal": Message("must be at least {limit}"),
    "less_than": Message("must be less than {limit}"),
    "less_than_equal": Message("must be at most {limit}"),
    "choice": Message("must be one of: {limit}"),
    "date": Message("must be a date, such as 2026-01-31"),
    "json_invalid": Message("is not valid JSON"),
}
_KINDS: Final = {
    "int_type": "whole_number",
    "int_parsing": "whole_number",
    "int_parsing_size": "whole_number",
    "int_from_float": "whole_number",
    "float_type": "number",
    "float_parsing": "number",
    "finite_number": "number",
    "bool_type": "bool",
    "bool_parsing": "bool",
    "tuple_type": "list_type",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
    "enum": "choice",
    "literal_error": "choice",
    "date_type": "date",
    "date_parsing": "date",
    "date_from_datetime_parsing": "date",
    "date_from_datetime_inexact": "date",
}
"""The reasons of pydantic that are given in the same words."""

_LIMITS: Final = ("max_length", "min_length", "gt", "ge", "lt", "le", "pattern")


def explain_field_error(failure: ErrorDetails) -> str:
    """Return where and why a field was refused, such as "query.level: is missing"."""
    place = ".".join(str(part) for part in failure["loc"])
    reason = field_reason(failure)
    return Joined((place, reason), ": ") if place else reason


def field_reason(failure: ErrorDetails) -> str:
    """Return why a field was refused, without its name; in the words of pydantic where we have none."""
    context = failure.get("ctx", {})
    kind = _KINDS.get(failure["type"], failure["type"])
    if kind in {"string_too_short", "too_short"} and context.get("min_length") == 1:
        kind = "empty"
    reason = _REASONS.get(kind)
    return Message(reason.pattern, limit=_limit(kind, context)) if reason else failure["msg"]


def _limit(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "choice":
        return ", ".join(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    return next((str(context[name]) for name in _LIMITS if name in context), "")
