"""The seal of a document: the combined assessment of its signatures and proofs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from cryptography import x509
from pyoxigraph import NamedNode

from mastery_graph.credentials.countries import country_code
from mastery_graph.credentials.proofs.reasons import Code, Reason
from mastery_graph.credentials.proofs.signature import Signature
from mastery_graph.credentials.proofs.signer import Body, doubts_about_signer, was_valid_then
from mastery_graph.credentials.proofs.trust_anchors import configured_anchors
from mastery_graph.languages import N_, Joined
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store

NOT_CONSULTED: Final = (
    N_("the trusted lists of the EU"),
    N_("revocation of the certificate"),
    N_("time-stamp tokens"),
)
EMBEDDED_PROOF: Final = N_("the proof within the credential (W3C Data Integrity)")

Status = Literal["valid", "intact", "broken", "not-checked", "absent"]
_WORST_FIRST: Final[tuple[Status, ...]] = ("broken", "not-checked", "intact", "valid")


@dataclass(frozen=True, slots=True)
class Seal:
    """The assessment of a document's seal.

    `valid`: the content is unchanged and the signer is verified. `intact`: the content is unchanged; the signer is not
    verified. `broken`: the content does not match the signature. `not-checked`: there is a seal or a proof that could
    not be checked. `absent`: there is none.

    If there are several signatures, the worst determines the fields, except that `by` names all signers.
    """

    status: Status
    by: str | None = None
    at: datetime | None = None
    """The time of sealing that the seal claims, in UTC."""
    reasons: tuple[Reason, ...] = ()
    """Why it is not valid."""
    certificate_valid_then: bool | None = None
    """Whether the certificate was valid at the claimed time of sealing; None if unknown."""
    not_checked: tuple[str, ...] = ()
    """The sources that were not consulted."""

    @property
    def reason(self) -> Joined | None:
        """Why it is not valid, as a text."""
        return Joined((reason.sentence for reason in self.reasons), " ") if self.reasons else None


ABSENT: Final = Seal("absent")


def seal_of(signatures: Sequence[Signature], store: Store, credentials: Iterable[str]) -> Seal:
    """Return the seal of a document with signatures; `store` contains its `credentials`.

    Raises `BadParameter` if the configured trust anchors cannot be read.
    """
    if not signatures:
        return ABSENT
    return judge(signatures, _bodies(store, credentials), configured_anchors(), datetime.now(UTC))


def judge(
    signatures: Sequence[Signature], bodies: Sequence[Body], anchors: Sequence[x509.Certificate], now: datetime
) -> Seal:
    """Return the combined seal of signatures. Proofs count only if there is no signature around the document."""
    enclosing = [signature for signature in signatures if not signature.is_proof]
    seals = [_judge_signature(signature, bodies, anchors, now) for signature in enclosing or signatures]
    worst = min(seals, key=lambda seal: _WORST_FIRST.index(seal.status))
    names = "; ".join(dict.fromkeys(seal.by for seal in seals if seal.by))
    unchecked_proofs = (EMBEDDED_PROOF,) if enclosing and len(enclosing) < len(signatures) else ()
    return Seal(
        worst.status,
        names or None,
        worst.at,
        worst.reasons,
        worst.certificate_valid_then,
        (*worst.not_checked, *unchecked_proofs),
    )


def _judge_signature(
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
    facts_by_body: dict[str, dict[str, set[str]]] = {}
    for credential in credentials:
        for row in store.select(named_query("description/signers").text, {"description": NamedNode(credential)}):
            facts = facts_by_body.setdefault(row["body"].value, {"name": set(), "identifier": set(), "country": set()})
            if "fact" in row:
                facts[row["fact"].value].add(row["value"].value)
    return tuple(_body(iri, facts) for iri, facts in sorted(facts_by_body.items()))


def _body(iri: str, facts: Mapping[str, Any]) -> Body:
    country_codes = filter(None, map(country_code, facts["country"]))
    return Body(iri, frozenset(facts["name"]), frozenset(facts["identifier"]), frozenset(country_codes))


def proof_signatures(proof: object) -> tuple[Signature, ...]:
    """Return the proofs within a credential as unchecked signatures."""
    proofs = proof if isinstance(proof, list) else [proof]
    return tuple(
        Signature("not-checked", (Reason(Code.DATA_INTEGRITY, _kind(item)),)) for item in proofs if item is not None
    )


def _kind(proof: object) -> str:
    """Return the kind of a proof: its cryptographic suite or its type."""
    if not isinstance(proof, dict):
        return "?"
    kind = proof.get("cryptosuite") or proof.get("type") or "?"
    return " ".join(str(kind).split())[:100]
