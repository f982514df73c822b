"""Validation by external shapes: the official ones, and those that a user supplies."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, Triple

from mastery_graph.credentials.description import descriptions
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument
from mastery_graph.languages import N_, Message
from mastery_graph.rdf import Term
from mastery_graph.validation.authenticity import (
    BROKEN_SEAL,
    for_issuer,
    seal_findings,
    seal_note,
    skipped_authenticity_checks,
    with_seal,
)
from mastery_graph.validation.engine import Engine, Result, Shapes, explain_results, run_shapes
from mastery_graph.validation.engine.focus import has_focus, instances
from mastery_graph.validation.engine.result import SEVERITIES, most_severe
from mastery_graph.validation.engine.shapes import named_shape, without_quoted_triples
from mastery_graph.validation.extent import left_out_findings, shape_checks, skipped_shape_checks, undefined_members
from mastery_graph.validation.plain_messages import named_message
from mastery_graph.validation.profiles import ApplicableShapes
from mastery_graph.validation.report import Completeness, Finding, ReadingNote, SealReport, ValidationReport
from mastery_graph.validation.shacl_messages import ResultTexts
from mastery_graph.validation.source_location import SourceLocation, SourceMap
from mastery_graph.validation.texts import Translator
from mastery_graph.vocabulary import CRED, RDF, SH

_MAX_NAMES: Final = 12
"""Classes listed in an error."""


def validate_with_external_shapes(
    document: SubmittedDocument,
    applied: ApplicableShapes,
    profile: str,
    *,
    own: bool = False,
    engine: Engine | None = None,
    translate: Translator | None = None,
) -> ValidationReport:
    """Return the report on a document by external shapes.

    `own`: whether messages of the shapes are preferred to ours. `translate` defaults to English. Raises `BadDocument`
    if no active shape has anything to check in the document, because a report on nothing would be misleading.
    """
    translate = translate or Translator()
    triples, generated_iris = restore_blank_nodes(document)
    shapes = applied.shapes
    if not _has_subject(document, applied, triples, engine):
        raise _nothing_to_check(profile, applied, triples)
    all_results = run_shapes(triples, shapes, engine)
    results = explain_results(tuple(most_severe(all_results)), triples, shapes, engine)
    sealed = bool(document.signatures)
    texts = ResultTexts(
        shapes,
        triples,
        labels=applied.labels,
        vocabularies=applied.vocabularies,
        sealed=sealed,
        own=own,
        translate=translate,
    )
    source_map = SourceMap(document)
    findings = [_finding(result, texts, source_map, generated_iris, applied) for result in results]
    findings += [_unknown_schema_finding(schema, applied, document, translate) for schema in applied.unknown]
    content_findings = for_issuer(_deduplicate(findings), document, translate.language)
    sorted_findings = tuple(_sort_findings([*seal_findings(document, translate.language), *content_findings]))
    violations = [finding for finding in sorted_findings if finding.severity == "violation"]
    violated = list(dict.fromkeys(finding.element for finding in violations if finding.check != BROKEN_SEAL))
    return ValidationReport(
        conforms=not violations,
        profile=profile,
        language=translate.language,
        summary=with_seal(_summary(profile, violated, translate), document, translate.language, others=bool(violated)),
        findings=sorted_findings,
        completeness=_completeness(shapes, triples, results, texts),
        seal=SealReport.of(document.seal, translate.language),
        checked=tuple(shape_checks(profile, applied, triples, translate)),
        not_checked=(
            *skipped_shape_checks(applied, not own, translate),
            *left_out_findings(len(all_results) - len(results), translate),
            *undefined_members(document, translate),
            *skipped_authenticity_checks(document, translate.language),
        ),
        notes=tuple(ReadingNote.of(note, translate.language) for note in seal_note(document)),
        sha256=document.sha256,
    )


def restore_blank_nodes(document: SubmittedDocument) -> tuple[tuple[Triple, ...], dict[Term, NamedNode]]:
    """Return the triples with a blank node for each object without an id, and the generated IRI of each blank node.

    The reader generates an IRI for such an object, so that findings can refer to it. For shapes that require an IRI
    (`sh:nodeKind`), that does not count.
    """
    generated_prefix = f"urn:sha256:{document.sha256}#"
    nodes: dict[Term, BlankNode] = {}

    def restore(term: Term) -> Any:
        if isinstance(term, NamedNode) and term.value.startswith(generated_prefix):
            return nodes.setdefault(term, BlankNode(f"o{len(nodes)}"))
        return term

    triples = tuple(
        Triple(restore(subject), predicate, restore(value))
        for subject, predicate, value in without_quoted_triples(document.triples)
    )
    return triples, {node: term for term, node in nodes.items() if isinstance(term, NamedNode)}


def _finding(
    result: Result,
    texts: ResultTexts,
    source_map: SourceMap,
    generated_iris: dict[Term, NamedNode],
    applied: ApplicableShapes,
) -> Finding:
    text = texts.of(result)
    location = _location(result, source_map, generated_iris)
    focus = generated_iris.get(result.focus_node, result.focus_node)
    return Finding(
        element=text.element,
        severity=text.severity,
        message=text.message,
        pointer=location.pointer,
        line=location.line,
        focus_node=texts.display_name(focus) if isinstance(focus, BlankNode) else focus.value,
        value=None if result.value is None else texts.display_name(result.value),
        fix=text.fix,
        example=text.example,
        rule=named_shape(result.shape),
        source=text.source or _origin(result.shape, applied),
        visions=(),
    )


def _location(result: Result, source_map: SourceMap, generated_iris: dict[Term, NamedNode]) -> SourceLocation:
    """Return the location of a result; if it has details, the deepest of theirs."""
    value = None if result.value is None else generated_iris.get(result.value, result.value)
    location = source_map.of(generated_iris.get(result.focus_node, result.focus_node), result.path, value)
    return source_map.deepest(
        location, value, [_location(detail, source_map, generated_iris) for detail in result.details]
    )


def _origin(shape: str, applied: ApplicableShapes) -> str:
    """Return the IRI or the file of the set of shapes to which a shape belongs."""
    return next((name for name in applied.names if name in shape), applied.names[-1] if applied.names else "")


def _unknown_schema_finding(
    schema: str, applied: ApplicableShapes, document: SubmittedDocument, translate: Translator
) -> Finding:
    message = named_message("said-of-schema-not-here")
    values = {"value": schema, "asked": ", ".join(applied.names)}
    return Finding(
        element=translate(N_("credential schema")),
        severity=message.severity or "info",
        message=translate(message.message, **values),
        pointer=document.pointers.get(schema, "") if document.pointers else None,
        focus_node=schema,
        value=schema,
        fix=translate(message.fix, **values),
        example="",
        rule=CRED.credentialSchema,
        source="https://www.w3.org/TR/vc-data-model/#data-schemas",
        visions=(),
    )


def _deduplicate(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings without duplicates of several shapes; of equal findings, one with an example is kept."""
    findings_by_key: dict[tuple[str, str, str, str | None], Finding] = {}
    for finding in findings:
        key = (finding.focus_node, finding.pointer or "", finding.message, finding.value)
        if key not in findings_by_key or (finding.example and not findings_by_key[key].example):
            findings_by_key[key] = finding
    yield from findings_by_key.values()


def _sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        findings,
        key=lambda finding: (
            SEVERITIES.index(finding.severity),
            finding.pointer or "",
            finding.focus_node,
            finding.message,
        ),
    )


def _completeness(
    shapes: Shapes, triples: Sequence[Triple], results: Iterable[Result], texts: ResultTexts
) -> Completeness:
    """Return which of the properties that the shapes require are present in the document."""
    kinds = {triple.object for triple in triples if triple.predicate.value == RDF.type}
    required_shapes = {
        value.value
        for shape, target in shapes.active_targets.get("targetClass", ())
        if target in kinds
        for value in shapes.values(shape, SH.property)
        if shapes.is_active(value.value)
        and any(int(min_count.value) > 0 for min_count in shapes.values(value.value, SH.minCount))
    }
    violated_shapes = {result.shape for result in results if result.component == SH.MinCountConstraintComponent}
    missing = sorted({texts.name_of(shape) for shape in required_shapes & violated_shapes})
    present = sorted({texts.name_of(shape) for shape in required_shapes - violated_shapes} - set(missing))
    total = len(present) + len(missing)
    return Completeness(
        present=tuple(present), missing=tuple(missing), ratio=round(len(present) / total, 4) if total else 1.0
    )


def _has_subject(
    document: SubmittedDocument, applied: ApplicableShapes, triples: Sequence[Triple], engine: Engine | None
) -> bool:
    """Return whether the document contains anything to which the profile applies, or else the shapes."""
    if applied.of_credentials:
        return bool(descriptions(document.store))
    if applied.kinds:
        return bool(instances(triples, applied.kinds))
    return has_focus(applied.shapes, triples, engine)


def _nothing_to_check(profile: str, applied: ApplicableShapes, triples: Iterable[Triple]) -> BadDocument:
    """Return the error for a document without anything that the shapes check, with the classes of both."""

    def names(classes: Iterable[str]) -> str:
        labels = sorted({applied.labels.get(iri) or iri for iri in classes})
        return ", ".join([*labels[:_MAX_NAMES], *(["…"] if len(labels) > _MAX_NAMES else [])]) or "-"

    present = {kind.value for _, predicate, kind in without_quoted_triples(triples) if predicate.value == RDF.type}
    checked = {kind.value for kind in applied.kinds} or {
        value.value for _, value in applied.shapes.active_targets.get("targetClass", ())
    }
    return BadDocument(
        Message(
            "Nothing in the document is of a kind that the shapes of {profile} check, so nothing was checked.",
            profile=profile,
        ),
        Message(
            "They check: {checked}. The document contains: {present}.",
            checked=names(checked),
            present=names(present),
        ),
    )


def _summary(profile: str, violated: Sequence[str], translate: Translator) -> str:
    if not violated:
        return translate(N_("The document conforms to {profile}."), profile=profile)
    return translate(
        N_("The document does not conform to {profile}. To fix: {elements}."),
        profile=profile,
        elements=", ".join(violated),
    )
