"""The HTTP side of a SPARQL 1.1 endpoint, by httpx: what is asked and what has come of it.

A read that fails because the endpoint is down or overloaded is tried again, in the first half of its time limit. A
write is sent once: whether it was done cannot be known where the connection broke. A result counts only when it is
whole; what endpoints say where it is not is met here and nowhere else: Virtuoso tells in the headers `X-SQL-State`
(stopped at the time limit) and `X-SPARQL-MaxRows` (a limit of rows), Oxigraph writes into the result that the query
has been cancelled, others break the connection.
"""

import re
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import IO, Any, Final
from typing import Literal as OneOf
from urllib.parse import urlsplit

import httpx
from pyoxigraph import RdfFormat
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_random_exponential

from mastery_graph.errors import BadQuery, EndpointDown, EndpointFailed, QueryTimeout, ResultTooLarge, StoreError
from mastery_graph.store.circuit import Circuit, CircuitState
from mastery_graph.store.protocol import UNLIMITED, Limits, Stop

PIECE: Final = 64 * 1024
_IN_MEMORY: Final = 1_000_000
_CONNECTING_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 600.0
"""How long an answer is awaited where no limit is given."""
_FOR_TRYING_AGAIN: Final = 0.5
"""The part of a time limit in which a read is sent again. One that is sent at its end would end as a query that takes
too long, when it is the endpoint that is down."""
_UNSURE: Final = "Whether the change has been made is not known: look before you send it again."
_DOWN: Final = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE}
_OUT_OF_TIME: Final = re.compile(
    r"time[- ]?(d )?out|time ?limit|cancell?ed|interrupted|deadline|estimated execution time", re.IGNORECASE
)
_ROW_LIMIT_REACHED: Final = re.compile(r"\bSR35[03]\b")
"""How Virtuoso says that OFFSET, or ORDER BY with LIMIT, goes beyond its row limit."""
_PAGE_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the endpoint answers queries, takes updates (SPARQL 1.1 Update) and graphs (Graph Store HTTP Protocol).

    `timeout` says how it is told the limit of a query. A read is tried `attempts` times.
    After `failures` in a row the endpoint counts as down for `reset_seconds`.
    """

    query: str
    update: str | None = None
    graph_store: str | None = None
    user: str | None = None
    password: str | None = None
    authentication: OneOf["basic", "digest"] = "basic"
    timeout: OneOf["milliseconds", "seconds", "duration", "none"] = "none"
    attempts: int = 3
    failures: int = 5
    reset_seconds: int = 10

    @property
    def place(self) -> str:
        """The address without user, password and query string, to show to a person."""
        parts = urlsplit(self.query)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


class EndpointConnection:
    """The connection to an endpoint, for the threads of one process.

    Its methods raise `EndpointDown` where the endpoint cannot be reached or has no room, `EndpointFailed` where it
    answers with an error, `BadQuery` where it does not accept what is asked, and `QueryTimeout`.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Remember the endpoint; nothing is asked yet."""
        self._endpoint = endpoint
        self._tls = httpx.create_ssl_context()
        self._client = httpx.Client(auth=_authentication(endpoint), verify=self._tls)
        self._server = ""
        self._circuit = Circuit(endpoint.failures, endpoint.reset_seconds)

    @property
    def circuit(self) -> CircuitState:
        """Whether the endpoint is up, as far as is known."""
        return self._circuit.state

    @property
    def is_virtuoso(self) -> bool:
        """Whether the last response came from Virtuoso, which has limits that it does not tell of."""
        return self._server.startswith("Virtuoso")

    def result(
        self,
        fields: Mapping[str, str | tuple[str, ...]],
        accept: str,
        limits: Limits = UNLIMITED,
        stop: Stop | None = None,
    ) -> IO[bytes]:
        """Send a query, with its further parameters, and return its whole result as a file without a name.

        Raises `ResultTooLarge` as soon as it is over its limit.
        """
        seconds = _PATIENCE_SECONDS if limits.seconds is None else limits.seconds
        attempts = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, EndpointDown) and self._circuit.closed),
            stop=stop_after_attempt(self._endpoint.attempts) | stop_before_delay(seconds * _FOR_TRYING_AGAIN),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            reraise=True,
        )
        return attempts(self._result, fields, accept, limits, monotonic() + seconds, stop or Stop())

    def send(self, method: str, address: str, seconds: float = _PATIENCE_SECONDS, **parts: Any) -> httpx.Response:
        """Send a write, once, and return the answer, which may be an error. Raises `QueryTimeout` after `seconds`.

        It goes by a connection of its own: one that has been idle may be closed on the other side, which shows only
        after the write has been sent.
        """
        with self._circuit.request(), _told(UNLIMITED):
            try:
                answer = httpx.request(
                    method,
                    address,
                    auth=_authentication(self._endpoint),
                    verify=self._tls,
                    timeout=httpx.Timeout(seconds, connect=_CONNECTING_SECONDS),
                    **parts,
                )
            except httpx.ReadTimeout:
                raise QueryTimeout(f"The endpoint gave no answer in {seconds:g} seconds.", _UNSURE) from None
            except (httpx.ReadError, httpx.RemoteProtocolError) as error:
                raise EndpointDown(f"The SPARQL endpoint broke the connection: {error}.", _UNSURE) from None
            _refuse_down(answer)
        return answer

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _result(self, fields: Mapping[str, Any], accept: str, limits: Limits, deadline: float, stop: Stop) -> IO[bytes]:
        received = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # closed by whoever reads it
        left = max(deadline - monotonic(), 0.001)
        try:
            with (
                self._circuit.request(),
                _told(limits, stop),
                self._client.stream(
                    "POST",
                    self._endpoint.query,
                    data=fields,
                    headers={"Accept": accept},
                    timeout=httpx.Timeout(left, connect=min(left, _CONNECTING_SECONDS)),
                ) as response,
            ):
                self._server = response.headers.get("server", "")
                refuse_error(response, limits)
                _refuse_cut(response, accept, limits)
                stop.arm(lambda: _hang_up(response))
                try:
                    _take(response, received, limits, deadline)
                finally:
                    stop.disarm()
        except BaseException:
            received.close()
            raise
        received.seek(0)
        return received


def refuse_error(answer: httpx.Response, limits: Limits = UNLIMITED) -> None:
    """Raise what the status of an answer means here, where it is an error.

    Error pages stay with the endpoint: they may show its insides. Only what a parser says of a query is passed on.
    """
    if answer.is_success:
        return
    page = _beginning(answer)
    if answer.status_code == httpx.codes.GATEWAY_TIMEOUT or _OUT_OF_TIME.search(page):
        raise query_timeout(limits)
    if answer.status_code == httpx.codes.BAD_REQUEST:
        reason = _parser_message(answer, page)
        raise BadQuery(f"The endpoint does not accept what it is sent{f': {reason}' if reason else '.'}")
    _refuse_down(answer)
    if answer.is_redirect:
        raise EndpointFailed("The SPARQL endpoint has moved.", "Set its new address.")
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise EndpointFailed(
            "The SPARQL endpoint does not accept the user or the password.",
            "Check MASTERY_ENDPOINT_USER, MASTERY_ENDPOINT_PASSWORD and MASTERY_ENDPOINT_AUTHENTICATION.",
        )
    if answer.status_code == httpx.codes.FORBIDDEN:
        raise EndpointFailed(
            "The SPARQL endpoint does not allow this to its user.",
            "Check MASTERY_ENDPOINT_USER, and what the endpoint allows that user.",
        )
    if _ROW_LIMIT_REACHED.search(page):
        raise too_many_rows(None)
    raise endpoint_failure(f"status {answer.status_code}.")


def _beginning(answer: httpx.Response) -> str:
    """Return the beginning of a body, of which no more is read: error pages can be as long as results."""
    try:
        content = answer.content
    except httpx.ResponseNotRead:
        content = b""
        for piece in answer.iter_bytes(_PAGE_BYTES):
            content += piece
            if len(content) >= _PAGE_BYTES:
                break
    return content[:_PAGE_BYTES].decode(errors="replace").strip()


def _parser_message(answer: httpx.Response, page: str) -> str:
    """Return the line in which a parser says what is wrong; nothing of a page of HTML or of several lines of text."""
    kind = answer.headers.get("content-type", "")
    if "html" in kind or page.startswith("<"):
        return ""
    return page.partition("\n")[0].strip()[:300]


def unreadable_result(reason: str, end: bytes, limits: Limits) -> StoreError:
    """Return the error for a result that does not parse: it may end by saying that its time is over."""
    if _OUT_OF_TIME.search(end[-300:].decode(errors="replace")):
        return query_timeout(limits)
    return endpoint_failure(f"its result does not parse: {reason}")


def query_timeout(limits: Limits) -> QueryTimeout:
    """Return the error for a query that has reached its time limit, here or at the endpoint."""
    after = f" after {limits.seconds:g} seconds" if limits.seconds is not None else ""
    return QueryTimeout(f"The query was stopped{after}.", "Narrow its patterns, or ask for fewer results with LIMIT.")


def too_many_rows(limit: int | None) -> ResultTooLarge:
    """Return the error for a result that a row limit of the endpoint has cut."""
    most = f"no more than {limit} rows" if limit is not None else "only a limited number of rows"
    return ResultTooLarge(
        f"The endpoint gives {most}, and may have left some out.",
        "Its operator can raise the limit (ResultSetMaxRows of Virtuoso); a query of your own can ask for less with "
        "LIMIT.",
    )


def endpoint_failure(reason: str) -> EndpointFailed:
    """Return the error for an endpoint that answers, and not as it should."""
    return EndpointFailed(f"The SPARQL endpoint failed: {reason}", "See its log.")


@contextmanager
def _told(limits: Limits, stop: Stop | None = None) -> Iterator[None]:
    """Tell what goes wrong on the way by the errors of this project."""
    try:
        yield
    except httpx.HTTPError as error:
        if stop and stop.pulled:
            raise EndpointFailed("The query was stopped by whoever asked it.") from None
        if isinstance(error, httpx.ReadTimeout | httpx.PoolTimeout):
            raise query_timeout(limits) from None
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError | httpx.DecodingError):
            raise endpoint_failure(str(error)) from None
        reason = str(error) or type(error).__name__
        raise EndpointDown(f"The SPARQL endpoint cannot be reached: {reason}.", "See whether it is up.") from None
    except httpx.InvalidURL as error:
        raise EndpointFailed(f"The address of the SPARQL endpoint is none: {error}.") from None


def _take(response: httpx.Response, received: IO[bytes], limits: Limits, deadline: float) -> None:
    """Write a result into a file, within its limits."""
    size = 0
    for piece in response.iter_bytes(PIECE):
        size += len(piece)
        if limits.size is not None and size > limits.size:
            raise ResultTooLarge(f"The result is larger than {limits.size} bytes.", "Ask for less.")
        if monotonic() > deadline:
            raise query_timeout(limits)
        received.write(piece)


def _refuse_down(answer: httpx.Response) -> None:
    if answer.status_code in _DOWN:
        waiting = answer.headers.get("retry-after", "").strip()
        members = {"retry_after": int(waiting)} if waiting.isdecimal() else {}
        raise EndpointDown(
            f"The SPARQL endpoint is not available: status {answer.status_code}.", "See whether it is up.", **members
        )


def _refuse_cut(response: httpx.Response, accept: str, limits: Limits) -> None:
    """Refuse a result that is not whole, or of which that could not be known: a cut list of triples still parses."""
    headers = response.headers
    if accept == RdfFormat.N_TRIPLES.media_type and not headers.keys() & {"content-length", "transfer-encoding"}:
        raise endpoint_failure("it does not say where its result ends, so that a part could be taken for the whole.")
    if headers.get("X-SQL-State"):
        raise query_timeout(limits)
    if most := headers.get("X-SPARQL-MaxRows"):
        raise too_many_rows(int(most) if most.isdecimal() else None)
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        raise endpoint_failure("it gives only a part of its result (status 206).")


def _hang_up(response: httpx.Response) -> None:
    """End a connection from which another thread may be reading."""
    with suppress(KeyError, AttributeError, OSError):
        response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _authentication(endpoint: Endpoint) -> httpx.Auth | None:
    if not endpoint.user:
        return None
    kind = httpx.DigestAuth if endpoint.authentication == "digest" else httpx.BasicAuth
    return kind(endpoint.user, endpoint.password or "")
