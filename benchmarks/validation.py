"""Validation of a batch of descriptions: this project against pyshacl called the plain way, in one run.

The plain way reads the shapes and the document with rdflib for each description, and validates with `pyshacl.validate`.
It is timed on the first of the batch only, and compared by the time for one: `python -m benchmarks.validation [SIZE]`.
"""

import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import process_time

from pyoxigraph import RdfFormat, parse
from pyshacl import validate as plainly
from rdflib import Graph
from rdflib.namespace import RDF, SH

from mastery_graph.credentials.contexts import resolve_context
from mastery_graph.credentials.reading import read_document
from mastery_graph.pipeline.build import Sources, build, replace_graphs
from mastery_graph.resources import folder
from mastery_graph.sources.elm import SHAPES, ElmDownload
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Store
from mastery_graph.validation import validate
from mastery_graph.validation.engine import run_shapes
from mastery_graph.validation.engine.shapes import name_shapes
from mastery_graph.validation.profiles import PROFILES, shapes_for

CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "data"
TIMED_PLAINLY = 20
ELM_FILES = ("EDC-generic-no-cv.ttl", "EDC-generic-full.ttl")


def main(size: int = 1000) -> int:
    """Validate the batch both ways and print what each takes; return 1 where they do not find the same number."""
    batch = [json.dumps(each).encode() for each in descriptions(size)]
    with tempfile.TemporaryDirectory() as place:
        with Draft.change(Path(place)) as draft:
            build(draft, Sources())
            if REFERENCE.is_dir():
                graphs = ElmDownload([REFERENCE / "elm"]).graphs
                replace_graphs(draft, {n: name_shapes(t) if n.startswith(SHAPES) else t for n, t in graphs.items()})
        store = EmbeddedStore.open(Path(place))
        agree = [
            _compare(
                "micro-credential", batch, [folder("shapes") / file for file in PROFILES["micro-credential"]], store
            ),
            _compare("mastery", batch, [folder("shapes") / file for file in PROFILES["mastery"]], store),
        ]
        if REFERENCE.is_dir():
            shapes = [REFERENCE / "elm" / "shapes" / file for file in ELM_FILES]
            agree.append(_compare("elm", batch, shapes, store))
            sample = (REFERENCE / "credentials" / "Sample-MC-Annex1-unsigned.jsonld").read_bytes()
            agree.append(_compare("elm", [sample] * 50, shapes, store, "the official Annex I sample, 50 times"))
            _parsing(sample)
        store.close()
    return 0 if all(agree) else 1


def descriptions(size: int, seed: int = 1) -> Iterator[dict[str, object]]:
    """Yield made-up descriptions as ELM JSON-LD; one in four lacks something."""
    draw = random.Random(seed)
    for number in range(size):
        stated: dict[str, object] = {
            "title": {"en": f"Course {number}"},
            "creditPoint": {
                "type": "CreditPoint",
                "point": str(draw.randint(1, 10)),
                "framework": {"id": "http://data.europa.eu/snb/education-credit/6fcec5c5af", "type": "Concept"},
            },
            "eqfLevel": {"id": f"http://data.europa.eu/snb/eqf/{draw.randint(3, 7)}", "type": "Concept"},
            "mode": {"id": "http://data.europa.eu/snb/learning-assessment/920fbb3cbe", "type": "Concept"},
            "learningOutcome": [
                {"type": "LearningOutcome", "title": {"en": f"Outcome {place}"}} for place in range(draw.randint(1, 5))
            ],
            "provenBy": {
                "type": "LearningAssessmentSpecification",
                "title": {"en": "Test"},
                "dcType": {"id": "http://data.europa.eu/snb/assessment/6a4db9f11d", "type": "Concept"},
            },
        }
        if draw.random() < 0.25:
            del stated[draw.choice(sorted(stated))]
        yield {"@context": CONTEXT, "id": f"urn:course:{number}", "type": "Qualification", **stated}


def _compare(profile: str, batch: Sequence[bytes], shapes: list[Path], store: Store, title: str = "") -> bool:
    few = batch[:TIMED_PLAINLY]
    applies = shapes_for(profile, read_document(batch[0]), store).shapes
    run_shapes((), applies)
    plain = _seconds(lambda: [_plainly(content, shapes) for content in few]) / len(few)
    checked = _seconds(lambda: [run_shapes(read_document(content).triples, applies) for content in batch]) / len(batch)
    reported = _seconds(lambda: [validate(read_document(content), profile, store) for content in batch]) / len(batch)
    found = [len(run_shapes(read_document(content).triples, applies)) for content in few]
    agree = found == [_plainly(content, shapes) for content in few]
    print(f"{profile}: {title or f'{len(batch)} descriptions'}, seconds of processor")
    print(f"  plain pyshacl      {1 / plain:8.1f} a second (the first {len(few)} were timed)")
    print(f"  results of shapes  {1 / checked:8.1f} a second, {plain / checked:6.1f} times as many")
    print(f"  whole reports      {1 / reported:8.1f} a second, {plain / reported:6.1f} times as many")
    if not agree:
        print("  The two do not find the same.", file=sys.stderr)
    return agree


def _plainly(content: bytes, shapes: list[Path]) -> int:
    document = json.loads(content)
    document["@context"] = resolve_context(document["@context"])
    data = Graph().parse(data=json.dumps(document), format="json-ld")
    rules = Graph()
    for file in shapes:
        rules.parse(file)
    _, report, _ = plainly(data, shacl_graph=rules, advanced=True)
    assert isinstance(report, Graph)
    return len(set(report.subjects(RDF.type, SH.ValidationResult)) - set(report.objects(predicate=SH.detail)))


def _parsing(content: bytes) -> None:
    document = json.loads(content)
    document["@context"] = resolve_context(document["@context"])
    text = json.dumps(document)
    slow = _seconds(lambda: [Graph().parse(data=text, format="json-ld") for _ in range(5)]) / 5
    fast = _seconds(lambda: [list(parse(text, format=RdfFormat.JSON_LD)) for _ in range(50)]) / 50
    read = _seconds(lambda: [read_document(content) for _ in range(50)]) / 50
    print("reading the JSON-LD of the official Annex I sample")
    print(f"  rdflib             {slow * 1000:8.1f} ms")
    print(f"  pyoxigraph         {fast * 1000:8.1f} ms, {slow / fast:6.1f} times as fast")
    print(f"  read_document      {read * 1000:8.1f} ms, with limits, pointers and seal")


def _seconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
