"""The pages of the rules: what each requires, its source and weight, and worked examples from the tests."""

from collections.abc import Iterator
from typing import Final

import yaml

from docs.generator.knowledge import Knowledge, code_of, knowledge
from docs.generator.markdown import ABSENT, DocumentPage, escape, paragraphs, table
from docs.generator.project import ROOT
from docs.generator.python_api import attribute_docstrings
from mastery_graph.concept_search.ranking import WEIGHTS, Features
from mastery_graph.vocabulary import DCTERMS, ID, NS, SKOS

FAMILIES: Final = {
    "LEVEL": "Levels",
    "SKILL": "Skills and mappings",
    "STACK": "Stackability",
    "REC": "Recognition",
    "STATEMENT": "Recognition statements",
    "COMPARE": "Comparison",
    "PROFILE": "Profile of a learner",
    "COVERAGE": "Coverage of a curriculum",
    "MAP": "Mapping of texts",
    "ESCO": "Versions of ESCO",
}
"""The families of rules, by the first part of their ids, in the order of the list."""
_GOLDEN = ROOT / "tests" / "questions" / "golden"
_FOLDERS = {
    "LEVEL": "equivalence",
    "SKILL": "equivalence",
    "STACK": "stackability",
    "REC": "recognition",
    "COMPARE": "comparison",
    "PROFILE": "profile",
    "COVERAGE": "coverage",
}
_ORIGIN_OF_EXAMPLES = "Worked examples are cases of the tests, on descriptions that are made up."


def rule_ids() -> list[str]:
    """Return the ids of all rules, family by family."""
    ids = [knowledge().value(rule, SKOS + "notation") for rule in knowledge().instances(NS + "Rule")]
    return sorted(ids, key=lambda rule: (list(FAMILIES).index(family(rule)), rule))


def family(rule: str) -> str:
    """Return the family of a rule.

    >>> family("REC-AWARDING-BODY")
    'REC'
    """
    return rule.partition("-")[0]


def rule_pages() -> Iterator[DocumentPage]:
    """Yield a page for each rule."""
    for rule in rule_ids():
        yield DocumentPage(f"reference/rules/{rule}.md", _page(rule))


def rule_list() -> str:
    """Return the rules as one list per family, for the page that introduces them."""
    graph = knowledge()
    parts = []
    for prefix, title in FAMILIES.items():
        rows = [
            (f"[{rule}]({rule}.md)", graph.value(_iri(rule), NS + "asks"))
            for rule in rule_ids()
            if family(rule) == prefix
        ]
        parts += [f"### {title}", table(["rule", "question"], rows)]
    return paragraphs(*parts)


def _page(rule: str) -> str:
    graph, iri = knowledge(), _iri(rule)
    return paragraphs(
        f"# {rule}: {graph.label(iri)}",
        f"**Question.** {escape(graph.value(iri, NS + 'asks'))}",
        escape(graph.value(iri, SKOS + "definition")),
        graph.value(iri, SKOS + "scopeNote"),
        _features() if rule == "MAP-1" else None,
        "\n".join(f"- **{name}:** {value}" for name, value in _facts(graph, iri)),
        _examples(rule),
        "## As data",
        f"The rule is `mgr:rule/{rule}` in `ontology/rules.ttl`; a running service describes it at `/doc/rule/{rule}`.",
    )


def _facts(graph: Knowledge, iri: str) -> Iterator[tuple[str, str]]:
    citations = "; ".join(graph.values(iri, DCTERMS + "bibliographicCitation"))
    links = [f"<{source}>" for source in graph.values(iri, DCTERMS + "source") if not source.startswith(ID)]
    yield "Source", " ".join([citations, *links])
    for title, name in (
        ("Decisive for", "decisiveFor"),
        ("Supporting for", "supportingFor"),
        ("How to fix it", "mending"),
        ("Who can act", "mendedBy"),
        ("Related policy visions", "speaksToVision"),
    ):
        if values := graph.values(iri, NS + name):
            yield title, ", ".join(_reading(graph, value) for value in values)
    if note := graph.value(iri, SKOS + "editorialNote"):
        yield "Our judgement", note


def _reading(graph: Knowledge, value: str) -> str:
    if value.startswith(f"{ID}purpose/"):
        return code_of(value)
    if value.startswith(f"{ID}vision/"):
        return f"{code_of(value)} ({graph.label(value)})"
    return graph.label(value) if value.startswith(ID) else value


def _features() -> str:
    """Return the features of a score with their weights, from the code that applies them."""
    meanings = attribute_docstrings(Features)
    rows = [
        (f"`{name}`", f"{WEIGHTS[name]:g}" if name in WEIGHTS else ABSENT, escape(meanings[name])) for name in meanings
    ]
    return table(["feature", "weight", "meaning"], rows)


def _examples(rule: str) -> str | None:
    """Return for each outcome of a rule the worked example in which the least else is open or unmet."""
    simplest: dict[str, tuple[int, dict[str, str]]] = {}
    for case in _cases(rule):
        outcomes = {name: _outcome(criterion) for name, criterion in case["criteria"].items()}
        difficulties = sum(outcome in {"unmet", "unknown"} for outcome in outcomes.values())
        outcome = outcomes.get(rule, "")
        if outcome and difficulties < simplest.get(outcome, (99, {}))[0]:
            simplest[outcome] = (difficulties, case)
    if not simplest:
        return None
    rows = [
        (f"`{outcome}`", case["name"].replace("-", " "), escape(case["why"]))
        for outcome, (_, case) in sorted(simplest.items())
    ]
    return paragraphs("## Worked examples", _ORIGIN_OF_EXAMPLES, table(["outcome", "case", "why"], rows))


def _cases(rule: str) -> list[dict]:  # type: ignore[type-arg]
    path = _GOLDEN / _FOLDERS.get(family(rule), "-") / "cases.yaml"
    if not path.is_file():
        return []
    return [case for case in yaml.safe_load(path.read_text(encoding="utf-8")) if "criteria" in case]


def _outcome(criterion: object) -> str:
    return str(criterion["outcome"]) if isinstance(criterion, dict) else str(criterion)


def _iri(rule: str) -> str:
    return f"{ID}rule/{rule}"
