"""Where in a JSON text a pointer leads."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastery_api.pages.json_positions import value_ranges

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 2]))
def test_each_place_holds_the_value_that_its_pointer_names(document: object, indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    found = value_ranges(text)
    assert set(found) == set(pointers(document))
    for pointer, place in found.items():
        assert json.loads(text[place.start : place.end]) == at(document, pointer)
        assert place.line == text.count("\n", 0, place.start) + 1


@pytest.mark.parametrize("text", ["", "{", '{"a": [1, 2', '{"a" 1}', "[1 2]", "[" * 100_000])
def test_a_broken_text_gives_what_could_be_read(text: str) -> None:
    assert value_ranges(text).keys() <= {"", "/a", "/a/0", "/a/1", "/0"}


def test_a_real_credential_is_found_through(reference: Path) -> None:
    text = (reference / "credentials" / "credential-sample.jsonld").read_text(encoding="utf-8")
    assert set(value_ranges(text)) == set(pointers(json.loads(text)))


@pytest.mark.parametrize("inside", ["A", "\\n"])
def test_a_long_text_takes_no_memory_of_its_own(inside: str) -> None:
    text = '{"image": "' + inside * 2_000_000 + '"}'
    tracemalloc.start()
    try:
        assert value_ranges(text)["/image"].end == len(text) - 1
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def pointers(value: object, pointer: str = "") -> list[str]:
    inner: list[tuple[str, object]] = []
    if isinstance(value, dict):
        inner = [(name.replace("~", "~0").replace("/", "~1"), item) for name, item in value.items()]
    elif isinstance(value, list):
        inner = [(str(place), item) for place, item in enumerate(value)]
    return [pointer, *(each for name, item in inner for each in pointers(item, f"{pointer}/{name}"))]


def at(value: object, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value[name]
        elif isinstance(value, list):
            value = value[int(name)]
    return value
