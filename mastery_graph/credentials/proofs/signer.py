"""Whether the signer of a signature is verified: its certificate, its chain, its time, and whose it is.

Path validation is RFC 5280 as `cryptography` does it, to the trust anchors of the operator, at the time of sealing.
Seal certificates (ETSI EN 319 412-3) are not for servers, so that the web's demands on names and uses are not made.
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
    """ISO codes of two letters."""


def doubts_about_signer(
    signature: Signature, bodies: Sequence[Body], anchors: Sequence[x509.Certificate], now: datetime
) -> tuple[Reason, ...]:
    """Return why the signer of an intact signature is not verified; nothing where it is."""
    return tuple(_doubts(signature, bodies, anchors, now))


def was_valid_then(signature: Signature) -> bool | None:
    """Return whether the certificate was valid at the time that the signature claims; None where that is not known."""
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
    if not any(_is_of(certificate, body) for body in bodies):
        yield Reason(Code.OTHER_ORGANISATION, name_of(certificate))
    yield from _doubts_about_chain(signature, certificate, anchors, signature.at or now)


def _doubts_about_chain(
    signature: Signature, certificate: x509.Certificate, anchors: Sequence[x509.Certificate], at: datetime
) -> Iterator[Reason]:
    if _signed(certificate, certificate):
        yield Reason(Code.SELF_SIGNED)
        return
    chain = _chain(signature)
    if chain is None or not all(_signed(upper, lower) for lower, upper in pairwise(chain)):
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


def _signed(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Return whether a certificate names another as its issuer and was signed with its key."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_for_signing(certificate: x509.Certificate) -> bool:
    """Return whether the use of the key, where it is limited, allows to sign documents (RFC 5280, section 4.2.1.3)."""
    try:
        use = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False
    return use.digital_signature or use.content_commitment


def _is_of(certificate: x509.Certificate, body: Body) -> bool:
    """Return whether a certificate is of a body: by an identifier, or by name where no country contradicts it."""
    identifiers = {_plain(each.partition("-")[2] or each) for each in _named(certificate, _IDENTIFIERS)}
    whole = {_plain(each) for each in _named(certificate, _IDENTIFIERS)}
    if (identifiers | whole) & {_plain(each) for each in body.identifiers} - {""}:
        return True
    names = _named(certificate, (NameOID.ORGANIZATION_NAME,)) or _named(certificate, (NameOID.COMMON_NAME,))
    countries = {each.upper() for each in _named(certificate, (NameOID.COUNTRY_NAME,))}
    if countries and body.countries and not countries & body.countries:
        return False
    return bool({_plain(each) for each in names} & {_plain(each) for each in body.names} - {""})


_IDENTIFIERS: Final = (NameOID.ORGANIZATION_IDENTIFIER,)
"""Such as `VATFI-12345678` (ETSI EN 319 412-1, section 5.1.4)."""


def _named(certificate: x509.Certificate, kinds: Sequence[x509.ObjectIdentifier]) -> list[str]:
    return [str(attribute.value) for kind in kinds for attribute in certificate.subject.get_attributes_for_oid(kind)]


def _plain(text: str) -> str:
    """Return a text without case, punctuation and space."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def _certificate(signature: Signature) -> x509.Certificate | None:
    return x509.load_der_x509_certificate(signature.certificates[0]) if signature.certificates else None


def _chain(signature: Signature) -> list[x509.Certificate] | None:
    """Return the certificates of a signature, or None where one cannot be read."""
    try:
        return [x509.load_der_x509_certificate(each) for each in signature.certificates]
    except (ValueError, x509.InvalidVersion):
        return None
