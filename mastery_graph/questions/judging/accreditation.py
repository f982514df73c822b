"""Coverage of a credential by an accreditation: its decision, its dates and its limits.

Fields of ISCED-F are compared along their hierarchy: a broader field covers its narrower ones. An accreditation may be
limited to a region of a country, while a description states only the country of a body: coverage is then unknown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from mastery_graph.credentials.description import Accreditation, Description
from mastery_graph.languages import Country, Joined, Message

LICENCES: Final = frozenset(f"http://data.europa.eu/snb/accreditation/{code}" for code in ("003293d2ce", "e57dddfcf3"))
"""Types that license an institution or a programme."""
EQAR_TYPES: Final = frozenset(
    f"http://data.europa.eu/snb/accreditation/{code}" for code in ("c_1f1a469a", "c_64666c29")
)
"""Types that EQAR registers: quality assurance in line with the ESG."""
_PROGRAMMES: Final = frozenset(
    f"http://data.europa.eu/snb/accreditation/{code}" for code in ("e57dddfcf3", "820101cba6", "c_64666c29")
)
"""Types that cover only the programmes that they name."""
_ISCED_F: Final = re.compile(r"https?://data\.europa\.eu/(?:snb|esco)/isced-f/(\d{2,5})")
_NUTS: Final = re.compile(r"https?://data\.europa\.eu/nuts/(?:code/)?([A-Z]{2})[A-Z0-9]*")
_ISO_3166_2: Final = re.compile(r"(?:.*[/:#])?([A-Z]{2})-[A-Z0-9]{1,3}")
_ISO_OF_EU_CODE: Final = {"EL": "GR", "UK": "GB"}
"""Codes of countries in NUTS that differ from ISO 3166-1 alpha-2."""


class AccreditationDecision(StrEnum):
    """What an accreditation decides."""

    POSITIVE = "positive"
    CONDITIONAL = "conditional"
    NEGATIVE = "negative"
    NOT_APPLICABLE = "not-applicable"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class JudgedAccreditation:
    """An accreditation, whether it covers a credential (None: not known), and why it does not."""

    accreditation: Accreditation
    covers: bool | None
    why: Message | None = None
    reservations: tuple[Message, ...] = ()
    """What restricts an accreditation that covers the credential: its conditions, or an overdue review."""
    refuses: bool = False
    """Whether it is a negative decision in force on the credential."""

    @property
    def is_about_others(self) -> bool:
        """Whether it is a negative decision that its limits keep away from the credential."""
        is_negative = decision_of(self.accreditation) is AccreditationDecision.NEGATIVE
        return is_negative and self.covers is False and not self.refuses


def judge_accreditations(
    accreditations: Iterable[Accreditation], description: Description, eqf_level: int | None, day: date
) -> tuple[JudgedAccreditation, ...]:
    """Judge the accreditations of a description and of its awarding bodies.

    `eqf_level` is that of the description, 1 to 8. An accreditation must cover the day of issuing; where none is
    stated, `day`. An accreditation of a body that is not an awarding body is ignored, and so is a negative decision on
    another level, field or country.
    """
    bodies = {body.iri for body in description.awarding_bodies}
    relevant = [
        accreditation
        for accreditation in accreditations
        if not accreditation.bodies or bodies & set(accreditation.bodies)
    ]
    issued = description.issued_at.date() if description.issued_at else day
    judgements = (_judge(accreditation, description, eqf_level, issued) for accreditation in relevant)
    return tuple(judgement for judgement in judgements if not judgement.is_about_others)


def decision_of(accreditation: Accreditation) -> AccreditationDecision:
    """Return what an accreditation decides: positive where no decision is stated.

    >>> decision_of(Accreditation(iri="urn:a", title="A", decision="positive_with_conditions_or_restrictions")).value
    'conditional'
    """
    if accreditation.decision is None:
        return AccreditationDecision.POSITIVE
    code = re.split(r"[/#]", accreditation.decision)[-1].casefold()
    words = " ".join(re.split(r"[\W_]+", code)).strip()
    if words.startswith("positive with"):
        return AccreditationDecision.CONDITIONAL
    decisions = {
        "positive": AccreditationDecision.POSITIVE,
        "negative": AccreditationDecision.NEGATIVE,
        "not applicable": AccreditationDecision.NOT_APPLICABLE,
    }
    return decisions.get(words, AccreditationDecision.UNREADABLE)


def covers_field(limit: str, field: str) -> bool | None:
    """Return whether a field of education that limits an accreditation covers another; None where that is not known.

    >>> isced = "http://data.europa.eu/snb/isced-f/"
    >>> covers_field(isced + "07", isced + "0712"), covers_field(isced + "0712", isced + "07")
    (True, None)
    >>> covers_field(isced + "08", isced + "0712")
    False
    """
    if limit == field:
        return True
    codes = _ISCED_F.fullmatch(limit), _ISCED_F.fullmatch(field)
    if not codes[0] or not codes[1]:
        return None
    broad, narrow = codes[0][1], codes[1][1]
    if narrow.startswith(broad):
        return True
    return None if broad.startswith(narrow) else False


def country_of_region(region: str) -> str | None:
    """Return the country (ISO alpha-2) of a region by its code in NUTS or ISO 3166-2; None where it is neither.

    >>> country_of_region("http://data.europa.eu/nuts/code/EL30"), country_of_region("urn:iso:std:iso:3166:-2:IT-21")
    ('GR', 'IT')
    """
    match = _NUTS.fullmatch(region) or _ISO_3166_2.fullmatch(region)
    return _ISO_OF_EU_CODE.get(match[1], match[1]) if match else None


def _judge(
    accreditation: Accreditation, description: Description, eqf_level: int | None, day: date
) -> JudgedAccreditation:
    if exclusion := _exclusion(accreditation, description, eqf_level):
        return JudgedAccreditation(accreditation, False, exclusion)
    if doubt := _doubt(accreditation, description, eqf_level, day):
        return JudgedAccreditation(accreditation, None, doubt)
    if decision_of(accreditation) is AccreditationDecision.NEGATIVE:
        refusal = Message("{accreditation} is a negative decision in force.", accreditation=accreditation.title)
        return JudgedAccreditation(accreditation, False, refusal, refuses=True)
    return JudgedAccreditation(accreditation, True, reservations=tuple(_reservations(accreditation, day)))


def _exclusion(accreditation: Accreditation, description: Description, eqf_level: int | None) -> Message | None:
    """Return which limit excludes a credential; None where none does."""
    title = accreditation.title
    if accreditation.levels and eqf_level is not None and eqf_level not in accreditation.levels:
        levels = ", ".join(map(str, accreditation.levels))
        return Message("{accreditation} is limited to EQF level {levels}.", accreditation=title, levels=levels)
    if accreditation.countries and _in_jurisdiction(accreditation, description) is False:
        limit = Joined(Country(code) for code in accreditation.countries)
        return Message("{accreditation} is limited to {countries}.", accreditation=title, countries=limit)
    if accreditation.fields and description.fields and _in_field(accreditation, description) is False:
        return Message("{accreditation} is limited to other fields.", accreditation=title)
    return None


def _doubt(accreditation: Accreditation, description: Description, eqf_level: int | None, day: date) -> Message | None:
    """Return why it is not known whether an accreditation covers a credential; None where it is."""
    title = accreditation.title
    if accreditation.unreadable_dates:
        return Message(
            "A date of {accreditation} cannot be read: {dates}.",
            accreditation=title,
            dates="; ".join(accreditation.unreadable_dates),
        )
    if accreditation.issued and day < accreditation.issued:
        return Message("{accreditation} begins on {day}.", accreditation=title, day=accreditation.issued)
    if accreditation.expires and day > accreditation.expires:
        return Message("{accreditation} ended on {day}.", accreditation=title, day=accreditation.expires)
    if decision_of(accreditation) in {AccreditationDecision.NOT_APPLICABLE, AccreditationDecision.UNREADABLE}:
        return Message(
            "The decision of {accreditation} is neither positive nor negative: {decision}.",
            accreditation=title,
            decision=accreditation.decision,
        )
    if set(accreditation.types) & _PROGRAMMES and not _names_the_programme(accreditation, description):
        return Message("{accreditation} covers only the programmes that it names.", accreditation=title)
    if accreditation.levels and eqf_level is None:
        return Message(
            "{accreditation} is limited to certain levels, and the level of the credential is unknown.",
            accreditation=title,
        )
    if accreditation.countries and _in_jurisdiction(accreditation, description) is None:
        regions = Joined((Country(region) for region in accreditation.countries), "; ")
        return Message(
            "{accreditation} is limited to a region ({regions}), and in which region the body is based is not known.",
            accreditation=title,
            regions=regions,
        )
    if accreditation.fields and not description.fields:
        return Message(
            "{accreditation} is limited to certain fields, and the credential states no field.", accreditation=title
        )
    if accreditation.fields and _in_field(accreditation, description) is None:
        return Message(
            "{accreditation} is limited to fields that cannot be compared with those stated.", accreditation=title
        )
    return None


def _reservations(accreditation: Accreditation, day: date) -> Iterable[Message]:
    if decision_of(accreditation) is AccreditationDecision.CONDITIONAL:
        yield Message(
            "{accreditation} is subject to conditions: {conditions}.",
            accreditation=accreditation.title,
            conditions="; ".join(condition.rstrip(".") for condition in accreditation.conditions)
            or Message("not stated"),
        )
    if accreditation.review and day > accreditation.review and not accreditation.expires:
        yield Message(
            "{accreditation}: review overdue since {day}.", accreditation=accreditation.title, day=accreditation.review
        )


def _names_the_programme(accreditation: Accreditation, description: Description) -> bool:
    """Return whether an accreditation names the described programme, or is stated by its description itself."""
    names = {description.iri, *description.specifications}
    return bool(names & set(accreditation.programmes)) or not accreditation.bodies


def _in_field(accreditation: Accreditation, description: Description) -> bool | None:
    """Return whether a field of the description is covered; None where that is not known."""
    coverages = [covers_field(limit, field) for limit in accreditation.fields for field in description.fields]
    return True if True in coverages else None if None in coverages else False


def _in_jurisdiction(accreditation: Accreditation, description: Description) -> bool | None:
    """Return whether an awarding body is based where an accreditation holds; None where that depends on a region."""
    bodies = [
        body for body in description.awarding_bodies if not accreditation.bodies or body.iri in accreditation.bodies
    ]
    countries = {body.country for body in bodies}
    if countries & set(accreditation.countries):
        return True
    regions = [region for region in accreditation.countries if not re.fullmatch("[A-Z]{3}", region)]
    short_codes = {_alpha_2_code(country) for country in countries if country}
    possible = any((code := country_of_region(region)) is None or code in short_codes for region in regions)
    return None if possible else False


def _alpha_2_code(country: str) -> str | None:
    """Return the ISO alpha-2 code of an alpha-3 code; None where there is none."""
    from babel.core import get_global

    return "XK" if country == "XKX" else next(iter(get_global("territory_aliases").get(country, ())), None)
