"""The level that a description states, and its support by a referencing.

A level is supported only by a national level with a referencing (EQF Recommendation 2017/C 189/03, points 1 to 3). An
EQF level without a national one is a claim, and so is a level of another country's framework where no framework of the
awarding body's own country is referenced. Used by STACK-LEVEL and REC-LEVEL.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mastery_graph.credentials.description import Description
from mastery_graph.languages import Country, Joined, Message, join_with_and
from mastery_graph.questions.equivalence.levels import Level, all_levels, levels
from mastery_graph.store.protocol import Store


class HomeFrameworks(StrEnum):
    """Whether the frameworks of the countries of origin of a credential are referenced."""

    REFERENCED = "referenced"
    UNREFERENCED = "unreferenced"
    """A framework is in the graph, and none is referenced."""
    ABSENT = "absent"
    """No framework of these countries is in the graph."""
    UNKNOWN = "unknown"
    """No country is stated."""


@dataclass(frozen=True, slots=True)
class StatedLevel:
    """The levels that a description states, resolved to an EQF level as far as possible."""

    eqf: int | None
    """The EQF level, claimed or through a referencing. None where those stated contradict each other, or where one is
    claimed beside a national level without a referencing."""
    referenced: int | None
    """The EQF level that a referencing of a stated national level supports."""
    claimed: int | None
    """The EQF level that is claimed, where no referencing supports it."""
    nationals: tuple[Level, ...]
    contradiction: Message | None
    """How the stated levels contradict each other; None where they do not."""
    countries: tuple[str, ...]
    """Where the awarding bodies are based (ISO alpha-3); where that is not stated, the countries of the levels."""
    foreign: tuple[Level, ...]
    """The levels of a framework of another country than the awarding bodies'."""
    home: HomeFrameworks

    @property
    def national(self) -> Level | None:
        """The first of the national levels."""
        return next(iter(self.nationals), None)

    def supported(self, *, accept_claims: bool = False) -> int | None:
        """Return the EQF level that counts: one with a referencing, or a claimed one where claims are accepted."""
        claimed, referenced = ([] if level is None else [level] for level in (self.claimed, self.referenced))
        return None if self.contradiction else supported_level(claimed, referenced, accept_claims=accept_claims)

    @property
    def doubts(self) -> tuple[Message, ...]:
        """Why the statements do not support a level, and what is unusual about them."""
        doubts = [self.contradiction] if self.contradiction else []
        open_levels = [level for level in self.nationals if level.eqf_level is None]
        if self.claimed is not None and not self.nationals:
            doubts.append(
                Message(
                    "EQF level {level} is claimed, without a national level that has a referencing.", level=self.claimed
                )
            )
        elif self.claimed is not None and not open_levels:
            doubts.append(Message("EQF level {level} is claimed.", level=self.claimed))
        doubts += [
            Message(
                "{level} has no referencing to the EQF: {reason}.",
                level=level.label,
                reason=level.open_because or Message("no reason is recorded"),
            )
            for level in open_levels
        ]
        if self.foreign:
            doubts.append(
                Message(
                    "{levels} belongs to a framework of {countries}, and the awarding body is based in {home}.",
                    levels=", ".join(level.label for level in self.foreign),
                    countries=_countries(level.country for level in self.foreign),
                    home=_countries(self.countries),
                )
            )
        if self.referenced is None and self.home is HomeFrameworks.UNREFERENCED:
            doubts.append(
                Message("No framework of {countries} is referenced to the EQF.", countries=_countries(self.countries))
            )
        elif self.referenced is None and self.home is HomeFrameworks.ABSENT:
            doubts.append(
                Message(
                    "No framework of {countries} is in the graph, so that no referencing supports a level.",
                    countries=_countries(self.countries),
                )
            )
        return tuple(doubts)


def supported_level(claimed: Collection[int], referenced: Collection[int], *, accept_claims: bool) -> int | None:
    """Return the EQF level (1 to 8) that counts: referenced, or claimed where claims are accepted.

    None where none is supported, or where the levels contradict each other.

    >>> supported_level([5], [], accept_claims=False), supported_level([5], [5], accept_claims=False)
    (None, 5)
    """
    levels = {*claimed, *referenced}
    return next(iter(levels)) if len(levels) == 1 and (referenced or accept_claims) else None


def stated_level(store: Store, description: Description) -> StatedLevel:
    """Return the levels of a description, resolved with the referencings in the graph."""
    uris = [*([description.nqf_level] if description.nqf_level else []), *description.further_nqf_levels]
    nationals = levels(store, uris)
    claimed = [*([description.eqf_level] if description.eqf_level else []), *description.further_eqf_levels]
    eqf_levels = sorted({*claimed, *(level.eqf_level for level in nationals if level.eqf_level is not None)})
    contradiction = _contradiction(description, eqf_levels, nationals) if len(eqf_levels) > 1 else None
    eqf_level = eqf_levels[0] if len(eqf_levels) == 1 else None
    all_referenced = bool(nationals) and all(level.eqf_level is not None for level in nationals)

    body_countries = {body.country for body in description.awarding_bodies if body.country}
    countries = tuple(sorted(body_countries or {level.country for level in nationals if level.country}))
    foreign = tuple(level for level in nationals if body_countries and level.country not in body_countries)
    home = _home(store, countries)
    is_supported = all_referenced and (not foreign or home is HomeFrameworks.REFERENCED)
    referenced = eqf_level if is_supported else None
    return StatedLevel(
        eqf=eqf_level if all_referenced or not nationals else None,
        referenced=referenced,
        claimed=eqf_level if referenced is None else None,
        nationals=nationals,
        contradiction=contradiction,
        countries=countries,
        foreign=foreign,
        home=home,
    )


def _home(store: Store, countries: Sequence[str]) -> HomeFrameworks:
    if not countries:
        return HomeFrameworks.UNKNOWN
    home_levels = [level for country in countries for level in all_levels(store, country)]
    if not home_levels:
        return HomeFrameworks.ABSENT
    referenced = any(level.eqf_level is not None for level in home_levels)
    return HomeFrameworks.REFERENCED if referenced else HomeFrameworks.UNREFERENCED


def _countries(codes: Iterable[str | None]) -> str:
    return Joined(Country(code) for code in dict.fromkeys(codes) if code)


def _contradiction(description: Description, eqf: Sequence[int], nationals: Iterable[Level]) -> Message:
    claimed = description.eqf_level
    if claimed is None or description.further_eqf_levels:
        enumeration = join_with_and([str(number) for number in eqf])
        return Message("The levels stated contradict each other: they are the EQF levels {levels}.", levels=enumeration)
    other = next(level for level in nationals if level.eqf_level not in {None, claimed})
    return Message(
        "The stated EQF level {stated} contradicts {level}, which is referenced to EQF level {referenced}.",
        stated=claimed,
        level=other.label,
        referenced=other.eqf_level,
    )
