"""The build of the site: the written pages, the generated ones, the configuration, and its fit to the service."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from docs.generator import (
    commands,
    elements,
    http,
    navigation,
    ontology,
    problems,
    python_api,
    queries,
    rules,
    settings,
)
from docs.generator.markdown import DocumentPage
from docs.generator.project import DOCS, ROOT

PARTS: Final[dict[str, Callable[[], str]]] = {
    "classes": ontology.class_list,
    "commands": commands.command_list,
    "command-reference": commands.command_reference,
    "decisions": navigation.decision_list,
    "elements": elements.element_sections,
    "errors": problems.error_table,
    "mapping-example": ontology.mapping_example,
    "policy-example": ontology.policy_example,
    "python": python_api.python_reference,
    "queries": queries.query_list,
    "referencing-example": ontology.referencing_example,
    "routes": http.route_list,
    "rules": rules.rule_list,
    "settings": settings.settings_table,
    "statement-example": ontology.statement_example,
}
"""What a written page may include by a line `<!-- generated: NAME -->`."""
_MARK: Final = re.compile(r"^<!-- generated: ([a-z-]+) -->$", re.MULTILINE)
_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_COPIED: Final = ("*.md", "*.svg", "*.css", "*.csv", "*.ttl", "*.jsonld")


class DocumentationError(Exception):
    """A page with a broken link, or another fault for which the site is not built."""


def build_site(output: Path, workspace: Path, renderer: Path) -> None:
    """Build the site into the folder `output`, in place of what is there; `renderer` is the command `zensical`.

    Raises `DocumentationError` with what the renderer reports: a broken link, or an unknown anchor.
    """
    shutil.rmtree(workspace, ignore_errors=True)
    write_source(workspace / "source")
    (workspace / "zensical.toml").write_text(_configuration(), encoding="utf-8")
    rendered = subprocess.run(
        [renderer.absolute(), "build", "--strict", "--clean"],
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
    )
    if rendered.returncode:
        raise DocumentationError(rendered.stdout + rendered.stderr)
    move_scripts_into_files(workspace / "site")
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(workspace / "site", output)


def write_source(folder: Path) -> None:
    """Write all pages of the site as Markdown: those of `docs/` with their generated parts, and the generated ones."""
    for pattern in _COPIED:
        for path in DOCS.rglob(pattern):
            _write(folder / path.relative_to(DOCS), path.read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    _write(folder / "changelog.md", changes.replace("](docs/", "]("))
    for page in generated_pages():
        _write(folder / page.path, page.text)


def generated_pages() -> Iterator[DocumentPage]:
    """Yield the pages that are made from data and code alone."""
    yield from rules.rule_pages()
    yield from ontology.ontology_pages()
    yield from elements.shape_pages()
    yield from queries.query_pages()
    yield from http.http_pages()


def move_scripts_into_files(site: Path) -> None:
    """Put the inline scripts of all pages into files: the service allows a browser to run no others."""

    def reference(page: Path, script: str) -> str:
        name = f"assets/javascripts/page-{hashlib.sha256(script.encode()).hexdigest()[:12]}.js"
        (site / name).write_text(script, encoding="utf-8")
        base = "/docs/" if page.name == "404.html" else "../" * (len(page.relative_to(site).parts) - 1)
        return f'<script src="{base}{name}"></script>'

    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        changed = _INLINE_SCRIPT.sub(lambda match, page=page: reference(page, match[1]), text)  # type: ignore[misc]
        page.write_text(changed, encoding="utf-8")


def _configuration() -> str:
    text = (DOCS / "zensical.toml").read_text(encoding="utf-8")
    pages = f"nav = {navigation.as_toml(navigation.navigation())}"
    return text.replace("# nav: written by the generator", pages)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_MARK.sub(lambda match: PARTS[match[1]](), text), encoding="utf-8")
