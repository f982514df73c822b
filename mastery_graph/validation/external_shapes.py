"""Validation by shapes that are not ours: the official ones, and those that a user brings."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, Triple

from mastery_graph.credentials.description import descriptions
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument
from mastery_graph.languages import Message
from mastery_graph.rdf import Term
from mastery_graph.validation.authenticity import (
    BROKEN_SEAL,
    for_issuer,
    seal_findings,
    sealed_note,
    unchecked,
    with_seal,
)
from mastery_graph.validation.engine import Engine, Result, Shapes, explain_results, run_shapes
from mastery_graph.validation.engine.focus import has_focus, instances
from mastery_graph.validation.engine.result import SEVERITIES
from mastery_graph.validation.engine.shapes import named_shape, without_quoted_triples
from mastery_graph.validation.extent import checked_by_shapes, not_checked_by_shapes, not_read
from mastery_graph.validation.plain_messages import named_message
from mastery_graph.validation.profiles import ApplicableShapes
from mastery_graph.validation.report import Completeness, Finding, ReadingNote, SealReport, ValidationReport
from mastery_graph.validation.shacl_messages import ResultTexts
from mastery_graph.validation.source_location import SourceLocation, SourceMap
from mastery_graph.validation.texts import Translator
from mastery_graph.vocabulary import CRED, RDF, SH

_MAX_NAMES: Final = 12
"""Classes that a refusal names."""


def validate_with_external_shapes(
    document: SubmittedDocument,
    applied: ApplicableShapes,
    profile: str,
    *,
    own: bool = False,
    engine: Engine | None = None,
    told: Translator | None = None,
) -> ValidationReport:
    """Return the report on a document by other shapes than ours.

    `own` says whether the messages of the shapes come before ours, `told` is the language; English where none is given.
    Raises `BadDocument` where no active shape has anything to check in the document: that nothing was checked is no
    answer.
    """
    told = told or Translator()
    triples, made_up = restore_blank_nodes(document)
    shapes = applied.shapes
    if not _has_subject(document, applied, triples, engine):
        raise _nothing_to_check(profile, applied, triples)
    results = explain_results(run_shapes(triples, shapes, engine), triples, shapes, engine)
    sealed = bool(document.signatures)
    words = ResultTexts(
        shapes,
        triples,
        labels=applied.labels,
        vocabularies=applied.vocabularies,
        sealed=sealed,
        own=own,
        told=told,
    )
    whereabouts = SourceMap(document)
    findings = [_finding(result, words, whereabouts, made_up, applied) for result in results]
    findings += [_schema_not_here(schema, applied, document, told) for schema in applied.unknown]
    of_content = for_issuer(_once(findings), document, told.language)
    ordered = tuple(_in_order([*seal_findings(document, told.language), *of_content]))
    violations = [finding for finding in ordered if finding.severity == "violation"]
    violated = list(dict.fromkeys(finding.element for finding in violations if finding.check != BROKEN_SEAL))
    return ValidationReport(
        conforms=not violations,
        profile=profile,
        language=told.language,
        summary=with_seal(_summary(profile, violated, told), document, told.language, others=bool(violated)),
        findings=ordered,
        completeness=_completeness(shapes, triples, results, words),
        seal=SealReport.of(document.seal, told.language),
        checked=tuple(checked_by_shapes(profile, applied, triples, told)),
        not_checked=(
            *not_checked_by_shapes(applied, not own, told),
            *not_read(document, told),
            *unchecked(document, told.language),
        ),
        notes=tuple(ReadingNote.of(note, told.language) for note in sealed_note(document)),
        sha256=document.sha256,
    )


def restore_blank_nodes(document: SubmittedDocument) -> tuple[tuple[Triple, ...], dict[Term, NamedNode]]:
    """Return the triples with a blank node for each object that the document gives no id, and the way back.

    Reading gives such an object an IRI, so that a finding leads back to it. To shapes that ask for an IRI
    (`sh:nodeKind`) it is none.
    """
    made_up = f"urn:sha256:{document.sha256}#"
    nodes: dict[Term, BlankNode] = {}

    def sent(term: Term) -> Any:
        if isinstance(term, NamedNode) and term.value.startswith(made_up):
            return nodes.setdefault(term, BlankNode(f"o{len(nodes)}"))
        return term

    triples = tuple(
        Triple(sent(subject), predicate, sent(value))
        for subject, predicate, value in without_quoted_triples(document.triples)
    )
    return triples, {node: term for term, node in nodes.items() if isinstance(term, NamedNode)}


def _finding(
    result: Result,
    words: ResultTexts,
    whereabouts: SourceMap,
    made_up: dict[Term, NamedNode],
    applied: ApplicableShapes,
) -> Finding:
    wording = words.of(result)
    place = _place(result, whereabouts, made_up)
    focus = made_up.get(result.focus_node, result.focus_node)
    return Finding(
        element=wording.element,
        severity=wording.severity,
        message=wording.message,
        pointer=place.pointer,
        line=place.line,
        focus_node=words.shown(focus) if isinstance(focus, BlankNode) else focus.value,
        value=None if result.value is None else words.shown(result.value),
        fix=wording.fix,
        example=wording.example,
        rule=named_shape(result.shape),
        source=wording.source or _origin(result.shape, applied),
        visions=(),
    )


def _place(result: Result, whereabouts: SourceMap, made_up: dict[Term, NamedNode]) -> SourceLocation:
    """Return where a result stands: where parts of it lack something, at the deepest of them."""
    value = None if result.value is None else made_up.get(result.value, result.value)
    own = whereabouts.of(made_up.get(result.focus_node, result.focus_node), result.path, value)
    return whereabouts.deepest(own, value, [_place(each, whereabouts, made_up) for each in result.details])


def _origin(shape: str, applied: ApplicableShapes) -> str:
    """Return the IRI or the file of the set of shapes that a shape is of."""
    return next((name for name in applied.names if name in shape), applied.names[-1] if applied.names else "")


def _schema_not_here(schema: str, applied: ApplicableShapes, document: SubmittedDocument, told: Translator) -> Finding:
    message = named_message("said-of-schema-not-here")
    values = {"value": schema, "asked": ", ".join(applied.names)}
    return Finding(
        element=told("credential schema"),
        severity=message.severity or "info",
        message=told(message.message, **values),
        pointer=document.pointers.get(schema, "") if document.pointers else None,
        focus_node=schema,
        value=schema,
        fix=told(message.fix, **values),
        example="",
        rule=CRED + "credentialSchema",
        source="https://www.w3.org/TR/vc-data-model/#data-schemas",
        visions=(),
    )


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what several shapes say in the same words of the same place; the one with an example stays."""
    said: dict[tuple[str, str, str, str | None], Finding] = {}
    for finding in findings:
        key = (finding.focus_node, finding.pointer or "", finding.message, finding.value)
        if key not in said or (finding.example and not said[key].example):
            said[key] = finding
    yield from said.values()


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        findings, key=lambda one: (SEVERITIES.index(one.severity), one.pointer or "", one.focus_node, one.message)
    )


def _completeness(
    shapes: Shapes, triples: Sequence[Triple], results: Iterable[Result], words: ResultTexts
) -> Completeness:
    """Return which of the properties that the shapes ask of what is in the document are there."""
    kinds = {triple.object for triple in triples if triple.predicate.value == RDF + "type"}
    asked = {
        value.value
        for shape, target in shapes.active_targets.get("targetClass", ())
        if target in kinds
        for value in shapes.values(shape, SH + "property")
        if shapes.is_active(value.value)
        and any(int(least.value) > 0 for least in shapes.values(value.value, SH + "minCount"))
    }
    lacking = {result.shape for result in results if result.component == SH + "MinCountConstraintComponent"}
    missing = sorted({words.name_of(shape) for shape in asked & lacking})
    present = sorted({words.name_of(shape) for shape in asked - lacking} - set(missing))
    total = len(present) + len(missing)
    return Completeness(
        present=tuple(present), missing=tuple(missing), ratio=round(len(present) / total, 4) if total else 1.0
    )


def _has_subject(
    document: SubmittedDocument, applied: ApplicableShapes, triples: Sequence[Triple], engine: Engine | None
) -> bool:
    """Return whether the document has what the profile is for, and where it is for anything, what the shapes check."""
    if applied.of_credentials:
        return bool(descriptions(document.store))
    if applied.kinds:
        return bool(instances(triples, applied.kinds))
    return has_focus(applied.shapes, triples, engine)


def _nothing_to_check(profile: str, applied: ApplicableShapes, triples: Iterable[Triple]) -> BadDocument:
    """Return the refusal of a document that has nothing that the shapes check, with what it has and what they check."""

    def names(classes: Iterable[str]) -> str:
        labels = sorted({applied.labels.get(each) or each for each in classes})
        return ", ".join([*labels[:_MAX_NAMES], *(["…"] if len(labels) > _MAX_NAMES else [])]) or "-"

    present = {kind.value for _, predicate, kind in without_quoted_triples(triples) if predicate.value == RDF + "type"}
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


def _summary(profile: str, violated: Sequence[str], told: Translator) -> str:
    if not violated:
        return told("The document conforms to {?profile}.", profile=profile)
    return told(
        "The document does not conform to {?profile}. To mend: {?elements}.",
        profile=profile,
        elements=", ".join(violated),
    )
