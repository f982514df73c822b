"""A time limit for work that nothing else bounds, such as custom shapes."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mastery_graph.errors import BadShapes


class _TimeIsUp(BaseException):
    """The alarm; a `BaseException`, so that no library catches it as an error."""


@contextmanager
def shapes_within(seconds: float) -> Iterator[None]:
    """Stop a validation with custom shapes after this many seconds, even within a regular expression.

    Raises `BadShapes`. Without alarms (outside the main thread, on Windows) there is no limit.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise _TimeIsUp

    previous_handler = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TimeIsUp:
        raise BadShapes(
            f"The shapes did not come to an end in {seconds:g} seconds.",
            "A pattern that can match in very many ways, such as (a+)+$, is the usual reason.",
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous_handler)
