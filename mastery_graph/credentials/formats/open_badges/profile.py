"""Profiles: the issuer, or the creator of an achievement, which are organisations in ELM."""

from collections.abc import Sequence
from typing import Literal

from mastery_graph.credentials.countries import country_code, country_iri
from mastery_graph.credentials.formats.open_badges.badge_reading import BadgeObject, BadgeReading, Node, node_of
from mastery_graph.credentials.formats.open_badges.badge_writing import BadgeWriting, without_empty
from mastery_graph.credentials.formats.open_badges.identifiers import read_organisation_identifiers, write_identifier
from mastery_graph.credentials.formats.open_badges.terms import REGISTRATION
from mastery_graph.credentials.formats.open_badges.tracked_graph import has_generated_id
from mastery_graph.languages import Message
from mastery_graph.vocabulary import ADMS, ELM, FOAF, ORG, ROV, SKOS


def read_profile(reading: BadgeReading, source: BadgeObject) -> Node:
    """Return an issuer or a creator as an organisation."""
    name, url, email, phone = (source.text(key) for key in ("name", "url", "email", "phone"))
    contact: Node | Literal[""] = (
        reading.new_node(
            source,
            "contact",
            "ContactPoint",
            emailAddress=reading.node_for(source, f"mailto:{email}", "Mailbox") if email else None,
            phone=reading.new_node(source, "phone", "Phone", phoneNumber=phone) if phone else None,
        )
        if email or phone
        else ""
    )
    body = node_of(
        source.iri,
        "Organisation",
        legalName=reading.language_map(name),
        homepage=reading.new_node(source, "homepage", "WebResource", contentURL=url) if url else None,
        contactPoint=contact or None,
        location=[_read_location(reading, address) for address in source.objects("address")],
        **read_organisation_identifiers(reading, source),
        logo=[_read_image(reading, image) for image in source.objects("image")],
        subOrganizationOf=[read_profile(reading, parent) for parent in source.objects("parentOrg")],
    )
    source.note_unread()
    return body


def _read_location(reading: BadgeReading, source: BadgeObject) -> Node:
    code = source.text("addressCountryCode")
    country = country_iri(code) if code else None
    if code and country is None:
        source.note("addressCountryCode", Message("{code} is not a two-letter country code (ISO 3166-1).", code=code))
    parts = [source.text(key) for key in ("streetAddress", "postalCode", "addressLocality", "addressRegion")]
    full_address = ", ".join(filter(None, [*parts, source.text("addressCountry")]))
    address = node_of(
        source.iri,
        "Address",
        countryCode=reading.concept(source, country),
        fullAddress=reading.new_node(source, "written", "Note", noteLiteral=reading.language_map(full_address))
        if full_address
        else None,
    )
    source.note_unread()
    return reading.new_node(source, "location", "Location", address=address)


def _read_image(reading: BadgeReading, source: BadgeObject) -> Node:
    address = source.iri if "://" in source.iri or source.iri.startswith("data:") else None
    if address is None and "id" in source.value:
        source.note("id", Message("The address of the image is none that can be opened, and is left out."))
    source.note_unread()
    return reading.new_node(source, "image", "MediaObject", contentURL=address)


def write_profile(writing: BadgeWriting, node: str, children: Sequence[str] = ()) -> Node:
    """Return an organisation with its parent organisations; a circular parent is omitted."""
    facts = writing.facts
    page = facts.node(node, FOAF.homepage, ELM.homepage)
    contact = facts.node(node, ELM.contactPoint)
    mail = facts.node(contact, ELM.emailAddress)
    phone = facts.node(contact, ELM.phone)
    logo = facts.value(facts.node(node, ELM.logo), ELM.contentUrl)
    parent = next(iter(facts.peek(node, ORG.subOrganizationOf)), None)
    if parent in {*children, node} or not facts.mark_used(node, parent, ORG.subOrganizationOf):
        parent = None
    registrations = [
        {"type": "IdentifierEntry", "identifier": number, "identifierType": REGISTRATION}
        for registration in facts.nodes(node, ROV.registration)
        if (number := facts.value(registration, SKOS.notation))
    ]
    return without_empty(
        id=writing.iri(node),
        type=["Profile"],
        name=writing.text(node, ROV.legalName, SKOS.prefLabel),
        url=facts.value(page, ELM.contentUrl),
        email=mail_of(writing, mail) if mail else None,
        phone=facts.value(phone, ELM.phoneNumber),
        address=_write_address(writing, facts.node(node, ELM.location)),
        otherIdentifier=[
            *registrations,
            *(write_identifier(writing, identifier) for identifier in facts.nodes(node, ADMS.identifier)),
        ],
        image={"id": logo, "type": "Image"} if logo else None,
        parentOrg=write_profile(writing, parent, [*children, node]) if parent else None,
    )


def _write_address(writing: BadgeWriting, location: str | None) -> Node | None:
    address = writing.facts.node(location, ELM.address)
    street_address = writing.text(writing.facts.node(address, ELM.fullAddress), ELM.noteLiteral)
    members = without_empty(streetAddress=street_address, addressCountryCode=_country_of(writing, address))
    return {"type": ["Address"], **members} if members else None


def _country_of(writing: BadgeWriting, address: str | None) -> str | None:
    for country in writing.facts.peek(address, ELM.countryCode):
        if code := country_code(country):
            writing.facts.mark_used(address, writing.facts.use_iri(country), ELM.countryCode)
            return code
    return None


def mail_of(writing: BadgeWriting, node: str) -> str | None:
    """Return the address of a mailbox; None if it has none."""
    return None if has_generated_id(node) else writing.facts.use_iri(node).removeprefix("mailto:")
