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
    title = one.title
    bodies = [body for body in description.awarding_bodies if not one.bodies or body.iri in one.bodies]
    if one.issued and day < one.issued:
        why = Sentence("{accreditation} begins on {day}.", accreditation=title, day=one.issued)
    elif one.expires and day > one.expires:
        why = Sentence("{accreditation} ended on {day}.", accreditation=title, day=one.expires)
    elif one.levels and eqf_level is not None and eqf_level not in one.levels:
        levels = ", ".join(map(str, one.levels))
        why = Sentence("{accreditation} is limited to EQF level {levels}.", accreditation=title, levels=levels)
    elif one.countries and not {body.country for body in bodies} & set(one.countries):
        countries = Listed(Country(each) for each in one.countries)
        why = Sentence("{accreditation} is limited to {countries}.", accreditation=title, countries=countries)
    elif one.fields and description.fields and not set(one.fields) & set(description.fields):
        why = Sentence("{accreditation} is limited to other fields.", accreditation=title)
    elif one.unreadable_dates:
        dates = "; ".join(one.unreadable_dates)
        unread = Sentence(
            "What stands as a date of {accreditation} cannot be read: {dates}.", accreditation=title, dates=dates
        )
        return JudgedAccreditation(one, None, unread)
    elif one.levels and eqf_level is None:
        open_level = Sentence(
            "{accreditation} is limited in level, and the level here is not known.", accreditation=title
        )
        return JudgedAccreditation(one, None, open_level)
    elif one.fields and not description.fields:
        open_field = Sentence("{accreditation} is limited in field, and no field is stated here.", accreditation=title)
        return JudgedAccreditation(one, None, open_field)
    else:
        return JudgedAccreditation(one, True)
    return JudgedAccreditation(one, False, why)
