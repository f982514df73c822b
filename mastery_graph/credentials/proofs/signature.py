"""A checked signature of a document, with its claimed signer and time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from mastery_graph.credentials.proofs.reasons import Code, Reason

State = Literal["intact", "broken", "not-checked"]
STATES: Final[frozenset[str]] = frozenset({"intact", "broken", "not-checked"})


@dataclass(frozen=True, slots=True)
class Signature:
    """The result of checking a signature, without an assessment of its signer. It is the same at any time.

    `intact`: the content is what was signed. `broken`: it is not. `not-checked`: it could not be checked.
    """

    state: State
    reasons: tuple[Reason, ...] = ()
    """Why it is broken or not checked; or remarks on an intact one that do not depend on its signer."""
    by: str | None = None
    """The signer according to the certificate or the key."""
    at: datetime | None = None
    """The signing time that the signature claims, in UTC."""
    certificates: tuple[bytes, ...] = ()
    """The certificate of the signer (DER), followed by its chain."""

    @property
    def is_proof(self) -> bool:
        """Whether it is a proof embedded in the credential."""
        return any(reason.code is Code.DATA_INTEGRITY for reason in self.reasons)
