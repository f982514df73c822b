"""The seal of a document: what its signatures and proofs are worth together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from cryptography import x509
from pyoxigraph import NamedNode

from mastery_graph.credentials.open_badges.terms import country_code
from mastery_graph.credentials.proofs.reasons import Code, Reason
from mastery_graph.credentials.proofs.signature import Signature
from mastery_graph.credentials.proofs.signer import Body, doubts_about_signer, was_valid_then
from mastery_graph.credentials.proofs.trust_anchors import configured_anchors
from mastery_graph.languages import Joined, said
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store

NOT_CONSULTED: Final = (
    said("the trusted lists of the EU"),
    said("revocation of the certificate"),
    said("time-stamp tokens"),
)
PROOF_BESIDE: Final = said("the proof within the credential (W3C Data Integrity)")

Status = Literal["valid", "intact", "broken", "not-checked", "absent"]
_WORST_FIRST: Final[tuple[Status, ...]] = ("broken", "not-checked", "intact", "valid")


@dataclass(frozen=True, slots=True)
class Seal:
    """What the seal of a document is worth.

    `valid`: it is intact, and its signer is verified. `intact`: the content is what was signed; who signed it is not
    verified. `broken`: the content is not what was signed. `not-checked`: there is a seal or a proof, which could not
    be checked. `absent`: there is none.

    Of several signatures the worst counts: `by` names all who signed, and the other fields are of that one.
    """

    status: Status
    by: str | None = None
    at: datetime | None = None
    """When it was sealed, as the seal claims; UTC."""
    reasons: tuple[Reason, ...] = ()
    """Why it is not valid."""
    certificate_valid_then: bool | None = None
    """Whether the certificate was valid at the time that the seal claims; None where that is not known."""
    not_checked: tuple[str, ...] = ()
    """What was not consulted."""

    @property
    def reason(self) -> Joined | None:
        """Why it is not valid, in words."""
        return Joined((reason.sentence for reason in self.reasons), " ") if self.reasons else None


ABSENT: Final = Seal("absent")


def seal_of(signatures: Sequence[Signature], store: Store, credentials: Iterable[str]) -> Seal:
    """Return what the signatures of a document are worth; `store` contains the credentials that it describes.

    Raises `BadParameter` where the configured trust anchors cannot be read.
    """
    if not signatures:
        return ABSENT
    return judge(signatures, _bodies(store, credentials), configured_anchors(), datetime.now(UTC))


def judge(
    signatures: Sequence[Signature], bodies: Sequence[Body], anchors: Sequence[x509.Certificate], now: datetime
) -> Seal:
    """Return what signatures are worth together. Proofs count only where there is no signature around the document."""
    around = [signature for signature in signatures if not signature.is_proof]
    judged = [_judge_one(signature, bodies, anchors, now) for signature in around or signatures]
    worst = min(judged, key=lambda seal: _WORST_FIRST.index(seal.status))
    names = "; ".join(dict.fromkeys(seal.by for seal in judged if seal.by))
    beside = (PROOF_BESIDE,) if around and len(around) < len(signatures) else ()
    return Seal(
        worst.status,
        names or None,
        worst.at,
        worst.reasons,
        worst.certificate_valid_then,
        (*worst.not_checked, *beside),
    )


def _judge_one(
    signature: Signature, bodies: Sequence[Body], anchors: Sequence[x509.Certificate], now: datetime
) -> Seal:
    valid_then = was_valid_then(signature)
    if signature.state == "broken":
        return Seal("broken", signature.by, signature.at, signature.reasons, valid_then)
    not_consulted = NOT_CONSULTED if signature.certificates else ()
    if signature.state == "not-checked":
        return Seal("not-checked", signature.by, signature.at, signature.reasons, valid_then, not_consulted)
    reasons = (*signature.reasons, *doubts_about_signer(signature, bodies, anchors, now))
    verified = bool(signature.certificates) and not reasons
    return Seal("valid" if verified else "intact", signature.by, signature.at, reasons, valid_then, not_consulted)


def _bodies(store: Store, credentials: Iterable[str]) -> tuple[Body, ...]:
    """Return the issuer and the awarding bodies of credentials."""
    found: dict[str, dict[str, set[str]]] = {}
    for credential in credentials:
        for row in store.select(named_query("description/signers").text, {"description": NamedNode(credential)}):
            facts = found.setdefault(row["body"].value, {"name": set(), "identifier": set(), "country": set()})
            if "fact" in row:
                facts[row["fact"].value].add(row["value"].value)
    return tuple(_body(iri, stated) for iri, stated in sorted(found.items()))


def _body(iri: str, stated: Mapping[str, Any]) -> Body:
    codes = filter(None, map(country_code, stated["country"]))
    return Body(iri, frozenset(stated["name"]), frozenset(stated["identifier"]), frozenset(codes))


def proof_signatures(proof: object) -> tuple[Signature, ...]:
    """Return the proofs within a credential as signatures that were not checked."""
    proofs = proof if isinstance(proof, list) else [proof]
    return tuple(
        Signature("not-checked", (Reason(Code.DATA_INTEGRITY, _kind(each)),)) for each in proofs if each is not None
    )


def _kind(proof: object) -> str:
    """Return what a proof calls its kind: its cryptographic suite, or its type."""
    if not isinstance(proof, dict):
        return "?"
    kind = proof.get("cryptosuite") or proof.get("type") or "?"
    return " ".join(str(kind).split())[:100]
