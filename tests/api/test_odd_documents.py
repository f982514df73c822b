"""A description with anything at all in one of its places is answered about, or refused in words; never an error."""

import json
import os
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import DESCRIPTION

TRIES = int(os.environ.get("TRIES", "20"))
DOCUMENTS = Path(__file__).parents[1] / "credentials" / "documents"
WRITTEN = [f"{DESCRIPTION}waste-on-site-ita", f"{DESCRIPTION}green-site-technician-irl", f"{DESCRIPTION}solar-bgr"]
ODD: list[Any] = [
    *(None, True, 0, -1, 1.5, 1e308, 10**30),
    *("", " ", "a", "\0", "é" * 300, "60 ECTS", "2,5", "NaN", "1e999", "EQF 5", "5"),
    *(
        "http://[",
        "http://a b",
        "urn:",
        "_:b0",
        "@type",
        "#a",
        "mailto:a@b",
        WRITTEN[1],
        "http://data.europa.eu/snb/eqf/99",
    ),
    *("P1Y2M", "PT0H", "-P5D", "P99999999999Y", "2026-13-45", "0000-00-00", "9999-12-31T23:59:59Z", "24.11.2026"),
    *([], {}, [[]], [None], ["a", 1, None], {"id": None}, {"id": "a", "type": "Concept"}),
    *({"en": ["a"]}, {"en": [None]}, {"": [""]}, {"@value": 1, "@language": "xx-!!"}, {"@list": [1]}, {"@graph": []}),
    {"@value": "a", "@type": "http://www.w3.org/2001/XMLSchema#date"},
]
QUESTIONS = {
    "/v1/validation": lambda one, _: one,
    "/v1/validation?profile=mastery&format=shacl&lang=bg": lambda one, _: one,
    "/v1/conversion?to=elm": lambda one, _: one,
    "/v1/conversion?to=openbadge": lambda one, _: one,
    "/v1/recognition?format=jsonld&lang=fi": lambda one, _: {"credential": one, "country": "FIN"},
    "/v1/stackability?format=html&lang=it": lambda one, other: {"credentials": [one, other], "target": WRITTEN[1]},
    "/v1/stackability?explain=true": lambda one, other: {"credentials": [other], "target": one},
    "/v1/compare?format=html&lang=es": lambda one, other: {"descriptions": [one, other]},
    "/v1/profile?format=csv": lambda one, other: {"credentials": [one, other]},
    "/v1/coverage?format=text": lambda one, other: {"descriptions": [one, other]},
}


@pytest.fixture(scope="module")
def documents(client: httpx.Client) -> list[dict[str, Any]]:
    """Descriptions of the catalogue as ELM and as a badge, and a badge of others."""
    asked = [(iri, to) for iri in WRITTEN for to in ("elm", "openbadge")]
    answers = [client.post("/v1/conversion", params={"to": to}, json={"credential": iri}) for iri, to in asked]
    return [answer.json()["document"] for answer in answers] + [json.loads((DOCUMENTS / "open-badge.json").read_text())]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield all that can be exchanged in a document: what holds it, and the key or number."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


@st.composite
def _odd(draw: st.DrawFn, documents: list[dict[str, Any]]) -> dict[str, Any]:
    document = deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(document))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["another", "beside", "elsewhere", "missing"])):
            case "another":
                holder[key] = deepcopy(draw(st.sampled_from(ODD)))
            case "beside":
                holder[key] = [holder[key], deepcopy(draw(st.sampled_from(ODD)))]
            case "elsewhere":
                there, name = draw(st.sampled_from(places))
                holder[key] = deepcopy(there[name])
            case "missing":
                del holder[key]
    return document


@pytest.mark.parametrize("address", QUESTIONS)
def test_a_description_with_anything_in_a_place_is_answered_about_or_refused_in_words(
    client: httpx.Client, documents: list[dict[str, Any]], address: str
) -> None:
    @settings(max_examples=TRIES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(one=_odd(documents), other=_odd(documents))
    def ask(one: dict[str, Any], other: dict[str, Any]) -> None:
        body = json.dumps(QUESTIONS[address](one, other))
        answer = client.post(address, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, answer.text
        if answer.is_error:
            assert answer.json()["detail"]

    ask()
