"""The tokens for writing, as configured by the operator: SHA-256, scopes, and expiry date.

A token consists of 256 random bits (`mastery-graph token`), so it cannot be recovered from its SHA-256. Several tokens
can be valid at once, so that a new one can be added before the old one expires.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

Scope = Literal["update", "graphs", "reserved", "mappings"]
"""The scopes of a token: SPARQL updates, graphs and reserved graphs (Graph Store Protocol), decisions on mappings."""
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Token:
    """A token, represented by its SHA-256 in hexadecimal digits."""

    sha256: str
    scopes: frozenset[Scope] = frozenset(SCOPES)
    until: date | None = None
    """The last day on which it is valid, in UTC."""

    def valid_on(self, day: date) -> bool:
        """Return whether the token is valid on a day."""
        return self.until is None or day <= self.until

    def __str__(self) -> str:
        """Return the token in the format of the configuration."""
        scopes = "" if self.scopes == frozenset(SCOPES) else "+".join(sorted(self.scopes))
        until = self.until.isoformat() if self.until else ""
        return f"{self.sha256}:{scopes}:{until}".rstrip(":")


def parse_token(text: str) -> Token:
    """Parse a token in the format `SHA256`, `SHA256:SCOPE+SCOPE` or `SHA256:SCOPE+SCOPE:YYYY-MM-DD`.

    Without scopes, all scopes are allowed. Raises `ValueError` with the reason, which does not repeat the text.

    >>> str(parse_token("ab" * 32 + ":mappings:2027-01-31"))[60:]
    'abab:mappings:2027-01-31'
    """
    digest, _, rest = text.strip().partition(":")
    scopes, _, until = rest.partition(":")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(
            "a token is configured by its SHA-256, 64 hexadecimal digits; `mastery-graph token` makes both"
        )
    return Token(digest, parse_scopes(scopes), date.fromisoformat(until) if until else None)


def parse_scopes(text: str) -> frozenset[Scope]:
    """Parse scopes separated by `+`; an empty text means all scopes. Raises `ValueError`."""
    names = [scope.strip() for scope in text.split("+")] if text.strip() else list(SCOPES)
    unknown = [scope for scope in names if scope not in SCOPES]
    if unknown:
        raise ValueError(f"a token has no scope {', '.join(unknown)}; the scopes are {', '.join(SCOPES)}")
    return frozenset(scope for scope in SCOPES if scope in names)


def digest(secret: str) -> str:
    """Return the SHA-256 of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_token(secret: str, tokens: Iterable[Token]) -> Token | None:
    """Return the token with this secret, or None. The comparison takes constant time."""
    secret_digest = digest(secret)
    matches = [token for token in tokens if hmac.compare_digest(secret_digest, token.sha256)]
    return matches[0] if matches else None
