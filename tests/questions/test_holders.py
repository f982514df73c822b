"""One learner or several: what identifiers, names and dates of birth show, whatever their order and their spelling."""

import unicodedata
from collections.abc import Callable
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastery_graph.credentials.description import BirthDate, Holder, HolderIdentifier, birth_date
from mastery_graph.questions.answer import Outcome
from mastery_graph.questions.stackability.holders import Match, compare_holders, same_learner

FINLAND, ITALY = (f"http://publications.europa.eu/resource/authority/country/{code}" for code in ("FIN", "ITA"))
letters = st.sampled_from("abcdeéèåäößłřžñ")
words = st.text(letters, min_size=1, max_size=8).map(str.title)
names = st.lists(words, min_size=2, max_size=3, unique_by=str.casefold)
days = st.dates(date(1940, 1, 1), date(2010, 12, 31))
identifiers = st.builds(
    HolderIdentifier,
    notation=st.sampled_from(["1", "2", "3"]),
    country=st.sampled_from([FINLAND, ITALY, None]),
    scheme=st.sampled_from(["tax", "health", None]),
    national=st.booleans(),
)
holders = st.builds(
    Holder,
    iri=st.just(""),
    identifiers=st.lists(identifiers, max_size=2).map(tuple),
    names=st.lists(st.sampled_from(["Aino Example", "AINO EXAMPLE", "Aino M. Example", "Bo Else"]), max_size=1).map(
        tuple
    ),
    birth_dates=st.lists(
        st.builds(BirthDate, day=st.sampled_from([date(1990, 5, 17), date(1985, 1, 2)]), exact=st.booleans()),
        max_size=1,
    ).map(tuple),
)


def learner(name: str, born: date | None = None, **identifier: str) -> Holder:
    return Holder(
        iri="",
        names=(name,) if name else (),
        birth_dates=(BirthDate(day=born),) if born else (),
        identifiers=(HolderIdentifier.model_validate(identifier),) if identifier else (),
    )


def judge(*learners: Holder | None) -> Outcome:
    return same_learner([(f"Credential {number}", one) for number, one in enumerate(learners)])[0]


SAME_SPELLING: list[Callable[[list[str]], str]] = [
    " ".join,
    lambda name: " ".join(name).upper(),
    lambda name: " ".join(name).casefold(),
    lambda name: f"{name[-1]}, {' '.join(name[:-1])}",
    lambda name: "  ".join(reversed(name)),
    lambda name: unicodedata.normalize("NFD", " ".join(name)),
    lambda name: unicodedata.normalize("NFKC", " ".join(name)),
    "-".join,
    lambda name: "".join(
        char for char in unicodedata.normalize("NFD", " ".join(name)) if not unicodedata.combining(char)
    ),
]
OTHER_SPELLING: list[Callable[[list[str]], str]] = [
    lambda name: f"{name[0]} M. {' '.join(name[1:])}",
    lambda name: f"{name[0][0]}. {' '.join(name[1:])}",
    lambda name: f"{name[0]} Newname",
    lambda _: "Елена Петрова",
    lambda _: "Ελένη Πετρίδου",
    lambda name: name[0],
    lambda _: "5feceb66ffc86f38d952786c6d696c79",
]


@given(names, days, st.sampled_from(SAME_SPELLING), st.sampled_from(SAME_SPELLING))
def test_the_same_name_and_birthday_is_one_learner_however_it_is_written(
    name: list[str], born: date, one: Callable[[list[str]], str], other: Callable[[list[str]], str]
) -> None:
    assert judge(learner(one(name), born), learner(other(name), born)) is Outcome.MET


@given(names, st.none() | days, st.sampled_from(SAME_SPELLING + OTHER_SPELLING))
def test_a_spelling_never_makes_two_learners(
    name: list[str], born: date | None, written: Callable[[list[str]], str]
) -> None:
    assert judge(learner(" ".join(name), born), learner(written(name), born)) is not Outcome.UNMET


@given(days, days)
def test_two_birthdays_are_two_learners_and_one_alone_is_not_enough(one: date, other: date) -> None:
    assert judge(learner("", one), learner("", other)) is (Outcome.UNKNOWN if one == other else Outcome.UNMET)


@given(st.lists(holders, min_size=2, max_size=4))
def test_the_order_of_the_credentials_does_not_matter(several: list[Holder]) -> None:
    titled: list[tuple[str, Holder | None]] = [(f"Credential {number}", one) for number, one in enumerate(several)]
    assert len({same_learner(ordered) for ordered in permutations(titled)}) == 1


@given(holders, holders)
def test_two_holders_compare_the_same_from_either_side(one: Holder, other: Holder) -> None:
    there, back = compare_holders(one, other), compare_holders(other, one)
    assert (there.match, there.by_identifier) == (back.match, back.by_identifier)


@given(st.lists(holders, min_size=2, max_size=3), holders)
def test_a_further_credential_never_undoes_a_contradiction(several: list[Holder], more: Holder) -> None:
    if judge(*several) is Outcome.UNMET:
        assert judge(*several, more) is Outcome.UNMET


@given(holders)
def test_what_says_nothing_of_its_holder_is_never_known_to_be_of_one(one: Holder) -> None:
    assert judge(one, None) is Outcome.UNKNOWN
    assert judge(None, None) is Outcome.UNKNOWN


@given(holders, holders)
def test_only_identifiers_of_one_scheme_and_country_or_birthdays_contradict(one: Holder, other: Holder) -> None:
    if compare_holders(one, other).match is not Match.DIFFERENT:
        return
    comparable = [
        (left, right)
        for left in one.identifiers
        for right in other.identifiers
        if left.notation != right.notation
        and (left.country, left.scheme, left.national) == (right.country, right.scheme, right.national)
        and (left.country or left.scheme)
    ]
    birthdays = {each.day for each in (*one.birth_dates, *other.birth_dates)}
    assert comparable or len(birthdays) == 2


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ({"country": FINLAND}, {"country": FINLAND}, Outcome.UNMET),
        ({"country": FINLAND}, {"country": ITALY}, Outcome.UNKNOWN),
        ({"country": FINLAND}, {}, Outcome.UNKNOWN),
        ({}, {}, Outcome.UNKNOWN),
        ({"country": FINLAND, "scheme": "tax"}, {"country": FINLAND, "scheme": "health"}, Outcome.UNKNOWN),
        ({"country": FINLAND, "scheme": "tax"}, {"country": FINLAND, "scheme": "Tax"}, Outcome.UNMET),
        ({"country": FINLAND, "scheme": "tax"}, {"country": FINLAND}, Outcome.UNKNOWN),
    ],
)
def test_different_identifiers_contradict_within_one_scheme_and_country_only(
    one: dict[str, str], other: dict[str, str], outcome: Outcome
) -> None:
    assert judge(learner("", notation="A-1", **one), learner("", notation="B-2", **other)) is outcome


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ("170590-123x", "170590-123X", Outcome.MET),
        ("170590 123X", "170590123X", Outcome.MET),
        ("170590-123X", "170590+123X", Outcome.UNKNOWN),
        ("170590-123X", "170590-124X", Outcome.UNMET),
    ],
)
def test_an_identifier_is_the_same_whatever_its_case_and_spaces(one: str, other: str, outcome: Outcome) -> None:
    assert judge(*(learner("", notation=written, country=FINLAND) for written in (one, other))) is outcome


def test_a_third_credential_can_tie_two_others_together() -> None:
    born = date(1990, 5, 17)
    before, after = learner("Aino Example", born), learner("Aino Virtanen", born)
    both = Holder(iri="", names=("Aino Example", "Aino Virtanen"), birth_dates=(BirthDate(day=born),))
    assert judge(before, after) is Outcome.UNKNOWN
    assert judge(before, after, both) is Outcome.MET


def test_a_contradiction_outweighs_what_others_have_in_common() -> None:
    born = date(1990, 5, 17)
    one, other = (learner("Aino Example", born, notation=each, country=FINLAND) for each in ("A-1", "B-2"))
    assert judge(one, other) is Outcome.UNMET


def test_what_a_person_has_to_compare_is_named_with_its_credentials() -> None:
    outcome, why = same_learner([("Waste", learner("Aino Example")), ("Energy", learner("", date(1990, 5, 17)))])
    assert outcome is Outcome.UNKNOWN
    assert "the date of birth, which is not stated in Waste" in why
    assert "the name, which is not stated in Energy" in why


@pytest.mark.parametrize("written", ["", "1990", "17.5.1990", "1990-13-01", "1990-05-17T25", "1990-05-17 or so"])
def test_what_is_no_date_of_birth_is_none(written: str) -> None:
    assert birth_date(written) is None
