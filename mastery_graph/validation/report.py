"""The report of a validation: what was found, and how complete the description is."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Record):
    """One thing that is missing or wrong: the element, in plain words, where, and how to mend it."""

    element: str
    severity: Literal["violation", "warning", "info"]
    message: str
    pointer: str | None
    """JSON Pointer (RFC 6901) into the submitted document; None for formats that are not JSON."""
    focus_node: str
    value: str | None
    fix: str
    example: str
    """A piece of a JSON-LD document that would mend it."""
    rule: str
    """The standard element that asks for it."""
    source: str
    """Where the standard element comes from."""
    visions: tuple[str, ...]
    """The codes of the policy visions that the element supports."""


class Completeness(_Record):
    """Which elements of the profile are present; `ratio` is their share, 0 to 1."""

    present: tuple[str, ...]
    missing: tuple[str, ...]
    ratio: float


class SealReport(_Record):
    """What the seal of the document is worth, and what was not checked."""

    status: Literal["valid", "broken", "absent"]
    by: str | None
    at: datetime | None
    reason: str | None
    certificate_valid_then: bool | None
    not_checked: tuple[str, ...]


class ValidationReport(_Record):
    """The report on one document. It conforms where there is no violation."""

    conforms: bool
    profile: str
    summary: str
    findings: tuple[Finding, ...]
    completeness: Completeness
    seal: SealReport
    sha256: str
    """Of the document as it was sent."""
