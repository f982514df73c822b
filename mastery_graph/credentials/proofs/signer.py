"""Verification of the signer of a signature: its certificate, chain, time, and owner.

`cryptography` validates the path (RFC 5280) to the trust anchors of the operator, at the time of sealing. Seal
certificates (ETSI EN 319 412-3) are not server certificates, so Web PKI rules on names and uses do not apply.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from mastery_graph.credentials.proofs.jws import name_of
from mastery_graph.credentials.proofs.reasons import Code, Reason
from mastery_graph.credentials.proofs.signature import Signature

_CLOCK_SKEW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Body:
    """A body that may seal a credential: its issuer, or an awarding body."""

    iri: str
    names: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    """ISO 3166-1 alpha-2 codes."""


def doubts_about_signer(
    signature: Signature, bodies: Sequence[Body], anchors: Sequence[x509.Certificate], now: datetime
) -> tuple[Reason, ...]:
    """Return why the signer of an intact signature is not verified; empty if it is verified."""
    return tuple(_doubts(signature, bodies, anchors, now))


def was_valid_then(signature: Signature) -> bool | None:
    """Return whether the certificate was valid at the claimed signing time; None if unknown."""
    certificate = _certificate(signature)
    if certificate is None or signature.at is None:
        return None
    return certificate.not_valid_before_utc <= signature.at <= certificate.not_valid_after_utc


def _doubts(
    signature: Signature, bodies: Sequence[Body], anchors: Sequence[x509.Certificate], now: datetime
) -> Iterator[Reason]:
    if signature.at is not None and signature.at > now + _CLOCK_SKEW:
        yield Reason(Code.TIME_IN_FUTURE, signature.at.date().isoformat())
    certificate = _certificate(signature)
    if certificate is None:
        if signature.by and bodies and all(signature.by != body.iri for body in bodies):
            yield Reason(Code.OTHER_ISSUER, signature.by)
        return
    if signature.at is None:
        yield Reason(Code.TIME_UNKNOWN)
    elif signature.at > certificate.not_valid_after_utc:
        yield Reason(Code.EXPIRED, certificate.not_valid_after_utc.date().isoformat())
    elif signature.at < certificate.not_valid_before_utc:
        yield Reason(Code.NOT_YET_VALID, certificate.not_valid_before_utc.date().isoformat())
    if not _is_for_signing(certificate):
        yield Reason(Code.NOT_FOR_SIGNING)
    if not any(_belongs_to(certificate, body) for body in bodies):
        yield Reason(Code.OTHER_ORGANISATION, name_of(certificate))
    yield from _doubts_about_chain(signature, certificate, anchors, signature.at or now)


def _doubts_about_chain(
    signature: Signature, certificate: x509.Certificate, anchors: Sequence[x509.Certificate], at: datetime
) -> Iterator[Reason]:
    if _has_issued(certificate, certificate):
        yield Reason(Code.SELF_SIGNED)
        return
    chain = _chain(signature)
    if chain is None or not all(_has_issued(upper, lower) for lower, upper in pairwise(chain)):
        yield Reason(Code.CHAIN_BROKEN)
    if not anchors:
        yield Reason(Code.NO_TRUST_ANCHORS)
    elif not _leads_to_anchor(certificate, (chain or [])[1:], anchors, at):
        yield Reason(Code.NO_PATH)


def _leads_to_anchor(
    certificate: x509.Certificate,
    intermediates: list[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    at: datetime,
) -> bool:
    policy = PolicyBuilder().store(Store(list(anchors))).time(at.replace(tzinfo=None))
    policy = policy.extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
    )
    try:
        policy.build_client_verifier().verify(certificate, intermediates)
    except (VerificationError, ValueError):
        return False
    return True


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Return whether a certificate was issued and signed by another certificate."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_for_signing(certificate: x509.Certificate) -> bool:
    """Return whether the key usage, if restricted, allows signing documents (RFC 5280, section 4.2.1.3)."""
    try:
        use = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False
    return use.digital_signature or use.content_commitment


def _belongs_to(certificate: x509.Certificate, body: Body) -> bool:
    """Return whether a certificate belongs to a body: by identifier, or by name if the countries do not differ."""
    identifiers = {
        _normalize(identifier.partition("-")[2] or identifier)
        for identifier in _subject_attributes(certificate, _IDENTIFIERS)
    }
    full_identifiers = {_normalize(identifier) for identifier in _subject_attributes(certificate, _IDENTIFIERS)}
    if (identifiers | full_identifiers) & {_normalize(identifier) for identifier in body.identifiers} - {""}:
        return True
    names = _subject_attributes(certificate, (NameOID.ORGANIZATION_NAME,)) or _subject_attributes(
        certificate, (NameOID.COMMON_NAME,)
    )
    countries = {country.upper() for country in _subject_attributes(certificate, (NameOID.COUNTRY_NAME,))}
    if countries and body.countries and not countries & body.countries:
        return False
    return bool({_normalize(name) for name in names} & {_normalize(name) for name in body.names} - {""})


_IDENTIFIERS: Final = (NameOID.ORGANIZATION_IDENTIFIER,)
"""Such as `VATFI-12345678` (ETSI EN 319 412-1, section 5.1.4)."""


def _subject_attributes(certificate: x509.Certificate, kinds: Sequence[x509.ObjectIdentifier]) -> list[str]:
    return [str(attribute.value) for kind in kinds for attribute in certificate.subject.get_attributes_for_oid(kind)]


def _normalize(text: str) -> str:
    """Normalise a text: casefold it and remove punctuation and spaces."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def _certificate(signature: Signature) -> x509.Certificate | None:
    return x509.load_der_x509_certificate(signature.certificates[0]) if signature.certificates else None


def _chain(signature: Signature) -> list[x509.Certificate] | None:
    """Return the certificates of a signature, or None if one cannot be read."""
    try:
        return [x509.load_der_x509_certificate(encoded) for encoded in signature.certificates]
    except (ValueError, x509.InvalidVersion):
        return None
