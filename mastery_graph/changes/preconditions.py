"""Preconditions of a change of a graph (RFC 9110, section 13.1), by which two people who edit it lose no edit.

The entity tag of a graph starts with the SHA-256 of its content; what follows names a format or a compression.
"""

from dataclasses import dataclass
from typing import Final

from mastery_graph.errors import PreconditionFailed
from mastery_graph.languages import Message

_HASH_CHARS: Final = 32


def graph_tag(sha256: str, suffix: str) -> str:
    """Return the entity tag of a graph in one of its formats.

    >>> graph_tag("ab" * 32, "ttl")
    '"abababababababababababababababab-ttl"'
    """
    return f'"{sha256[:_HASH_CHARS]}-{suffix}"'


def names_content(header: str, sha256: str | None) -> bool:
    """Return whether a header with entity tags contains one of the graph with this content, which may be None.

    >>> names_content('"x", "abababababababababababababababab-ttl+gzip"', "ab" * 32), names_content("*", None)
    (True, False)
    """
    tags = [tag.strip() for tag in header.split(",")]
    if sha256 is None:
        return False
    return "*" in tags or any(tag.strip('"').partition("-")[0] == sha256[:_HASH_CHARS] for tag in tags)


@dataclass(frozen=True, slots=True)
class Precondition:
    """The values of `If-Match` and `If-None-Match`; None if the header is missing."""

    if_match: str | None = None
    if_none_match: str | None = None

    def require(self, sha256: str | None) -> None:
        """Raise `PreconditionFailed` unless a change is wanted of this content; None means that there is no graph."""
        is_refused = self.if_match is not None and not names_content(self.if_match, sha256)
        if is_refused or (self.if_none_match is not None and names_content(self.if_none_match, sha256)):
            raise PreconditionFailed(
                Message("The graph is not the one that the request names."),
                Message("Read it again, and then change it."),
            )


UNCONDITIONAL: Final = Precondition()
