"""The circuit before an endpoint: after several failures in a row it opens, and the endpoint is left alone for a while.

Whoever asks while it is open is refused at once. Afterwards one request tries the endpoint (half-open); its outcome
closes the circuit or opens it again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from circuitbreaker import STATE_HALF_OPEN, STATE_OPEN, CircuitBreaker

from mastery_graph.errors import EndpointDown

_NAMES: Final = {STATE_OPEN: "open", STATE_HALF_OPEN: "half-open"}


@dataclass(frozen=True, slots=True)
class CircuitState:
    """What is known of an endpoint. Times are ISO 8601, UTC.

    `state` is `closed` (it is asked), `open` (it is down and left alone until `next_try`) or `half-open` (the next
    request tries it). `since` is when it went down.
    """

    state: str
    failures: int
    since: str | None
    last_error: str | None
    last_error_at: str | None
    next_try: str | None


class Circuit:
    """Counts the failures of one endpoint, for the threads of one process. Only `EndpointDown` counts as one."""

    def __init__(self, failures: int, reset_seconds: int) -> None:
        """Begin closed; `failures` in a row open it for `reset_seconds`."""
        self._breaker = CircuitBreaker(failures, reset_seconds, EndpointDown)
        self._reset_seconds = reset_seconds
        self._trying = threading.Lock()
        self._since: datetime | None = None
        self._last: tuple[str, datetime] | None = None

    @property
    def closed(self) -> bool:
        """Whether the endpoint is asked as usual."""
        return bool(self._breaker.closed)

    @property
    def state(self) -> CircuitState:
        """What is known of the endpoint now."""
        error, at = self._last or (None, None)
        return CircuitState(
            state=_NAMES.get(self._breaker.state, "closed"),
            failures=self._breaker.failure_count,
            since=_written(self._since),
            last_error=error,
            last_error_at=_written(at),
            next_try=_written(self._breaker.open_until) if self._breaker.opened else None,
        )

    @contextmanager
    def request(self) -> Iterator[None]:
        """Let one request pass, and learn from how it ends. Raises `EndpointDown` at once while the circuit is open."""
        trying = self._breaker.state == STATE_HALF_OPEN and self._trying.acquire(blocking=False)
        if not trying and not self._breaker.closed:
            raise self._refusal()
        try:
            with self._breaker:
                yield
        except EndpointDown as error:
            self._last = (error.detail, datetime.now(UTC))
            own = 1 if self._breaker.closed else self._reset_seconds
            wanted = error.members.get("retry_after")
            error.members["retry_after"] = max(own, wanted) if isinstance(wanted, int) else own
            raise
        finally:
            self._since = None if self._breaker.closed else self._since or datetime.now(UTC)
            if trying:
                self._trying.release()

    def _refusal(self) -> EndpointDown:
        error, _ = self._last or ("", None)
        return EndpointDown(
            f"The SPARQL endpoint has been down since {_written(self._since)}. {error}".strip(),
            "See whether it is up; it is tried again after a while.",
            retry_after=max(1, self._breaker.open_remaining),
        )


def _written(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
