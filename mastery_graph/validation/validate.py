"""Validate a document against the shapes of a profile, and against what the graph knows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from mastery_graph.credentials.description import NEEDED, descriptions
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.validation.authenticity import (
    BROKEN_SEAL,
    for_issuer,
    seal_findings,
    sealed_note,
    unchecked,
    with_seal,
)
from mastery_graph.validation.badge_examples import badge_example, can_say
from mastery_graph.validation.engine import Engine, Result, Shapes, run_shapes
from mastery_graph.validation.engine.result import SEVERITIES
from mastery_graph.validation.examples import example_for, part_at
from mastery_graph.validation.extent import checked_by_profile, not_checked_of_graph, not_read
from mastery_graph.validation.external_shapes import validate_with_external_shapes
from mastery_graph.validation.ignored_member_findings import findings_of_unread
from mastery_graph.validation.plausibility import Implausibility, implausibilities, not_checked
from mastery_graph.validation.profiles import PROFILES, shapes_for, shapes_of
from mastery_graph.validation.property_path import parse, properties
from mastery_graph.validation.report import Completeness, Element, Finding, ReadingNote, SealReport, ValidationReport
from mastery_graph.validation.source_location import SourceMap
from mastery_graph.validation.texts import Translator, said
from mastery_graph.vocabulary import ID, NS, RDFS, SH

_MGS: Final = "https://w3id.org/mastery-graph/shapes#"
_ASKS: Final = ("MicroCredential", "IssuedCredential", "IssuedAchievement", "MasteryMicroCredential")
"""The node shapes whose property shapes each ask for one element, in the order in which elements are told."""
_OF_ISSUED: Final = frozenset({"IssuedCredential", "IssuedAchievement"})
_CARRIES: Final[dict[str, tuple[str, ...]]] = {
    "achievement": ("MicroCredential", "IssuedAchievement", "MasteryMicroCredential", "MasteryLearningOutcome"),
    "learning-outcomes": ("MasteryLearningOutcome",),
}
"""The node shapes that have nothing to look at where an element is missing: what they ask for is missing too."""

_NOT_IN_A_BADGE: Final = said("An Open Badge has no place for this: describe it in the European Learning Model.")
_Elements = dict[str, tuple[str, tuple[str, ...]]]


def validate(
    document: SubmittedDocument,
    profile: str = "micro-credential",
    store: Store | None = None,
    engine: Engine | None = None,
    language: str = "en",
) -> ValidationReport:
    """Return what the document lacks by a profile: one of `profiles()`, told in one of `LANGUAGES`.

    With a `store`, findings name the visions that each element supports and the element's source, and statements are
    compared with what the graph knows. Where no `engine` is given, it is the configured one. Raises `BadParameter` for
    an unknown profile or language, `ShapesMissing` where the official shapes have not been taken in, and `BadDocument`
    where the document describes no credential.
    """
    told = Translator(language)
    if profile not in PROFILES:
        return validate_with_external_shapes(
            document, shapes_for(profile, document, store), profile, engine=engine, told=told
        )
    if not descriptions(document.store):
        raise BadDocument(
            "The document holds no credential description.",
            NEEDED,
        )
    reading = _Reading(document, profile, store, told)
    unread = findings_of_unread(document, reading.shapes, told)
    of_content = for_issuer((*reading.of_shapes(engine), *reading.of_doubts(), *unread), document, told.language)
    findings = tuple(_in_order([*seal_findings(document, told.language), *of_content], reading.shapes))
    completeness = _completeness(reading, findings)
    violations = [finding for finding in findings if finding.severity == "violation"]
    violated = list(dict.fromkeys(finding.element for finding in violations if finding.check != BROKEN_SEAL))
    summary = _summary(reading, violated, findings)
    return ValidationReport(
        conforms=not violations,
        profile=profile,
        language=told.language,
        summary=with_seal(summary, document, told.language, others=bool(violated)),
        findings=findings,
        completeness=completeness,
        seal=SealReport.of(document.seal, told.language),
        checked=tuple(checked_by_profile(profile, len(completeness.elements), store, told)),
        not_checked=(
            *(told(text) for text in not_checked(reading.whereabouts, store)),
            *not_checked_of_graph(store, told),
            *not_read(document, told),
            *unchecked(document, told.language),
        ),
        notes=tuple(ReadingNote.of(note, told.language) for note in (*document.notes, *sealed_note(document))),
        sha256=document.sha256,
    )


def mandatory_properties(profile: str = "micro-credential") -> frozenset[str]:
    """Return the properties by which a document states the mandatory elements of a profile: those on their paths."""
    shapes = shapes_of(profile)
    return frozenset(
        iri
        for node_shape, shape in shapes.property_shapes
        if node_shape.removeprefix(_MGS) in _ASKS and shapes.text(shape, SH + "severity") == SH + "Violation"
        for iri in properties(parse(shapes.path(shape) or ""))
    )


class _Reading:
    """A document, read for one profile in one language."""

    def __init__(self, document: SubmittedDocument, profile: str, store: Store | None, told: Translator) -> None:
        self.document, self.profile, self.store, self.told = document, profile, store, told
        self.shapes = shapes_of(profile)
        self.whereabouts = SourceMap(document, told.language)
        self._elements = _elements(store)

    def of_shapes(self, engine: Engine | None) -> Iterator[Finding]:
        """Yield a finding for each result of the shapes."""
        for result in run_shapes(self.document.triples, self.shapes, engine):
            yield self._of_result(result)

    def of_doubts(self) -> Iterator[Finding]:
        """Yield a finding for each contradiction with what the graph knows."""
        for doubt in implausibilities(self.whereabouts, self.store, self.profile, self.told.language):
            yield self._of_doubt(doubt)

    def _of_result(self, result: Result) -> Finding:
        shape, shapes, whereabouts = result.shape, self.shapes, self.whereabouts
        place = whereabouts.of(result.focus_node, result.path, result.value)
        element, example = shapes.text(shape, RDFS + "seeAlso"), shapes.text(shape, NS + "fixExample")
        source, visions = self._elements.get(element, ("", ()))
        value = None if result.value is None else whereabouts.name(result.value)
        return Finding(
            element=self.told(shapes.text(shape, SH + "name")),
            severity=result.severity,
            message=self.told(shapes.text(shape, SH + "message") or result.messages.get("en", ""), value=value),
            pointer=place.pointer,
            line=place.line,
            focus_node=self._focus(result.focus_node),
            name=whereabouts.name(result.focus_node),
            path=result.path,
            value=value,
            fix=self._fix(self.told(shapes.text(shape, NS + "fix")), example),
            example=self._example(example, result.focus_node, place.pointer),
            rule=element,
            source=source,
            visions=visions,
            check=shape,
            component=result.component,
        )

    def _of_doubt(self, doubt: Implausibility) -> Finding:
        whereabouts = self.whereabouts
        place = whereabouts.of(doubt.node, doubt.path, doubt.value)
        element = f"{ID}standard-element/{doubt.slug}"
        source, visions = self._elements.get(element, ("", ()))
        value = None if doubt.value is None else whereabouts.name(doubt.value)
        return Finding(
            element=self.told(doubt.element),
            severity=doubt.severity,
            message=self.told(doubt.message, **{"value": value, **doubt.fills}),
            pointer=place.pointer,
            line=place.line,
            focus_node=self._focus(doubt.node),
            name=whereabouts.name(doubt.node),
            path=doubt.path,
            value=value,
            fix=self._fix(self.told(doubt.fix, **doubt.fills), doubt.example),
            example=self._example(doubt.example, doubt.node, place.pointer),
            rule=element,
            source=source,
            visions=visions,
            check=_MGS + doubt.check,
        )

    def _focus(self, node: object) -> str:
        return node.value if isinstance(node, NamedNode | Literal) else self.whereabouts.name(node)  # type: ignore[arg-type]

    def _fix(self, fix: str, example: str) -> str:
        """Return how to mend something, with a word where a badge has no place for it."""
        if self.document.format == "open-badges" and not can_say(example):
            return f"{fix} {self.told(_NOT_IN_A_BADGE)}"
        return fix

    def _example(self, example: str, node: object, pointer: str | None) -> str:
        """Return an example of what is to be written, in the format of the document."""
        if self.document.format == "open-badges":
            return badge_example(example, pointer)
        if pointer is not None:
            return part_at(example, pointer, is_object=pointer in self.document.places.described)
        iri = node.value if isinstance(node, NamedNode) and not self.whereabouts.is_made_up(node) else None
        return example_for(example, self.document.media_type, iri)


def _in_order(findings: list[Finding], shapes: Shapes) -> list[Finding]:
    """Return the gravest first, then in the order of the standard elements."""
    places = {shape: place for place, (_, shape) in enumerate(shapes.property_shapes)}
    return sorted(
        findings,
        key=lambda one: (
            SEVERITIES.index(one.severity),
            places.get(one.check, len(places)),
            one.check,
            one.pointer or "",
            one.focus_node,
            one.message,
        ),
    )


def _completeness(reading: _Reading, findings: Sequence[Finding]) -> Completeness:
    """Return which elements are present, of those that the profile asks of documents of this kind."""
    shapes = reading.shapes
    issued = any(True for _ in reading.document.store.select(named_query("description/issued").text))
    asked = {
        property_shape: node_shape.removeprefix(_MGS)
        for node_shape, property_shape in shapes.property_shapes
        if node_shape.removeprefix(_MGS) in (*_ASKS, "MasteryLearningOutcome")
        and (issued or node_shape.removeprefix(_MGS) not in _OF_ISSUED)
    }
    broken = {finding.check for finding in findings}
    wrong = {finding.element for finding in findings if finding.severity == "violation"}
    empty = {
        node_shape
        for check_name, node_shapes in _CARRIES.items()
        if _MGS + check_name in broken
        for node_shape in node_shapes
    }
    elements = []
    for property_shape, node_shape in asked.items():
        name = reading.told(shapes.text(property_shape, SH + "name"))
        absent = property_shape in broken or name in wrong or node_shape in empty
        severity = shapes.text(property_shape, SH + "severity").removeprefix(SH)
        rule = shapes.text(property_shape, RDFS + "seeAlso")
        elements.append(Element(name=name, mandatory=severity == "Violation", present=not absent, rule=rule))
    present = tuple(element.name for element in elements if element.present)
    return Completeness(
        present=present,
        missing=tuple(element.name for element in elements if not element.present),
        ratio=round(len(present) / len(elements), 4) if elements else 1.0,
        elements=tuple(elements),
    )


def _elements(store: Store | None) -> _Elements:
    """Return the source and the visions of each standard element, as the graph has them."""
    found: dict[str, tuple[str, list[str]]] = defaultdict(lambda: ("", []))
    for row in store.select(named_query("validation/standard-elements").text) if store else ():
        element = str(row["element"].value)
        visions = found[element][1]
        if "vision" in row:
            visions.append(str(row["vision"].value))
        found[element] = (str(row["source"].value), visions)
    return {element: (source, tuple(visions)) for element, (source, visions) in found.items()}


def _summary(reading: _Reading, violated: Sequence[str], findings: Sequence[Finding]) -> str:
    told, profile = reading.told, reading.profile
    if not violated:
        return told(said("The description has everything that the profile {?profile} asks for."), profile=profile)
    asking = {shape for node_shape, shape in reading.shapes.property_shapes if node_shape.removeprefix(_MGS) in _ASKS}
    unstated = {finding.element for finding in findings if finding.check in asking}
    missing = [name for name in violated if name in unstated]
    wrong = [name for name in violated if name not in unstated]
    sentences = [told(said("The description does not conform to the profile {?profile}."), profile=profile)]
    if missing:
        sentences.append(told(said("Missing: {?names}."), names=", ".join(missing)))
    if wrong:
        sentences.append(told(said("To correct: {?names}."), names=", ".join(wrong)))
    return " ".join(sentences)
