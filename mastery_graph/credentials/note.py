"""A note on a document: what was taken over only in part, or not at all, and where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the other format cannot say: a JSON pointer where there is one, the property, and a sentence."""

    pointer: str | None
    subject: str
    message: str
