"""Status of awarding bodies and quality assurance of credentials, from registers and from claims.

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
from mastery_graph.questions.judging.registers import RegisteredBody, consulted_registers, registered_bodies
from mastery_graph.questions.judging.subject import Subject
from mastery_graph.questions.purposes import Purpose
from mastery_graph.rdf import term_text
from mastery_graph.store.protocol import Store

Family = Literal["esg", "eqavet", "unknown"]
_VET_LEVELS: Final = range(1, 6)

ACCEPTED_CLAIMS: Final = Message(
    "Claims are accepted: what the document says of its level, its awarding body and its quality assurance counts, "
    "though no register and no referencing supports it."
)

AssuranceJudgement = tuple[Outcome, Message | Joined, tuple[Evidence, ...], Strength, str | None]
"""An outcome with its explanation, its evidence, its strength, and the remedy where the rule's own does not fit."""


@dataclass(frozen=True)
class Assurance:
    """What registers and claims show about the awarding bodies of a credential and its quality assurance."""

    store: Store
    subject: Subject
    day: date
    accept_claims: bool = False

    @cached_property
    def bodies(self) -> tuple[RegisteredBody, ...]:
        """The awarding bodies that are in a register."""
        return registered_bodies(self.store, self.subject.description)

    @cached_property
    def registered_accreditations(self) -> tuple[JudgedAccreditation, ...]:
        """The accreditations that registers have of the bodies, judged; none where the match is in doubt."""
        confirmed = [accreditation for body in self.bodies if not body.doubt for accreditation in body.accreditations]
        return self._judge(confirmed)

    @cached_property
    def claimed_accreditations(self) -> tuple[JudgedAccreditation, ...]:
        """The accreditations that the description states itself, judged."""
        registered = {accreditation.iri for body in self.bodies for accreditation in body.accreditations}
        return self._judge(
            accreditation
            for accreditation in self.subject.description.accreditations
            if accreditation.iri not in registered
        )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The quads of registers about the bodies."""
        return tuple(quad for body in self.bodies for quad in body.evidence)

    def status_of_bodies(self, claims: tuple[Evidence, ...]) -> AssuranceJudgement:
        """Return whether the bodies are recognised or accredited for the credential (REC-AWARDING-BODY)."""
        evidence = claims + self.evidence
        if settlement := self._settlement(self.registered_accreditations):
            return (*settlement[:2], evidence, settlement[2], "obtain-accreditation")
        if self.accept_claims and (covering := [judged for judged in self.claimed_accreditations if judged.covers]):
            return Outcome.MET, _claim_accepted(covering), claims, Strength.WEAK, None
        reasons = self._reasons(self.registered_accreditations)
        if self.registered_accreditations and all(judged.covers is False for judged in self.registered_accreditations):
            excluded = Message("No accreditation covers this credential: {why}", why=Joined(reasons, " "))
            return Outcome.UNMET, excluded, evidence, Strength.STRONG, "obtain-accreditation"
        claimed = [
            Message("the accreditation {title}", title=judged.accreditation.title)
            for judged in self.claimed_accreditations
        ]
        unknown = self._explain_unknown(reasons, claimed, "REC-AWARDING-BODY")
        return Outcome.UNKNOWN, unknown, evidence, Strength.WEAK if evidence else Strength.NONE, self._remedy

    def quality(self, purpose: Purpose | None, claims: tuple[Evidence, ...]) -> AssuranceJudgement:
        """Return whether the quality is assured as a purpose requires (REC-QUALITY, STACK-QUALITY)."""
        required: Family | None = purpose.assurance if purpose else None
        relevant = [
            judged for judged in self.registered_accreditations if not set(judged.accreditation.types) & LICENCES
        ]
        fitting = [
            judged for judged in relevant if not required or _family(judged.accreditation) == required or judged.refuses
        ]
        evidence = claims + self.evidence
        if settlement := self._settlement(fitting):
            return (*settlement[:2], evidence, settlement[2], "obtain-quality-assurance")
        covering = [judged for judged in relevant if judged.covers]
        if covering and required and all(_family(judged.accreditation) != "unknown" for judged in covering):
            other_family = Message(
                "Quality assurance by {family} is required for this purpose; a register has another.",
                family=required.upper(),
            )
            return Outcome.UNMET, other_family, evidence, Strength.STRONG, "obtain-quality-assurance"
        if self.accept_claims and (claimed := self._claimed_quality(required)):
            return (*claimed, claims, Strength.WEAK, "obtain-quality-assurance")
        reasons = self._reasons(relevant)
        if covering and required:
            reasons.append(
                Message(
                    "Whether the registered quality assurance is of the kind of {family} is not known.",
                    family=required.upper(),
                )
            )
        unknown = self._explain_unknown(reasons, self._quality_claims(), "REC-QUALITY")
        return Outcome.UNKNOWN, unknown, evidence, Strength.WEAK if evidence else Strength.NONE, self._remedy

    @property
    def _remedy(self) -> str:
        """What would settle that no register entry settles the status or the quality."""
        return "confirm-match" if any(body.doubt for body in self.bodies) else "load-register"

    def _settlement(
        self, judgements: Sequence[JudgedAccreditation]
    ) -> tuple[Outcome, Message | Joined, Strength] | None:
        """Return the outcome that register entries settle; None where none does.

        A refusal in force takes precedence.
        """
        if refusing := [judgement.why for judgement in judgements if judgement.refuses and judgement.why]:
            return Outcome.UNMET, Joined(refusing, " "), Strength.STRONG
        covering = [judgement for judgement in judgements if judgement.covers]
        if not covering:
            return None
        best = [judgement for judgement in covering if not judgement.reservations] or covering
        titles = "; ".join(dict.fromkeys(judgement.accreditation.title for judgement in best))
        reservations = [sentence for judgement in best for sentence in judgement.reservations]
        sentences = [Message("A register has: {accreditations}.", accreditations=titles), *reservations]
        return Outcome.MET, Joined(sentences, " "), Strength.SUBSTANTIAL if reservations else Strength.STRONG

    def _judge(self, accreditations: Iterable[Accreditation]) -> tuple[JudgedAccreditation, ...]:
        level = self.subject.level.supported(accept_claims=self.accept_claims)
        return judge_accreditations(accreditations, self.subject.description, level, self.day)

    def _reasons(self, judgements: Iterable[JudgedAccreditation]) -> list[Message]:
        """Return why register entries do not cover the credential, and which matches have to be confirmed."""
        doubts = [body.doubt for body in self.bodies if body.doubt]
        return list(dict.fromkeys([*doubts, *(judgement.why for judgement in judgements if judgement.why)]))

    def _explain_unknown(self, reasons: Sequence[Message], claims: Sequence[str], rule: str) -> Joined:
        sentences: list[Message] = []
        if not self.bodies:
            sentences.append(Message("No register in the graph has an entry for the awarding body."))
        elif not reasons:
            sentences.append(Message("The registers in the graph have no entry that settles this."))
        sentences += reasons
        if claims:
            sentences.append(Message("Only claimed by the description: {claims}.", claims=Joined(claims, "; ")))
        countries = {body.country for body in self.subject.description.awarding_bodies if body.country}
        names = [
            register.name for register in consulted_registers(self.store, countries)[1] if rule in register.settles
        ]
        if names:
            sentences.append(Message("It would be settled by an entry in: {registers}.", registers=Joined(names, "; ")))
        return Joined(sentences, " ")

    def _claimed_quality(self, required: Family | None) -> tuple[Outcome, Message] | None:
        """Return the outcome by the claims alone; None where they do not settle it."""
        families = {family for _, family in self._stated_types()}
        if covering := [judged for judged in self.claimed_accreditations if judged.covers]:
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
        claims = [
            Message("the accreditation {title}", title=judged.accreditation.title)
            for judged in self.claimed_accreditations
        ]
        return [*types, *claims]

    def _stated_types(self) -> list[tuple[str, str]]:
        """Return the types of quality assurance that the description states: the name and the family of each."""
        rows = self.store.select(named_query("recognition/quality-assurance-types").text)
        types = {term_text(row["type"]): (term_text(row["label"]), term_text(row["family"])) for row in rows}
        return [types.get(iri, (iri, "unknown")) for iri in self.subject.description.quality_assurance]


def _family(accreditation: Accreditation) -> Family:
    """Return the family of a register entry: ESG for entries of EQAR, EQAVET for others limited to levels 1 to 5."""
    if set(accreditation.types) & EQAR_TYPES:
        return "esg"
    return "eqavet" if accreditation.levels and set(accreditation.levels) <= set(_VET_LEVELS) else "unknown"


def _claim_accepted(covering: Sequence[JudgedAccreditation]) -> Message:
    titles = "; ".join(judged.accreditation.title for judged in covering)
    return Message("Claimed by the description, and claims are accepted: {accreditations}.", accreditations=titles)
