"""HEAD for every path that accepts GET: the same status and headers, and no content (RFC 9110, section 9.3.2)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """Answers HEAD like GET without the content, except for paths that handle HEAD themselves."""

    def __init__(self, app: ASGIApp, excluded_paths: tuple[str, ...]) -> None:
        """Wrap an application; `excluded_paths` handle HEAD themselves."""
        self.app = app
        self._excluded_paths = excluded_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"] in self._excluded_paths:
            await self.app(scope, receive, send)
            return

        async def send_without_content(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # A copy of the scope: the server reads the method from the original, and sends no content for HEAD.
        await self.app({**scope, "method": "GET"}, receive, send_without_content)
