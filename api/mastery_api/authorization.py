"""Authorization of writes by bearer token; only the SHA-256 of a token is configured, the token is never stored."""

from datetime import UTC, datetime

from starlette.requests import Request

from mastery_graph.errors import ScopeRefused, TokenRefused, WritingIsOff
from mastery_graph.settings import Settings
from mastery_graph.tokens import Scope, find_token


def require_token(request: Request, settings: Settings, scope: Scope) -> None:
    """Check that a request carries a token of this scope.

    Raises `WritingIsOff` if no token is configured, `TokenRefused` if the request carries none that is valid today
    (UTC), and `ScopeRefused` if its token does not allow this scope.
    """
    if not settings.tokens:
        raise WritingIsOff(
            "Nothing is written over HTTP here.", "The operator sets MASTERY_TOKENS to allow it with a token."
        )
    sent = request.headers.getlist("authorization")
    if len(sent) > 1:
        raise TokenRefused("The request carries more than one Authorization header.", "Send one.")
    scheme, _, secret = (sent or [""])[0].partition(" ")
    token = find_token(secret.strip(), settings.tokens)
    if scheme.lower() != "bearer" or token is None:
        raise TokenRefused(
            "The request does not carry a token that allows writing.", "Send it as `Authorization: Bearer TOKEN`."
        )
    if not token.valid_on(datetime.now(UTC).date()):
        raise TokenRefused(f"The token was valid until {token.until}.", "Ask the operator for a new one.")
    if scope not in token.scopes:
        raise ScopeRefused(
            f"The token does not allow {scope}.", f"It allows {', '.join(sorted(token.scopes))}; ask the operator."
        )
