"""Reader of accreditations in XML, the form in which the Qualifications Dataset Register takes them.

The schema is `ams.xsd` of the European Learning Model 3 (European Commission); DEQAR exports it nightly, a document a
country. A document is read element by element, in bounded memory. Objects refer to each other by `idref`.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError, iterparse

from mastery_graph.errors import BadSource, EntitiesRefused
from mastery_graph.languages import Message
from mastery_graph.rdf import is_iri
from mastery_graph.sources.registers.records import (
    AccreditationEntry,
    BodyIdentifier,
    Entry,
    LocalText,
    Location,
    Organisation,
    RejectedEntry,
    refuse_end_before_beginning,
)
from mastery_graph.vocabulary import COUNTRY, EQF

NAMESPACE: Final = "http://data.europa.eu/snb/model/application-profile/ams-constraints/"
_NOTATION: Final = "{http://www.w3.org/2004/02/skos/core#}notation"
_LABEL: Final = "{http://www.w3.org/2004/02/skos/core#}prefLabel"
_PROLOG_BYTES: Final = 64 * 1024
"""The root element must begin within these first bytes."""
_ROOT: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?Accreditations[\s>]")
_COUNTRY_CODE: Final = re.compile("[A-Z]{3}")
_LEVEL: Final = re.compile("[1-8]")


def is_accreditations_xml(path: Path) -> bool:
    """Return whether a file is a document of accreditations. Raises `EntitiesRefused`."""
    with path.open("rb") as file:
        prolog = file.read(_PROLOG_BYTES)
    root = _ROOT.search(prolog)
    if not root or NAMESPACE.encode() not in prolog:
        return False
    if b"<!" in re.sub(rb"<!--.*?-->", b"", prolog[: root.start()], flags=re.DOTALL):
        raise EntitiesRefused(
            Message("The document declares a document type or entities, which are not read."), Message("Remove them.")
        )
    return True


def read_accreditations_xml(path: Path, progress: Callable[[int], None] = lambda _: None) -> Iterator[Entry]:
    """Yield the entries of a document that `is_accreditations_xml`; reject what cannot be used, with its reason.

    `progress` is called with the number of bytes read. Raises `BadSource` if the XML is broken.
    """
    try:
        with path.open("rb") as file:
            yield from _entries(file, path, progress)
    except ParseError as error:
        raise BadSource(f"{path.name} is no well-formed XML: {error}.", file=path.name) from None


def _entries(file: BinaryIO, path: Path, progress: Callable[[int], None]) -> Iterator[Entry]:
    readers: dict[str, Callable[[Element], Entry]] = {
        "accreditation": _accreditation,
        "organisation": _organisation,
        "location": _location,
    }
    depth = 0
    parents: list[Element] = []
    for event, element in iterparse(file, events=("start", "end")):  # noqa: S314 - a document type was refused before
        if event == "start":
            parents.append(element)
            depth += 1
            continue
        depth -= 1
        parents.pop()
        if depth != 2:  # the objects are the children of the lists of references
            continue
        reader = readers.get(_local(element))
        if reader is not None:
            place = f"{path.name}, {_local(element)} {element.get('id', 'without id')}"
            try:
                yield reader(element)
            except ValueError as error:
                yield RejectedEntry(place, str(error))
        parents[-1].remove(element)  # what was read is not kept
        progress(file.tell())


def _accreditation(element: Element) -> AccreditationEntry:
    issued, review, expires = (_day(element, name) for name in ("issued", "reviewDate", "expiryDate"))
    refuse_end_before_beginning(issued, expires)
    organisations = _references(element, "organisation")
    if not organisations:
        raise ValueError("it names no organisation.")
    title = next(iter(_texts(element, "title")), LocalText(_identifier_of(element)))
    return AccreditationEntry(
        iri=_identifier_of(element),
        title=title,
        types=_iris(element, "type"),
        decision=_decision(element),
        organisations=organisations,
        fields=tuple(_normal_field(field) for field in _iris(element, "limitField")),
        levels=tuple(_level(level) for level in _iris(element, "limitEQFLevel")),
        jurisdictions=_iris(element, "limitJurisdiction"),
        programmes=_programmes(element),
        issued=issued,
        review=review,
        expires=expires,
        agency=next(iter(_references(element, "accreditingAgent")), None),
        notes=tuple(note for child in _children(element, "additionalNote") for note in _texts(child, "noteLiteral")),
        page=next(
            (_text(url) for page in _children(element, "landingPage") for url in _children(page, "contentUrl")), None
        ),
    )


def _organisation(element: Element) -> Organisation:
    names = _texts(element, "legalName")
    if not names:
        raise ValueError("it has no legal name.")
    return Organisation(
        iri=_identifier_of(element),
        names=names,
        identifiers=tuple(dict.fromkeys(_identifiers(element))),
        location=next(iter(_references(element, "location")), None),
        homepage=next(
            (_text(url) for page in _children(element, "homepage") for url in _children(page, "contentUrl")), None
        ),
        part_of=_references(element, "subOrganizationOf"),
    )


def _identifiers(element: Element) -> Iterator[BodyIdentifier]:
    for child in _children(element, "identifier"):
        scheme = next((_text(agency) for agency in _children(child, "schemeAgency")), None)
        for notation in child.findall(_NOTATION):
            if _text(notation):
                yield BodyIdentifier(_text(notation), scheme)
    for name, scheme in (("vatIdentifier", "VAT"), ("taxIdentifier", "tax"), ("eidasIdentifier", "eIDAS")):
        for child in _children(element, name):
            country = next((_country(iri) for iri in _iris(child, "spatial")), None)
            for notation in child.findall(_NOTATION):
                if _text(notation):
                    yield BodyIdentifier(_text(notation), scheme, country)


def _location(element: Element) -> Location:
    addresses = [code for address in _children(element, "address") for code in _iris(address, "countryCode")]
    codes = [*addresses, *_iris(element, "spatialCode")]
    country = next((code for iri in codes if (code := _country(iri))), None)
    if country is None:
        raise ValueError("it states no country.")
    return Location(_identifier_of(element), country)


def _decision(element: Element) -> str | None:
    for child in _children(element, "decision"):
        label = next((_text(label) for label in child.findall(_LABEL) if _text(label)), None)
        if label:
            return label
        if code := child.get("uri"):
            return re.split("[/#]", code)[-1].replace("_", " ")
    return None


def _programmes(element: Element) -> tuple[tuple[str, LocalText | None], ...]:
    programmes = []
    for child in _children(element, "limitAbstractProgramme"):
        names = [LocalText(_text(label), label.get("language")) for label in child.findall(_LABEL) if _text(label)]
        if iri := child.get("uri") or child.get("idref"):
            programmes.append((iri, names[0] if names else None))
    return tuple(programmes)


def _day(element: Element, name: str) -> date | None:
    for child in _children(element, name):
        text = _text(child)
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            raise ValueError(f"{name} is {text!r}, which is no date.") from None
    return None


def _level(iri: str) -> int:
    code = iri.removeprefix(EQF)
    if not _LEVEL.fullmatch(code):
        raise ValueError(f"limitEQFLevel is {iri}, which is no EQF level.")
    return int(code)


def _normal_field(iri: str) -> str:
    """Return a field of education in the namespace of the European Learning Model."""
    return iri.replace("http://data.europa.eu/esco/isced-f/", "http://data.europa.eu/snb/isced-f/")


def _country(iri: str) -> str | None:
    code = iri.removeprefix(COUNTRY)
    return code if _COUNTRY_CODE.fullmatch(code) else None


def _identifier_of(element: Element) -> str:
    identifier = element.get("id", "").strip()
    if not identifier:
        raise ValueError("it has no id.")
    return identifier


def _references(element: Element, name: str) -> tuple[str, ...]:
    return tuple(idref for child in _children(element, name) if (idref := child.get("idref", "").strip()))


def _iris(element: Element, name: str) -> tuple[str, ...]:
    iris = tuple(uri.strip() for child in _children(element, name) if (uri := child.get("uri")))
    for iri in iris:
        if not is_iri(iri):
            raise ValueError(f"{name} is {iri!r}, which is no IRI.")
    return iris


def _texts(element: Element, name: str) -> tuple[LocalText, ...]:
    return tuple(
        LocalText(_text(child), child.get("language") or None) for child in _children(element, name) if _text(child)
    )


def _children(element: Element, name: str) -> list[Element]:
    return element.findall(f"{{{NAMESPACE}}}{name}")


def _text(element: Element) -> str:
    return " ".join((element.text or "").split())


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
