"""The text index: a document for each concept, its labels and descriptions by language, in tantivy.

It answers with the concepts whose words are most relevant (BM25); how like they are is judged elsewhere.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from mastery_graph.concept_search.analysis import analyzer, letters_analyzer, words_analyzer
from mastery_graph.concept_search.entries import Entry, Label

if TYPE_CHECKING:
    from tantivy import Index, Query, Schema, Searcher

FORMAT: Final = "2"
"""Changes when the documents of the index change, so that an index kept on disk is made anew."""

_WEIGHTS: Final = {"preferred": 1.5, "alternative": 1.5, "described": 0.5, "above": 0.2}
_LETTERS_WEIGHT: Final = 0.1
_TIE: Final = 0.1
_HEAP: Final = 50_000_000
_LANGUAGES: Final = "languages.json"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which concepts may be found: skills only, those of one of these classes, those of one of these schemes."""

    skills: bool = False
    types: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()


ALL = Selection()
SKILLS = Selection(skills=True)


class TextIndex:
    """An index to search: `TextIndex.build`, or `TextIndex.open` where it was kept."""

    def __init__(self, index: "Index", schema: "Schema", languages: Sequence[str]) -> None:
        """Wrap an index; use `build` or `open`."""
        self.languages = tuple(languages)
        self._schema = schema
        self._searcher: Searcher = index.searcher()
        self.entry = lru_cache(maxsize=20_000)(self._read)
        """Return the entry with this number in the index."""

    @classmethod
    def build(cls, entries: Sequence[Entry], folder: Path | None = None) -> "TextIndex":
        """Make the index of these entries, in an empty folder or in memory."""
        from tantivy import Document

        languages = sorted({label.language for entry in entries for label in entry.labels})
        index, schema = _new(languages, folder)
        names = {entry.uri: entry for entry in entries}
        writer = index.writer(_HEAP, 1)
        for number, entry in enumerate(entries):
            writer.add_document(Document.from_dict(_document(number, entry, names), schema))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        if folder:
            (folder / _LANGUAGES).write_text(json.dumps(languages), encoding="utf-8")
        return cls(index, schema, languages)

    @classmethod
    def open(cls, folder: Path) -> "TextIndex":
        """Open an index that was built in a folder. Raises `OSError` or `ValueError` where it cannot be read."""
        languages = json.loads((folder / _LANGUAGES).read_text(encoding="utf-8"))
        index, schema = _new(languages, folder)
        return cls(index, schema, languages)

    def relevant(
        self, text: str, languages: Sequence[str], limit: int, selection: Selection = ALL
    ) -> list[tuple[int, float]]:
        """Return the numbers of the most relevant entries with their relevance, the best first."""
        from tantivy import Occur, Query

        by_language = [query for language in languages if (query := self._words(text, language))]
        if not by_language:
            return []
        clauses = [
            (Occur.Should, Query.disjunction_max_query(by_language)),
            (Occur.Should, Query.boost_query(self._letters(text), _LETTERS_WEIGHT)),
        ]
        return self._hits(Query.boolean_query(clauses), selection, limit)

    def beginning(self, text: str, limit: int, selection: Selection = ALL) -> list[int]:
        """Return the entries that have each word of the text in their labels, the last perhaps unfinished.

        Those with the shortest names come first.
        """
        from tantivy import Occur, Order, Query

        *whole, last = words_analyzer().analyze(text) or [""]
        if not last:
            return []
        parts = [Query.term_query(self._schema, "words", word) for word in whole]
        parts.append(Query.fuzzy_term_query(self._schema, "words", last, distance=0, prefix=True))
        query = self._selected(Query.boolean_query([(Occur.Must, part) for part in parts]), selection)
        found = self._searcher.search(query, limit, False, order_by_field="length", order=Order.Asc).hits
        return self._numbers([address for _, address in found])

    def numbers(self, field: Literal["uri", "code"], value: str) -> list[int]:
        """Return the numbers of the entries with this IRI, or this code."""
        from tantivy import Query

        found = self._searcher.search(Query.term_query(self._schema, field, value), 50, False).hits
        return sorted(self._numbers([address for _, address in found]))

    def frequency(self, stem: str, language: str) -> int:
        """Return how many concepts have this stem in their labels."""
        return self._searcher.doc_freq(_field("preferred", language), stem) + self._searcher.doc_freq(
            _field("alternative", language), stem
        )

    @property
    def size(self) -> int:
        """The number of concepts."""
        return self._searcher.num_docs

    def _words(self, text: str, language: str) -> "Query | None":
        from tantivy import Occur, Query

        clauses = [
            (
                Occur.Should,
                Query.disjunction_max_query(
                    [
                        Query.boost_query(Query.term_query(self._schema, _field(kind, language), stem), weight)
                        for kind, weight in _WEIGHTS.items()
                    ],
                    _TIE,
                ),
            )
            for stem in dict.fromkeys(analyzer(language).analyze(text))
        ]
        return Query.boolean_query(clauses) if clauses else None

    def _letters(self, text: str) -> "Query":
        from tantivy import Occur, Query

        pieces = dict.fromkeys(letters_analyzer().analyze(text))
        terms = [(Occur.Should, Query.term_query(self._schema, "letters", piece, "freq")) for piece in pieces]
        return Query.boolean_query(terms) if terms else Query.empty_query()

    def _selected(self, query: "Query", selection: Selection) -> "Query":
        from tantivy import Occur, Query

        conditions = []
        if selection.skills:
            conditions.append(Query.term_query(self._schema, "skill", "yes"))
        for field, values in (("types", selection.types), ("schemes", selection.schemes)):
            if values:
                conditions.append(Query.term_set_query(self._schema, field, list(values)))
        if not conditions:
            return query
        weightless = [(Occur.Must, Query.const_score_query(condition, 0.0)) for condition in conditions]
        return Query.boolean_query([(Occur.Must, query), *weightless])

    def _hits(self, query: "Query", selection: Selection, limit: int) -> list[tuple[int, float]]:
        found = self._searcher.search(self._selected(query, selection), limit, False).hits
        numbers = self._numbers([address for _, address in found])
        return [(number, float(score)) for number, (score, _) in zip(numbers, found, strict=True)]

    def _numbers(self, addresses: list[Any]) -> list[int]:
        return [int(number or 0) for number in self._searcher.fast_field_values("number", addresses)]

    def _read(self, number: int) -> Entry:
        from tantivy import Query

        ((_, address),) = self._searcher.search(Query.term_query(self._schema, "number", number), 1, False).hits
        kept = json.loads(bytes(self._searcher.doc(address).get_first("entry") or b""))
        return Entry(**{**kept, "labels": [Label(**label) for label in kept["labels"]]})


def _new(languages: Iterable[str], folder: Path | None) -> "tuple[Index, Schema]":
    from tantivy import Index, SchemaBuilder

    builder = SchemaBuilder()
    for name in ("uri", "skill", "code", "types", "schemes"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("entry", stored=True)
    builder.add_text_field("words", tokenizer_name="words", index_option="basic")
    builder.add_text_field("letters", tokenizer_name="letters", index_option="freq")
    builder.add_integer_field("number", indexed=True, fast=True)
    builder.add_integer_field("length", fast=True)
    for language in languages:
        for kind in _WEIGHTS:
            builder.add_text_field(_field(kind, language), tokenizer_name=f"words_{language}")
    schema = builder.build()
    index = Index(schema, str(folder) if folder else None)
    index.register_tokenizer("words", words_analyzer())
    index.register_tokenizer("letters", letters_analyzer())
    for language in languages:
        index.register_tokenizer(f"words_{language}", analyzer(language))
    return index, schema


def _document(number: int, entry: Entry, entries: dict[str, Entry]) -> dict[str, object]:
    """Return what the index holds of an entry."""
    labels = [label.text for label in entry.labels]
    document: dict[str, Any] = {
        "uri": entry.uri,
        "skill": "yes" if entry.is_skill else "no",
        "code": entry.code or "",
        "types": entry.types,
        "schemes": entry.schemes,
        "entry": json.dumps(asdict(entry)).encode(),
        "words": labels,
        "letters": labels,
        "number": number,
        "length": min(len(label.text) for label in entry.labels if label.role == "preferred"),
    }
    for label in entry.labels:
        document.setdefault(_field(label.role, label.language), []).append(label.text)
    for language in {label.language for label in entry.labels}:
        if described := entry.descriptions.get(language):
            document[_field("described", language)] = described
        above = [entries[uri].label(language) for uri in entry.broader if uri in entries]
        if above:
            document[_field("above", language)] = above
    return document


def _field(kind: str, language: str) -> str:
    return f"{kind}_{language}"
