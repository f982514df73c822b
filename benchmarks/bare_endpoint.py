"""The least that a server in Python does for a query: the same engine behind the same HTTP server, and nothing else.

`python -m benchmarks.bare_endpoint PORT PROCESSES` serves the store that the environment names.

No limit of time or memory, no process that can be ended, no negotiation, log, header or kept result: what is faster
than this cannot be had by work on `/sparql`.
"""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qs

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, Store
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config

from mastery_graph.cli.server import event_loop, supervise
from mastery_graph.store.versions import current_version

STORE = "BARE_STORE"
"""The variable of the environment that names the folder of the store."""


def create() -> ASGIApp:
    """Return the application over the store that the environment names. It answers SELECT and ASK, as JSON."""
    store = Store.read_only(str(current_version(Path(os.environ[STORE]))))

    async def answer(scope: Scope, _: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode())["query"][0]
        found = store.query(query, use_default_graph_as_union=True)
        if not isinstance(found, QuerySolutions | QueryBoolean):
            raise TypeError("Only tables and booleans are answered.")
        content = found.serialize(format=QueryResultsFormat.JSON) or b""
        headers = [(b"content-type", b"application/sparql-results+json"), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return answer


if __name__ == "__main__":
    supervise(
        Config(
            f"{__spec__.name}:{create.__name__}",
            factory=True,
            port=int(sys.argv[1]),
            workers=int(sys.argv[2]),
            http="httptools",
            loop=f"{event_loop.__module__}:{event_loop.__name__}",
            lifespan="off",
            access_log=False,
            proxy_headers=False,
        )
    )
