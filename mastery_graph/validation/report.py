"""The report of a validation: its findings, and how complete the description is."""

from datetime import datetime
from typing import Literal

from mastery_graph.credentials.note import Note
from mastery_graph.credentials.proofs.seal import Seal, Status
from mastery_graph.languages import translation
from mastery_graph.languages.records import localize
from mastery_graph.records import Record


class Finding(Record):
    """One thing that is missing or wrong: the element, a message in plain words, the location, and the fix."""

    element: str
    severity: Literal["violation", "warning", "info"]
    message: str
    pointer: str | None
    """JSON Pointer (RFC 6901) to the deepest existing location; None for formats that are not JSON."""
    line: int | None = None
    """The line in a document that is not JSON, if it is known."""
    focus_node: str
    """The IRI of the node at fault; its display name if it has none."""
    name: str = ""
    """The display name of the node at fault."""
    path: str | None = None
    """The property, or the SPARQL 1.1 property path, from the focus node to what was checked."""
    value: str | None
    fix: str
    example: str
    """A fragment, in the format of the document, that would fix it."""
    rule: str
    """The standard element that requires it."""
    source: str
    """The source of the standard element."""
    visions: tuple[str, ...]
    """The codes of the policy visions that the element supports."""
    check: str = ""
    """The IRI of the shape, or of the check, that reported it."""
    component: str = ""
    """The IRI of the violated SHACL constraint component."""


class Element(Record):
    """A standard element, whether it is mandatory, and whether it is present."""

    name: str
    mandatory: bool
    present: bool
    rule: str


class Completeness(Record):
    """Which elements of the profile are present; `ratio` is their share, 0 to 1."""

    present: tuple[str, ...]
    missing: tuple[str, ...]
    ratio: float
    elements: tuple[Element, ...] = ()
    """Each element in the order of the profile."""


class SealReport(Record):
    """The state of the seal of the document, and what was not checked."""

    status: Status
    """`valid`: unchanged, and the signer is verified; `intact`: unchanged, the signer is not verified; `broken`:
    changed since it was signed; `not-checked`: could not be checked; `absent`: there is neither seal nor proof."""
    by: str | None
    """The name in the certificate or of the key."""
    at: datetime | None
    """When it was sealed, according to the seal."""
    reason: str | None
    """Why it is not valid."""
    reasons: tuple[str, ...] = ()
    """The same as codes, such as `self-signed` (see `docs/reference/formats.md`)."""
    certificate_valid_then: bool | None
    not_checked: tuple[str, ...]

    @classmethod
    def of(cls, seal: Seal, language: str) -> "SealReport":
        """Return the report on a seal, in a language."""
        return cls(
            status=seal.status,
            by=seal.by,
            at=seal.at,
            reason=localize(seal.reason, language),
            reasons=tuple(reason.code.value for reason in seal.reasons),
            certificate_valid_then=seal.certificate_valid_then,
            not_checked=tuple(translation(text, language) for text in seal.not_checked),
        )


class ReadingNote(Record):
    """A part of a document in another format, such as Open Badges, that was converted only partly or not at all."""

    pointer: str | None
    """JSON Pointer (RFC 6901) into the submitted document."""
    subject: str
    """The property."""
    message: str

    @classmethod
    def of(cls, note: Note, language: str) -> "ReadingNote":
        """Return a note on a document, in a language."""
        return cls(pointer=note.pointer, subject=note.subject, message=localize(note.message, language))


class ValidationReport(Record):
    """The report on one document, which conforms if there is no violation."""

    conforms: bool
    profile: str
    language: str = "en"
    summary: str
    findings: tuple[Finding, ...]
    completeness: Completeness
    seal: SealReport
    checked: tuple[str, ...] = ()
    """What was checked."""
    not_checked: tuple[str, ...] = ()
    """What was not checked, and why: missing data, members that are not read, seals, proofs, the credential status."""
    notes: tuple[ReadingNote, ...] = ()
    """The parts of the document without a counterpart in ELM, the model that is checked."""
    sha256: str
    """The hash of the document as submitted."""

    def number(self, severity: str) -> int:
        """Return how many findings of a severity there are."""
        return sum(finding.severity == severity for finding in self.findings)
