"""Mapping: from free text (a learning outcome, a course page, a job advertisement) to concepts, or to nothing.

Rule MAP-1: what is offered is like the text, and each score is told by its features. Where nothing is like enough,
nothing is offered.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import ClassVar, Final

from mastery_graph.concept_search.analysis import normalize
from mastery_graph.concept_search.finder import ConceptCandidate, Finder, lowest_score
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.languages import Joined, Message
from mastery_graph.languages.records import Localized
from mastery_graph.mappings.mapping_decisions import refused_pairs
from mastery_graph.questions.answer import Answer, Criterion, Evidence, Outcome
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.rules import Rules
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import SKOS

MAX_TEXT_LENGTH: Final = 20_000
"""Characters."""

_EXTRA_CANDIDATES: Final = 20
"""Candidates beyond the limit that are looked at, so that refused ones leave no gap."""

_MAX_EVIDENCE: Final = 5
"""Candidates whose labels are cited as evidence."""


class MappingCandidate(Record):
    """A concept that the text may name."""

    uri: str
    label: str
    """Its preferred label, in the language of the label that matched where it has one."""
    framework: str | None
    """The concept scheme that it belongs to."""
    score: float
    """0 to 100; 100 is an exact label."""
    matched: str
    """The label that is most like the text."""
    language: str
    """The language of that label."""
    found_in: str
    """The piece of the text that it is like."""
    start: int
    """Where that piece begins in the text, in characters."""
    features: dict[str, float | bool]
    """What the score is made of; docs/rules/MAP-1.md explains each."""


class TextMapping(Answer):
    """Which concepts a text names. The verdict is `mapped` or `nothing-fits`."""

    kind: ClassVar[str] = "mapping"

    candidates: tuple[MappingCandidate, ...]
    threshold: float
    """The score under which nothing is offered."""
    note: Localized | None = None
    """What must be known of the green skills that the answer shows, such as that they are a provisional set."""

    def question_to_keep(self) -> dict[str, object]:
        """Return the question with the SHA-256 of the text in place of the text, which can be a person's own."""
        return self.question | {"text": f"sha256:{sha256(str(self.question['text']).encode()).hexdigest()}"}


def map_text(store: Store, finder: Finder, text: str, limit: int = 10, language: str | None = None) -> TextMapping:
    """Return the skills, green skills and skill groups that a text names, the most like first.

    `language` is that of the text (ISO 639-1); where it is not given, all languages of the graph are tried. Raises
    `BadParameter` for a text that is empty or too long, a limit that is not positive, and an unknown language.
    """
    if not text.strip():
        raise BadParameter("The text is empty.", "Give a learning outcome, a title, or a longer text.")
    if len(text) > MAX_TEXT_LENGTH:
        raise BadParameter(f"The text has more than {MAX_TEXT_LENGTH} characters.", "Send it in parts.")
    if limit < 1:
        raise BadParameter("The limit must be 1 or more.")
    languages = finder.index.languages
    if language is not None and language not in languages:
        raise BadParameter(
            f"No label of the graph is in the language {language!r}.", f"There are: {', '.join(languages)}."
        )
    candidates = finder.find(text, limit + _EXTRA_CANDIDATES, language=language)
    refused = refused_pairs(
        store,
        finder,
        {text, *(candidate.span.text for candidate in candidates)},
        [candidate.entry.uri for candidate in candidates],
    )
    accepted = [
        candidate
        for candidate in candidates
        if not {(normalize(text), candidate.entry.uri), _pair(candidate)} & refused
    ]
    mapping_candidates = tuple(_candidate(candidate) for candidate in accepted[:limit])
    threshold = lowest_score(text)
    return TextMapping(
        question={"text": text, "limit": limit} | ({"language": language} if language else {}),
        verdict="mapped" if mapping_candidates else "nothing-fits",
        summary=_summary(mapping_candidates, threshold),
        criteria=(_criterion(store, mapping_candidates, threshold),),
        dataset=dataset_of(store),
        candidates=mapping_candidates,
        threshold=threshold,
        note=note_on_green_skills(store, [candidate.uri for candidate in mapping_candidates]),
    )


def _pair(candidate: ConceptCandidate) -> tuple[str, str]:
    return normalize(candidate.span.text), candidate.entry.uri


def _candidate(candidate: ConceptCandidate) -> MappingCandidate:
    return MappingCandidate(
        uri=candidate.entry.uri,
        label=candidate.entry.label(candidate.label.language),
        framework=next(iter(candidate.entry.schemes), None),
        score=candidate.score,
        matched=candidate.label.text,
        language=candidate.label.language,
        found_in=candidate.span.text,
        start=candidate.span.start,
        features=candidate.features.as_dict(),
    )


def _summary(candidates: Sequence[MappingCandidate], threshold: float) -> Message:
    if not candidates:
        return Message("No skill of the graph is like this text: none reaches a score of {score}.", score=threshold)
    best = candidates[0]
    if len(candidates) == 1:
        return Message("The text is most like {label} (score {score}).", label=best.label, score=best.score)
    return Message(
        "The text is most like {label} (score {score}), and {number} more.",
        label=best.label,
        score=best.score,
        number=len(candidates) - 1,
    )


def _criterion(store: Store, candidates: Sequence[MappingCandidate], threshold: float) -> Criterion:
    if not candidates:
        outcome, why = Outcome.UNMET, Message("No label or description reaches {score} of 100.", score=threshold)
    else:
        outcome, why = Outcome.MET, Message("{reasons}.", reasons=Joined(map(_explanation, candidates[:2]), "; "))
    return Rules(store, "MAP-1").criterion("MAP-1", outcome, why, _evidence(store, candidates[:_MAX_EVIDENCE]))


def _explanation(candidate: MappingCandidate) -> Message:
    if candidate.features["exact"]:
        return Message("{text} is a label of {label}", text=repr(candidate.found_in), label=candidate.label)
    shared, spelt = (round(100 * candidate.features[name]) for name in ("words", "letters"))
    return Message(
        "{text} has {words} percent of its words and {letters} percent of its letters in common with {label}",
        text=repr(candidate.found_in),
        words=shared,
        letters=spelt,
        label=repr(candidate.matched),
    )


def _evidence(store: Store, candidates: Sequence[MappingCandidate]) -> tuple[Evidence, ...]:
    matched = {(candidate.uri, candidate.matched) for candidate in candidates}
    quads = evidence_about(store, [candidate.uri for candidate in candidates], [SKOS + "prefLabel", SKOS + "altLabel"])
    return tuple(quad for quad in quads if (quad.subject, quad.object) in matched)
