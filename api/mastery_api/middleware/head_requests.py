"""HEAD for every address that takes GET: the same status and headers, and no content (RFC 9110, section 9.3.2)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """Answers HEAD as GET, and keeps the content back. An address that handles HEAD by itself is left alone."""

    def __init__(self, app: ASGIApp, by_themselves: tuple[str, ...]) -> None:
        """Wrap an application; `by_themselves` are the paths that answer HEAD on their own."""
        self.app = app
        self._by_themselves = by_themselves

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"] in self._by_themselves:
            await self.app(scope, receive, send)
            return

        async def without_content(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # A scope of its own: the server goes on by what it gave, where a HEAD has no content.
        await self.app({**scope, "method": "GET"}, receive, without_content)
