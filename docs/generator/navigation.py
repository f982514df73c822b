"""The navigation of the site, and its form in the configuration."""

import json
from pathlib import Path
from typing import Any, Final

from docs.generator.http import groups, title
from docs.generator.project import DOCS
from docs.generator.queries import group_title, query_pages
from docs.generator.rules import FAMILIES, family, rule_ids

Entry = Any
"""A page, or a title with a page or a section: the form that the configuration has."""
Section = list[Entry]

_TUTORIALS: Final[Section] = [
    "tutorials/index.md",
    {"For a qualification authority": "tutorials/authority.md"},
    {"For a training provider": "tutorials/provider.md"},
    {"For a researcher": "tutorials/researcher.md"},
]
_GUIDES: Final[Section] = [
    "how-to/index.md",
    {"Answers for an authority": "how-to/authority-answers.md"},
    {"Check a description": "how-to/first-check.md"},
    {"Convert and keep credentials": "how-to/provider-credentials.md"},
    {"Versions of ESCO": "how-to/esco.md"},
    {"OpenRefine": "how-to/reconciliation.md"},
    {"Operate the service": "how-to/operating.md"},
    {"Run in a container": "how-to/container.md"},
    {"Use another engine": "how-to/distributed-engines.md"},
]


def navigation() -> Section:
    """Return the navigation: titles with pages, or with sections."""
    return [
        {"Start": "index.md"},
        {"Tutorials": _TUTORIALS},
        {"How-to guides": _GUIDES},
        {"Reference": _reference()},
        {"HTTP": ["http/index.md", *({title(group): f"http/{group}.md"} for group in groups()), _SCHEMAS]},
        {"Explanation": _explanation()},
    ]


_SCHEMAS: Final[Entry] = {"Schemas": "http/schemas.md"}


def _reference() -> Section:
    rules: Section = ["reference/rules/index.md"]
    for prefix, name in FAMILIES.items():
        rules.append({name: [{rule: f"reference/rules/{rule}.md"} for rule in rule_ids() if family(rule) == prefix]})
    queries: Section = ["reference/queries/index.md", *({_name(page.path): page.path} for page in query_pages())]
    return [
        "reference/index.md",
        {"Rules": rules},
        {
            "Ontology": [
                "reference/ontology/index.md",
                {"Classes": "reference/ontology/classes.md"},
                {"Properties": "reference/ontology/properties.md"},
            ]
        },
        {"Standard elements": "reference/elements.md"},
        {"Shapes": "reference/shapes.md"},
        {"Profiles": "reference/profiles.md"},
        {"Formats": "reference/formats.md"},
        {"Input tables": "reference/tables.md"},
        {"Policies of a stack": "reference/policies.md"},
        {"Named queries": queries},
        {"Commands": "reference/commands.md"},
        {"Settings": "reference/settings.md"},
        {"Errors": "reference/errors.md"},
        {"Python": "reference/python.md"},
        *([{"Glossary": "glossary.md"}] if (DOCS / "glossary.md").is_file() else []),
    ]


def _explanation() -> Section:
    decisions: Section = [{name: f"decisions/{file}"} for name, file in decision_titles().items()]
    return [
        "explanation/index.md",
        {"The model": "explanation/model.md"},
        {"The design": "explanation/design.md"},
        {"Security": "explanation/security.md"},
        {"Performance": "explanation/performance.md"},
        {"Decisions": ["decisions/index.md", *decisions]},
        {"Changelog": "changelog.md"},
    ]


def decision_titles() -> dict[str, str]:
    """Return the file of each decision, by its title."""
    paths = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    return {path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# "): path.name for path in paths}


def decision_list() -> str:
    """Return the list of decisions, with a link to each."""
    return "\n".join(f"- [{name}]({file})" for name, file in decision_titles().items())


def _name(path: str) -> str:
    return group_title(Path(path).stem)


def as_toml(value: Entry | Section) -> str:
    """Return a part of the navigation in TOML.

    >>> as_toml([{"Start": "index.md"}])
    '[{ "Start" = "index.md" }]'
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    return f"{{ {', '.join(f'{json.dumps(name)} = {as_toml(part)}' for name, part in value.items())} }}"
