"""Plain words for the results of shapes that bring none of their own.

The words are data (`plain_messages`). What a shape calls its property (`sh:name`) and the labels of the European
Learning Model fill them in; a nested shape is told by what its closest alternative lacks.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mastery_graph.rdf import Term
from mastery_graph.validation.document_terms import document_terms
from mastery_graph.validation.engine.result import Result, Severity
from mastery_graph.validation.engine.shapes import Shapes, list_members, without_quoted_triples
from mastery_graph.validation.plain_messages import PlainMessage, message_of_component, messages_of_path, named_message
from mastery_graph.validation.texts import Translator, said
from mastery_graph.vocabulary import DCTERMS, ELM, RDF, RDFS, ROV, SH, SKOS, XSD

_LONGEST: Final = 80
"""Characters of a value that are shown."""
_SCHEME: Final = SKOS + "inScheme"
_LISTS: Final = {"Or": "or", "Xone": "xone", "And": "and"}
_NAMES: Final = (DCTERMS + "title", SKOS + "prefLabel", ROV + "legalName")
_DATATYPES: Final = {
    XSD + "dateTime": said("a date with a time (2026-11-24T00:00:00Z)"),
    XSD + "date": said("a date (2026-11-24)"),
    XSD + "duration": said("a duration (PT50H)"),
    XSD + "boolean": said("true or false"),
    XSD + "integer": said("a whole number"),
    XSD + "positiveInteger": said("a whole number above 0"),
    XSD + "decimal": said("a number"),
    XSD + "anyURI": said("a web address"),
    XSD + "string": said("a text without a language"),
    RDF + "langString": said("a text with its language"),
    RDF + "HTML": said("a text in HTML"),
}
_NODE_KINDS: Final = {
    SH + "IRI": said("an address (IRI)"),
    SH + "Literal": said("a text or a number"),
    SH + "BlankNode": said("an object without an id"),
    SH + "BlankNodeOrIRI": said("an object, not a text"),
    SH + "IRIOrLiteral": said("an address (IRI), a text or a number"),
    SH + "BlankNodeOrLiteral": said("an object without an id, a text or a number"),
}


@dataclass(frozen=True, slots=True)
class ResultText:
    """What a person is told of one result."""

    element: str
    """The name of the property, or of the kind of thing."""
    severity: Severity
    message: str
    fix: str
    example: str
    """A piece of JSON-LD, or ""."""
    source: str
    """Where the error is told of, if it is a known one of the published shapes; else ""."""


class ResultTexts:
    """The words for the results of one document by one set of shapes."""

    def __init__(
        self,
        shapes: Shapes,
        triples: Iterable[Triple],
        *,
        labels: Mapping[str, str] | None = None,
        vocabularies: Mapping[str, frozenset[str]] | None = None,
        sealed: bool = True,
        own: bool = True,
        told: Translator | None = None,
    ) -> None:
        """Keep what the words are made of.

        `labels` are names of classes and properties by IRI, `vocabularies` the concepts of each scheme that is here;
        `sealed` says whether the document has a seal, `own` whether the messages of the shapes come before ours. `told`
        is the language, English where none is given; names are in it where the shapes have them in it.
        """
        self._shapes, self._sealed, self._own, self._told = shapes, sealed, own, told or Translator()
        self._vocabularies = vocabularies or {}
        self._labels = {**_labels_of_shapes(shapes), **(labels or {})}
        self._said: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in without_quoted_triples(triples):
            self._said[subject][predicate.value].append(value)

    def of(self, result: Result) -> ResultText:
        """Return the words for a result: the shape's own, where it has some and nothing more is known."""
        message, values = self._message(result)
        own = self._own_message(result)
        keeps = own and self._own and not message.path
        return ResultText(
            element=str(values["name"]),
            severity=message.severity or result.severity,
            message=own if keeps else self._told(message.message, **values),
            fix=self._told(message.fix, **values),
            example=self._example(result),
            source=message.source,
        )

    def _own_message(self, result: Result) -> str:
        tags = (self._told.language, "en", "", *result.messages)
        return next((text for tag in tags if (text := result.messages.get(tag))), "")

    def _message(self, result: Result) -> tuple[PlainMessage, dict[str, object]]:
        values = self._values(result)
        for message in messages_of_path(result.path or "", result.component):
            if self._is_for(message, result):
                return message, values
        if scheme := self._scheme_asked(result):
            return self._of_scheme(result, scheme, values)
        component = _short(result.component)
        if component in {"Or", "Xone"}:
            if not result.details:
                return named_message("said-of-several-at-once"), values
            classes = [self._class_of(shape) for shape in self._alternatives(result)]
            if all(classes):
                return named_message("said-of-another-type"), values
        return message_of_component(result.component) or named_message("said-of-any-rule"), values

    def _is_for(self, message: PlainMessage, result: Result) -> bool:
        lacking = {each.path for each in result.details}
        return (
            not (message.until_sealed and self._sealed)
            and (not message.detail or lacking == {message.detail})
            and (not message.shapes or any(shapes in result.shape for shapes in message.shapes))
        )

    def _scheme_asked(self, result: Result) -> str:
        """Return the scheme that a concept is to say that it is of; "" where that is not what the result is about."""
        if len(result.details) != 1 or result.details[0].path != _SCHEME or not isinstance(result.value, NamedNode):
            return ""
        return next((each.value for each in self._shapes.values(result.details[0].shape, SH + "hasValue")), "")

    def _of_scheme(
        self, result: Result, scheme: str, values: dict[str, object]
    ) -> tuple[PlainMessage, dict[str, object]]:
        concepts = self._vocabularies.get(scheme)
        value = result.value.value if result.value else ""
        said = (
            "scheme-not-stated" if concepts is None else "member-not-stated" if value in concepts else "unknown-concept"
        )
        return named_message(f"said-of-{said}"), {**values, "asked": scheme}

    def _values(self, result: Result) -> dict[str, object]:
        kind = self._kind(result.focus_node)
        name = self.name(result)
        values: dict[str, object] = {
            "element": f"{kind}, {name}" if result.path and kind != name else kind,
            "name": name,
            "kind": kind,
            "value": self._quoted(result.value),
            "asked": self._asked(result),
            "given": self._given(result),
            "form": self._form(result),
        }
        if result.details:
            inner = [self.of(each) for each in result.details]
            values["lacking"] = " ".join(dict.fromkeys(each.message for each in inner))
            values["mending"] = " ".join(dict.fromkeys(each.fix for each in inner))
        elif _short(result.component) in {"Node", "And"}:
            values["lacking"] = self._told("it is not described as it should be ({?asked}).", asked=values["asked"])
            values["mending"] = self._told("Compare the description: {?asked}.", asked=values["asked"])
        if result.alternative:
            values["closest"] = self._called(result.alternative)
        return values

    def name(self, result: Result) -> str:
        """Return what the property is called: by the shape, by the model, or by the last part of its IRI."""
        if not result.path:
            return self._kind(result.focus_node)
        called = self._text(result.shape, SH + "name")
        return called or self._labels.get(result.path, "") or _spelled(result.path)

    def name_of(self, shape: str) -> str:
        """Return what the property of a property shape is called."""
        path = self._shapes.path(shape) or ""
        return self._text(shape, SH + "name") or self._labels.get(path, "") or _spelled(path)

    def _text(self, shape: str, predicate: str) -> str:
        return self._shapes.text(shape, predicate, self._told.language).strip()

    def _kind(self, node: Term) -> str:
        kinds = [kind.value for kind in self._said.get(node, {}).get(RDF + "type", ())]
        known = [self._labels[kind] for kind in sorted(kinds, key=_beside_the_model) if kind in self._labels]
        return known[0] if known else _spelled(kinds[-1]) if kinds else self._told("Description")

    def _kinds(self, node: Term | None) -> str:
        kinds = [kind.value for kind in self._said.get(node, {}).get(RDF + "type", ())] if node else []
        names = [self._labels.get(kind) or _spelled(kind) for kind in kinds]
        return ", ".join(names) if names else self._told("not stated")

    def shown(self, value: Term | None) -> str:
        """Return what a person calls a value: its title, its text, its IRI; never the label of a blank node."""
        if value is None:
            return ""
        if isinstance(value, Literal):
            return value.value if len(value.value) <= _LONGEST else f"{value.value[:_LONGEST]}…"
        for predicate in _NAMES:
            if titles := self._said.get(value, {}).get(predicate):
                by_language = {each.language: each for each in reversed(titles) if isinstance(each, Literal)}
                return (by_language.get(self._told.language) or by_language.get("en") or titles[0]).value
        if isinstance(value, BlankNode):
            return self._told("the {?kind}", kind=self._kind(value))
        return self._labels.get(value.value, value.value)

    def _quoted(self, value: Term | None) -> str:
        shown = self.shown(value)
        titled = value is not None and any(self._said.get(value, {}).get(predicate) for predicate in _NAMES)
        return f"“{shown}”" if titled or isinstance(value, Literal) else shown

    def _asked(self, result: Result) -> str:
        component = _short(result.component)
        if component in _LISTS:
            called = dict.fromkeys(self._called(shape) for shape in self._alternatives(result))
            return ", ".join(called)
        parameter = component[:1].lower() + component[1:]
        values = self._shapes.values(result.shape, SH + parameter)
        if component == "Datatype":
            return ", ".join(
                self._told(_DATATYPES[each.value]) if each.value in _DATATYPES else _spelled(each.value)
                for each in values
            )
        if component == "NodeKind":
            return ", ".join(self._told(_NODE_KINDS.get(each.value, each.value)) for each in values)
        if component in {"In", "LanguageIn"}:
            return ", ".join(self.shown(each) for start in values for each in list_members(self._shapes.index, start))
        if component in {"Node", "Not"}:
            return ", ".join(self._called(each.value) for each in values)
        if values:
            return ", ".join(self._labels.get(each.value) or self.shown(each) for each in values)
        return self._called(result.shape)

    def _given(self, result: Result) -> str:
        component = _short(result.component)
        if component in {"Class", "Or", "Xone"}:
            return self._kinds(result.value)
        values = self._said.get(result.focus_node, {}).get(result.path or "", ())
        return str(len(values))

    def _form(self, result: Result) -> str:
        forms = self._shapes.values(result.shape, SH + "qualifiedValueShape")
        return ", ".join(self._called(each.value) for each in forms)

    def _alternatives(self, result: Result) -> list[str]:
        predicate = SH + _LISTS[_short(result.component)]
        return [
            each.value
            for start in self._shapes.values(result.shape, predicate)
            for each in list_members(self._shapes.index, start)
        ]

    def _class_of(self, shape: str) -> str:
        """Return the class that a shape asks for, where it asks for nothing else; else ""."""
        stated = self._shapes.index.get(NamedNode(shape), {})
        said = {predicate for predicate in stated if predicate.startswith(SH)}
        return stated[SH + "class"][0].value if said == {SH + "class"} else ""

    def _called(self, shape: str) -> str:
        """Return what a shape is called, never by a label that was made for it."""
        shapes = self._shapes
        for predicate in (SH + "name", RDFS + "label"):
            if text := self._text(shape, predicate):
                return text
        for predicate in (SH + "class", SH + "targetClass", SH + "datatype", SH + "path"):
            for value in shapes.values(shape, predicate):
                if isinstance(value, NamedNode):
                    return self._labels.get(value.value) or _spelled(value.value)
        if nested := [*shapes.values(shape, SH + "node")]:
            return self._called(nested[0].value)
        if description := self._text(shape, SH + "description") or self._text(shape, RDFS + "comment"):
            return description
        if inner := [self._called(value.value) for value in shapes.values(shape, SH + "property")]:
            return self._told("something with {?parts}", parts=", ".join(inner))
        return _spelled(shape) if not shape.startswith("urn:") else self._told("another description")

    def _example(self, result: Result) -> str:
        """Return a piece of JSON-LD with the property and the smallest value of the right form."""
        if scheme := self._scheme_asked(result):
            return f'"inScheme": {{"id": "{scheme}", "type": "ConceptScheme"}}'
        term = document_terms().get(result.path or "")
        if not term or _short(result.component) not in {"MinCount", "Datatype", "Class", "NodeKind", "Node", "Or"}:
            return ""
        value = self._example_value(result.shape)
        return f'"{term}": {value}' if value else ""

    def _example_value(self, shape: str) -> str:
        for value in self._shapes.values(shape, SH + "datatype"):
            return _EXAMPLES.get(value.value, "")
        classes = [each.value for each in self._shapes.values(shape, SH + "class")]
        for start in self._shapes.values(shape, SH + "or"):
            classes += [
                name for each in list_members(self._shapes.index, start) if (name := self._class_of(each.value))
            ]
        if SKOS + "Concept" in classes:
            return '{"id": "…", "type": "Concept"}'
        return next((f'{{"type": "{document_terms()[each]}"}}' for each in classes if each in document_terms()), "")


_EXAMPLES: Final = {
    XSD + "dateTime": '"2026-11-24T00:00:00Z"',
    XSD + "date": '"2026-11-24"',
    XSD + "duration": '"PT50H"',
    XSD + "boolean": "true",
    XSD + "integer": "1",
    XSD + "positiveInteger": "1",
    XSD + "decimal": '"1.5"',
    XSD + "anyURI": '"https://…"',
    XSD + "string": '"…"',
    RDF + "langString": '{"en": "…"}',
}


def _short(component: str) -> str:
    return component.removeprefix(SH).removesuffix("ConstraintComponent")


def _spelled(iri: str) -> str:
    """Return the last part of an IRI in words, or the whole path of several.

    >>> _spelled("http://data.europa.eu/snb/model/elm/awardingBody")
    'awarding body'
    """
    if iri.startswith(("<", "(", "^")):
        return " / ".join(_spelled(each) for each in re.findall(r"<([^>]+)>", iri))
    local = re.split(r"[/#:]", iri.rstrip("/#"))[-1]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local).replace("_", " ").lower() if not local.isupper() else local


def _labels_of_shapes(shapes: Shapes) -> dict[str, str]:
    """Return the name of each class that is the target of a shape, as the shape is labelled."""
    found: dict[str, str] = {}
    for shape, value in shapes.targets.get("targetClass", ()):
        if label := shapes.text(shape, RDFS + "label").strip():
            found.setdefault(value.value, label.removesuffix(" Shape"))
    return found


def _beside_the_model(kind: str) -> bool:
    return not kind.startswith(ELM)
