"""A limit of time for work that nothing else bounds, such as shapes that a user brings."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mastery_graph.errors import BadShapes


class _TimeIsUp(BaseException):
    """The alarm; no library takes it for an error of its own."""


@contextmanager
def shapes_within(seconds: float) -> Iterator[None]:
    """End what applies shapes after so many seconds, in the middle of a regular expression too.

    Raises `BadShapes`. Where there are no alarms (outside the main thread, on Windows) there is no limit.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
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
        signal.signal(signal.SIGALRM, before)
