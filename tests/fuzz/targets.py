"""Every entry at which text or bytes of others are parsed: what is called, and the real files to begin from.

A target reads its input, or refuses it with one of our own errors. Anything else that it raises is a mistake of ours.
"""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp

from pydantic import ValidationError
from pyoxigraph import RdfFormat, parse, serialize

from mastery_graph.credentials.batch import documents_in
from mastery_graph.credentials.conversion import convert_document
from mastery_graph.credentials.description import describe_document
from mastery_graph.credentials.reading import read_document
from mastery_graph.dataset.backup import restore
from mastery_graph.errors import MasteryError
from mastery_graph.mappings.mapping_decisions import Decision
from mastery_graph.queries import term
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.resources import folder
from mastery_graph.sources.crosswalk import read_crosswalk
from mastery_graph.sources.elm import ElmDownload
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.sources.green_skills import read_green_skills
from mastery_graph.sources.recognition_statements import read_recognition_statements
from mastery_graph.sources.referencings import read_referencings
from mastery_graph.sources.sssom import read_mapping_set
from mastery_graph.store.memory import MemoryStore
from mastery_graph.store.protocol import Scope
from mastery_graph.store.query_text import (
    is_repeatable,
    is_update,
    names_its_graphs,
    query_form,
    refuse_loading,
    refuse_other_servers,
    with_dataset,
)
from mastery_graph.validation import user_shapes
from tests.conftest import REFERENCE

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 200_000
"""Bytes of a seed: larger files slow the search down, and say nothing new. Of a larger table, the first rows."""


@dataclass(frozen=True)
class Target:
    """An entry, and the files to begin from."""

    read: Callable[[bytes], object]
    seeds: tuple[str, ...] = ()
    """Patterns of files below the project, or below the reference data where they begin with `reference/`."""
    more: Callable[[], list[bytes]] = list

    def begin(self) -> Iterator[bytes]:
        """Yield the inputs to begin from."""
        for pattern in self.seeds:
            base, part = (REFERENCE, pattern.removeprefix("reference/")) if "reference/" in pattern else (ROOT, pattern)
            for file in sorted(base.glob(part)):
                content = file.read_bytes()
                if len(content) <= LARGEST:
                    yield content
                elif file.suffix == ".csv":
                    yield content[:LARGEST].rpartition(b"\n")[0]
        yield from self.more()

    def __call__(self, content: bytes) -> bool:
        """Return whether the input is read, or refused in words; raise whatever else comes of it."""
        try:
            self.read(content)
        except MasteryError as refused:
            assert refused.detail
            return False
        return True


@cache
def _place() -> Path:
    return Path(mkdtemp(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))  # noqa: S108


def _file(name: str, content: bytes) -> Path:
    file = _place() / name
    file.write_bytes(content)
    return file


def _document(media_type: str | None) -> Callable[[bytes], object]:
    def read(content: bytes) -> object:
        document = read_document(content, media_type)
        return document.store, describe_document(document)

    return read


def _converted(content: bytes) -> object:
    store = MemoryStore()
    try:
        return [
            convert_document(read_document(content, "application/ld+json"), to, store) for to in ("elm", "openbadge")
        ]
    finally:
        store.close()


def _batch(content: bytes) -> object:
    sent = list(documents_in(content, "sent"))
    assert all((one.document is None) == (one.error is not None) for one in sent)
    return sent


def _query(content: bytes) -> object:
    text = content.decode("utf-8", "replace")
    names_its_graphs(text), query_form(text), is_repeatable(text), is_update(text)
    refuse_other_servers(text, frozenset({"a.example"}))
    refuse_other_servers(text)
    refuse_loading(text)
    with_dataset(text, Scope(default_graphs=("http://example.org/g",)))
    store = MemoryStore()
    try:
        return store.construct(text) if query_form(text) in {"CONSTRUCT", "DESCRIBE"} else store.select(text)
    finally:
        store.close()


def _parameter(content: bytes) -> object:
    kind, _, value = content.decode("utf-8", "replace").partition("\n")
    return term(kind if kind in {"iri", "literal", "text", "integer", "date", "number"} else "iri", value)


def _model(content: bytes) -> object:
    try:
        return [StackPolicy.model_validate_json(content), Decision.model_validate_json(content)]
    except ValidationError:
        return None


def _restored(content: bytes) -> object:
    return restore(_file("backup.tar.gz", content), _place() / "restored")


def _elm(content: bytes) -> object:
    return ElmDownload([_file("download.ttl", content)]).graphs


def _esco(name: str) -> Callable[[bytes], object]:
    return lambda content: list(EscoDownload([_file(name, content)]).triples())


def _by(reader: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    return lambda content: reader(_file(name, content))


def _in_xml(turtle: Path) -> bytes:
    triples = [quad.triple for quad in parse(turtle.read_bytes(), format=RdfFormat.TURTLE)]
    return serialize(triples, format=RdfFormat.RDF_XML) or b""


def _zipped(files: dict[str, str]) -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return archive.getvalue()


def _batches() -> list[bytes]:
    files = sorted((ROOT / "tests" / "validation" / "corpus").glob("*.json"))
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    return [_zipped(texts), json.dumps([json.loads(text) for text in texts.values()]).encode()]


def _queries() -> list[bytes]:
    return [
        *(file.read_bytes() for file in sorted(folder("queries").rglob("*.rq"))[::4]),
        b"SELECT * { SERVICE SILENT <https://a.example/sparql> { ?s ?p '''a\\u0041''' } }",
        b"INSERT { ?s ?p ?o } WHERE { ?s ?p ?o } ; LOAD <http://a.example/>",
    ]


TARGETS: dict[str, Target] = {
    "json-ld": Target(
        _document("application/ld+json"), ("tests/validation/corpus/*.json", "reference/credentials/*unsigned.jsonld")
    ),
    "turtle": Target(
        _document("text/turtle"),
        ("tests/questions/golden/recognition/everything-is-stated.ttl", "reference/credentials/*.ttl"),
    ),
    "rdf-xml": Target(
        _document("application/rdf+xml"),
        ("reference/credentials/*.xml",),
        lambda: [_in_xml(ROOT / "tests/questions/golden/recognition/everything-is-stated.ttl")],
    ),
    "seal": Target(
        _document("application/jose+json"),
        ("reference/credentials/*-signed.jsonld",),
        lambda: [b'{"payload": "e30", "protected": "eyJhbGciOiJFUzI1NiJ9", "signature": "AA"}', b"eyJhIjoxfQ.e30.AA"],
    ),
    "unknown-kind": Target(_document(None), ("tests/validation/corpus/*.json", "docs/examples/*.ttl")),
    "open-badge": Target(_converted, ("tests/credentials/documents/*.json", "tests/validation/corpus/*.json")),
    "batch": Target(_batch, (), _batches),
    "query": Target(_query, (), _queries),
    "parameter": Target(_parameter, (), lambda: [b"iri\nhttp://example.org/a", b"literal\na", b"integer\n5"]),
    "question": Target(_model, (), lambda: [b'{"threshold": 0.9, "preset": "ESP"}', b'{"subject": "a"}']),
    "statements-csv": Target(_by(read_recognition_statements, "table.csv"), ("docs/examples/*.csv",)),
    "statements-ttl": Target(_by(read_recognition_statements, "statements.ttl"), ("docs/examples/*.ttl",)),
    "referencings": Target(_by(read_referencings, "levels.csv"), ("reference/nqf/nqf-eqf.csv",)),
    "green-skills-csv": Target(_by(read_green_skills, "skills.csv"), ("reference/green-skills.csv",)),
    "green-skills-ttl": Target(_by(read_green_skills, "skills.ttl"), ("ontology/green-skills.ttl",)),
    "sssom-tsv": Target(_by(read_mapping_set, "set.sssom.tsv"), (), lambda: [_SSSOM.encode()]),
    "sssom-json": Target(_by(read_mapping_set, "set.json"), (), lambda: [_SSSOM_JSON.encode()]),
    "crosswalk": Target(_by(read_crosswalk, "crosswalk.csv"), (), lambda: [_CROSSWALK.encode()]),
    "esco-skills": Target(_esco("skills_en.csv"), ("reference/esco-1.2.0/greenSkills*.csv",)),
    "esco-relations": Target(_esco("broaderRelationsSkillPillar_en.csv"), (), lambda: [_BROADER.encode()]),
    "esco-turtle": Target(_esco("esco.ttl"), ("ontology/green-skills.ttl",)),
    "esco-archive": Target(_esco("esco.zip"), (), lambda: [_zipped({"broaderRelationsSkillPillar_en.csv": _BROADER})]),
    "elm": Target(_elm, ("shapes/mastery.ttl", "reference/elm/shapes/*.ttl")),
    "shapes": Target(_by(user_shapes, "shapes.ttl"), ("shapes/mastery.ttl", "shapes/statements.ttl")),
    "backup": Target(_restored, (), lambda: [b"\x1f\x8b\x08\x00"]),
}

_SSSOM = """#mapping_set_id: https://example.org/set
#license: https://creativecommons.org/publicdomain/zero/1.0/
#curie_map:
#  ex: https://example.org/
subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence
ex:a\tskos:exactMatch\tex:b\tsemapv:ManualMappingCuration\t0.9
"""
_SSSOM_JSON = """{"mapping_set_id": "https://example.org/set", "license": "https://creativecommons.org/publicdomain/zero/1.0/",
"@context": {"ex": "https://example.org/"}, "mappings": [{"subject_id": "ex:a", "predicate_id": "skos:exactMatch",
"object_id": "ex:b", "mapping_justification": "semapv:ManualMappingCuration"}]}"""
_CROSSWALK = """About this table
O*NET Id,O*NET Title,O*NET Description,ESCO or ISCO URI,ESCO or ISCO Title,ESCO or ISCO Description,Type of Match
11-1011.00,Chief Executives,,http://data.europa.eu/esco/occupation/a,chief executive officer,,exactMatch
"""
_BROADER = """conceptType,conceptUri,broaderType,broaderUri
KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/a,SkillGroup,http://data.europa.eu/esco/skill/b
"""

if __name__ == "__main__":
    print(*TARGETS)
