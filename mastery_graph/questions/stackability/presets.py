"""Presets of the assessment policy, and the origin of each figure of a policy.

The presets are data (`ontology/stack-policies.json`), limited to figures that a source supports.
"""

import json
from functools import cache
from typing import Literal

from pydantic import ValidationError

from mastery_graph.errors import AdvisedAction, BadParameter
from mastery_graph.field_errors import explain_field_error
from mastery_graph.languages import Joined, Message
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.records import Record
from mastery_graph.resources import folder


class GivenFigure(Record):
    """A figure from a source, with the citation."""

    value: float
    citation: str


class Preset(Record):
    """A preset: its name (ISO alpha-3), the national policy that it represents, and the figures from sources."""

    name: str
    title: str
    policy: str
    note: str
    figures: dict[str, GivenFigure]


class Figure(Record):
    """A figure of the policy by which a stack was judged, and its origin."""

    name: str
    value: object
    given_by: Literal["caller", "preset", "default"]
    source: str | None = None
    """The national policy whose sources support it, for a figure of a preset."""
    citation: str | None = None


@cache
def presets() -> tuple[Preset, ...]:
    """Return the presets that are shipped."""
    content = json.loads((folder("ontology") / "stack-policies.json").read_text(encoding="utf-8"))
    return tuple(Preset.model_validate(preset) for preset in content["presets"])


def resolve_policy(policy: StackPolicy) -> tuple[StackPolicy, tuple[Figure, ...]]:
    """Return a policy with the figures of its preset, and the origin of each figure.

    A figure of the caller takes precedence over the preset, and the preset over the default. Raises `BadParameter` for
    an unknown preset.
    """
    preset = _preset(policy.preset) if policy.preset else None
    preset_values = {
        name: figure.value
        for name, figure in (preset.figures if preset else {}).items()
        if name not in policy.model_fields_set
    }
    resolved = StackPolicy.model_validate(policy.model_dump() | preset_values)
    figures = []
    for name in StackPolicy.model_fields:
        if name in {"preset", "on"}:
            continue
        value = resolved.model_dump(mode="json")[name]
        if name in preset_values and preset:
            citation = preset.figures[name].citation
            figures.append(Figure(name=name, value=value, given_by="preset", source=preset.policy, citation=citation))
        else:
            origin: Literal["caller", "default"] = "caller" if name in policy.model_fields_set else "default"
            figures.append(Figure(name=name, value=value, given_by=origin))
    return resolved, tuple(figures)


def parse_policy(text: str) -> StackPolicy:
    """Parse a policy: the name of a preset, or JSON with figures.

    Raises `BadParameter` for an unknown preset or figure, and for a value out of range.
    """
    if not text.lstrip().startswith("{"):
        return StackPolicy(preset=_preset(text).name)
    try:
        return StackPolicy.model_validate_json(text)
    except ValidationError as error:
        reasons = Joined((explain_field_error(failure) for failure in error.errors()), "; ")
        raise BadParameter(
            Message("The policy cannot be used: {reasons}.", reasons=reasons),
            action=AdvisedAction.LIST_POLICIES,
        ) from None


def _preset(name: str) -> Preset:
    for preset in presets():
        if preset.name == name.strip().upper():
            return preset
    known = ", ".join(preset.name for preset in presets())
    raise BadParameter(
        Message("There is no policy preset {name}.", name=repr(name)),
        Message("Use one of {names}, or leave it out.", names=known),
    )
