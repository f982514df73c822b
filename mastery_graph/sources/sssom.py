"""A mapping set that a user brings: SSSOM as TSV or JSON (https://mapping-commons.github.io/sssom/spec-formats-tsv).

Read with `sssom-pydantic`. A row that cannot be used is refused with its line and the reason; the others are taken.
Each mapping becomes its SKOS triple and its record. A mapping that is denied (`predicate_modifier` is `Not`) becomes a
record only: nothing is asserted by it.
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
from curies import Converter
from pydantic import ValidationError
from pyoxigraph import NamedNode, Triple
from sssom_pydantic import MappingSetRecord
from sssom_pydantic.io import ParseError, read_unprocessed_iterable
from sssom_pydantic.models import Record

from mastery_graph.errors import BadSource
from mastery_graph.sources.sssom_slots import MAPPING_SLOTS, NO_TERM, SET_SLOTS, Kind
from mastery_graph.sources.statement import is_iri, link, typed, words
from mastery_graph.vocabulary import DCTERMS, ID, RDF, SEMAPV, SKOS, SSSOM, graph

RELATIONS = tuple(SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"))
_LARGEST = 200 * 1024 * 1024
_WHOLE = {"http": "http:", "https": "https:", "urn": "urn:", "skos": SKOS, "semapv": SEMAPV}
"""Prefixes by which a whole IRI is read as a CURIE of itself, and those that SSSOM takes for granted."""
_HEADER = "It must be an SSSOM table (TSV) whose comment header gives mapping_set_id and curie_map."


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken: its line in the file (1 is the first) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A mapping set: its IRI and title, the graph that it belongs in, its triples, and the rows that were refused."""

    iri: str
    title: str
    triples: list[Triple]
    accepted: int
    denied: int
    """How many of the accepted rows deny a mapping."""
    refused: list[Refused] = field(default_factory=list)

    @property
    def graph(self) -> str:
        """The IRI of the named graph for this set: the same for a later version of it."""
        return graph(f"mappings/{_digest(self.iri)}")


class _Unusable(ValueError):
    """A row that is well-formed and still cannot be used."""


def read_mapping_set(path: Path) -> MappingSet:
    """Return the mapping set of a file in SSSOM, TSV or JSON (a file that ends in `.json`).

    Raises `BadSource` where the file cannot be read, has no header that names the set, or no row of it can be used.
    In JSON, the line of a refused row is its place among the mappings.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise BadSource(f"{path.name} has more than {_LARGEST} bytes.", "Load it in parts.", file=path.name)
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".json":
            metadata, rows = _from_json(text)
            return mapping_set_of_rows(path, metadata, rows)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadSource(f"{path.name} cannot be read: {_reason(error)}", _HEADER, file=path.name) from None
    return _read(path, text)


def mapping_set_of_rows(
    path: Path, metadata: Mapping[str, Any], rows: Iterable[tuple[int, Mapping[str, str]]]
) -> MappingSet:
    """Return the mapping set of rows that stand in another form in a file, each with its line there.

    Their identifiers are IRIs, or CURIEs whose prefixes `metadata` has in its `curie_map`.
    """
    given = list(rows)
    columns = list(dict.fromkeys(name for _, row in given for name in row))
    head = {**metadata, "curie_map": {**_WHOLE, **metadata.get("curie_map", {})}}
    comments = [f"#{line}" for line in yaml.safe_dump(head, sort_keys=False, width=1_000_000).splitlines()]
    table = io.StringIO()
    table.write("\n".join(comments) + "\n")
    writer = csv.DictWriter(table, columns, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    for _, row in given:
        writer.writerow({name: " ".join(str(text).split()) for name, text in row.items()})
    first = len(comments) + 2
    return _read(path, table.getvalue(), {first + place: line for place, (line, _) in enumerate(given)})


def _read(path: Path, text: str, lines: Mapping[int, int] | None = None) -> MappingSet:
    """Return the mapping set of a table. `lines` says where its lines stand in the file, if elsewhere."""
    try:
        with read_unprocessed_iterable(io.StringIO(text)) as table:
            iri = str(table.mapping_set.id)
            taken: dict[tuple[str, ...], list[Triple]] = {}
            refused: list[Refused] = []
            denied = 0
            for number, row in table.records:
                try:
                    key, triples = _mapping(_checked(row), table.converter, iri)
                    if key in taken:
                        raise _Unusable("the same mapping stands in an earlier row.")
                except ValueError as error:
                    # the reader counts from the line of the column names
                    refused.append(Refused((lines or {}).get(number + 1, number + 1), _reason(error)))
                    continue
                taken[key] = triples
                denied += "Not" in key
            title = table.mapping_set.title or iri
            head = list(_head(iri, title, table.mapping_set.to_record(), table.converter))
    except (ValueError, AttributeError, KeyError, TypeError, yaml.YAMLError) as error:
        # what the reader makes of a header in which something else stands than it expects
        raise BadSource(f"{path.name} cannot be read: {_reason(error)}", _HEADER, file=path.name) from None
    if not taken:
        first = f" Line {refused[0].line}: {refused[0].reason}" if refused else ""
        raise BadSource(f"{path.name} holds no mapping that can be used.{first}", _HEADER, file=path.name)
    return MappingSet(
        iri=iri,
        title=title,
        triples=head + [triple for triples in taken.values() for triple in triples],
        accepted=len(taken),
        denied=denied,
        refused=refused,
    )


def _from_json(text: str) -> tuple[dict[str, Any], list[tuple[int, dict[str, str]]]]:
    """Return the metadata of an SSSOM document in JSON and its mappings, each with its place."""
    content = json.loads(text)
    if not isinstance(content, dict) or not isinstance(content.get("mappings"), list):
        raise _Unusable("it is no object with a list of mappings.")
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
    rows = [
        (
            place,
            {name: _cell(value) for name, value in row.items()} if isinstance(row, dict) else {"comment": "no object"},
        )
        for place, row in enumerate(content["mappings"], start=1)
    ]
    return metadata, rows


def _cell(value: Any) -> str:
    return "|".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _checked(row: Record | ParseError) -> Record:
    if isinstance(row, ParseError):
        raise row.exception
    return row


def _head(iri: str, title: str, given: MappingSetRecord, converter: Converter) -> Iterator[Triple]:
    yield link(iri, RDF + "type", SSSOM + "MappingSet")
    yield words(iri, DCTERMS + "title", title)
    yield from _slots(iri, given, SET_SLOTS, converter)


def _mapping(record: Record, converter: Converter, mapping_set: str) -> tuple[tuple[str, ...], list[Triple]]:
    """Return what identifies a mapping within its set, and its triples. Raises `ValueError` with the reason.

    The mapping itself is not stated where it is denied, nor where there is no term on one side (`sssom:NoTermFound`).
    """
    subject = _iri(converter, "subject_id", record.subject_id)
    relation = _iri(converter, "predicate_id", record.predicate_id)
    value = _iri(converter, "object_id", record.object_id)
    justification = _iri(converter, "mapping_justification", record.mapping_justification)
    if relation not in RELATIONS:
        raise _Unusable(f"predicate_id is {record.predicate_id}, which is none of the SKOS mapping properties.")
    if subject == value:
        raise _Unusable("subject and object are the same.")
    if not justification.startswith(SEMAPV):
        raise _Unusable(f"mapping_justification is {record.mapping_justification}, not a term of semapv.")
    modifier = record.predicate_modifier or ""
    key = (subject, relation, value, modifier, justification)
    name = f"{ID}mapping/{_digest(mapping_set)}-{_digest(*key)}"
    triples = [
        link(name, RDF + "type", SSSOM + "Mapping"),
        link(name, DCTERMS + "isPartOf", mapping_set),
        *_slots(name, record, MAPPING_SLOTS, converter),
    ]
    if modifier:
        triples.append(link(name, SSSOM + "predicate_modifier", SSSOM + "NegatedPredicate"))
    elif NO_TERM not in {subject, value}:
        triples.append(link(subject, relation, value))
    return key, triples


def _slots(
    name: str, given: Record | MappingSetRecord, slots: Mapping[str, Kind], converter: Converter
) -> Iterator[Triple]:
    """Yield what stands in the slots of a mapping or a set. Raises `ValueError` for what a slot cannot hold."""
    for slot, kind in slots.items():
        held = getattr(given, slot)
        for value in held if isinstance(held, list) else () if held is None else (held,):
            text = str(value)
            if kind is Kind.ENTITY:
                yield link(name, SSSOM + slot, _iri(converter, slot, text))
            elif kind is Kind.ADDRESS:
                if not is_iri(text):
                    raise _Unusable(f"{slot} is {text!r}, which is no IRI.")
                yield link(name, SSSOM + slot, text)
            elif kind is Kind.DATE:
                yield typed(name, SSSOM + slot, value.isoformat(), "date")
            elif kind is Kind.NUMBER:
                yield typed(name, SSSOM + slot, text, "double")
            elif slot != "predicate_modifier":
                yield words(name, SSSOM + slot, text)


def _iri(converter: Converter, slot: str, curie: str) -> str:
    iri = converter.expand(curie)
    if iri is None:
        raise _Unusable(f"{slot} is {curie!r}, whose prefix is not in the curie_map.")
    return NamedNode(iri).value


def _reason(error: Exception) -> str:
    """Return why a row, or a file, cannot be used, in one line."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    if isinstance(error, OSError):
        return f"{error.strerror}."
    return str(error).strip().partition("\n")[0]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
