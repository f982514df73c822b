"""The HTTP client of a SPARQL 1.1 endpoint, based on httpx: requests, retries and errors.

A read that fails because the endpoint is down or overloaded is retried, in the first half of its time limit. A write
is sent once: if the connection breaks, it is unknown whether the write was done. Only complete results are accepted.
The signs of incomplete ones are detected in this module only: Virtuoso sends the headers `X-SQL-State` (stopped at the
time limit) and `X-SPARQL-MaxRows` (row limit), Oxigraph writes into the result that the query was cancelled, others
break the connection.
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
from mastery_graph.languages import Message, ngettext
from mastery_graph.store.circuit import Circuit
from mastery_graph.store.protocol import UNLIMITED, CircuitState, Limits, Stop

PIECE: Final = 64 * 1024
_MAX_BYTES_IN_MEMORY: Final = 1_000_000
_CONNECT_SECONDS: Final = 5.0
_DEFAULT_SECONDS: Final = 600.0
"""The timeout of requests without a limit."""
_RETRY_SHARE: Final = 0.5
"""The share of a time limit in which a read is retried. A retry near its end would be reported as a slow query,
although the endpoint is down."""
_OUTCOME_UNKNOWN: Final = Message("It is unknown whether the change was made: check before you send it again.")
_DOWN_STATUSES: Final = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE}
_TIMEOUT_MESSAGE: Final = re.compile(
    r"time[- ]?(d )?out|time ?limit|cancell?ed|interrupted|deadline|estimated execution time", re.IGNORECASE
)
_ROW_LIMIT_MESSAGE: Final = re.compile(r"\bSR35[03]\b")
"""The error codes of Virtuoso for an OFFSET, or ORDER BY with LIMIT, beyond its row limit."""
_MAX_PAGE_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The addresses of an endpoint for queries, updates (SPARQL 1.1 Update) and graphs (Graph Store HTTP Protocol).

    `timeout` is the format in which the time limit of a query is sent. A read is tried `attempts` times.
    After `failures` in a row the endpoint is considered down for `reset_seconds`.
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

    Its methods raise `EndpointDown` if the endpoint cannot be reached or is overloaded, `EndpointFailed` if it responds
    with an error, `BadQuery` if it does not accept the request, and `QueryTimeout`.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Prepare the connection; nothing is sent yet."""
        self._endpoint = endpoint
        self._ssl_context = httpx.create_ssl_context()
        self._client = httpx.Client(auth=_authentication(endpoint), verify=self._ssl_context)
        self._server = ""
        self._circuit = Circuit(endpoint.failures, endpoint.reset_seconds)

    @property
    def circuit(self) -> CircuitState:
        """Whether the endpoint is up, as far as is known."""
        return self._circuit.state

    @property
    def is_virtuoso(self) -> bool:
        """Whether the last response came from Virtuoso, which has limits that it does not report."""
        return self._server.startswith("Virtuoso")

    def result(
        self,
        fields: Mapping[str, str | tuple[str, ...]],
        accept: str,
        limits: Limits = UNLIMITED,
        stop: Stop | None = None,
    ) -> IO[bytes]:
        """Send a query with its parameters and return its complete result as a temporary file.

        Raises `ResultTooLarge` as soon as the result exceeds its limit.
        """
        seconds = _DEFAULT_SECONDS if limits.seconds is None else limits.seconds
        attempts = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, EndpointDown) and self._circuit.closed),
            stop=stop_after_attempt(self._endpoint.attempts) | stop_before_delay(seconds * _RETRY_SHARE),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            reraise=True,
        )
        return attempts(self._result, fields, accept, limits, monotonic() + seconds, stop or Stop())

    def send(self, method: str, address: str, seconds: float = _DEFAULT_SECONDS, **parts: Any) -> httpx.Response:
        """Send a write, once, and return the response, which may be an error. Raises `QueryTimeout` after `seconds`.

        It uses a new connection: the server may have closed an idle one, which is noticed only after the write has been
        sent.
        """
        with self._circuit.request(), _translate_http_errors(UNLIMITED):
            try:
                response = httpx.request(
                    method,
                    address,
                    auth=_authentication(self._endpoint),
                    verify=self._ssl_context,
                    timeout=httpx.Timeout(seconds, connect=_CONNECT_SECONDS),
                    **parts,
                )
            except httpx.ReadTimeout:
                raise QueryTimeout(
                    ngettext(
                        "The endpoint did not respond within {count} second.",
                        "The endpoint did not respond within {count} seconds.",
                        seconds,
                    ),
                    _OUTCOME_UNKNOWN,
                ) from None
            except (httpx.ReadError, httpx.RemoteProtocolError) as error:
                raise EndpointDown(
                    Message("The SPARQL endpoint closed the connection: {reason}.", reason=error), _OUTCOME_UNKNOWN
                ) from None
            _refuse_down(response)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _result(self, fields: Mapping[str, Any], accept: str, limits: Limits, deadline: float, stop: Stop) -> IO[bytes]:
        result = tempfile.SpooledTemporaryFile(_MAX_BYTES_IN_MEMORY)  # noqa: SIM115  # closed by the caller
        remaining = max(deadline - monotonic(), 0.001)
        try:
            with (
                self._circuit.request(),
                _translate_http_errors(limits, stop),
                self._client.stream(
                    "POST",
                    self._endpoint.query,
                    data=fields,
                    headers={"Accept": accept},
                    timeout=httpx.Timeout(remaining, connect=min(remaining, _CONNECT_SECONDS)),
                ) as response,
            ):
                self._server = response.headers.get("server", "")
                refuse_error(response, limits)
                _refuse_truncated(response, accept, limits)
                stop.arm(lambda: _shut_down(response))
                try:
                    _download(response, result, limits, deadline)
                finally:
                    stop.disarm()
        except BaseException:
            result.close()
            raise
        result.seek(0)
        return result


def refuse_error(response: httpx.Response, limits: Limits = UNLIMITED) -> None:
    """Raise the error that corresponds to the status of a response, if it is an error.

    Error pages are not passed on, since they may show internals of the endpoint; only the message of a parser is.
    """
    if response.is_success:
        return
    page = _page_start(response)
    if response.status_code == httpx.codes.GATEWAY_TIMEOUT or _TIMEOUT_MESSAGE.search(page):
        raise query_timeout(limits)
    if response.status_code == httpx.codes.BAD_REQUEST:
        reason = _parser_message(response, page)
        raise BadQuery(
            Message("The endpoint rejected the query: {reason}", reason=reason)
            if reason
            else Message("The endpoint rejected the query.")
        )
    _refuse_down(response)
    if response.is_redirect:
        raise EndpointFailed(Message("The SPARQL endpoint has moved."), Message("Set its new address."))
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise EndpointFailed(
            Message("The SPARQL endpoint does not accept the user or the password."),
            Message("Check MASTERY_ENDPOINT_USER, MASTERY_ENDPOINT_PASSWORD and MASTERY_ENDPOINT_AUTHENTICATION."),
        )
    if response.status_code == httpx.codes.FORBIDDEN:
        raise EndpointFailed(
            Message("The SPARQL endpoint does not allow its user to do this."),
            Message("Check MASTERY_ENDPOINT_USER, and what the endpoint allows that user."),
        )
    if _ROW_LIMIT_MESSAGE.search(page):
        raise too_many_rows(None)
    raise endpoint_failure(Message("status {status_code}.", status_code=response.status_code))


def _page_start(response: httpx.Response) -> str:
    """Return the first bytes of a body as text and read no more: error pages can be as long as results."""
    try:
        content = response.content
    except httpx.ResponseNotRead:
        content = b""
        for chunk in response.iter_bytes(_MAX_PAGE_BYTES):
            content += chunk
            if len(content) >= _MAX_PAGE_BYTES:
                break
    return content[:_MAX_PAGE_BYTES].decode(errors="replace").strip()


def _parser_message(response: httpx.Response, page: str) -> str:
    """Return the first line of a parser's error message; an empty text if the page is HTML."""
    media_type = response.headers.get("content-type", "")
    if "html" in media_type or page.startswith("<"):
        return ""
    return page.partition("\n")[0].strip()[:300]


def unreadable_result(reason: str, end: bytes, limits: Limits) -> StoreError:
    """Return the error for a result that does not parse; a timeout if the end of the result reports one."""
    if _TIMEOUT_MESSAGE.search(end[-300:].decode(errors="replace")):
        return query_timeout(limits)
    return endpoint_failure(Message("its result cannot be parsed: {reason}", reason=reason))


def query_timeout(limits: Limits) -> QueryTimeout:
    """Return the error for a query that has reached its time limit, in this process or at the endpoint."""
    seconds = limits.seconds
    return QueryTimeout(
        Message("The query was stopped.")
        if seconds is None
        else ngettext(
            "The query was stopped after {count} second.", "The query was stopped after {count} seconds.", seconds
        ),
        Message("Narrow its patterns, or ask for fewer results with LIMIT."),
    )


def too_many_rows(limit: int | None) -> ResultTooLarge:
    """Return the error for a result that was truncated by a row limit of the endpoint."""
    return ResultTooLarge(
        Message("The endpoint limits the number of rows and may have left some out.")
        if limit is None
        else ngettext(
            "The endpoint returns no more than {count} row and may have left some out.",
            "The endpoint returns no more than {count} rows and may have left some out.",
            limit,
        ),
        Message(
            "Its operator can raise the limit (ResultSetMaxRows of Virtuoso); a query of your own "
            "can ask for less with LIMIT."
        ),
    )


def endpoint_failure(reason: str) -> EndpointFailed:
    """Return the error for an endpoint that responds, but not as it should."""
    return EndpointFailed(Message("The SPARQL endpoint failed: {reason}", reason=reason), Message("See its log."))


@contextmanager
def _translate_http_errors(limits: Limits, stop: Stop | None = None) -> Iterator[None]:
    """Raise the errors of httpx in the block as errors of this project."""
    try:
        yield
    except httpx.HTTPError as error:
        if stop and stop.pulled:
            raise EndpointFailed(Message("The query was cancelled by the client.")) from None
        if isinstance(error, httpx.ReadTimeout | httpx.PoolTimeout):
            raise query_timeout(limits) from None
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError | httpx.DecodingError):
            raise endpoint_failure(str(error)) from None
        reason = str(error) or type(error).__name__
        raise EndpointDown(
            Message("The SPARQL endpoint cannot be reached: {reason}.", reason=reason),
            Message("Check whether it is running."),
        ) from None
    except httpx.InvalidURL as error:
        raise EndpointFailed(
            Message("The address of the SPARQL endpoint is invalid: {reason}.", reason=error)
        ) from None


def _download(response: httpx.Response, file: IO[bytes], limits: Limits, deadline: float) -> None:
    """Write a result into a file, within its limits."""
    size = 0
    for chunk in response.iter_bytes(PIECE):
        size += len(chunk)
        if limits.size is not None and size > limits.size:
            raise ResultTooLarge(
                Message("The result is larger than {size} bytes.", size=limits.size), Message("Request less data.")
            )
        if monotonic() > deadline:
            raise query_timeout(limits)
        file.write(chunk)


def _refuse_down(response: httpx.Response) -> None:
    if response.status_code in _DOWN_STATUSES:
        retry_after = response.headers.get("retry-after", "").strip()
        members: dict[str, Any] = {"retry_after": int(retry_after)} if retry_after.isdecimal() else {}
        raise EndpointDown(
            Message("The SPARQL endpoint is not available: status {status_code}.", status_code=response.status_code),
            Message("Check whether it is running."),
            **members,
        )


def _refuse_truncated(response: httpx.Response, accept: str, limits: Limits) -> None:
    """Raise if a result is incomplete, or if that could not be noticed: a truncated list of triples still parses."""
    headers = response.headers
    if accept == RdfFormat.N_TRIPLES.media_type and not headers.keys() & {"content-length", "transfer-encoding"}:
        raise endpoint_failure(Message("it does not mark the end of its result, which may be incomplete."))
    if headers.get("X-SQL-State"):
        raise query_timeout(limits)
    if max_rows := headers.get("X-SPARQL-MaxRows"):
        raise too_many_rows(int(max_rows) if max_rows.isdecimal() else None)
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        raise endpoint_failure(Message("it returned only a part of its result (status 206)."))


def _shut_down(response: httpx.Response) -> None:
    """End a connection from which another thread may be reading."""
    with suppress(KeyError, AttributeError, OSError):
        response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _authentication(endpoint: Endpoint) -> httpx.Auth | None:
    if not endpoint.user:
        return None
    scheme = httpx.DigestAuth if endpoint.authentication == "digest" else httpx.BasicAuth
    return scheme(endpoint.user, endpoint.password or "")
