"""All recorded mappings as one set: SSSOM (TSV, JSON) and JSKOS.

SSSOM: https://mapping-commons.github.io/sssom/spec-formats-tsv and spec-formats-json. Identifiers are CURIEs, whose
prefixes are in the set's metadata. A rejected mapping has the modifier `Not`. JSKOS (https://gbv.github.io/jskos/) has
no negated mappings, so they are left out.
"""

import csv
import io
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml
from pyoxigraph import Literal

from mastery_graph.dataset_identity import dataset_of
from mastery_graph.queries import named_query
from mastery_graph.rdf import term_text
from mastery_graph.sources.sssom_slots import MAPPING_SLOTS, NO_TERM, SEVERAL, SlotKind
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF, GREEN_SKILL, ID, QDR, SEMAPV, SKOS, SSSOM, XSD

MappingRecord = dict[str, str | list[str]]
"""A mapping: SSSOM slot to its value; with full IRIs."""

_SET: Final = ID + "mapping-set/all"
_ENTITIES: Final = frozenset(name for name, kind in MAPPING_SLOTS.items() if kind is SlotKind.ENTITY)
_JSON_LD: Final = {
    SlotKind.ENTITY: "@id",
    SlotKind.ADDRESS: "@id",
    SlotKind.DATE: XSD.date,
    SlotKind.NUMBER: XSD.double,
}
"""The JSON-LD type of each kind of value."""
_REQUIRED: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
"""The slots that every mapping must have."""
_PREFIXES: Final = {
    "skos": SKOS,
    "semapv": SEMAPV,
    "sssom": SSSOM,
    "gs": GREEN_SKILL,
    "mgr": ID,
    "esco.skill": "http://data.europa.eu/esco/skill/",
    "esco.occupation": "http://data.europa.eu/esco/occupation/",
    "esco.isco": "http://data.europa.eu/esco/isco/",
    "esco.scheme": "http://data.europa.eu/esco/concept-scheme/",
    "eqf": EQF,
    "qdr": QDR,
    "orcid": "https://orcid.org/",
}
_NO_LANGUAGE: Final = "und"
"""The tag for texts without a language in a language map of JSKOS (BCP 47)."""
_CURIE_LOCAL: Final = re.compile(r"[\w.~-]+")


@dataclass(frozen=True, slots=True)
class MappingSetExport:
    """The mappings of a store, with the version of their dataset."""

    records: tuple[MappingRecord, ...]
    version: str
    licence: str
    languages: Mapping[tuple[str, str], str]
    """The languages of texts with a language tag, by record and slot."""


def sssom_table(store: Store) -> MappingSetExport:
    """Return every recorded mapping of a store, including rejected ones."""
    slots_by_record: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    languages: dict[tuple[str, str], str] = {}
    for row in store.select(named_query("browse/mappings").text):
        record, slot, value = term_text(row["record"]), term_text(row["slot"]).removeprefix(SSSOM), row["value"]
        slots_by_record[record][slot].append(term_text(value))
        if isinstance(value, Literal) and value.language:
            languages[record, slot] = value.language
    dataset = dataset_of(store)
    records = [
        _record(iri, slots, dataset.licence)
        for iri, slots in slots_by_record.items()
        if all(name in slots for name in _REQUIRED)
    ]
    records.sort(key=lambda record: [str(record[name]) for name in (*_REQUIRED[:3], "record")])
    return MappingSetExport(tuple(records), dataset.content_hash, dataset.licence, languages)


def as_sssom_tsv(table: MappingSetExport) -> str:
    """Return the mappings as an SSSOM table, preceded by its metadata in comments."""
    curies = _Curies(table.records)
    output = io.StringIO()
    for line in yaml.safe_dump(
        _metadata(table, curies), sort_keys=False, allow_unicode=True, width=10_000
    ).splitlines():
        output.write(f"#{line}\n")
    columns = [name for name in MAPPING_SLOTS if any(name in record for record in table.records)] or list(_REQUIRED)
    writer = csv.DictWriter(output, columns, delimiter="\t", lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for record in table.records:
        compact = curies.compact(record)
        writer.writerow(
            {name: "|".join(value) if isinstance(value, list) else value for name, value in compact.items()}
        )
    return output.getvalue()


def as_sssom_json(table: MappingSetExport) -> dict[str, Any]:
    """Return the mappings as an SSSOM document in JSON, which is JSON-LD by its context."""
    curies = _Curies(table.records)
    metadata = _metadata(table, curies)
    prefixes = metadata.pop("curie_map")
    mappings = [
        {
            name: float(str(value)) if MAPPING_SLOTS[name] is SlotKind.NUMBER else value
            for name, value in curies.compact(record).items()
            if name != "record"
        }
        for record in table.records
    ]
    slots = {
        name: {"@id": SSSOM + name, "@type": _JSON_LD[kind]} for name, kind in MAPPING_SLOTS.items() if kind in _JSON_LD
    }
    context = {"@vocab": SSSOM, "mapping_set_id": "@id", **prefixes, **slots}
    return {"@context": context, **metadata, "mappings": mappings}


def as_jskos(table: MappingSetExport) -> Iterator[dict[str, Any]]:
    """Yield each mapping that is not rejected and has a term on both sides as a JSKOS mapping."""
    for record in table.records:
        if "predicate_modifier" not in record and NO_TERM not in {record["subject_id"], record["object_id"]}:
            single = {name: value for name, value in record.items() if not isinstance(value, list)}
            yield _jskos(single, record, table.languages)


class _Curies:
    """The CURIEs of the IRIs in some records, with a prefix for each of their namespaces."""

    def __init__(self, records: Iterable[MappingRecord]) -> None:
        self.prefixes: dict[str, str] = {"skos": str(SKOS), "semapv": str(SEMAPV)}
        self._known = sorted(_PREFIXES.items(), key=lambda pair: -len(pair[1]))
        for record in records:
            self.compact(record)

    def compact(self, record: MappingRecord) -> MappingRecord:
        return {
            name: ([self._curie(iri) for iri in value] if isinstance(value, list) else self._curie(value))
            if name in _ENTITIES
            else value
            for name, value in record.items()
        }

    def _curie(self, iri: str) -> str:
        for prefix, namespace in self._known:
            local = iri.removeprefix(namespace)
            if local != iri and _CURIE_LOCAL.fullmatch(local):
                self.prefixes.setdefault(prefix, namespace)
                return f"{prefix}:{local}"
        end = max(iri.rfind("/"), iri.rfind("#"), iri.rfind(":")) + 1
        new = f"ns{sum(known.startswith('ns') for known, _ in self._known) + 1}"
        prefix = next((known for known, namespace in self._known if namespace == iri[:end]), new)
        if prefix == new:
            self._known.append((prefix, iri[:end]))
        self.prefixes[prefix] = iri[:end]
        return f"{prefix}:{iri[end:]}"


def _record(iri: str, slots: dict[str, list[str]], licence: str) -> MappingRecord:
    """Return a mapping, with its licence only if that differs from the licence of the dataset."""
    record: MappingRecord = {"record": iri}
    for name, kind in MAPPING_SLOTS.items():
        if values := [value for value in slots.get(name, ()) if kind is not SlotKind.NUMBER or _is_number(value)]:
            record[name] = values if name in SEVERAL else values[0]
    if "predicate_modifier" in record:
        record["predicate_modifier"] = "Not"
    if record.get("license") == licence:
        del record["license"]
    return record


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _metadata(table: MappingSetExport, curies: _Curies) -> dict[str, Any]:
    return {
        "mapping_set_id": _SET,
        "mapping_set_title": "All mappings of a mastery-graph dataset",
        "mapping_set_version": table.version,
        "license": table.licence,
        "curie_map": {prefix: str(iri) for prefix, iri in sorted(curies.prefixes.items())},
    }


def _jskos(values: dict[str, str], record: MappingRecord, languages: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    def language_of(slot: str) -> str:
        return languages.get((values["record"], slot), _NO_LANGUAGE)

    mapping: dict[str, Any] = {
        "uri": values["record"],
        "type": [values["predicate_id"]],
        "from": {"memberSet": [_concept(values, "subject", language_of("subject_label"))]},
        "to": {"memberSet": [_concept(values, "object", language_of("object_label"))]},
        "justification": values["mapping_justification"],
    }
    for end, source in (("fromScheme", "subject_source"), ("toScheme", "object_source")):
        if source in values:
            mapping[end] = {"uri": values[source]}
    if "confidence" in values:
        mapping["mappingRelevance"] = float(values["confidence"])
    if "mapping_date" in values:
        mapping["created"] = values["mapping_date"]
    if "comment" in values:
        mapping["note"] = {language_of("comment"): [values["comment"]]}
    if "mapping_source" in values:
        mapping["partOf"] = [{"uri": values["mapping_source"]}]
    creators: list[dict[str, Any]] = [{"prefLabel": {_NO_LANGUAGE: label}} for label in record.get("author_label", [])]
    creators += [{"uri": iri} for iri in record.get("author_id", [])]
    if creators:
        mapping["creator"] = creators
    return mapping


def _concept(values: dict[str, str], end: str, language: str) -> dict[str, Any]:
    label = values.get(f"{end}_label")
    concept: dict[str, Any] = {"uri": values[f"{end}_id"]}
    return {**concept, "prefLabel": {language: label}} if label else concept


def as_json_lines(items: Iterable[dict[str, Any]]) -> str:
    """Return the items as JSON Lines."""
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
