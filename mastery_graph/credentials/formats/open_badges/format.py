"""The format Open Badges 3.0 (1EdTech): a credential with achievements, or a bare achievement.

The credential becomes an ELM credential, its subject a person with one claim per achievement, and the achievement a
specification. Alignments become learning outcomes, levels and fields, depending on their targets. Objects keep their
ids, so that every node can be traced to its position. A note is added for each part without counterpart in the other
format. Each module of this package has both directions for one class of Open Badges.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyoxigraph import Triple

from mastery_graph.credentials.contexts import CREDENTIALS_1, CREDENTIALS_2, ELM, OPEN_BADGES, context_of, names_in
from mastery_graph.credentials.formats.format import ExamplePlace, Reading, without_contexts
from mastery_graph.credentials.formats.json_ld_triples import parse_json_ld
from mastery_graph.credentials.formats.open_badges.achievement import read_achievement, write_achievement
from mastery_graph.credentials.formats.open_badges.badge_reading import BadgeReading, Node, as_list
from mastery_graph.credentials.formats.open_badges.badge_writing import BadgeWriting
from mastery_graph.credentials.formats.open_badges.credential import read_credential, write_credential
from mastery_graph.credentials.formats.open_badges.examples import badge_example, has_badge_counterpart
from mastery_graph.credentials.formats.open_badges.terms import CREDENTIAL_TYPES, EXTENSIONS
from mastery_graph.credentials.formats.open_badges.tracked_graph import TrackedGraph
from mastery_graph.credentials.json_ld import without_undefined
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.pointers import add_ids
from mastery_graph.errors import UnsupportedFormat
from mastery_graph.languages import Message
from mastery_graph.vocabulary import ELM as ELM_NAMESPACE


class OpenBadgesFormat:
    """Open Badges 3.0, read and written."""

    name = "open-badges"
    target = "openbadge"
    needs_labels = True

    def detects(self, document: Mapping[str, Any]) -> bool:
        """Return whether a JSON object is a badge with a context, and not also an ELM credential."""
        types = set(map(str, as_list(document.get("type"))))
        is_badge = bool(types & {*CREDENTIAL_TYPES, "Achievement"}) and "EuropeanDigitalCredential" not in types
        return is_badge and "@context" in document

    def read(self, document: Mapping[str, Any], base: str) -> Reading:
        """Convert a badge to ELM, with a note for each member without counterpart."""
        context_of(document["@context"])  # raises `ContextRefused` for an unknown one
        badge, pointers = add_ids(without_contexts(document), frozenset(), base)
        has_names = CREDENTIALS_2 in names_in(document["@context"])
        elm_document, notes = as_elm(badge, pointers, base, has_names=has_names)  # type: ignore[arg-type]  # an object stays one
        context = context_of([CREDENTIALS_1, CREDENTIALS_2, EXTENSIONS, ELM])
        defined_members, _ = without_undefined(elm_document, context.active)
        triples = parse_json_ld(context, defined_members, base)  # type: ignore[arg-type]  # an object stays one
        return Reading(triples, pointers, tuple(notes))

    def example(self, example: str, place: ExamplePlace) -> str:
        """Return the badge fragment for an example of ELM; "" if there is none."""
        return badge_example(example, place.pointer)

    def has_counterpart(self, example: str) -> bool:
        """Return whether Open Badges have a counterpart for an example of ELM."""
        return has_badge_counterpart(example)

    def write(
        self, triples: Iterable[Triple], roots: Sequence[str], pointers: Mapping[str, str]
    ) -> tuple[Node, list[Note]]:
        """Return the first of the descriptions as an `OpenBadgeCredential`, or a bare one as an `Achievement`.

        The badge is not signed. The notes list what it cannot express, and substitutes for required members.
        """
        root, *others = roots
        writing = BadgeWriting(TrackedGraph(triples), pointers)
        if ELM_NAMESPACE + "EuropeanDigitalCredential" in writing.facts.types(root):
            badge = write_credential(writing, root)
        else:
            writing.choose_language(root)
            badge = write_achievement(writing, root, None)
        writing.note_losses(root, others)
        return {"@context": [CREDENTIALS_2, OPEN_BADGES], **badge}, writing.notes


def badge_of_claims(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims of an SD-JWT VC as a badge: `urn:eudi:micro_credential:1`, and others with an achievement.

    Raises `UnsupportedFormat` for other claims.
    """
    subjects = as_list(claims.get("credentialSubject"))
    if not any(isinstance(subject, dict) and subject.get("achievement") for subject in subjects):
        raise UnsupportedFormat(
            Message("The SD-JWT VC contains no achievement as Open Badges describe it."),
            Message("If the achievement was not disclosed, present it again with it; or ask the issuer for JSON-LD."),
        )
    names = claims.keys() - {"vct", "vct#integrity", "status"}
    badge = {name: value for name, value in claims.items() if name in names}
    return {"@context": [CREDENTIALS_2, OPEN_BADGES], "type": ["VerifiableCredential", "OpenBadgeCredential"], **badge}


def as_elm(badge: Node, pointers: dict[str, str], base: str, *, has_names: bool = False) -> tuple[Node, list[Note]]:
    """Return the badge as a JSON object in ELM terms, and notes on the parts without counterpart in ELM.

    Every object of `badge` must have an id whose pointer is in `pointers`; pointers of new objects are added. `base` is
    the IRI of the document, which is the prefix of the ids of new objects. `has_names`: whether any object may have a
    `name`, as in Verifiable Credentials 2.0.
    """
    reading = BadgeReading(pointers, base, has_names=has_names)
    if "Achievement" in as_list(badge.get("type")):
        return read_achievement(reading, badge, bare=True), reading.notes
    return read_credential(reading, badge), reading.notes
