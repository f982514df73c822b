"""Validate a document against the shapes of a profile."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from mastery_graph.credentials.description import NEEDED, describe_document, descriptions
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.validation.engine import Engine, check
from mastery_graph.validation.engine.result import SEVERITIES, text_of
from mastery_graph.validation.other_shapes import report_by
from mastery_graph.validation.plausibility import doubts
from mastery_graph.validation.profiles import PROFILES, applied, shapes_of
from mastery_graph.validation.report import Completeness, Finding, SealReport, ValidationReport
from mastery_graph.vocabulary import ID, NS, RDFS, SH


def validate(
    document: SubmittedDocument,
    profile: str = "micro-credential",
    store: Store | None = None,
    engine: Engine | None = None,
) -> ValidationReport:
    """Return what the document lacks by a profile: one of `profiles()`.

    With a `store`, findings name the visions that each element supports and the element's source. Where no `engine` is
    given, it is the configured one. Raises `BadParameter` for an unknown profile, `ShapesMissing` where the official
    shapes have not been taken in, and `BadDocument` where the document describes no credential.
    """
    if profile not in PROFILES:
        return report_by(document, applied(profile, document, store), profile, engine=engine)
    if not descriptions(document.store):
        raise BadDocument(
            "The document holds no credential description.",
            NEEDED,
        )
    elements = _elements(store)
    lacking = _findings(document, profile, elements, engine)
    missing = tuple(dict.fromkeys(finding.element for finding in lacking))
    findings = tuple(_in_order([*lacking, *_implausible(document, elements, store)]))
    asked = _asked(profile, document)
    present = tuple(name for name in asked if name not in missing)
    violations = [finding.element for finding in findings if finding.severity == "violation"]
    return ValidationReport(
        conforms=not violations,
        profile=profile,
        summary=_summary(profile, violations),
        findings=findings,
        completeness=Completeness(
            present=present, missing=missing, ratio=round(len(present) / len(asked), 4) if asked else 1.0
        ),
        seal=SealReport(**asdict(document.seal)),
        sha256=document.sha256,
    )


def _findings(
    document: SubmittedDocument,
    profile: str,
    elements: dict[str, tuple[str, tuple[str, ...]]],
    engine: Engine | None,
) -> list[Finding]:
    shapes = shapes_of(profile)
    found = []
    for result in check(document.triples, shapes, engine):
        element = shapes.text(result.shape, RDFS + "seeAlso")
        source, visions = elements.get(element, ("", ()))
        focus = text_of(result.focus_node)
        found.append(
            Finding(
                element=shapes.text(result.shape, SH + "name"),
                severity=result.severity,
                message=result.messages.get("en", ""),
                pointer=document.pointers.get(focus) if document.pointers else None,
                focus_node=focus,
                value=None if result.value is None else text_of(result.value),
                fix=shapes.text(result.shape, NS + "fix"),
                example=shapes.text(result.shape, NS + "fixExample"),
                rule=element,
                source=source,
                visions=visions,
            )
        )
    return found


def _implausible(
    document: SubmittedDocument, elements: dict[str, tuple[str, tuple[str, ...]]], store: Store | None
) -> Iterator[Finding]:
    for described in describe_document(document):
        for doubt in doubts(described, store):
            element = f"{ID}standard-element/{doubt.slug}"
            source, visions = elements.get(element, ("", ()))
            yield Finding(
                element=doubt.element,
                severity="warning",
                message=doubt.message,
                pointer=document.pointers.get(described.iri),
                focus_node=described.iri,
                value=doubt.value,
                fix=doubt.fix,
                example=doubt.example,
                rule=element,
                source=source,
                visions=visions,
            )


def _in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(
        findings, key=lambda one: (SEVERITIES.index(one.severity), one.rule, one.element, one.focus_node, one.message)
    )


def _asked(profile: str, document: SubmittedDocument) -> Sequence[str]:
    """Return the names of the elements that the profile asks of documents of this kind."""
    shapes = shapes_of(profile)
    issued = any(True for _ in document.store.select(named_query("description/issued").text))
    kind = "Issued" if issued else "Bare"
    return sorted(
        {
            shapes.text(property_shape, SH + "name")
            for shape, property_shape in shapes.property_shapes
            if shape.rpartition("#")[2].startswith(kind)
        }
    )


def _elements(store: Store | None) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the source and the visions of each standard element, as the graph has them."""
    found: dict[str, tuple[str, list[str]]] = defaultdict(lambda: ("", []))
    for row in store.select(named_query("validation/standard-elements").text) if store else ():
        element = str(row["element"].value)
        visions = found[element][1]
        if "vision" in row:
            visions.append(str(row["vision"].value))
        found[element] = (str(row["source"].value), visions)
    return {element: (source, tuple(visions)) for element, (source, visions) in found.items()}


def _summary(profile: str, violations: Iterable[str]) -> str:
    missing = list(dict.fromkeys(violations))
    if not missing:
        return f"The description has everything that the profile {profile} asks for."
    return f"The description does not conform to the profile {profile}. Missing: {', '.join(missing)}."
