"""Named presets of the stack policy, and where each figure of a policy comes from.

The presets are data (`ontology/stack-policies.json`): a figure stands there only where a source gives it.
"""

import json
from functools import cache
from typing import Literal

from pydantic import ValidationError

from mastery_graph.errors import BadParameter
from mastery_graph.languages import Message
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.records import Record
from mastery_graph.resources import folder


class GivenFigure(Record):
    """A figure that a source gives, with the citation."""

    value: float
    citation: str


class Preset(Record):
    """A preset: its name (ISO alpha-3), the national policy that it stands for, and the figures that a source gives."""

    name: str
    title: str
    policy: str
    note: str
    figures: dict[str, GivenFigure]


class Figure(Record):
    """A figure of the policy by which a stack was judged, and who gives it."""

    name: str
    value: object
    given_by: Literal["caller", "preset", "default"]
    source: str | None = None
    """The national policy whose sources give it, for a figure of a preset."""
    citation: str | None = None


@cache
def presets() -> tuple[Preset, ...]:
    """Return the presets that ship."""
    content = json.loads((folder("ontology") / "stack-policies.json").read_text(encoding="utf-8"))
    return tuple(Preset.model_validate(each) for each in content["presets"])


def resolve_policy(policy: StackPolicy) -> tuple[StackPolicy, tuple[Figure, ...]]:
    """Return a policy with the figures of its preset filled in, and where each figure comes from.

    What the caller gives goes before the preset, and the preset before the default. Raises `BadParameter` for a preset
    that does not exist.
    """
    preset = _preset(policy.preset) if policy.preset else None
    given = {
        name: figure.value
        for name, figure in (preset.figures if preset else {}).items()
        if name not in policy.model_fields_set
    }
    filled = StackPolicy.model_validate(policy.model_dump() | given)
    figures = []
    for name in StackPolicy.model_fields:
        if name in {"preset", "on"}:
            continue
        value = filled.model_dump(mode="json")[name]
        if name in given and preset:
            citation = preset.figures[name].citation
            figures.append(Figure(name=name, value=value, given_by="preset", source=preset.policy, citation=citation))
        else:
            by: Literal["caller", "default"] = "caller" if name in policy.model_fields_set else "default"
            figures.append(Figure(name=name, value=value, given_by=by))
    return filled, tuple(figures)


def parse_policy(written: str) -> StackPolicy:
    """Return the policy that a person wrote: the name of a preset, or JSON with the figures that are given.

    Raises `BadParameter` for a preset or a figure that does not exist, and for a value out of its range.
    """
    if not written.lstrip().startswith("{"):
        return StackPolicy(preset=_preset(written).name)
    try:
        return StackPolicy.model_validate_json(written)
    except ValidationError as error:
        reasons = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise BadParameter(
            f"The policy cannot be used: {reasons}.", "`GET /v1/policies` lists the figures with their defaults."
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
