"""Tables of levels: all comparisons between the frameworks of several countries, and the EQF grid.

The rules are those of a single comparison, LEVEL-1, 2, 4 and 5: a table adds no judgement to its rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pyoxigraph import Literal

from mastery_graph.dataset_identity import dataset_of
from mastery_graph.languages import N_, Country, Joined, Message, ngettext
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Answer, Criterion, Outcome, disclaimer_for
from mastery_graph.questions.equivalence.levels import (
    CONFIDENCE_SENTENCES,
    Level,
    all_levels,
    check_countries,
    countries_with_levels,
    historical,
    open_sentences,
)
from mastery_graph.questions.rules import Judge, Judgement, judge
from mastery_graph.questions.verdicts import Verdict
from mastery_graph.rdf import Term, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class LevelComparison(Record):
    """Two levels at one EQF level, with the referencings that place them there."""

    country: str
    framework: str
    level: str
    uri: str
    referencing: str
    eqf_level: int
    """1 to 8."""
    other_country: str
    other_framework: str
    other_level: str
    other_uri: str
    other_referencing: str
    historical: bool
    """True if one of the two referencings is historical."""


class LevelTableVerdict(Verdict):
    """That levels are compared: a table has no other verdict."""

    COMPARED = N_("compared"), N_("Each level with a referencing is compared.")


class LevelTable(Answer):
    """All comparisons between the levels of some or all countries."""

    kind: ClassVar[str] = "equivalence/table"

    verdict: LevelTableVerdict
    countries: tuple[str, ...]
    comparisons: tuple[LevelComparison, ...]
    unreferenced: tuple[Level, ...]
    """The levels of these countries that cannot be compared, each with the reason."""

    def table(self) -> list[dict[str, object]]:
        """Return one row per comparison, then one per level that cannot be compared, with the reason."""
        rows = [{**comparison.model_dump(), "not_compared_because": None} for comparison in self.comparisons]
        empty_row = dict.fromkeys((*LevelComparison.model_fields, "not_compared_because"))
        return rows + [
            empty_row
            | {"country": level.country, "framework": level.framework, "level": level.label, "uri": level.uri}
            | {"not_compared_because": level.open_because}
            for level in self.unreferenced
        ]


class GridRow(Record):
    """One EQF level with the levels of each framework referenced to it, in the framework's order."""

    eqf_level: int
    cells: dict[str, tuple[Level, ...]]
    """The levels by the IRI of the framework; empty if it has no level at this EQF level."""


class GridColumn(Record):
    """A framework of the grid."""

    framework: str
    label: str
    country: str
    historical: bool
    unreferenced: tuple[Level, ...]
    """Its levels without a referencing, which appear in no row."""

    @property
    def name(self) -> str:
        """The name of the column in a table: the code of the country and the framework, marked if it is historical."""
        return self._mark(f"{self.country}: {self.label}")

    @property
    def heading(self) -> str:
        """The heading of the column for readers: as its name, with the name of the country."""
        return self._mark(Joined((Country(self.country, article=False), self.label), ": "))

    def _mark(self, framework: str) -> str:
        return Message("{framework} (historical)", framework=framework) if self.historical else framework


class EQFGrid(Answer):
    """The national levels of some or all frameworks, by EQF level."""

    kind: ClassVar[str] = "equivalence/grid"

    verdict: LevelTableVerdict
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    """Eight rows, the highest EQF level first."""

    def table(self) -> list[dict[str, object]]:
        """Return one row per EQF level and a last one for unreferenced levels, with one column per framework."""
        names = {column.framework: column.name for column in self.columns}
        rows: list[dict[str, object]] = [
            {"EQF level": row.eqf_level}
            | {names[uri]: "; ".join(level.label for level in levels) for uri, levels in row.cells.items()}
            for row in self.rows
        ]
        unreferenced_cells: dict[str, object] = {
            names[column.framework]: "; ".join(level.label for level in column.unreferenced) for column in self.columns
        }
        return [*rows, {"EQF level": Message("none"), **unreferenced_cells}]

    def headings(self) -> dict[str, str]:
        """Return the heading of the column of each framework, by the name of the column."""
        return {column.name: column.heading for column in self.columns}


def level_table(store: Store, countries: Sequence[str] = (), others: Sequence[str] = ()) -> LevelTable:
    """Return every comparison between levels of `countries` and of `others` (ISO alpha-3; all by default).

    With `countries` only, these are compared with each other. Raises `UnknownCountry`.
    """
    levels_by_uri = {level.uri: level for level in all_levels(store)}
    country_codes = check_countries(store, countries)
    other_codes = check_countries(store, others) or country_codes
    bindings: dict[str, Sequence[Term]] = {}
    if country_codes:
        bindings["country"] = [Literal(code) for code in country_codes]
    if other_codes:
        bindings["otherCountry"] = [Literal(code) for code in other_codes]
    rows = store.select(named_query("equivalence/comparison-table").text, bindings)
    pairs = [(levels_by_uri[term_text(row["level"])], levels_by_uri[term_text(row["other"])]) for row in rows]
    pairs.sort(key=lambda pair: (_sort_key(pair[0]), _sort_key(pair[1])))
    all_codes = {*country_codes, *other_codes}
    unreferenced = tuple(
        level
        for level in levels_by_uri.values()
        if level.open_because and (not all_codes or level.country in all_codes)
    )
    return LevelTable(
        question={"countries": list(country_codes), "others": list(other_codes)},
        verdict=LevelTableVerdict.COMPARED,
        summary=Joined(
            [ngettext("{count} comparison.", "{count} comparisons.", len(pairs)), _unreferenced_count(unreferenced)],
            " ",
        ),
        criteria=_criteria(
            store,
            _TableCase(
                ngettext(
                    "{count} pair of levels is referenced to one EQF level.",
                    "{count} pairs of levels are referenced to one EQF level.",
                    len(pairs),
                ),
                unreferenced,
                [level for pair in pairs for level in pair],
            ),
        ),
        dataset=dataset_of(store),
        disclaimer=disclaimer_for(
            level.country for level in [*(level for pair in pairs for level in pair), *unreferenced]
        ),
        countries=country_codes or countries_with_levels(store),
        comparisons=tuple(_comparison(level, other_level) for level, other_level in pairs),
        unreferenced=unreferenced,
    )


def eqf_grid(store: Store, countries: Sequence[str] = ()) -> EQFGrid:
    """Return the EQF grid of `countries` (ISO alpha-3), in this order, or of all. Raises `UnknownCountry`."""
    codes = check_countries(store, countries)
    levels = [level for level in all_levels(store) if level.country and (not codes or level.country in codes)]
    levels.sort(key=lambda level: (codes.index(level.country) if codes and level.country else 0, _sort_key(level)))
    frameworks = {level.framework_uri: level for level in levels}
    columns = tuple(
        GridColumn(
            framework=uri,
            label=level.framework,
            country=level.country or "",
            historical=any(level.historical for level in levels if level.framework_uri == uri),
            unreferenced=tuple(level for level in levels if level.framework_uri == uri and level.eqf_level is None),
        )
        for uri, level in frameworks.items()
    )
    rows = tuple(
        GridRow(
            eqf_level=number,
            cells={
                uri: tuple(level for level in levels if level.framework_uri == uri and level.eqf_level == number)
                for uri in frameworks
            },
        )
        for number in range(8, 0, -1)
    )
    unreferenced = tuple(level for column in columns for level in column.unreferenced)
    referenced_count = len(levels) - len(unreferenced)
    return EQFGrid(
        question={"countries": list(codes)},
        verdict=LevelTableVerdict.COMPARED,
        summary=Joined(
            [
                ngettext(
                    "{count} level is shown beside the eight EQF levels (frameworks: {frameworks}).",
                    "{count} levels are shown beside the eight EQF levels (frameworks: {frameworks}).",
                    referenced_count,
                    frameworks=len(columns),
                ),
                _unreferenced_count(unreferenced),
            ],
            " ",
        ),
        criteria=_criteria(
            store,
            _TableCase(
                ngettext(
                    "{count} level is shown at the EQF level of its referencing.",
                    "{count} levels are shown at the EQF level of their referencing.",
                    referenced_count,
                ),
                unreferenced,
                levels,
            ),
        ),
        dataset=dataset_of(store),
        disclaimer=disclaimer_for(column.country for column in columns),
        columns=columns,
        rows=rows,
    )


def _unreferenced_count(levels: Sequence[object]) -> Message:
    return ngettext("{count} level has no referencing.", "{count} levels have no referencing.", len(levels))


def _sort_key(level: Level) -> tuple[str, str, int, str]:
    return level.country or "", level.framework, level.position, level.label


def _comparison(level: Level, other_level: Level) -> LevelComparison:
    return LevelComparison(
        country=level.country or "",
        framework=level.framework,
        level=level.label,
        uri=level.uri,
        referencing=level.referencing or "",
        eqf_level=level.eqf_level or 0,
        other_country=other_level.country or "",
        other_framework=other_level.framework,
        other_level=other_level.label,
        other_uri=other_level.uri,
        other_referencing=other_level.referencing or "",
        historical=level.historical or other_level.historical,
    )


@dataclass(frozen=True, slots=True)
class _TableCase:
    """The levels of a table, those of them without a referencing, and the summary of the table."""

    summary: Message
    unreferenced: Sequence[Level]
    levels: Sequence[Level]


def _judge_rows(case: _TableCase) -> Judgement:
    return Outcome.MET, Joined([case.summary, Message("Each row names both referencings.")], " ")


def _judge_referencings(case: _TableCase) -> Judgement:
    if not case.unreferenced:
        return Outcome.MET, Message("Every level of these frameworks has a referencing.")
    labels = ", ".join(level.label for level in case.unreferenced)
    return Outcome.UNKNOWN, Message("Compared with nothing: {levels}.", levels=labels)


def _judge_historical(case: _TableCase) -> Judgement:
    frameworks = {level.framework_uri: level for level in case.levels if level.historical}
    named = [level.model_copy(update={"label": level.framework}) for level in frameworks.values()]
    return historical([*named, *(level for level in case.levels if level.replaced_by)])


def _judge_confidence(case: _TableCase) -> Judgement:
    sentences = [*_confidence_by_framework(case.levels), *open_sentences(case.unreferenced)]
    return (Outcome.MET, Joined(sentences, " ")) if sentences else (Outcome.NOT_APPLICABLE, case.summary)


def _confidence_by_framework(levels: Sequence[Level]) -> list[Message]:
    """Return the confidence of the referencings in words, with how many levels of which framework have it."""
    counts: dict[str, dict[str, set[str]]] = {}
    for level in levels:
        if level.confidence:
            counts.setdefault(level.confidence, {}).setdefault(level.framework, set()).add(level.uri)
    named = {
        name: "; ".join(f"{framework} ({len(uris)})" for framework, uris in sorted(frameworks.items()))
        for name, frameworks in counts.items()
    }
    return [Message(sentence, levels=named[name]) for name, sentence in CONFIDENCE_SENTENCES.items() if name in named]


RULES: Final[Mapping[str, Judge[_TableCase]]] = {
    "LEVEL-1": _judge_rows,
    "LEVEL-2": _judge_referencings,
    "LEVEL-4": _judge_historical,
    "LEVEL-5": _judge_confidence,
}
"""The judge of each rule, in the order of the answer."""


def _criteria(store: Store, case: _TableCase) -> tuple[Criterion, ...]:
    return judge(store, RULES, case)
