"""The text index: a tantivy document for each concept, with its labels and descriptions by language.

It returns the most relevant concepts (BM25); their similarity is computed in `ranking`.
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
"""The format of the documents; to be changed with them, so that an index on disk is rebuilt."""

_WEIGHTS: Final = {"preferred": 1.5, "alternative": 1.5, "described": 0.5, "above": 0.2}
_LETTERS_WEIGHT: Final = 0.1
_TIE_BREAKER: Final = 0.1
_WRITER_BYTES: Final = 50_000_000
_LANGUAGES: Final = "languages.json"


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter of concepts: skills only, concepts of one of these classes, concepts in one of these schemes."""

    skills: bool = False
    types: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()


ALL = Selection()
SKILLS = Selection(skills=True)


class TextIndex:
    """An index to search; created by `TextIndex.build`, or by `TextIndex.open` from a folder."""

    def __init__(self, index: "Index", schema: "Schema", languages: Sequence[str]) -> None:
        """Wrap an index; use `build` or `open`."""
        self.languages = tuple(languages)
        self._schema = schema
        self._searcher: Searcher = index.searcher()
        self.entry = lru_cache(maxsize=20_000)(self._read)
        """Return the entry with this number in the index."""

    @classmethod
    def build(cls, entries: Sequence[Entry], folder: Path | None = None) -> "TextIndex":
        """Build the index of these entries, in an empty folder or in memory."""
        from tantivy import Document

        languages = sorted({label.language for entry in entries for label in entry.labels})
        index, schema = _create(languages, folder)
        entries_by_uri = {entry.uri: entry for entry in entries}
        writer = index.writer(_WRITER_BYTES, 1)
        for number, entry in enumerate(entries):
            writer.add_document(Document.from_dict(_document(number, entry, entries_by_uri), schema))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        if folder:
            (folder / _LANGUAGES).write_text(json.dumps(languages), encoding="utf-8")
        return cls(index, schema, languages)

    @classmethod
    def open(cls, folder: Path) -> "TextIndex":
        """Open an index that was built in a folder. Raises `OSError` or `ValueError` if it cannot be read."""
        languages = json.loads((folder / _LANGUAGES).read_text(encoding="utf-8"))
        index, schema = _create(languages, folder)
        return cls(index, schema, languages)

    def relevant(
        self, text: str, languages: Sequence[str], limit: int, selection: Selection = ALL
    ) -> list[tuple[int, float]]:
        """Return the numbers of the most relevant entries with their relevance, best first."""
        from tantivy import Occur, Query

        by_language = [query for language in languages if (query := self._word_query(text, language))]
        if not by_language:
            return []
        clauses = [
            (Occur.Should, Query.disjunction_max_query(by_language)),
            (Occur.Should, Query.boost_query(self._letter_query(text), _LETTERS_WEIGHT)),
        ]
        return self._search(Query.boolean_query(clauses), selection, limit)

    def completions(self, text: str, limit: int, selection: Selection = ALL) -> list[int]:
        """Return the numbers of entries whose labels contain each word of the text; the last may be incomplete.

        Those with the shortest preferred labels come first.
        """
        from tantivy import Occur, Order, Query

        *complete_words, prefix = words_analyzer().analyze(text) or [""]
        if not prefix:
            return []
        clauses = [Query.term_query(self._schema, "words", word) for word in complete_words]
        clauses.append(Query.fuzzy_term_query(self._schema, "words", prefix, distance=0, prefix=True))
        query = self._filter(Query.boolean_query([(Occur.Must, clause) for clause in clauses]), selection)
        hits = self._searcher.search(query, limit, False, order_by_field="length", order=Order.Asc).hits
        return self._numbers([address for _, address in hits])

    def numbers(self, field: Literal["uri", "code"], value: str) -> list[int]:
        """Return the numbers of the entries with this IRI or code."""
        from tantivy import Query

        hits = self._searcher.search(Query.term_query(self._schema, field, value), 50, False).hits
        return sorted(self._numbers([address for _, address in hits]))

    def frequency(self, stem: str, language: str) -> int:
        """Return the number of concepts with this stem in their labels."""
        return self._searcher.doc_freq(_field("preferred", language), stem) + self._searcher.doc_freq(
            _field("alternative", language), stem
        )

    @property
    def size(self) -> int:
        """The number of concepts."""
        return self._searcher.num_docs

    def _word_query(self, text: str, language: str) -> "Query | None":
        from tantivy import Occur, Query

        clauses = [
            (
                Occur.Should,
                Query.disjunction_max_query(
                    [
                        Query.boost_query(Query.term_query(self._schema, _field(kind, language), stem), weight)
                        for kind, weight in _WEIGHTS.items()
                    ],
                    _TIE_BREAKER,
                ),
            )
            for stem in dict.fromkeys(analyzer(language).analyze(text))
        ]
        return Query.boolean_query(clauses) if clauses else None

    def _letter_query(self, text: str) -> "Query":
        from tantivy import Occur, Query

        ngrams = dict.fromkeys(letters_analyzer().analyze(text))
        terms = [(Occur.Should, Query.term_query(self._schema, "letters", ngram, "freq")) for ngram in ngrams]
        return Query.boolean_query(terms) if terms else Query.empty_query()

    def _filter(self, query: "Query", selection: Selection) -> "Query":
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

    def _search(self, query: "Query", selection: Selection, limit: int) -> list[tuple[int, float]]:
        hits = self._searcher.search(self._filter(query, selection), limit, False).hits
        numbers = self._numbers([address for _, address in hits])
        return [(number, float(score)) for number, (score, _) in zip(numbers, hits, strict=True)]

    def _numbers(self, addresses: list[Any]) -> list[int]:
        return [int(number or 0) for number in self._searcher.fast_field_values("number", addresses)]

    def _read(self, number: int) -> Entry:
        from tantivy import Query

        ((_, address),) = self._searcher.search(Query.term_query(self._schema, "number", number), 1, False).hits
        content = json.loads(bytes(self._searcher.doc(address).get_first("entry") or b""))
        return Entry(**{**content, "labels": [Label(**label) for label in content["labels"]]})


def _create(languages: Iterable[str], folder: Path | None) -> "tuple[Index, Schema]":
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
    """Return the index document of an entry."""
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
        if description := entry.descriptions.get(language):
            document[_field("described", language)] = description
        broader_labels = [entries[uri].label(language) for uri in entry.broader if uri in entries]
        if broader_labels:
            document[_field("above", language)] = broader_labels
    return document


def _field(kind: str, language: str) -> str:
    return f"{kind}_{language}"
