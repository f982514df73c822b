"""Reader of a user's mapping set: SSSOM as TSV or JSON (https://mapping-commons.github.io/sssom/spec-formats-tsv).

Parsed with `sssom-pydantic`. A row that cannot be used is rejected with its line and the reason; the others are
accepted. A mapping becomes a SKOS triple and a record. A denied mapping (`predicate_modifier` is `Not`) becomes a
record only.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from curies import Converter, chain
from pydantic import ValidationError
from pyoxigraph import NamedNode, Triple
from sssom_pydantic import MappingSetRecord
from sssom_pydantic.api import row_to_record
from sssom_pydantic.constants import BUILTIN_CONVERTER
from sssom_pydantic.models import Record

from mastery_graph.errors import BadSource
from mastery_graph.languages import Message
from mastery_graph.rdf import is_iri, link, typed, words
from mastery_graph.sources.sssom_slots import MAPPING_SLOTS, NO_TERM, SET_SLOTS, SlotKind
from mastery_graph.vocabulary import DCTERMS, ID, RDF, SEMAPV, SKOS, SSSOM, graph

SssomRow = Mapping[str, str | list[str]]
"""A row of a table: each slot with its text, or its list of texts."""
RELATIONS = tuple(SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"))
_MAX_BYTES = 200 * 1024 * 1024
_DEFAULT_PREFIXES = {"http": "http:", "https": "https:", "urn": "urn:", "skos": SKOS, "semapv": SEMAPV}
"""Prefixes with which a full IRI is a CURIE of itself, and the prefixes built into SSSOM."""
_ADVICE = Message("It must be an SSSOM table (TSV) whose comment header has mapping_set_id and curie_map.")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not accepted: its line in the file (1-based) and the reason."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A mapping set: its IRI and title, its named graph, its triples, and the rejected rows."""

    iri: str
    title: str
    triples: list[Triple]
    accepted: int
    denied: int
    """The number of accepted rows that deny a mapping."""
    refused: list[RefusedRow] = field(default_factory=list)

    @property
    def graph(self) -> str:
        """The IRI of the named graph for this set; it is the same for all versions of the set."""
        return graph(f"mappings/{_digest(self.iri)}")


class _UnusableRow(ValueError):
    """The reason why a well-formed row cannot be used."""


def read_mapping_set(path: Path) -> MappingSet:
    """Return the mapping set of a file in SSSOM, TSV or JSON (a file that ends in `.json`).

    Raises `BadSource` if the file cannot be read, has no header that names the set, or has no row that can be used.
    In JSON, the line of a rejected row is its position in the list of mappings (1-based).
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadSource(
                Message("{name} has more than {max_bytes} bytes.", name=path.name, max_bytes=_MAX_BYTES),
                Message("Load it in parts."),
                file=path.name,
            )
        text = path.read_text(encoding="utf-8-sig")
        metadata, rows = _parse_json(text) if path.suffix.lower() == ".json" else _parse_table(text)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError, csv.Error, yaml.YAMLError) as error:
        raise BadSource(
            Message("{name} cannot be read: {value}", name=path.name, value=_reason(error)), _ADVICE, file=path.name
        ) from None
    return mapping_set_of_rows(path, metadata, rows)


def mapping_set_of_rows(path: Path, metadata: Mapping[str, Any], rows: Iterable[tuple[int, SssomRow]]) -> MappingSet:
    """Return the mapping set of rows, each with its line in the file.

    Their identifiers are IRIs, or CURIEs whose prefixes `metadata` has in its `curie_map`. Slots that SSSOM
    does not define are ignored. Raises `BadSource` if the metadata name no set, or no row can be used.
    """
    known_rows = [
        (line, {name: value for name, value in row.items() if name in MAPPING_SLOTS and value}) for line, row in rows
    ]
    try:
        head = MappingSetRecord.model_validate(
            {name: value for name, value in metadata.items() if name != "extension_definitions"}
        )
        converter = chain(
            [*map(Converter.from_prefix_map, (head.curie_map or {}, _DEFAULT_PREFIXES)), BUILTIN_CONVERTER]
        )
        iri = str(head.mapping_set_id)
        title = head.mapping_set_title or iri
        triples = list(_set_triples(iri, title, head, converter))
        # A slot of the set applies to all of its mappings if no mapping has the slot (SSSOM, "Propagation").
        used_slots = {name for _, row in known_rows for name in row}
        common = {name: value for name, value in head.get_propagatable().items() if name not in used_slots}
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        # the errors that sssom-pydantic raises for unexpected types in a header
        raise BadSource(
            Message("{name} cannot be read: {value}", name=path.name, value=_reason(error)), _ADVICE, file=path.name
        ) from None
    triples_by_key: dict[tuple[str, ...], list[Triple]] = {}
    refused: list[RefusedRow] = []
    denied = 0
    for line, row in known_rows:
        try:
            record = row_to_record({**common, **row}, converter=converter)
            key, mapping_triples = _mapping_triples(record, converter, iri)
            if key in triples_by_key:
                raise _UnusableRow("the same mapping stands in an earlier row.")
        except ValueError as error:
            refused.append(RefusedRow(line, _reason(error)))
            continue
        triples_by_key[key] = mapping_triples
        denied += record.predicate_modifier == "Not"
    if not triples_by_key:
        first = refused[0] if refused else None
        raise BadSource(
            Message("{name} contains no usable mapping.", name=path.name)
            if first is None
            else Message(
                "{name} contains no usable mapping. Line {line}: {reason}",
                name=path.name,
                line=first.line,
                reason=first.reason,
            ),
            _ADVICE,
            file=path.name,
        )
    return MappingSet(
        iri=iri,
        title=title,
        triples=triples + [triple for mapping_triples in triples_by_key.values() for triple in mapping_triples],
        accepted=len(triples_by_key),
        denied=denied,
        refused=refused,
    )


def _parse_table(text: str) -> tuple[dict[str, Any], list[tuple[int, SssomRow]]]:
    """Return the metadata of an SSSOM table (the comments before it) and its rows with their lines."""
    file = io.StringIO(text)
    comments = []
    while (line := file.readline()).startswith("#"):
        comments.append(line.removeprefix("#"))
    metadata = yaml.safe_load("".join(comments))
    if not isinstance(metadata, dict):
        raise _UnusableRow("it has no comments at its head that describe the set.")
    columns = [name.strip() for name in line.rstrip("\r\n").split("\t")]
    table = csv.DictReader(file, columns, delimiter="\t", restkey="")
    rows: list[tuple[int, SssomRow]] = [
        (len(comments) + 1 + table.line_num, {name: str(cell or "").strip() for name, cell in row.items()})
        for row in table
    ]
    return metadata, [(line, row) for line, row in rows if any(row.values())]


def _parse_json(text: str) -> tuple[dict[str, Any], list[tuple[int, SssomRow]]]:
    """Return the metadata of an SSSOM document in JSON and its mappings with their positions (1-based)."""
    content = json.loads(text)
    if not isinstance(content, dict) or not isinstance(content.get("mappings"), list):
        raise _UnusableRow("it is no object with a list of mappings.")
    context = content.get("@context") or {}
    prefixes = {
        name: value
        for source in (context, content.get("curie_map") or {})
        if isinstance(source, dict)
        for name, value in source.items()
        if isinstance(value, str) and not name.startswith("@")
    }
    metadata = {
        name: value for name, value in content.items() if name not in {"mappings", "@context", "@type", "@id"}
    } | {"curie_map": prefixes}
    rows: list[tuple[int, SssomRow]] = [
        (
            position,
            {name: _cell(value) for name, value in row.items()} if isinstance(row, dict) else {"comment": "no object"},
        )
        for position, row in enumerate(content["mappings"], start=1)
    ]
    return metadata, rows


def _cell(value: Any) -> str | list[str]:
    return [str(item) for item in value] if isinstance(value, list) else "" if value is None else str(value)


def _set_triples(iri: str, title: str, record: MappingSetRecord, converter: Converter) -> Iterator[Triple]:
    yield link(iri, RDF.type, SSSOM.MappingSet)
    yield words(iri, DCTERMS.title, title)
    yield from _slot_triples(iri, record, SET_SLOTS, converter)


def _mapping_triples(record: Record, converter: Converter, mapping_set: str) -> tuple[tuple[str, ...], list[Triple]]:
    """Return the key of a mapping within its set, and its triples. Raises `ValueError` with the reason.

    There is no SKOS triple if the mapping is denied or has no term on one side (`sssom:NoTermFound`).
    """
    subject = _iri(converter, "subject_id", record.subject_id)
    relation = _iri(converter, "predicate_id", record.predicate_id)
    value = _iri(converter, "object_id", record.object_id)
    justification = _iri(converter, "mapping_justification", record.mapping_justification)
    if relation not in RELATIONS:
        raise _UnusableRow(f"predicate_id is {record.predicate_id}, which is none of the SKOS mapping properties.")
    if subject == value:
        raise _UnusableRow("subject and object are the same.")
    if not justification.startswith(SEMAPV):
        raise _UnusableRow(f"mapping_justification is {record.mapping_justification}, not a term of semapv.")
    modifier = record.predicate_modifier or ""
    origin = (record.mapping_tool_id, record.mapping_tool, record.record_id)
    key = (subject, relation, value, modifier, justification, *filter(None, origin))
    name = f"{ID}mapping/{_digest(mapping_set)}-{_digest(*key)}"
    triples = [
        link(name, RDF.type, SSSOM.Mapping),
        link(name, DCTERMS.isPartOf, mapping_set),
        *_slot_triples(name, record, MAPPING_SLOTS, converter),
    ]
    if modifier:
        triples.append(link(name, SSSOM.predicate_modifier, SSSOM.NegatedPredicate))
    elif NO_TERM not in {subject, value}:
        triples.append(link(subject, relation, value))
    return key, triples


def _slot_triples(
    name: str, record: Record | MappingSetRecord, slots: Mapping[str, SlotKind], converter: Converter
) -> Iterator[Triple]:
    """Yield the triples of the slots of a mapping or a set. Raises `ValueError` for an invalid value."""
    for slot, kind in slots.items():
        slot_value = getattr(record, slot)
        for value in slot_value if isinstance(slot_value, list) else () if slot_value is None else (slot_value,):
            text = str(value)
            if kind is SlotKind.ENTITY:
                yield link(name, SSSOM + slot, _iri(converter, slot, text))
            elif kind is SlotKind.ADDRESS:
                if not is_iri(text):
                    raise _UnusableRow(f"{slot} is {text!r}, which is no IRI.")
                yield link(name, SSSOM + slot, text)
            elif kind is SlotKind.DATE:
                yield typed(name, SSSOM + slot, value.isoformat(), "date")
            elif kind is SlotKind.NUMBER:
                yield typed(name, SSSOM + slot, text, "double")
            elif slot != "predicate_modifier":
                yield words(name, SSSOM + slot, text)


def _iri(converter: Converter, slot: str, curie: str) -> str:
    iri = converter.expand(curie)
    if iri is None:
        raise _UnusableRow(f"{slot} is {curie!r}, whose prefix is not in the curie_map.")
    return NamedNode(iri).value


def _reason(error: Exception) -> str:
    """Return the reason why a row or a file cannot be used, in one line."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors())
    if isinstance(error, OSError):
        return f"{error.strerror}."
    return str(error).strip().partition("\n")[0]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
