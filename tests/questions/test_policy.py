"""Which figure of a stack policy holds: the caller's before the preset's before the default, each said to be whose."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pyoxigraph import Literal

from mastery_graph.errors import BadParameter
from mastery_graph.queries import named_query
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.stackability.presets import presets, resolve_policy
from mastery_graph.store.embedded import EmbeddedStore

NAMES = [None, *(preset.name for preset in presets())]
figures = st.fixed_dictionaries(
    {},
    optional={
        "threshold": st.sampled_from([0.5, 1.0]),
        "credits_below": st.sampled_from([5.0, 15.0]),
        "hierarchy_steps": st.integers(0, 4),
        "identity_verification": st.booleans(),
    },
)


@given(st.sampled_from(NAMES), figures)
def test_the_caller_goes_before_the_preset_and_the_preset_before_the_default(
    name: str | None, asked: dict[str, object]
) -> None:
    default = StackPolicy().model_dump()
    preset = {figure: one.value for each in presets() if each.name == name for figure, one in each.figures.items()}
    policy, told = resolve_policy(StackPolicy.model_validate({"preset": name, **asked}))
    for figure, value in policy.model_dump().items():
        if figure != "preset":
            assert value == asked.get(figure, preset.get(figure, default[figure]))
    for one in told:
        by = "caller" if one.name in asked else "preset" if one.name in preset else "default"
        assert one.given_by == by
        assert bool(one.citation) is (by == "preset")
    assert {one.name for one in told} == set(StackPolicy.model_fields) - {"preset", "on"}


def test_every_preset_cites_each_figure_that_it_gives() -> None:
    assert {preset.name for preset in presets()} >= {"BGR", "ESP", "FIN", "ITA"}
    assert all(figure.citation for preset in presets() for figure in preset.figures.values())


def test_the_figures_of_the_presets_are_those_of_the_policies_that_they_cite(store: EmbeddedStore) -> None:
    figures = {preset.name: {name: one.value for name, one in preset.figures.items()} for preset in presets()}
    assert figures == {"BGR": {}, "ESP": {"credits_below": 15}, "FIN": {}, "ITA": {}}
    for preset in presets():
        (row,) = store.select(named_query("recognition/national-policy").text, {"country": Literal(preset.name)})
        below = row.get("creditsBelow")
        assert row["policy"].value == preset.policy
        assert figures[preset.name] == ({} if below is None else {"credits_below": float(below.value)})
        laws = [law for figure in preset.figures.values() for law in re.findall(r"\d+/\d{4}", figure.citation)]
        assert set(laws) <= set(re.findall(r"\d+/\d{4}", str(row.get("legalBasis"))))
        assert laws or not preset.figures


def test_an_unknown_preset_is_refused_with_those_that_exist() -> None:
    with pytest.raises(BadParameter, match="ESP"):
        resolve_policy(StackPolicy(preset="ATL"))


@pytest.mark.parametrize("figure", [{"threshold": 1.1}, {"hierarchy_steps": 9}, {"suggestions": 6}, {"thresold": 1}])
def test_a_figure_out_of_range_or_unknown_is_refused(figure: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        StackPolicy.model_validate(figure)
