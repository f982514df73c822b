"""The token that allows writing: its SHA-256 is configured, and the token itself is kept nowhere."""

import hashlib
import hmac
from pathlib import Path

from starlette.requests import Request

from mastery_graph.errors import TokenRefused, WritingIsOff
from mastery_graph.settings import Settings


def require_token(request: Request, settings: Settings) -> None:
    """Raise `WritingIsOff` where no token is configured, `TokenRefused` where the request does not carry it."""
    if settings.write_token_hash is None:
        raise WritingIsOff(
            "Nothing is written over HTTP here.", "The operator sets MASTERY_WRITE_TOKEN_HASH to allow it with a token."
        )
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = hashlib.sha256(token.strip().encode()).hexdigest()
    if scheme.lower() != "bearer" or not hmac.compare_digest(given, settings.write_token_hash):
        raise TokenRefused(
            "The request does not carry the token that allows writing.", "Send it as `Authorization: Bearer TOKEN`."
        )


def writable_store(settings: Settings) -> Path:
    """Return the folder of the store that is written to. Raises `WritingIsOff` where an endpoint is served."""
    if settings.sparql_endpoint:
        raise WritingIsOff("The graph lies behind another endpoint.", "Write to that endpoint itself.")
    return settings.store
