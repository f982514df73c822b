"""The report of a validation: what was found, and how complete the description is."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mastery_graph.credentials.note import Note
from mastery_graph.credentials.proofs.seal import Seal, Status
from mastery_graph.languages import translation
from mastery_graph.languages.records import localize


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Record):
    """One thing that is missing or wrong: the element, in plain words, where, and how to mend it."""

    element: str
    severity: Literal["violation", "warning", "info"]
    message: str
    pointer: str | None
    """JSON Pointer (RFC 6901) to the deepest place that is there; None for formats that are not JSON."""
    line: int | None = None
    """The line in a document that is not JSON, where it is known."""
    focus_node: str
    """The IRI of the thing at fault; what a person calls it, where it has none."""
    name: str = ""
    """What a person calls the thing at fault."""
    path: str | None = None
    """The property, or the SPARQL 1.1 property path, that leads from the focus node to what was checked."""
    value: str | None
    fix: str
    example: str
    """A piece of a document, in the format that was sent, that would mend it."""
    rule: str
    """The standard element that asks for it."""
    source: str
    """Where the standard element comes from."""
    visions: tuple[str, ...]
    """The codes of the policy visions that the element supports."""
    check: str = ""
    """The IRI of the shape, or of the check, that found it."""
    component: str = ""
    """The IRI of the SHACL constraint component that was broken."""


class Element(_Record):
    """A standard element, whether each micro-credential needs it, and whether it is there."""

    name: str
    mandatory: bool
    present: bool
    rule: str


class Completeness(_Record):
    """Which elements of the profile are present; `ratio` is their share, 0 to 1."""

    present: tuple[str, ...]
    missing: tuple[str, ...]
    ratio: float
    elements: tuple[Element, ...] = ()
    """Each element in the order of the profile."""


class SealReport(_Record):
    """What the seal of the document is worth, and what was not checked."""

    status: Status
    """`valid`: unchanged, and the signer is verified; `intact`: unchanged, the signer is not verified; `broken`:
    changed since it was signed; `not-checked`: could not be checked; `absent`: there is neither seal nor proof."""
    by: str | None
    """Whom the certificate, or the key, names."""
    at: datetime | None
    """When it was sealed, as the seal claims."""
    reason: str | None
    """Why it is not valid."""
    reasons: tuple[str, ...] = ()
    """The same as codes, such as `self-signed` (see `docs/formats.md`)."""
    certificate_valid_then: bool | None
    not_checked: tuple[str, ...]

    @classmethod
    def of(cls, seal: Seal, language: str) -> "SealReport":
        """Return what a seal is worth, told in a language."""
        return cls(
            status=seal.status,
            by=seal.by,
            at=seal.at,
            reason=localize(seal.reason, language),
            reasons=tuple(reason.code.value for reason in seal.reasons),
            certificate_valid_then=seal.certificate_valid_then,
            not_checked=tuple(translation(text, language) for text in seal.not_checked),
        )


class ReadingNote(_Record):
    """What of another format, such as Open Badges, was taken over only in part, or not at all."""

    pointer: str | None
    """JSON Pointer (RFC 6901) into the submitted document."""
    subject: str
    """The property."""
    message: str

    @classmethod
    def of(cls, note: Note, language: str) -> "ReadingNote":
        """Return a note on a document, told in a language."""
        return cls(pointer=note.pointer, subject=note.subject, message=localize(note.message, language))


class ValidationReport(_Record):
    """The report on one document. It conforms where there is no violation."""

    conforms: bool
    profile: str
    language: str = "en"
    summary: str
    findings: tuple[Finding, ...]
    completeness: Completeness
    seal: SealReport
    checked: tuple[str, ...] = ()
    """What was checked, an entry each."""
    not_checked: tuple[str, ...] = ()
    """What was not checked, and why: missing data, members that are not read, seals, proofs, the credential status."""
    notes: tuple[ReadingNote, ...] = ()
    """What of the document has no counterpart in ELM, in which it is checked."""
    sha256: str
    """Of the document as it was sent."""

    def number(self, severity: str) -> int:
        """Return how many findings of a severity there are."""
        return sum(finding.severity == severity for finding in self.findings)
