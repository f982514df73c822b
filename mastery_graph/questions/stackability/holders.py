"""Comparison of the holders of credentials, by identifiers, names and dates of birth (rule STACK-HOLDER).

Identifiers are compared within one scheme and country only: a learner who has studied in three countries has three of
them. Equal names support that two holders are the same; different names prove nothing, because people marry, and
registers write names in capitals, without a middle name, or in another script.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from mastery_graph.credentials.description import BirthDate, Holder, HolderIdentifier
from mastery_graph.languages import N_, Joined, Message
from mastery_graph.questions.answer import Outcome

_WORDS = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")


class Match(StrEnum):
    """The result of a comparison: the same, different, or undecided."""

    SAME = "same"
    DIFFERENT = "different"
    OPEN = "open"


class Doubt(StrEnum):
    """What a person has to compare where the data of two credentials is not sufficient."""

    NAMES = "names"
    NO_NAME = "no-name"
    BIRTH_DATES = "birth-dates"
    NO_BIRTH_DATE = "no-birth-date"
    IDENTIFIERS = "identifiers"
    NO_IDENTIFIER = "no-identifier"
    CONTRADICTION = "contradiction"


_DOUBTS = {
    Doubt.CONTRADICTION: N_(
        "the dates of birth, which differ although the identifier is the same ({credentials})",
    ),
    Doubt.NAMES: N_("the names, which are not written in the same way ({credentials})"),
    Doubt.NO_NAME: N_("the name, which is not stated in {credentials}"),
    Doubt.BIRTH_DATES: N_("the dates of birth, which do not show which day is meant ({credentials})"),
    Doubt.NO_BIRTH_DATE: N_("the date of birth, which is not stated in {credentials}"),
    Doubt.IDENTIFIERS: N_("the identifiers, which are not known to be of one scheme and country ({credentials})"),
    Doubt.NO_IDENTIFIER: N_("the identifier, which is not stated in a readable form in {credentials}"),
}

_DIFFERENT = {
    True: N_("Different identifiers of one scheme and country are stated: {credentials}."),
    False: N_("Different dates of birth are stated: {credentials}."),
}
"""The message for contradicting holders: of identifiers (True), of dates of birth (False)."""
_NOT_AN_ACCENT = frozenset((7, 8, 9))
"""The combining classes of marks that belong to a letter: nukta, the voicing of kana, virama."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of two holders: the result, its basis, and the open points."""

    match: Match
    by_identifier: bool = False
    doubts: dict[Doubt, tuple[int, ...]] = field(default_factory=dict)
    """What has to be compared, with the positions of the holders concerned: 0, 1 or both."""


def same_learner(holders: Sequence[tuple[str, Holder | None]]) -> tuple[Outcome, str]:
    """Return whether these holders, each with the title of its credential, are the same learner, and why.

    Met where all are linked, directly or through another holder; unmet where any two contradict each other; otherwise
    unknown, with the points that a person has to compare. The order of the holders does not matter.
    """
    pairs = [
        (positions, compare_holders(*(holders[position][1] or Holder(iri="") for position in positions)))
        for positions in combinations(range(len(holders)), 2)
    ]
    for by_identifier, pattern in _DIFFERENT.items():
        contradicting = [
            holders[position][0]
            for positions, pair in pairs
            if pair.match is Match.DIFFERENT and pair.by_identifier is by_identifier
            for position in positions
        ]
        if contradicting:
            return Outcome.UNMET, Message(pattern, credentials=_enumeration(contradicting))
    group = list(range(len(holders)))
    doubts: dict[Doubt, list[str]] = {}
    for (first, second), pair in pairs:
        if pair.match is Match.SAME:
            group = [group[first] if number == group[second] else number for number in group]
        for doubt, concerned in pair.doubts.items():
            doubts.setdefault(doubt, []).extend(holders[(first, second)[position]][0] for position in concerned)
    if len(set(group)) == 1 and Doubt.CONTRADICTION not in doubts:
        return Outcome.MET, _confirmation({pair.by_identifier for _, pair in pairs if pair.match is Match.SAME})
    open_points = [
        Message(_DOUBTS[doubt], credentials=_enumeration(doubts[doubt])) for doubt in Doubt if doubt in doubts
    ]
    return Outcome.UNKNOWN, Message(
        "It is not certain that all belong to one learner. A person has to compare: {points}.",
        points=Joined(open_points, "; "),
    )


def compare_holders(holder: Holder, other: Holder) -> Comparison:
    """Compare two holders: the same learner, different learners, or open with the points to compare."""
    by_identifier = _compare_identifiers(holder.identifiers, other.identifiers)
    by_birth_date = _compare_birth_dates(holder.birth_dates, other.birth_dates)
    if by_identifier is Match.SAME:
        if by_birth_date is Match.DIFFERENT:
            return Comparison(Match.OPEN, doubts={Doubt.CONTRADICTION: (0, 1)})
        return Comparison(Match.SAME, by_identifier=True)
    if by_identifier is Match.DIFFERENT:
        return Comparison(Match.DIFFERENT, by_identifier=True)
    if by_birth_date is Match.DIFFERENT:
        return Comparison(Match.DIFFERENT)
    same_name = bool({_name_words(name) for name in holder.names} & {_name_words(name) for name in other.names} - {()})
    if same_name and by_birth_date is Match.SAME:
        return Comparison(Match.SAME)
    doubts: dict[Doubt, tuple[int, ...]] = {}
    for missing, open_point, first, second, is_settled in (
        (Doubt.NO_NAME, Doubt.NAMES, holder.names, other.names, same_name),
        (Doubt.NO_BIRTH_DATE, Doubt.BIRTH_DATES, holder.birth_dates, other.birth_dates, by_birth_date is Match.SAME),
        (Doubt.NO_IDENTIFIER, Doubt.IDENTIFIERS, holder.identifiers, other.identifiers, False),
    ):
        if positions := tuple(position for position, values in enumerate((first, second)) if not values):
            doubts[missing] = positions
        elif not is_settled:
            doubts[open_point] = (0, 1)
    return Comparison(Match.OPEN, doubts=doubts)


def _confirmation(by_identifier: set[bool]) -> Message:
    if by_identifier == {True}:
        return Message("All belong to one learner: the identifier is the same.")
    if by_identifier == {False}:
        return Message("All belong to one learner: the name and the date of birth are the same.")
    return Message("All belong to one learner: the identifier, or the name and the date of birth, are the same.")


def _enumeration(titles: Iterable[str]) -> Joined:
    return Joined(sorted(set(titles)), "; ")


def _compare_identifiers(
    identifiers: Sequence[HolderIdentifier], other_identifiers: Sequence[HolderIdentifier]
) -> Match:
    matches = {_compare_identifier(identifier, other) for identifier in identifiers for other in other_identifiers}
    return next((match for match in (Match.SAME, Match.DIFFERENT) if match in matches), Match.OPEN)


def _compare_identifier(identifier: HolderIdentifier, other: HolderIdentifier) -> Match:
    """Compare two identifiers; they are the same or different only within one scheme and country."""
    countries, schemes = {identifier.country, other.country}, {_normalise(identifier.scheme), _normalise(other.scheme)}
    if identifier.national is not other.national or len(countries - {None}) > 1 or len(schemes - {None}) > 1:
        return Match.OPEN
    notation, other_notation = _normalise(identifier.notation), _normalise(other.notation)
    if notation == other_notation:
        return Match.SAME
    same_scheme = len(schemes) == 1 and (schemes != {None} or identifier.national)
    same_country = len(countries) == 1 and (countries != {None} or schemes != {None})
    written_alike = _WORDS.sub("", notation or "") == _WORDS.sub("", other_notation or "")
    return Match.DIFFERENT if same_scheme and same_country and not written_alike else Match.OPEN


def _normalise(text: str | None) -> str | None:
    """Return a text without case and spaces, in one Unicode form."""
    return None if text is None else _SPACES.sub("", unicodedata.normalize("NFKC", text).casefold())


def _compare_birth_dates(dates: Sequence[BirthDate], other_dates: Sequence[BirthDate]) -> Match:
    """Compare dates of birth; several in one credential contradict each other and decide nothing."""
    if len(dates) != 1 or len(other_dates) != 1:
        return Match.OPEN
    (date,), (other_date,) = dates, other_dates
    if date == other_date:
        return Match.SAME
    if date.exact and other_date.exact:
        return Match.DIFFERENT
    return Match.OPEN if abs((date.day - other_date.day).days) <= 1 else Match.DIFFERENT


def _name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in alphabetical order, without case and accents.

    >>> _name_words("ÅSTRÖM, José-María") == _name_words("Jose Maria Astrom")
    True
    """
    plain = "".join(_letter(char) for char in unicodedata.normalize("NFKD", name.casefold()))
    return tuple(sorted(word for word in _WORDS.split(unicodedata.normalize("NFKC", plain).casefold()) if word))


def _letter(char: str) -> str:
    """Return a letter without its accent or stroke; an empty string for an accent."""
    if (combining := unicodedata.combining(char)) and combining not in _NOT_AN_ACCENT:
        return ""
    base, stroke, _ = unicodedata.name(char, "").partition(" WITH ")
    return unicodedata.lookup(base) if stroke and base.startswith("LATIN ") else char
