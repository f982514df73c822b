"""A signature of a document: whether it holds, and what it states of its signer and its time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from mastery_graph.credentials.proofs.reasons import Code, Reason

State = Literal["intact", "broken", "not-checked"]
STATES: Final[frozenset[str]] = frozenset({"intact", "broken", "not-checked"})


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it was checked, without a judgement of its signer: the same whenever it is checked.

    `intact`: the content is what was signed. `broken`: it is not. `not-checked`: that could not be found out.
    """

    state: State
    reasons: tuple[Reason, ...] = ()
    """Why it is broken or not checked; what is to be said of an intact one, whoever its signer is."""
    by: str | None = None
    """Whom the certificate or the key names."""
    at: datetime | None = None
    """When it was made, by its own account; UTC."""
    certificates: tuple[bytes, ...] = ()
    """The certificate of the signer (DER), then those that lead on from it."""

    @property
    def is_proof(self) -> bool:
        """Whether it is a proof within the credential."""
        return any(reason.code is Code.DATA_INTEGRITY for reason in self.reasons)
