"""The metrics of the service (Prometheus). None of them contains a path, a query or a client."""

from functools import lru_cache
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Counter(
    "mastery_requests", "Requests, by the template of their route.", ("method", "route", "status")
)
SECONDS: Final = Histogram(
    "mastery_request_seconds",
    "Seconds from the first byte of a request to the last of its answer.",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
ANSWERS: Final = Counter("mastery_answers", "Answers to questions, by their kind.", ("kind",))
PROBLEMS: Final = Counter("mastery_problems", "Requests that ended in a problem, by its type.", ("type",))
WAITING: Final = Gauge("mastery_queries_waiting", "Queries that wait for their turn.", multiprocess_mode="livesum")
WORKING: Final = Gauge("mastery_queries_working", "Queries that have a turn.", multiprocess_mode="livesum")
WORKERS: Final = Gauge(
    "mastery_query_workers", "Queries that may work at the same time, in all.", multiprocess_mode="livesum"
)
ANSWERS_WAITING: Final = Gauge(
    "mastery_answers_waiting", "Questions that wait for their turn.", multiprocess_mode="livesum"
)
ANSWERS_WORKING: Final = Gauge("mastery_answers_working", "Questions that have a turn.", multiprocess_mode="livesum")
ANSWER_WORKERS: Final = Gauge(
    "mastery_answer_workers", "Questions that may have a turn at the same time, in all.", multiprocess_mode="livesum"
)
TRIPLES: Final = Gauge("mastery_store_triples", "Triples in the named graphs.", multiprocess_mode="mostrecent")
BYTES: Final = Gauge("mastery_store_bytes", "Bytes of the store on disk.", multiprocess_mode="mostrecent")

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a finished request. An unknown HTTP method counts as `other`."""
    counter, histogram = _labelled(method if method in _METHODS else "other", route, status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=1000)
def _labelled(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


def count_outcome(answer: str | None, problem: str | None) -> None:
    """Count the kind of an answer, and the type of a problem."""
    if answer:
        ANSWERS.labels(answer).inc()
    if problem:
        PROBLEMS.labels(problem).inc()
