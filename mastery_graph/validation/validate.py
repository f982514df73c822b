"""Validation of a document against the shapes of a profile and the content of the graph."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from mastery_graph.credentials.description import NEEDED, descriptions
from mastery_graph.credentials.formats import ExamplePlace, format_named
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument
from mastery_graph.languages import N_, Message, shacl_pattern
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.validation.authenticity import (
    BROKEN_SEAL,
    for_issuer,
    seal_findings,
    seal_note,
    skipped_authenticity_checks,
    with_seal,
)
from mastery_graph.validation.engine import Engine, Result, Shapes, run_shapes
from mastery_graph.validation.engine.result import MAX_RESULTS, SEVERITIES, most_severe
from mastery_graph.validation.extent import left_out_findings, profile_checks, skipped_graph_checks, undefined_members
from mastery_graph.validation.external_shapes import validate_with_external_shapes
from mastery_graph.validation.ignored_member_findings import ignored_member_findings
from mastery_graph.validation.plausibility import Implausibility, implausibilities, skipped_plausibility_checks
from mastery_graph.validation.profiles import PROFILES, shapes_for, shapes_of
from mastery_graph.validation.property_path import parse, properties
from mastery_graph.validation.report import Completeness, Element, Finding, ReadingNote, SealReport, ValidationReport
from mastery_graph.validation.source_location import SourceMap
from mastery_graph.validation.texts import Translator
from mastery_graph.vocabulary import ID, NS, RDFS, SH

_MGS: Final = "https://w3id.org/mastery-graph/shapes#"
_ELEMENT_NODE_SHAPES: Final = ("MicroCredential", "IssuedCredential", "IssuedAchievement", "MasteryMicroCredential")
"""The node shapes whose property shapes each require one element, in the order in which reports list the elements."""
_ISSUED_NODE_SHAPES: Final = frozenset({"IssuedCredential", "IssuedAchievement"})
_DEPENDENT_NODE_SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "achievement": ("MicroCredential", "IssuedAchievement", "MasteryMicroCredential", "MasteryLearningOutcome"),
    "learning-outcomes": ("MasteryLearningOutcome",),
}
"""The node shapes without a focus node when an element is missing: what they require is then missing too."""

_NO_COUNTERPART: Final = N_(
    "The format of the document has no place for this: describe it in the European Learning Model."
)
_ElementSources = dict[str, tuple[str, tuple[str, ...]]]


def validate(
    document: SubmittedDocument,
    profile: str = "micro-credential",
    store: Store | None = None,
    engine: Engine | None = None,
    language: str = "en",
) -> ValidationReport:
    """Return the report on a document by a profile (one of `profiles()`), in one of `LANGUAGES`.

    With a `store`, findings name the visions that each element supports and the source of the element, and the document
    is compared with the graph. `engine` defaults to the configured one. Raises `BadParameter` for an unknown profile or
    language, `ShapesMissing` if the official shapes have not been loaded, and `BadDocument` if the document describes
    no credential.
    """
    translate = Translator(language)
    if profile not in PROFILES:
        return validate_with_external_shapes(
            document, shapes_for(profile, document, store), profile, engine=engine, translate=translate
        )
    if not descriptions(document.store):
        raise BadDocument(
            Message("The document contains no credential description."),
            NEEDED,
        )
    check = _ProfileCheck(document, profile, store, translate)
    ignored = ignored_member_findings(document, check.shapes, translate)
    content_findings = for_issuer(
        (*check.shape_findings(engine), *check.graph_findings(), *ignored), document, translate.language
    )
    findings = tuple(_sort_findings([*seal_findings(document, translate.language), *content_findings], check.shapes))
    completeness = _completeness(check, findings)
    violations = [finding for finding in findings if finding.severity == "violation"]
    violated = list(dict.fromkeys(finding.element for finding in violations if finding.check != BROKEN_SEAL))
    summary = _summary(check, violated, findings)
    return ValidationReport(
        conforms=not violations,
        profile=profile,
        language=translate.language,
        summary=with_seal(summary, document, translate.language, others=bool(violated)),
        findings=findings,
        completeness=completeness,
        seal=SealReport.of(document.seal, translate.language),
        checked=tuple(profile_checks(profile, len(completeness.elements), store, translate)),
        not_checked=(
            *(translate(text) for text in skipped_plausibility_checks(check.source_map, store)),
            *skipped_graph_checks(store, translate),
            *left_out_findings(check.left_out, translate),
            *undefined_members(document, translate),
            *skipped_authenticity_checks(document, translate.language),
        ),
        notes=tuple(ReadingNote.of(note, translate.language) for note in (*document.notes, *seal_note(document))),
        sha256=document.sha256,
    )


def mandatory_properties(profile: str = "micro-credential") -> frozenset[str]:
    """Return the properties on the paths of the mandatory elements of a profile."""
    shapes = shapes_of(profile)
    return frozenset(
        iri
        for node_shape, shape in shapes.property_shapes
        if node_shape.removeprefix(_MGS) in _ELEMENT_NODE_SHAPES and shapes.text(shape, SH.severity) == SH.Violation
        for iri in properties(parse(shapes.path(shape) or ""))
    )


class _ProfileCheck:
    """The check of one document by one profile, in one language."""

    def __init__(self, document: SubmittedDocument, profile: str, store: Store | None, translate: Translator) -> None:
        self.document, self.profile, self.store, self.translate = document, profile, store, translate
        self.left_out = 0
        """The number of results without a finding."""
        self.form = format_named(document.format)
        self.shapes = shapes_of(profile)
        self.source_map = SourceMap(document, translate.language)
        self._element_sources = _read_element_sources(store)

    def shape_findings(self, engine: Engine | None) -> Iterator[Finding]:
        """Yield a finding for each result of the shapes."""
        results = run_shapes(self.document.triples, self.shapes, engine)
        self.left_out = max(len(results) - MAX_RESULTS, 0)
        for result in most_severe(results):
            yield self._result_finding(result)

    def graph_findings(self) -> Iterator[Finding]:
        """Yield a finding for each contradiction with the graph."""
        for implausibility in implausibilities(self.source_map, self.store, self.profile, self.translate.language):
            yield self._implausibility_finding(implausibility)

    def _result_finding(self, result: Result) -> Finding:
        shape, shapes, source_map = result.shape, self.shapes, self.source_map
        location = source_map.of(result.focus_node, result.path, result.value)
        element, example = shapes.text(shape, RDFS.seeAlso), shapes.text(shape, NS.fixExample)
        source, visions = self._element_sources.get(element, ("", ()))
        value = None if result.value is None else source_map.name(result.value)
        return Finding(
            element=self.translate(shapes.text(shape, SH.name)),
            severity=result.severity,
            message=self.translate(
                shacl_pattern(shapes.text(shape, SH.message)) or result.messages.get("en", ""), value=value
            ),
            pointer=location.pointer,
            line=location.line,
            focus_node=self._focus_text(result.focus_node),
            name=source_map.name(result.focus_node),
            path=result.path,
            value=value,
            fix=self._fix(self.translate(shacl_pattern(shapes.text(shape, NS.fix))), example),
            example=self._example(example, result.focus_node, location.pointer),
            rule=element,
            source=source,
            visions=visions,
            check=shape,
            component=result.component,
        )

    def _implausibility_finding(self, implausibility: Implausibility) -> Finding:
        source_map = self.source_map
        location = source_map.of(implausibility.node, implausibility.path, implausibility.value)
        element = f"{ID}standard-element/{implausibility.slug}"
        source, visions = self._element_sources.get(element, ("", ()))
        value = None if implausibility.value is None else source_map.name(implausibility.value)
        return Finding(
            element=self.translate(implausibility.element),
            severity=implausibility.severity,
            message=self.translate(implausibility.message, **{"value": value, **implausibility.values}),
            pointer=location.pointer,
            line=location.line,
            focus_node=self._focus_text(implausibility.node),
            name=source_map.name(implausibility.node),
            path=implausibility.path,
            value=value,
            fix=self._fix(self.translate(implausibility.fix, **implausibility.values), implausibility.example),
            example=self._example(implausibility.example, implausibility.node, location.pointer),
            rule=element,
            source=source,
            visions=visions,
            check=_MGS + implausibility.check,
        )

    def _focus_text(self, node: object) -> str:
        return node.value if isinstance(node, NamedNode | Literal) else self.source_map.name(node)  # type: ignore[arg-type]

    def _fix(self, fix: str, example: str) -> str:
        """Return the fix, with a remark if the format of the document has no counterpart for it."""
        return fix if self.form.has_counterpart(example) else f"{fix} {self.translate(_NO_COUNTERPART)}"

    def _example(self, example: str, node: object, pointer: str | None) -> str:
        """Return an example of the fix in the format of the document."""
        document = self.document
        iri = node.value if isinstance(node, NamedNode) and not self.source_map.has_generated_id(node) else None
        place = ExamplePlace(document.media_type, pointer, pointer in document.places.described, iri)
        return self.form.example(example, place)


def _sort_findings(findings: list[Finding], shapes: Shapes) -> list[Finding]:
    """Return the findings sorted by severity, the most severe first, then by the order of the standard elements."""
    positions = {shape: position for position, (_, shape) in enumerate(shapes.property_shapes)}
    return sorted(
        findings,
        key=lambda finding: (
            SEVERITIES.index(finding.severity),
            positions.get(finding.check, len(positions)),
            finding.check,
            finding.pointer or "",
            finding.focus_node,
            finding.message,
        ),
    )


def _completeness(check: _ProfileCheck, findings: Sequence[Finding]) -> Completeness:
    """Return which of the elements that the profile requires of documents of this kind are present."""
    shapes = check.shapes
    issued = any(True for _ in check.document.store.select(named_query("description/issued").text))
    node_shape_of = {
        property_shape: node_shape.removeprefix(_MGS)
        for node_shape, property_shape in shapes.property_shapes
        if node_shape.removeprefix(_MGS) in (*_ELEMENT_NODE_SHAPES, "MasteryLearningOutcome")
        and (issued or node_shape.removeprefix(_MGS) not in _ISSUED_NODE_SHAPES)
    }
    failed_checks = {finding.check for finding in findings}
    violated_elements = {finding.element for finding in findings if finding.severity == "violation"}
    dependent_shapes = {
        node_shape
        for check_name, node_shapes in _DEPENDENT_NODE_SHAPES.items()
        if _MGS + check_name in failed_checks
        for node_shape in node_shapes
    }
    elements = []
    for property_shape, node_shape in node_shape_of.items():
        name = check.translate(shapes.text(property_shape, SH.name))
        absent = property_shape in failed_checks or name in violated_elements or node_shape in dependent_shapes
        severity = shapes.text(property_shape, SH.severity).removeprefix(SH)
        rule = shapes.text(property_shape, RDFS.seeAlso)
        elements.append(Element(name=name, mandatory=severity == "Violation", present=not absent, rule=rule))
    present = tuple(element.name for element in elements if element.present)
    return Completeness(
        present=present,
        missing=tuple(element.name for element in elements if not element.present),
        ratio=round(len(present) / len(elements), 4) if elements else 1.0,
        elements=tuple(elements),
    )


def _read_element_sources(store: Store | None) -> _ElementSources:
    """Read the source and the visions of each standard element from the graph."""
    elements: dict[str, tuple[str, list[str]]] = defaultdict(lambda: ("", []))
    for row in store.select(named_query("validation/standard-elements").text) if store else ():
        element = str(row["element"].value)
        visions = elements[element][1]
        if "vision" in row:
            visions.append(str(row["vision"].value))
        elements[element] = (str(row["source"].value), visions)
    return {element: (source, tuple(visions)) for element, (source, visions) in elements.items()}


def _summary(check: _ProfileCheck, violated: Sequence[str], findings: Sequence[Finding]) -> str:
    translate, profile = check.translate, check.profile
    if not violated:
        return translate(N_("The description has everything that the profile {profile} asks for."), profile=profile)
    element_shapes = {
        shape
        for node_shape, shape in check.shapes.property_shapes
        if node_shape.removeprefix(_MGS) in _ELEMENT_NODE_SHAPES
    }
    absent_elements = {finding.element for finding in findings if finding.check in element_shapes}
    missing = [name for name in violated if name in absent_elements]
    wrong = [name for name in violated if name not in absent_elements]
    sentences = [translate(N_("The description does not conform to the profile {profile}."), profile=profile)]
    if missing:
        sentences.append(translate(N_("Missing: {names}."), names=", ".join(missing)))
    if wrong:
        sentences.append(translate(N_("To correct: {names}."), names=", ".join(wrong)))
    return " ".join(sentences)
