"""A circuit breaker for a SPARQL endpoint: it opens after several failures in a row, and stops requests for a while.

While it is open, requests fail at once. Afterwards one request tries the endpoint (half-open); its outcome closes the
circuit or opens it again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from circuitbreaker import STATE_HALF_OPEN, STATE_OPEN, CircuitBreaker

from mastery_graph.errors import EndpointDown
from mastery_graph.languages import Message
from mastery_graph.store.protocol import CircuitState

_STATE_NAMES: Final = {STATE_OPEN: "open", STATE_HALF_OPEN: "half-open"}


class Circuit:
    """A counter of the failures of one endpoint, shared by the threads of a process. Only `EndpointDown` is counted."""

    def __init__(self, failures: int, reset_seconds: int) -> None:
        """Create a closed circuit that `failures` failures in a row open for `reset_seconds`."""
        self._breaker = CircuitBreaker(failures, reset_seconds, EndpointDown)
        self._reset_seconds = reset_seconds
        self._trial_lock = threading.Lock()
        self._since: datetime | None = None
        self._last_error: tuple[str, datetime] | None = None

    @property
    def closed(self) -> bool:
        """Whether requests are sent as usual."""
        return bool(self._breaker.closed)

    @property
    def state(self) -> CircuitState:
        """The state of the circuit now."""
        error, at = self._last_error or (None, None)
        return CircuitState(
            state=_STATE_NAMES.get(self._breaker.state, "closed"),
            failures=self._breaker.failure_count,
            since=_format_time(self._since),
            last_error=error,
            last_error_at=_format_time(at),
            next_try=_format_time(self._breaker.open_until) if self._breaker.opened else None,
        )

    @contextmanager
    def request(self) -> Iterator[None]:
        """Allow one request and record its outcome. Raises `EndpointDown` at once while the circuit is open."""
        is_trial = self._breaker.state == STATE_HALF_OPEN and self._trial_lock.acquire(blocking=False)
        if not is_trial and not self._breaker.closed:
            raise self._refusal()
        try:
            with self._breaker:
                yield
        except EndpointDown as error:
            self._last_error = (error.detail, datetime.now(UTC))
            delay = 1 if self._breaker.closed else self._reset_seconds
            retry_after = error.members.get("retry_after")
            error.members["retry_after"] = max(delay, retry_after) if isinstance(retry_after, int) else delay
            raise
        finally:
            self._since = None if self._breaker.closed else self._since or datetime.now(UTC)
            if is_trial:
                self._trial_lock.release()

    def _refusal(self) -> EndpointDown:
        error, _ = self._last_error or ("", None)
        return EndpointDown(
            Message(
                "The SPARQL endpoint has been down since {time}. {reason}",
                time=_format_time(self._since),
                reason=error,
            )
            if error
            else Message("The SPARQL endpoint has been down since {time}.", time=_format_time(self._since)),
            Message("Check whether it is running; it is tried again after a while."),
            retry_after=max(1, self._breaker.open_remaining),
        )


def _format_time(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
