"""The search of the home page: skills, levels, frameworks, visions, credentials and concepts of ESCO by their names."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from mastery_api.html.rendering import page_url
from mastery_graph.concept_search.finder import Finder
from mastery_graph.concept_search.name_search import NameIndex
from mastery_graph.languages import LANGUAGES, country_name, translation
from mastery_graph.queries import named_query
from mastery_graph.rdf import Row, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

KINDS: Final = ("skill", "level", "framework", "vision", "credential", "concept")
"""The kinds of search results, in the order in which they are shown."""

MAX_QUERY_CHARS: Final = 100
"""The part of a query that is searched for; a longer one names nothing."""

_ESCO: Final = "http://data.europa.eu/esco/"
_MAX_HITS: Final = 12
_MAX_CONCEPTS: Final = 60
_SECOND_EQF_NAME: Final = "QEQ"
"""The Italian abbreviation of the European Qualifications Framework; the Italian texts say EQF."""


class SearchHit(Record):
    """A search result: its kind, its label with its language, its code if it has one, and the URL of its page."""

    kind: str
    label: str
    language: str
    code: str | None
    href: str


class SearchHits(Record):
    """The search results of one kind, the best first, the number of further ones, and the URL of all."""

    kind: str
    hits: tuple[SearchHit, ...]
    more: int
    href: str


@dataclass(slots=True)
class _Thing:
    """Something with names: its kind, IRI, code and country, and all texts by which it is found."""

    kind: str
    uri: str
    code: str
    country: str
    labels: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def label(self, language: str) -> tuple[str, str]:
        """Return a label with its language: in this language, in English, or in any."""
        chosen = next((code for code in (language, "en") if code in self.labels), next(iter(self.labels)))
        label = self.labels[chosen]
        return (f"{country_name(self.country, language)}: {label}" if self.kind == "framework" else label), chosen


def search(store: Store, finder: Finder, words: str, language: str = "en", kind: str = "") -> list[SearchHits]:
    """Return what these words name in any language, by kind; all results if a `kind` is given, else the first ones."""
    things = _things(store)
    index = NameIndex([" ".join(thing.texts) for thing in things], LANGUAGES)
    hits = [_hit(things[number], language) for number in index.find(words, language)]
    hits += _concept_hits(finder, words, language)
    groups = [(name, [hit for hit in hits if hit.kind == name]) for name in KINDS if kind in {"", name}]
    return [_group(name, _sort(members, words), words, 0 if kind else _MAX_HITS) for name, members in groups if members]


def _things(store: Store) -> list[_Thing]:
    """Return everything that has a name, except concepts of ESCO."""
    things: dict[str, _Thing] = {}
    for row in store.select(named_query("browse/names").text):
        uri = term_text(row["thing"])
        thing = things.setdefault(uri, _Thing(term_text(row["kind"]), uri, _text(row, "code"), _text(row, "country")))
        thing.labels[term_text(row["language"])] = term_text(row["label"])
        thing.texts += [term_text(row["label"]), _text(row, "framework")]
    for thing in things.values():
        thing.texts += [thing.code, *_other_names(thing)]
    return list(things.values())


def _other_names(thing: _Thing) -> list[str]:
    """Return the names of the country of a level or a framework, and the words for a level, in all languages."""
    names = [country_name(thing.country, language) for language in LANGUAGES] if thing.country else []
    if thing.kind == "level":
        names += _in_each_language("level")  # the names of the levels themselves are in English only
        names += [] if thing.country else [*_in_each_language("EQF"), _SECOND_EQF_NAME]
    return [*names, thing.country]


def _in_each_language(word: str) -> list[str]:
    return [translation(word, language) for language in LANGUAGES]


def _text(row: Row, name: str) -> str:
    return term_text(row[name]) if name in row else ""


def _hit(thing: _Thing, language: str) -> SearchHit:
    label, label_language = thing.label(language)
    return SearchHit(
        kind=thing.kind, label=label, language=label_language, code=thing.code or None, href=_page_url(thing)
    )


def _concept_hits(finder: Finder, words: str, language: str) -> list[SearchHit]:
    """Return the concepts of ESCO whose labels contain the words, or else those that are similar."""
    entries = [entry for entry, _ in finder.complete(words, _MAX_CONCEPTS)]
    entries = entries or [candidate.entry for candidate in finder.find(words, _MAX_HITS)]
    return [
        SearchHit(
            kind="concept",
            label=entry.label(language),
            language=language if any(label.language == language for label in entry.labels) else "en",
            code=None,
            href=f"/v1/equivalence/skills?{urlencode({'skill': entry.uri, 'format': 'html'})}",
        )
        for entry in entries
        if entry.uri.startswith(_ESCO)
    ]


def _sort(hits: list[SearchHit], words: str) -> list[SearchHit]:
    """Sort the hits of one kind: those that begin with the words, levels of the EQF, then the shorter ones."""

    def order(hit: SearchHit) -> tuple[bool, bool, int, str]:
        label = hit.label.casefold()
        return not label.startswith(words.casefold()), not label.startswith("eqf"), len(label), label

    return sorted(hits, key=order) if hits[0].kind != "concept" else hits


def _group(kind: str, hits: list[SearchHit], words: str, limit: int) -> SearchHits:
    first_hits = hits[: limit or None]
    return SearchHits(
        kind=kind,
        hits=tuple(first_hits),
        more=len(hits) - len(first_hits),
        href="/?" + urlencode({"q": words, "kind": kind}),
    )


def _page_url(thing: _Thing) -> str:
    if thing.kind == "level":
        return f"/v1/equivalence/levels?{urlencode({'level': thing.uri, 'format': 'html'})}"
    if thing.kind == "framework":
        return f"/levels?country={thing.country}"
    if thing.kind in {"skill", "vision"}:
        return f"/{thing.kind}s/{quote(thing.code)}"
    return page_url(thing.uri)
