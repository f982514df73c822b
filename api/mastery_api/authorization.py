"""Authorization of writes by bearer token; only the SHA-256 of a token is configured, the token is never stored."""

from datetime import UTC, datetime

from starlette.requests import Request

from mastery_graph.errors import ScopeRefused, TokenRefused, WritingIsOff
from mastery_graph.languages import Message
from mastery_graph.settings import Settings
from mastery_graph.tokens import Scope, find_token


def require_token(request: Request, settings: Settings, scope: Scope) -> None:
    """Check that a request carries a token of this scope.

    Raises `WritingIsOff` if no token is configured, `TokenRefused` if the request carries none that is valid today
    (UTC), and `ScopeRefused` if its token does not allow this scope.
    """
    if not settings.tokens:
        raise WritingIsOff(
            Message("Writing over HTTP is disabled."),
            Message("The operator can set MASTERY_TOKENS to allow it with a token."),
        )
    sent = request.headers.getlist("authorization")
    if len(sent) > 1:
        raise TokenRefused(Message("The request has more than one Authorization header."), Message("Send one."))
    scheme, _, secret = (sent or [""])[0].partition(" ")
    token = find_token(secret.strip(), settings.tokens)
    if scheme.lower() != "bearer" or token is None:
        raise TokenRefused(
            Message("The request has no token that allows writing."),
            Message("Send it as `Authorization: Bearer TOKEN`."),
        )
    if not token.valid_on(datetime.now(UTC).date()):
        raise TokenRefused(
            Message("The token was valid until {until}.", until=token.until), Message("Ask the operator for a new one.")
        )
    if scope not in token.scopes:
        raise ScopeRefused(
            Message("The token does not allow {scope}.", scope=scope),
            Message("It allows {names}. Ask the operator for another one.", names=", ".join(sorted(token.scopes))),
        )
