"""Notes about parts of a document that were converted partially or not at all."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """A part that the other format cannot express: its JSON pointer (if any), the property, and a message."""

    pointer: str | None
    subject: str
    message: str
