"""Status of awarding bodies and quality assurance of credentials: what registers settle, and what is only claimed.

Licences concern the body; types of quality assurance concern the quality and, since an entry names the body, the body
as well. A claim, sealed or not, settles neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Literal

from mastery_graph.credentials.description import Accreditation
from mastery_graph.languages import Joined, Message
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Evidence, Outcome, Strength
from mastery_graph.questions.judging.accreditation import (
    EQAR_TYPES,
    LICENCES,
    JudgedAccreditation,
    judge_accreditations,
)
from mastery_graph.questions.judging.registers import RegisteredBody, not_consulted, registered_bodies
from mastery_graph.questions.judging.subject import Subject
from mastery_graph.rdf import term_text
from mastery_graph.store.protocol import Store

Family = Literal["esg", "eqavet", "unknown"]
REQUIRED_FAMILY: Final[dict[str, Family]] = {"academic": "esg", "training": "eqavet"}
"""Which quality assurance a purpose of recognition requires; for any other purpose, each counts."""
_VET_LEVELS: Final = range(1, 6)

ACCEPTED_CLAIMS: Final = Message(
    "Claims are accepted: what the document says of its level, its awarding body and its quality assurance counts, "
    "though no register and no referencing supports it."
)

Judged = tuple[Outcome, Message | Joined, tuple[Evidence, ...], Strength]


@dataclass(frozen=True)
class Assurance:
    """What is known of the bodies that award a credential and of its quality assurance."""

    store: Store
    subject: Subject
    day: date
    accept_claims: bool = False

    @cached_property
    def bodies(self) -> tuple[RegisteredBody, ...]:
        """The awarding bodies that a register knows."""
        return registered_bodies(self.store, self.subject.description)

    @cached_property
    def registered(self) -> tuple[JudgedAccreditation, ...]:
        """The accreditations that registers have of the bodies, judged; none where the match is in doubt."""
        confirmed = [each for body in self.bodies if not body.doubt for each in body.accreditations]
        return self._judge(confirmed)

    @cached_property
    def claimed(self) -> tuple[JudgedAccreditation, ...]:
        """The accreditations that the description states itself, judged."""
        own = {each.iri for body in self.bodies for each in body.accreditations}
        return self._judge(each for each in self.subject.description.accreditations if each.iri not in own)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What registers say of the bodies."""
        return tuple(quad for body in self.bodies for quad in body.evidence)

    def status_of_bodies(self, claims: tuple[Evidence, ...]) -> Judged:
        """Return whether the bodies are recognised or accredited for the credential (REC-AWARDING-BODY)."""
        evidence = claims + self.evidence
        if settled := self._settled(self.registered):
            return (*settled[:2], evidence, settled[2])
        if self.accept_claims and (covering := [each for each in self.claimed if each.covers]):
            return Outcome.MET, _claim_accepted(covering), claims, Strength.WEAK
        reasons = self._reasons(self.registered)
        if self.registered and all(each.covers is False for each in self.registered):
            against = Message("No accreditation covers this credential: {why}", why=Joined(reasons, " "))
            return Outcome.UNMET, against, evidence, Strength.STRONG
        claimed = [Message("the accreditation {title}", title=each.accreditation.title) for each in self.claimed]
        unknown = self._unknown(reasons, claimed, "REC-AWARDING-BODY")
        return Outcome.UNKNOWN, unknown, evidence, Strength.WEAK if evidence else Strength.NONE

    def quality(self, purpose: str | None, claims: tuple[Evidence, ...]) -> Judged:
        """Return whether the quality is assured as a purpose requires (REC-QUALITY, STACK-QUALITY)."""
        required = REQUIRED_FAMILY.get(purpose or "")
        relevant = [each for each in self.registered if not set(each.accreditation.types) & LICENCES]
        fitting = [each for each in relevant if not required or _family(each.accreditation) == required or each.refuses]
        evidence = claims + self.evidence
        if settled := self._settled(fitting):
            return (*settled[:2], evidence, settled[2])
        covering = [each for each in relevant if each.covers]
        if covering and required and all(_family(each.accreditation) != "unknown" for each in covering):
            other = Message(
                "Quality assurance by {family} is required for this purpose; a register has another.",
                family=required.upper(),
            )
            return Outcome.UNMET, other, evidence, Strength.STRONG
        if self.accept_claims and (judged := self._claimed_quality(required)):
            return (*judged, claims, Strength.WEAK)
        reasons = self._reasons(relevant)
        if covering and required:
            reasons.append(
                Message(
                    "Whether the registered quality assurance is of the kind of {family} is not known.",
                    family=required.upper(),
                )
            )
        unknown = self._unknown(reasons, self._quality_claims(), "REC-QUALITY")
        return Outcome.UNKNOWN, unknown, evidence, Strength.WEAK if evidence else Strength.NONE

    def _settled(self, judged: Sequence[JudgedAccreditation]) -> tuple[Outcome, Message | Joined, Strength] | None:
        """Return what register entries settle: a refusal in force first; None where none covers the credential."""
        if refusing := [each.why for each in judged if each.refuses and each.why]:
            return Outcome.UNMET, Joined(refusing, " "), Strength.STRONG
        covering = [each for each in judged if each.covers]
        if not covering:
            return None
        best = [each for each in covering if not each.reservations] or covering
        titles = "; ".join(dict.fromkeys(each.accreditation.title for each in best))
        reservations = [sentence for each in best for sentence in each.reservations]
        told = [Message("A register has: {accreditations}.", accreditations=titles), *reservations]
        return Outcome.MET, Joined(told, " "), Strength.SUBSTANTIAL if reservations else Strength.STRONG

    def _judge(self, accreditations: Iterable[Accreditation]) -> tuple[JudgedAccreditation, ...]:
        level = self.subject.level.supported(accept_claims=self.accept_claims)
        return judge_accreditations(accreditations, self.subject.description, level, self.day)

    def _reasons(self, judged: Iterable[JudgedAccreditation]) -> list[Message]:
        """Return why register entries do not cover the credential, and which match has to be confirmed."""
        doubts = [body.doubt for body in self.bodies if body.doubt]
        return list(dict.fromkeys([*doubts, *(each.why for each in judged if each.why)]))

    def _unknown(self, reasons: Sequence[Message], claims: Sequence[str], rule: str) -> Joined:
        told: list[Message] = []
        if not self.bodies:
            told.append(Message("No register in the graph has an entry for the awarding body."))
        elif not reasons:
            told.append(Message("The registers in the graph have no entry that settles this."))
        told += reasons
        if claims:
            told.append(Message("Only claimed by the description: {claims}.", claims=Joined(claims, "; ")))
        countries = {body.country for body in self.subject.description.awarding_bodies if body.country}
        names = [register.name for register in not_consulted(self.store, countries) if rule in register.settles]
        if names:
            told.append(Message("It would be settled by an entry in: {registers}.", registers=Joined(names, "; ")))
        return Joined(told, " ")

    def _claimed_quality(self, required: Family | None) -> tuple[Outcome, Message] | None:
        """Return what the claims amount to; None where nothing is claimed."""
        families = {family for _, family in self._stated_types()}
        if covering := [each for each in self.claimed if each.covers]:
            return Outcome.MET, _claim_accepted(covering)
        if not families:
            return None
        if required is None or families & {required, "any"}:
            return Outcome.MET, Message("Quality assurance of a fitting type is claimed, and claims are accepted.")
        if "unknown" in families:
            return None
        return (
            Outcome.UNMET,
            Message(
                "Quality assurance by {family} is required for this purpose; another is claimed.",
                family=required.upper(),
            ),
        )

    def _quality_claims(self) -> list[str]:
        types = [label for label, _ in self._stated_types()]
        claims = [Message("the accreditation {title}", title=each.accreditation.title) for each in self.claimed]
        return [*types, *claims]

    def _stated_types(self) -> list[tuple[str, str]]:
        """Return the types of quality assurance that the description states: the name and the family of each."""
        rows = self.store.select(named_query("recognition/quality-assurance-types").text)
        known = {term_text(row["type"]): (term_text(row["label"]), term_text(row["family"])) for row in rows}
        return [known.get(kind, (kind, "unknown")) for kind in self.subject.description.quality_assurance]


def _family(accreditation: Accreditation) -> Family:
    """Return which quality assurance a register entry is of: ESG by EQAR, EQAVET for levels 1 to 5 by another body."""
    if set(accreditation.types) & EQAR_TYPES:
        return "esg"
    return "eqavet" if accreditation.levels and set(accreditation.levels) <= set(_VET_LEVELS) else "unknown"


def _claim_accepted(covering: Sequence[JudgedAccreditation]) -> Message:
    titles = "; ".join(each.accreditation.title for each in covering)
    return Message("Claimed by the description, and claims are accepted: {accreditations}.", accreditations=titles)
