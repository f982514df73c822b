"""The tokens that allow writing, as the operator configures them: the SHA-256 of each, what it allows, and until when.

A token is made of 256 random bits (`mastery-graph token`), so that its SHA-256 leads nobody back to it. Several are
valid at once: a new one is put beside the old one before that ends.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

Scope = Literal["update", "graphs", "mappings"]
"""What a token may allow: SPARQL updates, whole graphs by the graph store, decisions on mappings."""
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Token:
    """A token by its SHA-256, in hexadecimal digits."""

    sha256: str
    scopes: frozenset[Scope] = frozenset(SCOPES)
    until: date | None = None
    """The last day on which it is valid, in UTC."""

    def valid_on(self, day: date) -> bool:
        """Return whether the token is valid on a day."""
        return self.until is None or day <= self.until

    def __str__(self) -> str:
        """Return the token as it is configured."""
        scopes = "" if self.scopes == frozenset(SCOPES) else "+".join(sorted(self.scopes))
        until = self.until.isoformat() if self.until else ""
        return f"{self.sha256}:{scopes}:{until}".rstrip(":")


def parse_token(text: str) -> Token:
    """Return a token as it is configured: `SHA256`, `SHA256:SCOPE+SCOPE` or `SHA256:SCOPE+SCOPE:YYYY-MM-DD`.

    No scope is every scope. Raises `ValueError` with the reason, which does not repeat the text.

    >>> str(configured("ab" * 32 + ":mappings:2027-01-31"))[60:]
    'abab:mappings:2027-01-31'
    """
    digest, _, rest = text.strip().partition(":")
    named, _, until = rest.partition(":")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(
            "a token is configured by its SHA-256, 64 hexadecimal digits; `mastery-graph token` makes both"
        )
    return Token(digest, parse_scopes(named), date.fromisoformat(until) if until else None)


def parse_scopes(named: str) -> frozenset[Scope]:
    """Return the scopes in a text with `+` between them; every scope where it is empty. Raises `ValueError`."""
    asked = [scope.strip() for scope in named.split("+")] if named.strip() else list(SCOPES)
    unknown = [scope for scope in asked if scope not in SCOPES]
    if unknown:
        raise ValueError(f"a token has no scope {', '.join(unknown)}; the scopes are {', '.join(SCOPES)}")
    return frozenset(scope for scope in SCOPES if scope in asked)


def digest(secret: str) -> str:
    """Return the SHA-256 by which a token is known."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_token(secret: str, tokens: Iterable[Token]) -> Token | None:
    """Return the token that this is, or None. It takes the same time whichever it is, and however near it comes."""
    given = digest(secret)
    matching = [token for token in tokens if hmac.compare_digest(given, token.sha256)]
    return matching[0] if matching else None
