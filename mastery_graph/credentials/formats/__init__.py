"""The formats of credentials: one package each, and the registry.

To add a format, write a class that implements `Format`, and add it to `FORMATS`.
"""

from collections.abc import Mapping
from typing import Any, Final

from mastery_graph.credentials.formats.elm.format import ElmFormat
from mastery_graph.credentials.formats.format import ExamplePlace, Format, Reading, WritableFormat
from mastery_graph.credentials.formats.open_badges.format import OpenBadgesFormat
from mastery_graph.credentials.formats.open_badges_2 import OpenBadges2Format

FORMATS: Final[tuple[Format, ...]] = (OpenBadgesFormat(), OpenBadges2Format(), ElmFormat())
"""The formats of JSON documents, the most specific first."""
TARGETS: Final[Mapping[str, WritableFormat]] = {
    form.target: form for form in reversed(FORMATS) if isinstance(form, WritableFormat)
}
"""The formats that descriptions are converted to, by the name of the target."""

__all__ = ["FORMATS", "TARGETS", "ExamplePlace", "Format", "Reading", "WritableFormat", "detect_format", "format_named"]


def detect_format(document: Mapping[str, Any]) -> Format | None:
    """Return the format of a JSON object, or None if it is in none of them."""
    return next((form for form in FORMATS if form.detects(document)), None)


def format_named(name: str) -> Format:
    """Return the format with a name. Raises `KeyError`."""
    return {form.name: form for form in FORMATS}[name]
