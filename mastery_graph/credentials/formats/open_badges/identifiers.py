"""Identifiers of achievements and organisations."""

import re

from mastery_graph.credentials.formats.open_badges.badge_reading import BadgeObject, BadgeReading, Node, node_of
from mastery_graph.credentials.formats.open_badges.badge_writing import BadgeWriting
from mastery_graph.credentials.formats.open_badges.terms import REGISTRATION
from mastery_graph.credentials.formats.open_badges.tracked_graph import compact_iri
from mastery_graph.vocabulary import ELM, SKOS

_IDENTIFIER_TYPES = {
    "name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber",
    "isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId",
    "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
}  # fmt: skip


def read_identifiers(reading: BadgeReading, source: BadgeObject) -> list[Node]:
    """Return the further identifiers and the human-readable code of an achievement or an organisation."""
    identifiers = []
    for entry in source.objects("otherIdentifier"):
        number, scheme = entry.text("identifier"), entry.text("identifierType")
        identifiers.append(node_of(entry.iri, "Identifier", notation=number, schemeName=scheme))
        entry.note_unread()
    if code := source.text("humanCode"):
        identifiers.append(reading.new_node(source, "code", "Identifier", notation=code, schemeName="humanCode"))
    return identifiers


def read_organisation_identifiers(reading: BadgeReading, source: BadgeObject) -> Node:
    """Return the identifiers of an organisation, with its legal registration separate from the others."""
    identifiers = read_identifiers(reading, source)
    legal = [
        identifier | {"type": "LegalIdentifier"}
        for identifier in identifiers
        if identifier.get("schemeName") == REGISTRATION
    ]
    for identifier in legal:
        del identifier["schemeName"]
    return {
        "registration": legal or None,
        "identifier": [identifier for identifier in identifiers if identifier.get("schemeName") != REGISTRATION],
    }


def write_identifier(writing: BadgeWriting, node: str) -> Node:
    """Return an identifier as an entry with its type."""
    number = writing.facts.value(node, SKOS.notation) or compact_iri(writing.iri(node))
    return {"type": "IdentifierEntry", "identifier": number, "identifierType": scheme_of(writing, node)}


def scheme_of(writing: BadgeWriting, node: str) -> str:
    """Return the type of an identifier: a type that Open Badges defines, or else an extension."""
    name = writing.facts.value(node, ELM.schemeName) or "identifier"
    kind = _identifier_type(name)
    if kind not in (name, f"ext:{name}"):
        writing.note(node, "elm:schemeName", f"The name of the scheme is written as {kind}.")
    return kind


def _identifier_type(scheme: str) -> str:
    """Return the type of an identifier: a type that Open Badges defines, or else an extension."""
    if scheme in _IDENTIFIER_TYPES or scheme.startswith("ext:"):
        return scheme
    return f"ext:{re.sub(r'[^A-Za-z0-9._-]+', '-', scheme)}"
