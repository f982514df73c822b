"""Whether an accreditation covers a credential: its body, its dates and its limits."""

from dataclasses import dataclass
from datetime import date

from mastery_graph.credentials.description import Accreditation, Description
from mastery_graph.languages import Country, Listed, Sentence


@dataclass(frozen=True)
class JudgedAccreditation:
    """An accreditation, and whether it covers a credential: None where that is not known; and why not."""

    accreditation: Accreditation
    covers: bool | None
    why: Sentence | None = None


def accreditations(description: Description, eqf_level: int | None, day: date) -> tuple[JudgedAccreditation, ...]:
    """Return the accreditations of a description and of its awarding bodies, judged.

    `eqf_level` is that of the description, 1 to 8. An accreditation must cover the day of issuing; where none is
    stated, `day`. One of an issuer that is not the awarding body says nothing of the credential.
    """
    bodies = {body.iri for body in description.awarding_bodies}
    own = [each for each in description.accreditations if not each.bodies or bodies & set(each.bodies)]
    issued = description.issued_at.date() if description.issued_at else day
    return tuple(_judged(each, description, eqf_level, issued) for each in own)


def _judged(one: Accreditation, description: Description, eqf_level: int | None, day: date) -> JudgedAccreditation:
    if against := _against(one, description, eqf_level, day):
        return JudgedAccreditation(one, False, against)
    if open_because := _open_because(one, description, eqf_level):
        return JudgedAccreditation(one, None, open_because)
    return JudgedAccreditation(one, True)


def _against(one: Accreditation, description: Description, eqf_level: int | None, day: date) -> Sentence | None:
    """Return why an accreditation does not cover a credential; None where nothing is known against it."""
    countries = {body.country for body in description.awarding_bodies if not one.bodies or body.iri in one.bodies}
    if one.issued and day < one.issued:
        return Sentence("{accreditation} begins on {day}.", accreditation=one.title, day=one.issued)
    if one.expires and day > one.expires:
        return Sentence("{accreditation} ended on {day}.", accreditation=one.title, day=one.expires)
    if one.levels and eqf_level is not None and eqf_level not in one.levels:
        levels = ", ".join(map(str, one.levels))
        return Sentence("{accreditation} is limited to EQF level {levels}.", accreditation=one.title, levels=levels)
    if one.countries and not countries & set(one.countries):
        limit = Listed(Country(each) for each in one.countries)
        return Sentence("{accreditation} is limited to {countries}.", accreditation=one.title, countries=limit)
    if one.fields and description.fields and not set(one.fields) & set(description.fields):
        return Sentence("{accreditation} is limited to other fields.", accreditation=one.title)
    return None


def _open_because(one: Accreditation, description: Description, eqf_level: int | None) -> Sentence | None:
    """Return why it is not known whether an accreditation covers a credential; None where it is."""
    if one.unreadable_dates:
        return Sentence(
            "What stands as a date of {accreditation} cannot be read: {dates}.",
            accreditation=one.title,
            dates="; ".join(one.unreadable_dates),
        )
    if one.levels and eqf_level is None:
        return Sentence(
            "{accreditation} is limited in level, and the level here is not known.", accreditation=one.title
        )
    if one.fields and not description.fields:
        return Sentence("{accreditation} is limited in field, and no field is stated here.", accreditation=one.title)
    return None
