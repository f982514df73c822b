"""Mapping of free text (a learning outcome, a course page, a job advertisement) to concepts.

Rule MAP-1: candidates resemble the text, and each score is explained by its features. If no concept is similar enough,
there are no candidates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Final

from mastery_graph.concept_search.analysis import normalize
from mastery_graph.concept_search.finder import ConceptCandidate, Finder, lowest_score
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.languages import N_, Joined, Message
from mastery_graph.languages.records import Localized
from mastery_graph.mappings.mapping_decisions import refused_pairs
from mastery_graph.questions.answer import Answer, Evidence, Outcome
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.rules import Judge, Judgement, judge
from mastery_graph.questions.verdicts import NEGATIVE, Verdict
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import SKOS

MAX_TEXT_LENGTH: Final = 20_000
"""The longest text that is accepted, in characters."""

_EXTRA_CANDIDATES: Final = 20
"""Number of candidates searched for beyond the limit, to fill the places of refused ones."""

_MAX_EVIDENCE: Final = 5
"""Number of candidates whose labels are cited as evidence."""


class MappingCandidate(Record):
    """A concept that the text may name."""

    uri: str
    label: str
    """Its preferred label, in the language of the label that matched, if available."""
    framework: str | None
    """The concept scheme that it belongs to."""
    score: float
    """0 to 100; 100 is an exact label."""
    matched: str
    """The label that is most similar to the text."""
    language: str
    """The language of that label."""
    found_in: str
    """The part of the text that matched."""
    start: int
    """The offset of that part in the text, in characters."""
    features: dict[str, float | bool]
    """The features from which the score is computed; the page of the rule MAP-1 explains each."""


class MappingVerdict(Verdict):
    """Whether a text names concepts."""

    MAPPED = N_("mapped"), N_("The text names at least one concept.")
    NOTHING_FITS = N_("nothing-fits"), N_("No concept is similar enough to the text."), NEGATIVE


class TextMapping(Answer):
    """The concepts that a text names."""

    kind: ClassVar[str] = "mapping"

    verdict: MappingVerdict
    candidates: tuple[MappingCandidate, ...]
    threshold: float
    """The minimum score of a candidate."""
    note: Localized | None = None
    """A note on the green skills in the answer, such as that the set is provisional."""

    def question_to_keep(self) -> dict[str, object]:
        """Return the question with the SHA-256 of the text in place of the text, which can be personal."""
        return self.question | {"text": f"sha256:{sha256(str(self.question['text']).encode()).hexdigest()}"}


def map_text(store: Store, finder: Finder, text: str, limit: int = 10, language: str | None = None) -> TextMapping:
    """Return the skills, green skills and skill groups that a text names, the most similar first.

    `language` is that of the text (ISO 639-1); without it, all languages of the graph are tried. Raises
    `BadParameter` for a text that is empty or too long, a limit that is not positive, and an unknown language.
    """
    if not text.strip():
        raise BadParameter(
            Message("The text is empty."), Message("Give a learning outcome, a title, or a longer text.")
        )
    if len(text) > MAX_TEXT_LENGTH:
        raise BadParameter(
            Message("The text has more than {max_text_length} characters.", max_text_length=MAX_TEXT_LENGTH),
            Message("Send it in parts."),
        )
    if limit < 1:
        raise BadParameter(Message("The limit must be 1 or more."))
    languages = finder.index.languages
    if language is not None and language not in languages:
        raise BadParameter(
            Message("No label of the graph is in the language {language}.", language=repr(language)),
            Message("Available: {names}.", names=", ".join(languages)),
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
        verdict=MappingVerdict.MAPPED if mapping_candidates else MappingVerdict.NOTHING_FITS,
        summary=_summary(mapping_candidates, threshold),
        criteria=judge(store, RULES, _MappingCase(store, mapping_candidates, threshold)),
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


@dataclass(frozen=True, slots=True)
class _MappingCase:
    """What is judged: the candidates, and the lowest score that counts."""

    store: Store
    candidates: tuple[MappingCandidate, ...]
    threshold: float


def _resemblance(case: _MappingCase) -> Judgement:
    """Judge whether any concept resembles the text (MAP-1)."""
    if not case.candidates:
        return Outcome.UNMET, Message("No label or description reaches {score} of 100.", score=case.threshold)
    reasons = Joined(map(_explanation, case.candidates[:2]), "; ")
    return Outcome.MET, Message("{reasons}.", reasons=reasons), _evidence(case.store, case.candidates[:_MAX_EVIDENCE])


def _explanation(candidate: MappingCandidate) -> Message:
    if candidate.features["exact"]:
        return Message("{text} is a label of {label}", text=repr(candidate.found_in), label=candidate.label)
    words, letters = (round(100 * candidate.features[name]) for name in ("words", "letters"))
    return Message(
        "{text} has {words} percent of its words and {letters} percent of its letters in common with {label}",
        text=repr(candidate.found_in),
        words=words,
        letters=letters,
        label=repr(candidate.matched),
    )


def _evidence(store: Store, candidates: Sequence[MappingCandidate]) -> tuple[Evidence, ...]:
    matched_labels = {(candidate.uri, candidate.matched) for candidate in candidates}
    quads = evidence_about(store, [candidate.uri for candidate in candidates], [SKOS.prefLabel, SKOS.altLabel])
    return tuple(quad for quad in quads if (quad.subject, quad.object) in matched_labels)


RULES: Final[Mapping[str, Judge[_MappingCase]]] = {"MAP-1": _resemblance}
"""The rule of this answer."""
