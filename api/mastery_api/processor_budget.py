"""The processor time that one client may use in a minute."""

from ipaddress import ip_address
from math import ceil
from time import monotonic
from typing import Final

from mastery_graph.errors import TooManyRequests
from mastery_graph.languages import Message

_MAX_CLIENTS: Final = 10_000
"""Clients that are remembered; above it, those that have used nothing lately are forgotten."""


class ProcessorBudget:
    """Seconds of processor time per client. What is used comes back evenly, `per_minute` seconds in each minute."""

    def __init__(self, per_minute: float, *, limits_loopback: bool = False) -> None:
        """Start with the full budget for everybody. Clients on this machine are limited only if told so."""
        self._per_minute = per_minute
        self._limits_loopback = limits_loopback
        self._used: dict[str, tuple[float, float]] = {}

    def require(self, client: str) -> None:
        """Raise `TooManyRequests`, with the seconds to wait, if a client has used up its budget."""
        excess = self._current(client) - self._per_minute
        if excess >= 0 and self._is_limited(client):
            wait = max(1, ceil((excess * 60) / self._per_minute))
            raise TooManyRequests(
                Message(
                    "Your requests used more than {seconds} seconds of processor time a minute.",
                    seconds=self._per_minute,
                ),
                Message("Wait {seconds} seconds.", seconds=wait),
                retry_after=wait,
            )

    def spend(self, client: str, seconds: float) -> None:
        """Count processor time that was used for a client."""
        if len(self._used) >= _MAX_CLIENTS:
            self._used = {name: used for name, used in self._used.items() if self._current(name) > 0}
        self._used[client] = (self._current(client) + seconds, monotonic())

    def _current(self, client: str) -> float:
        used, moment = self._used.get(client, (0.0, 0.0))
        return max(used - (monotonic() - moment) * self._per_minute / 60, 0.0)

    def _is_limited(self, client: str) -> bool:
        try:
            return self._limits_loopback or not ip_address(client).is_loopback
        except ValueError:  # a network, or the name of a socket
            return True
