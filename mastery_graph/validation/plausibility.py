"""What is stated but can hardly be meant: credits against hours, a duration against a workload, levels, dates."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from mastery_graph.credentials.description import Description
from mastery_graph.credentials.workload import agree
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that contradicts itself: the standard element (its slug and name), why, and how to mend it."""

    slug: str
    element: str
    message: str
    value: str
    fix: str
    example: str


def doubts(description: Description, store: Store | None) -> Iterator[Doubt]:
    """Yield what is implausible in a description; levels are compared where a `store` with the frameworks is given."""
    yield from _workload(description)
    yield from _dates(description)
    if store:
        yield from _levels(description, store)


def _workload(description: Description) -> Iterator[Doubt]:
    ects, hours = description.ects, description.hours
    if ects is not None and description.further_ects:
        several = " and ".join(f"{float(each):g}" for each in (ects, *description.further_ects))
        yield Doubt(
            "notional-workload",
            "notional workload",
            f"{several} ECTS credits are stated: they contradict each other.",
            f"{several} ECTS",
            "State one number of credits for the whole.",
            f'"creditPoint": {{"type": "CreditPoint", "point": "{float(description.further_ects[-1]):g}"}}',
        )
    if ects is not None and hours is not None and not agree(ects, hours):
        yield Doubt(
            "notional-workload",
            "notional workload",
            f"{float(ects):g} ECTS and {float(hours):g} hours do not agree: a credit stands for 25 to 30 hours.",
            f"{float(hours):g} hours",
            "Correct the credits or the hours.",
            f'"volumeOfLearning": "PT{round(ects * 25)}H"',
        )
    if hours is None and description.duration and ects is None:
        yield Doubt(
            "notional-workload",
            "notional workload",
            f"The duration {description.duration} is no workload: it is not told in hours.",
            description.duration,
            "State the hours of learning. PT60M is sixty minutes, P60M sixty months.",
            '"volumeOfLearning": "PT60H"',
        )


def _dates(description: Description) -> Iterator[Doubt]:
    begins, ends = description.valid_from or description.issued_at, description.valid_until
    if begins and ends and ends < begins:
        yield Doubt(
            "date-of-issuing",
            "date of issuing",
            f"It is valid from {begins:%Y-%m-%d}, but only until {ends:%Y-%m-%d}.",
            f"{ends:%Y-%m-%d}",
            "Correct one of the two dates.",
            f'"validUntil": "{begins.year + 5}-{begins:%m-%d}T00:00:00Z"',
        )


def _levels(description: Description, store: Store) -> Iterator[Doubt]:
    if description.nqf_level is None or description.eqf_level is None:
        return
    for row in store.select(named_query("equivalence/levels").text, {"level": NamedNode(description.nqf_level)}):
        if "eqf" in row and int(row["eqf"].value) != description.eqf_level:
            yield Doubt(
                "level",
                "level",
                f"EQF level {description.eqf_level} contradicts {row['label'].value}, which is referenced to EQF level "
                f"{row['eqf'].value}.",
                f"EQF level {description.eqf_level}",
                "Correct one of the two levels.",
                f'"eqfLevel": {{"id": "http://data.europa.eu/snb/eqf/{row["eqf"].value}", "type": "Concept"}}',
            )
