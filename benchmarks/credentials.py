"""Made-up issued credentials as JSON-LD, over the concepts of a graph: the same seed gives the same credentials.

Each conforms to the profile `micro-credential`; its learner, its parts and its issuer have names that hold within it
only, as those from the EU's credential builder do.
"""

import json
import random
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mastery_graph.credentials.batch import MAX_FILES
from mastery_graph.vocabulary import COUNTRY, EQF

_CONTEXTS = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
_COUNTRIES = ("FIN", "ITA", "ESP", "DEU", "GRC")


def credentials(size: int, concepts: Sequence[str], seed: int = 1) -> Iterator[bytes]:
    """Yield the texts of `size` credentials."""
    draw = random.Random(seed)
    for number in range(size):
        yield json.dumps(_credential(draw, number, concepts)).encode()


def write_credentials(texts: Iterator[bytes], out: Path) -> None:
    """Write credentials as JSON lines (`.jsonl`), as ZIP archives of as many files as are read (`.zip`), or a folder.

    A second archive has `-1` at the end of its name, and so on.
    """
    if out.suffix == ".jsonl":
        with out.open("wb") as file:
            file.writelines(text + b"\n" for text in texts)
        return
    if out.suffix != ".zip":
        out.mkdir(parents=True)
        for number, text in enumerate(texts):
            (out / f"{number}.jsonld").write_bytes(text)
        return
    archive: zipfile.ZipFile | None = None
    for number, text in enumerate(texts):
        part, place = divmod(number, MAX_FILES)
        if place == 0:
            if archive:
                archive.close()
            archive = zipfile.ZipFile(out.with_stem(f"{out.stem}-{part}") if part else out, "w", zipfile.ZIP_DEFLATED)
        if archive:
            archive.writestr(f"{number}.jsonld", text)
    if archive:
        archive.close()


def _credential(draw: random.Random, number: int, concepts: Sequence[str]) -> dict[str, Any]:
    title = f"Example {number}"
    place = _concept(f"{COUNTRY}{draw.choice(_COUNTRIES)}")
    outcomes = [
        {
            "id": f"urn:epass:learningOutcome:{each}",
            "type": "LearningOutcome",
            "title": {"en": f"Outcome {each} of example {number}"},
            "relatedESCOSkill": _concept(concept),
        }
        for each, concept in enumerate(draw.sample(concepts, k=draw.randint(1, 5)))
    ]
    return {
        "@context": _CONTEXTS,
        "id": f"urn:credential:made-{number}",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuanceDate": "2025-03-01T00:00:00Z",
        "issuer": {
            "id": "urn:epass:org:1",
            "type": "Organisation",
            "legalName": {"en": "Example School"},
            "location": {"type": "Location", "address": {"type": "Address", "countryCode": place}},
        },
        "credentialSubject": {
            "id": f"did:example:made-{number % 1000}",
            "type": "Person",
            "fullName": {"en": "Aino Example"},
            "hasClaim": {
                "id": "urn:epass:learningAchievement:1",
                "type": "LearningAchievement",
                "title": {"en": title},
                "provenBy": {
                    "id": "urn:epass:learningAssessment:1",
                    "type": "LearningAssessment",
                    "dcType": _concept("http://data.europa.eu/snb/assessment/6e6cb2cc78"),
                },
                "specifiedBy": {
                    "id": "urn:epass:qualification:1",
                    "type": "Qualification",
                    "title": {"en": title},
                    "accreditation": {"type": "Accreditation", "title": {"en": "Institutional quality assurance"}},
                    "volumeOfLearning": f"PT{draw.choice((25, 50, 75, 125))}H",
                    "eqfLevel": _concept(f"{EQF}{draw.randint(3, 7)}"),
                    "mode": _concept("http://data.europa.eu/snb/learning-assessment/9191af2ed9"),
                    "learningOutcome": outcomes,
                },
            },
        },
    }


def _concept(iri: str) -> dict[str, str]:
    return {"id": iri, "type": "Concept"}
