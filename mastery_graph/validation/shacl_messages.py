"""Plain messages for the results of shapes that have no messages of their own.

The texts are data (`plain_messages`). Their placeholders are filled in with the names of properties (`sh:name`) and the
labels of the European Learning Model; a nested shape is explained by what is missing for its closest alternative.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mastery_graph.languages import N_
from mastery_graph.rdf import Term
from mastery_graph.validation.document_terms import document_terms
from mastery_graph.validation.engine.result import Result, Severity
from mastery_graph.validation.engine.shapes import Shapes, list_members, without_quoted_triples
from mastery_graph.validation.plain_messages import PlainMessage, message_of_component, messages_of_path, named_message
from mastery_graph.validation.texts import Translator
from mastery_graph.vocabulary import DCTERMS, ELM, RDF, RDFS, ROV, SH, SKOS, XSD

_MAX_CHARS: Final = 80
"""Maximum length of a value in a message, in characters."""
_IN_SCHEME: Final = SKOS.inScheme
_COMPONENTS_WITH_EXAMPLE: Final = frozenset({"MinCount", "Datatype", "Class", "NodeKind", "Node", "Or"})
_LIST_PROPERTIES: Final = {"Or": "or", "Xone": "xone", "And": "and"}
_NAME_PROPERTIES: Final = (DCTERMS.title, SKOS.prefLabel, ROV.legalName)
_DATATYPES: Final = {
    XSD.dateTime: N_("a date with a time (2026-11-24T00:00:00Z)"),
    XSD.date: N_("a date (2026-11-24)"),
    XSD.duration: N_("a duration (PT50H)"),
    XSD.boolean: N_("true or false"),
    XSD.integer: N_("a whole number"),
    XSD.positiveInteger: N_("a whole number above 0"),
    XSD.decimal: N_("a number"),
    XSD.anyURI: N_("a web address"),
    XSD.string: N_("a text without a language"),
    RDF.langString: N_("a text with its language"),
    RDF.HTML: N_("a text in HTML"),
}
_NODE_KINDS: Final = {
    SH.IRI: N_("an address (IRI)"),
    SH.Literal: N_("a text or a number"),
    SH.BlankNode: N_("an object without an id"),
    SH.BlankNodeOrIRI: N_("an object, not a text"),
    SH.IRIOrLiteral: N_("an address (IRI), a text or a number"),
    SH.BlankNodeOrLiteral: N_("an object without an id, a text or a number"),
}


@dataclass(frozen=True, slots=True)
class ResultText:
    """The texts of a report on one result."""

    element: str
    """The name of the property, or of the kind of thing."""
    severity: Severity
    message: str
    fix: str
    example: str
    """A fragment of JSON-LD, or ""."""
    source: str
    """Where the error is documented, if it is a known error of the published shapes; else ""."""


class ResultTexts:
    """The texts of the results of one document by one set of shapes."""

    def __init__(
        self,
        shapes: Shapes,
        triples: Iterable[Triple],
        *,
        labels: Mapping[str, str] | None = None,
        vocabularies: Mapping[str, frozenset[str]] | None = None,
        sealed: bool = True,
        own: bool = True,
        translate: Translator | None = None,
    ) -> None:
        """Index the data from which the texts are made.

        `labels` are names of classes and properties by IRI; `vocabularies` the concepts of each loaded scheme; `sealed`
        is whether the document has a seal, `own` whether messages of the shapes are preferred to ours. `translate`
        defaults to English; names are in its language if the shapes have them in it.
        """
        self._shapes, self._sealed, self._own, self._translate = shapes, sealed, own, translate or Translator()
        self._vocabularies = vocabularies or {}
        self._labels = {**_labels_of_shapes(shapes), **(labels or {})}
        self._index: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in without_quoted_triples(triples):
            self._index[subject][predicate.value].append(value)

    def of(self, result: Result) -> ResultText:
        """Return the texts for a result, with the message of the shape if it has one and ours is not more specific."""
        message, values = self._message(result)
        own = self._own_message(result)
        uses_own = own and self._own and not message.path
        return ResultText(
            element=str(values["name"]),
            severity=message.severity or result.severity,
            message=own if uses_own else self._translate(message.message, **values),
            fix=self._translate(message.fix, **values),
            example=self._example(result),
            source=message.source,
        )

    def _own_message(self, result: Result) -> str:
        tags = (self._translate.language, "en", "", *result.messages)
        return next((text for tag in tags if (text := result.messages.get(tag))), "")

    def _message(self, result: Result) -> tuple[PlainMessage, dict[str, object]]:
        values = self._values(result)
        for message in messages_of_path(result.path or "", result.component):
            if self._applies(message, result):
                return message, values
        if scheme := self._required_scheme(result):
            return self._scheme_message(result, scheme, values)
        component = _component_name(result.component)
        if component in {"Or", "Xone"}:
            if not result.details:
                return named_message("said-of-several-at-once"), values
            classes = [self._class_of(shape) for shape in self._alternatives(result)]
            if all(classes):
                return named_message("said-of-another-type"), values
        return message_of_component(result.component) or named_message("said-of-any-rule"), values

    def _applies(self, message: PlainMessage, result: Result) -> bool:
        detail_paths = {detail.path for detail in result.details}
        return (
            not (message.until_sealed and self._sealed)
            and (not message.detail or detail_paths == {message.detail})
            and (not message.shapes or any(shapes in result.shape for shapes in message.shapes))
        )

    def _required_scheme(self, result: Result) -> str:
        """Return the scheme that a concept must state; "" if the result is about something else."""
        if len(result.details) != 1 or result.details[0].path != _IN_SCHEME or not isinstance(result.value, NamedNode):
            return ""
        return next((value.value for value in self._shapes.values(result.details[0].shape, SH.hasValue)), "")

    def _scheme_message(
        self, result: Result, scheme: str, values: dict[str, object]
    ) -> tuple[PlainMessage, dict[str, object]]:
        concepts = self._vocabularies.get(scheme)
        value = result.value.value if result.value else ""
        name = (
            "scheme-not-stated" if concepts is None else "member-not-stated" if value in concepts else "unknown-concept"
        )
        return named_message(f"said-of-{name}"), {**values, "asked": scheme}

    def _values(self, result: Result) -> dict[str, object]:
        kind = self._class_label(result.focus_node)
        name = self.name(result)
        values: dict[str, object] = {
            "element": f"{kind}, {name}" if result.path and kind != name else kind,
            "name": name,
            "kind": kind,
            "value": self._quote(result.value),
            "asked": self._requirement(result),
            "given": self._actual_value(result),
            "form": self._qualified_shapes(result),
        }
        if result.details:
            nested = [self.of(detail) for detail in result.details]
            values["lacking"] = " ".join(dict.fromkeys(detail.message for detail in nested))
            values["mending"] = " ".join(dict.fromkeys(detail.fix for detail in nested))
        elif _component_name(result.component) in {"Node", "And"}:
            values["lacking"] = self._translate(
                N_("it is not described as it should be ({asked})."), asked=values["asked"]
            )
            values["mending"] = self._translate(N_("Compare the description: {asked}."), asked=values["asked"])
        if result.alternative:
            values["closest"] = self._shape_label(result.alternative)
        return values

    def name(self, result: Result) -> str:
        """Return the name of the property: from the shape, from the model, or from the last part of its IRI."""
        if not result.path:
            return self._class_label(result.focus_node)
        label = self._text(result.shape, SH.name)
        return label or self._labels.get(result.path, "") or _spell_out(result.path)

    def name_of(self, shape: str) -> str:
        """Return the name of the property of a property shape."""
        path = self._shapes.path(shape) or ""
        return self._text(shape, SH.name) or self._labels.get(path, "") or _spell_out(path)

    def _text(self, shape: str, predicate: str) -> str:
        return self._shapes.text(shape, predicate, self._translate.language).strip()

    def _class_label(self, node: Term) -> str:
        kinds = [kind.value for kind in self._index.get(node, {}).get(RDF.type, ())]
        known = [self._labels[kind] for kind in sorted(kinds, key=_is_outside_model) if kind in self._labels]
        return known[0] if known else _spell_out(kinds[-1]) if kinds else self._translate(N_("Description"))

    def _class_labels(self, node: Term | None) -> str:
        kinds = [kind.value for kind in self._index.get(node, {}).get(RDF.type, ())] if node else []
        names = [self._labels.get(kind) or _spell_out(kind) for kind in kinds]
        return ", ".join(names) if names else self._translate(N_("not stated"))

    def display_name(self, value: Term | None) -> str:
        """Return the display name of a value: its title, its text, or its IRI; never the label of a blank node."""
        if value is None:
            return ""
        if isinstance(value, Literal):
            return value.value if len(value.value) <= _MAX_CHARS else f"{value.value[:_MAX_CHARS]}…"
        for predicate in _NAME_PROPERTIES:
            if titles := self._index.get(value, {}).get(predicate):
                by_language = {title.language: title for title in reversed(titles) if isinstance(title, Literal)}
                return (by_language.get(self._translate.language) or by_language.get("en") or titles[0]).value
        if isinstance(value, BlankNode):
            return self._translate(N_("the {kind}"), kind=self._class_label(value))
        return self._labels.get(value.value, value.value)

    def _quote(self, value: Term | None) -> str:
        text = self.display_name(value)
        has_title = value is not None and any(
            self._index.get(value, {}).get(predicate) for predicate in _NAME_PROPERTIES
        )
        return f"“{text}”" if has_title or isinstance(value, Literal) else text

    def _requirement(self, result: Result) -> str:
        component = _component_name(result.component)
        if component in _LIST_PROPERTIES:
            labels = dict.fromkeys(self._shape_label(shape) for shape in self._alternatives(result))
            return ", ".join(labels)
        parameter = component[:1].lower() + component[1:]
        values = self._shapes.values(result.shape, SH + parameter)
        if component == "Datatype":
            return ", ".join(
                self._translate(_DATATYPES[value.value]) if value.value in _DATATYPES else _spell_out(value.value)
                for value in values
            )
        if component == "NodeKind":
            return ", ".join(self._translate(_NODE_KINDS.get(value.value, value.value)) for value in values)
        if component in {"In", "LanguageIn"}:
            return ", ".join(
                self.display_name(value) for start in values for value in list_members(self._shapes.index, start)
            )
        if component in {"Node", "Not"}:
            return ", ".join(self._shape_label(value.value) for value in values)
        if values:
            return ", ".join(self._labels.get(value.value) or self.display_name(value) for value in values)
        return self._shape_label(result.shape)

    def _actual_value(self, result: Result) -> str:
        component = _component_name(result.component)
        if component in {"Class", "Or", "Xone"}:
            return self._class_labels(result.value)
        values = self._index.get(result.focus_node, {}).get(result.path or "", ())
        return str(len(values))

    def _qualified_shapes(self, result: Result) -> str:
        qualified_shapes = self._shapes.values(result.shape, SH.qualifiedValueShape)
        return ", ".join(self._shape_label(value.value) for value in qualified_shapes)

    def _alternatives(self, result: Result) -> list[str]:
        predicate = SH + _LIST_PROPERTIES[_component_name(result.component)]
        return [
            member.value
            for start in self._shapes.values(result.shape, predicate)
            for member in list_members(self._shapes.index, start)
        ]

    def _class_of(self, shape: str) -> str:
        """Return the class that a shape requires if it requires nothing else; else ""."""
        properties = self._shapes.index.get(NamedNode(shape), {})
        predicates = {predicate for predicate in properties if predicate.startswith(SH)}
        return properties[SH + "class"][0].value if predicates == {SH + "class"} else ""

    def _shape_label(self, shape: str) -> str:
        """Return the name of a shape, never its generated IRI."""
        shapes = self._shapes
        for predicate in (SH.name, RDFS.label):
            if text := self._text(shape, predicate):
                return text
        for predicate in (SH + "class", SH.targetClass, SH.datatype, SH.path):
            for value in shapes.values(shape, predicate):
                if isinstance(value, NamedNode):
                    return self._labels.get(value.value) or _spell_out(value.value)
        if nested := [*shapes.values(shape, SH.node)]:
            return self._shape_label(nested[0].value)
        if description := self._text(shape, SH.description) or self._text(shape, RDFS.comment):
            return description
        if parts := [self._shape_label(value.value) for value in shapes.values(shape, SH.property)]:
            return self._translate(N_("something with {parts}"), parts=", ".join(parts))
        return _spell_out(shape) if not shape.startswith("urn:") else self._translate(N_("another description"))

    def _example(self, result: Result) -> str:
        """Return a fragment of JSON-LD with the property and a minimal value of the required form."""
        if scheme := self._required_scheme(result):
            return f'"inScheme": {{"id": "{scheme}", "type": "ConceptScheme"}}'
        term = document_terms().get(result.path or "")
        if not term or _component_name(result.component) not in _COMPONENTS_WITH_EXAMPLE:
            return ""
        value = self._example_value(result.shape)
        return f'"{term}": {value}' if value else ""

    def _example_value(self, shape: str) -> str:
        for value in self._shapes.values(shape, SH.datatype):
            return _EXAMPLE_VALUES.get(value.value, "")
        classes = [member.value for member in self._shapes.values(shape, SH + "class")]
        for start in self._shapes.values(shape, SH + "or"):
            classes += [
                name for member in list_members(self._shapes.index, start) if (name := self._class_of(member.value))
            ]
        if SKOS.Concept in classes:
            return '{"id": "…", "type": "Concept"}'
        return next(
            (f'{{"type": "{document_terms()[member]}"}}' for member in classes if member in document_terms()), ""
        )


_EXAMPLE_VALUES: Final = {
    XSD.dateTime: '"2026-11-24T00:00:00Z"',
    XSD.date: '"2026-11-24"',
    XSD.duration: '"PT50H"',
    XSD.boolean: "true",
    XSD.integer: "1",
    XSD.positiveInteger: "1",
    XSD.decimal: '"1.5"',
    XSD.anyURI: '"https://…"',
    XSD.string: '"…"',
    RDF.langString: '{"en": "…"}',
}


def _component_name(component: str) -> str:
    return component.removeprefix(SH).removesuffix("ConstraintComponent")


def _spell_out(iri: str) -> str:
    """Return the last part of an IRI in words; for a path, those of its properties.

    >>> _spell_out("http://data.europa.eu/snb/model/elm/awardingBody")
    'awarding body'
    """
    if iri.startswith(("<", "(", "^")):
        return " / ".join(_spell_out(step) for step in re.findall(r"<([^>]+)>", iri))
    local = re.split(r"[/#:]", iri.rstrip("/#"))[-1]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local).replace("_", " ").lower() if not local.isupper() else local


def _labels_of_shapes(shapes: Shapes) -> dict[str, str]:
    """Return the names of target classes, from the labels of their shapes."""
    labels: dict[str, str] = {}
    for shape, value in shapes.targets.get("targetClass", ()):
        if label := shapes.text(shape, RDFS.label).strip():
            labels.setdefault(value.value, label.removesuffix(" Shape"))
    return labels


def _is_outside_model(kind: str) -> bool:
    return not kind.startswith(ELM)
