"""Reader of the JSON of DEQAR's web API: institutions, reports, and the micro-credentials that it registers.

A file holds a page of `/webapi/v2/browse/…` (`results`), one object of it, or an object with the `institution` and its
`reports`. Reports that DEQAR flags "high level" are rejected: DEQAR leaves them out of its own exports. A report
outside the obligatory system of its country is quality assurance and no accreditation.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from mastery_graph.errors import BadSource
from mastery_graph.sources.registers.records import (
    AccreditationEntry,
    BodyIdentifier,
    Entry,
    LocalText,
    Organisation,
    Programme,
    RejectedEntry,
    refuse_end_before_beginning,
)

_DATA: Final = "https://data.deqar.eu/"
_TYPES: Final = "http://data.europa.eu/snb/accreditation/"
_INSTITUTIONAL: Final = {True: _TYPES + "c_1f1a469a", False: _TYPES + "bb4618238e"}
_PROGRAMME: Final = {True: _TYPES + "c_64666c29", False: _TYPES + "820101cba6"}
"""EQAR accreditation where the report is part of the obligatory system; otherwise quality assurance."""
_CYCLES: Final = {"short cycle": 5, "first cycle": 6, "second cycle": 7, "third cycle": 8}
"""EQF levels of the cycles of the QF-EHEA (Council Recommendation 2017/C 189/03, recital 16 and note 19)."""
_FIELD: Final = re.compile(r"https?://data\.europa\.eu/(?:esco|snb)/isced-f/(\d{2,4})")
_ASSESSED: Final = {
    "assessment based certificate": True,
    "attendance certificate": False,
    "no assessment and no certificate": False,
}
_MICRO_CREDENTIAL: Final = "micro-credential"
_INSTITUTION_KEYS: Final = {"id", "deqar_id", "name_primary", "countries"}
_REPORT_KEYS: Final = {"id", "report_valid", "institutions", "agency_esg_activity_type"}
_Object = dict[str, Any]


def is_deqar_json(path: Path) -> bool:
    """Return whether a JSON file holds institutions or reports of DEQAR."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    return any(True for _ in _objects(content))


def read_deqar_json(path: Path) -> Iterator[Entry]:
    """Yield the entries of a file that `is_deqar_json`; reject what cannot be used. Raises `BadSource`."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadSource(f"{path.name} is no JSON: {error}.", file=path.name) from None
    for item in _objects(content):
        kind, reader = ("institution", _institution) if "countries" in item else ("report", _report)
        try:
            yield from list(reader(item))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = (
                str(error) if type(error) is ValueError else f"it is not in the form of DEQAR's web API ({error!r})."
            )
            yield RejectedEntry(f"{path.name}, {kind} {item.get('id', 'without id')}", reason)


def _objects(content: object) -> Iterator[_Object]:
    """Yield the institutions and the reports in a document."""
    if isinstance(content, list):
        for item in content:
            yield from _objects(item)
    elif isinstance(content, dict):
        if content.keys() >= _INSTITUTION_KEYS or content.keys() >= _REPORT_KEYS:
            yield content
        else:
            for name in ("institution", "institutions", "reports", "results"):
                yield from _objects(content.get(name))


def _institution(item: _Object) -> Iterator[Entry]:
    names = [
        LocalText(text)
        for name in item.get("names") or [{"name_official": item["name_primary"]}]
        for field in ("name_official", "name_official_transliterated", "name_english")
        if (text := (name.get(field) or "").strip())
    ]
    countries = [country["country"]["iso_3166_alpha3"] for country in item["countries"]]
    identifiers = [BodyIdentifier(item["deqar_id"], "DEQARINST")]
    if item.get("eter_id"):
        identifiers.append(BodyIdentifier(str(item["eter_id"]), "ETER"))
    for identifier in item.get("identifiers") or ():
        scheme = identifier.get("resource") or identifier.get("agency")
        if identifier.get("identifier"):
            identifiers.append(BodyIdentifier(identifier["identifier"], scheme))
    yield Organisation(
        iri=_institution_iri(item["id"]),
        names=tuple(dict.fromkeys(names)),
        identifiers=tuple(dict.fromkeys(identifiers)),
        country=countries[0] if countries else None,
        homepage=item.get("website_link") or None,
    )


def _report(item: _Object) -> Iterator[Entry]:
    if item.get("flag") == "high level":
        raise ValueError("DEQAR flags it as high level: it has to be checked there first.")
    issued, expires = _day(item, "valid_from"), _day(item, "valid_to")
    refuse_end_before_beginning(issued, expires)
    organisations = tuple(_institution_iri(institution["id"]) for institution in item["institutions"])
    if not organisations:
        raise ValueError("it names no institution.")
    iri = f"{_DATA}report/{item['id']}"
    programmes = [_programme(programme, organisations, iri) for programme in item.get("programmes") or ()]
    is_obligatory = item.get("status") == "part of obligatory EQA system"
    is_institutional = item["agency_esg_activity_type"] == "institutional"
    comment = (item.get("other_comment") or "").strip()
    links = [link["link"] for link in item.get("report_links") or () if link.get("link")]
    yield AccreditationEntry(
        iri=iri,
        title=LocalText(f"{item['name']} ({item['agency_acronym'] or item['agency_name']})", "en"),
        types=((_INSTITUTIONAL if is_institutional else _PROGRAMME)[is_obligatory],),
        decision=item.get("decision") or "not applicable",
        organisations=organisations,
        programmes=tuple((programme.iri, programme.titles[0]) for programme in programmes),
        issued=issued,
        # DEQAR takes a report without an end as valid for six years
        review=None if expires or not issued else _six_years_after(issued),
        expires=expires,
        agency=f"{_DATA}agency/{item['agency_id']}",
        notes=(LocalText(comment, "en"),) if comment else (),
        page=links[0] if links else iri,
    )
    yield from (programme for programme in programmes if programme.is_micro_credential)


def _programme(item: _Object, organisations: tuple[str, ...], report: str) -> Programme:
    field = _FIELD.fullmatch(item.get("field_study") or "")
    workload = item.get("workload_ects")
    if workload is not None and not (isinstance(workload, int | float) and 0 < workload < 1000):
        raise ValueError(f"workload_ects of programme {item['id']} is {workload!r}, which is no number of credits.")
    description = (item.get("learning_outcome_description") or "").strip()
    skills = [outcome["learning_outcome_esco"] for outcome in item.get("learning_outcomes") or ()]
    return Programme(
        iri=f"{_DATA}programme/{item['id']}",
        titles=(LocalText(item["name_primary"]),),
        organisations=organisations,
        is_micro_credential=(item.get("programme_type") or "").strip().casefold() == _MICRO_CREDENTIAL,
        ects=None if workload is None else f"{workload:g}",
        eqf_level=_CYCLES.get((item.get("qf_ehea_level") or "").strip().casefold()),
        fields=(f"http://data.europa.eu/snb/isced-f/{field[1]}",) if field else (),
        skills=tuple(skills),
        outcome=LocalText(description) if description else None,
        assessed=_ASSESSED.get((item.get("assessment_certification") or "").strip().casefold()),
        accreditations=(report,),
    )


def _institution_iri(number: int) -> str:
    return f"{_DATA}institution/{number}"


def _day(item: _Object, name: str) -> date | None:
    text = item.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"{name} is {text!r}, which is no date.") from None


def _six_years_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 6)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 6, day=28)
