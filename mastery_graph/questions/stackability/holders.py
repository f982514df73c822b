"""Whether credentials belong to one learner, from the identifiers, names and dates of birth that they state.

Rule STACK-HOLDER. Identifiers are compared within one scheme and country only: a learner who has studied in three
countries has three of them. A name can show that two learners are the same, and never that they are not: people marry,
and registers write a name in capitals, without a middle name, or in another script.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from mastery_graph.credentials.description import BirthDate, Holder, HolderIdentifier
from mastery_graph.languages import Joined, Message, said
from mastery_graph.questions.answer import Outcome

_WORDS = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")


class Match(StrEnum):
    """What a comparison shows: the same, different, or neither."""

    SAME = "same"
    DIFFERENT = "different"
    OPEN = "open"


class Doubt(StrEnum):
    """What a person has to compare where the statements of two credentials leave it open."""

    NAMES = "names"
    NO_NAME = "no-name"
    BIRTH_DATES = "birth-dates"
    NO_BIRTH_DATE = "no-birth-date"
    IDENTIFIERS = "identifiers"
    NO_IDENTIFIER = "no-identifier"
    CONTRADICTION = "contradiction"


_DOUBTS = {
    Doubt.CONTRADICTION: said(
        "the dates of birth, which differ although the identifier is the same ({credentials})",
    ),
    Doubt.NAMES: said("the names, which are not written in the same way ({credentials})"),
    Doubt.NO_NAME: said("the name, which is not stated in {credentials}"),
    Doubt.BIRTH_DATES: said("the dates of birth, which do not show which day is meant ({credentials})"),
    Doubt.NO_BIRTH_DATE: said("the date of birth, which is not stated in {credentials}"),
    Doubt.IDENTIFIERS: said("the identifiers, which are not known to be of one scheme and country ({credentials})"),
    Doubt.NO_IDENTIFIER: said("the identifier, which is not stated in a readable form in {credentials}"),
}

_DIFFERENT = {
    True: said("Different identifiers of one scheme and country are stated: {credentials}."),
    False: said("Different dates of birth are stated: {credentials}."),
}
"""What contradicts itself, by whether it is the identifiers that do."""
_NOT_AN_ACCENT = frozenset((7, 8, 9))
"""The combining classes of marks that are part of a letter: nukta, the voicing of kana, virama."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the comparison of two holders shows: by what they are the same or different, or what is left open."""

    match: Match
    by_identifier: bool = False
    doubts: dict[Doubt, tuple[int, ...]] = field(default_factory=dict)
    """What has to be compared, with which of the two it concerns: 0, 1 or both."""


def same_learner(holders: Sequence[tuple[str, Holder | None]]) -> tuple[Outcome, str]:
    """Return whether these holders, each with the title of its credential, are one learner, and why.

    Met where each is tied to each other, if need be over a third one; unmet where any two contradict each other;
    otherwise unknown, with what a person has to compare. The order of the holders does not matter.
    """
    pairs = [
        (places, compare_holders(*(holders[place][1] or Holder(iri="") for place in places)))
        for places in combinations(range(len(holders)), 2)
    ]
    for by_identifier, pattern in _DIFFERENT.items():
        contradicting = [
            holders[place][0]
            for places, pair in pairs
            if pair.match is Match.DIFFERENT and pair.by_identifier is by_identifier
            for place in places
        ]
        if contradicting:
            return Outcome.UNMET, Message(pattern, credentials=_listed(contradicting))
    group = list(range(len(holders)))
    doubts: dict[Doubt, list[str]] = {}
    for (one, other), pair in pairs:
        if pair.match is Match.SAME:
            group = [group[one] if number == group[other] else number for number in group]
        for doubt, concerned in pair.doubts.items():
            doubts.setdefault(doubt, []).extend(holders[(one, other)[place]][0] for place in concerned)
    if len(set(group)) == 1 and Doubt.CONTRADICTION not in doubts:
        return Outcome.MET, _same({pair.by_identifier for _, pair in pairs if pair.match is Match.SAME})
    open_points = [Message(_DOUBTS[doubt], credentials=_listed(doubts[doubt])) for doubt in Doubt if doubt in doubts]
    return Outcome.UNKNOWN, Message(
        "It is not certain that all belong to one learner. A person has to compare: {points}.",
        points=Joined(open_points, "; "),
    )


def compare_holders(one: Holder, other: Holder) -> Comparison:
    """Return whether two holders are the same learner, are not, or what would have to be compared to know."""
    by_identifier = _compare_identifiers(one.identifiers, other.identifiers)
    by_birth_date = _compare_birth_dates(one.birth_dates, other.birth_dates)
    if by_identifier is Match.SAME:
        if by_birth_date is Match.DIFFERENT:
            return Comparison(Match.OPEN, doubts={Doubt.CONTRADICTION: (0, 1)})
        return Comparison(Match.SAME, by_identifier=True)
    if by_identifier is Match.DIFFERENT:
        return Comparison(Match.DIFFERENT, by_identifier=True)
    if by_birth_date is Match.DIFFERENT:
        return Comparison(Match.DIFFERENT)
    same_name = bool({_name(name) for name in one.names} & {_name(name) for name in other.names} - {()})
    if same_name and by_birth_date is Match.SAME:
        return Comparison(Match.SAME)
    doubts: dict[Doubt, tuple[int, ...]] = {}
    for missing, open_point, first, second, settled in (
        (Doubt.NO_NAME, Doubt.NAMES, one.names, other.names, same_name),
        (Doubt.NO_BIRTH_DATE, Doubt.BIRTH_DATES, one.birth_dates, other.birth_dates, by_birth_date is Match.SAME),
        (Doubt.NO_IDENTIFIER, Doubt.IDENTIFIERS, one.identifiers, other.identifiers, False),
    ):
        if without := tuple(place for place, stated in enumerate((first, second)) if not stated):
            doubts[missing] = without
        elif not settled:
            doubts[open_point] = (0, 1)
    return Comparison(Match.OPEN, doubts=doubts)


def _same(by_identifier: set[bool]) -> Message:
    if by_identifier == {True}:
        return Message("All belong to one learner: the identifier is the same.")
    if by_identifier == {False}:
        return Message("All belong to one learner: the name and the date of birth are the same.")
    return Message("All belong to one learner: the identifier, or the name and the date of birth, are the same.")


def _listed(titles: Iterable[str]) -> Joined:
    return Joined(sorted(set(titles)), "; ")


def _compare_identifiers(one: Sequence[HolderIdentifier], other: Sequence[HolderIdentifier]) -> Match:
    found = {_compare_identifier(left, right) for left in one for right in other}
    return next((match for match in (Match.SAME, Match.DIFFERENT) if match in found), Match.OPEN)


def _compare_identifier(one: HolderIdentifier, other: HolderIdentifier) -> Match:
    """Return how two identifiers compare: they are the same, or different, only within one scheme and country."""
    countries, schemes = {one.country, other.country}, {_plain(one.scheme), _plain(other.scheme)}
    if one.national is not other.national or len(countries - {None}) > 1 or len(schemes - {None}) > 1:
        return Match.OPEN
    left, right = _plain(one.notation), _plain(other.notation)
    if left == right:
        return Match.SAME
    one_scheme = len(schemes) == 1 and (schemes != {None} or one.national)
    one_country = len(countries) == 1 and (countries != {None} or schemes != {None})
    written_alike = _WORDS.sub("", left or "") == _WORDS.sub("", right or "")
    return Match.DIFFERENT if one_scheme and one_country and not written_alike else Match.OPEN


def _plain(text: str | None) -> str | None:
    """Return a text without its case, its spaces and its Unicode form."""
    return None if text is None else _SPACES.sub("", unicodedata.normalize("NFKC", text).casefold())


def _compare_birth_dates(one: Sequence[BirthDate], other: Sequence[BirthDate]) -> Match:
    """Return how the dates of birth compare; several in one credential contradict each other, and show nothing."""
    if len(one) != 1 or len(other) != 1:
        return Match.OPEN
    (left,), (right,) = one, other
    if left == right:
        return Match.SAME
    if left.exact and right.exact:
        return Match.DIFFERENT
    return Match.OPEN if abs((left.day - right.day).days) <= 1 else Match.DIFFERENT


def _name(written: str) -> tuple[str, ...]:
    """Return the words of a name in the order of the alphabet, without case, accents and Unicode form.

    >>> _name("ÅSTRÖM, José-María") == _name("Jose Maria Astrom")
    True
    """
    plain = "".join(_letter(char) for char in unicodedata.normalize("NFKD", written.casefold()))
    return tuple(sorted(word for word in _WORDS.split(unicodedata.normalize("NFKC", plain).casefold()) if word))


def _letter(char: str) -> str:
    """Return a letter without its accent or stroke; nothing for an accent."""
    if (combining := unicodedata.combining(char)) and combining not in _NOT_AN_ACCENT:
        return ""
    base, stroke, _ = unicodedata.name(char, "").partition(" WITH ")
    return unicodedata.lookup(base) if stroke and base.startswith("LATIN ") else char
