"""The documentation site: whole, free of broken links, and in step with the data and the code it is made from."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from docs.generator import commands, elements, http, ontology, problems, python_api
from docs.generator.project import DOCS, ROOT
from docs.generator.site import PARTS, DocumentationError, build_site, write_source
from mastery_graph.cli.app import app
from mastery_graph.errors import StoreMissing, UnknownLevel
from mastery_graph.queries import named_queries
from mastery_graph.resources import folder
from mastery_graph.settings import Settings
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import DCTERMS, NS, OWL, RDF, SH, SKOS

RENDERER = ROOT / ".venv-docs" / "bin" / "zensical"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the site as Markdown."""
    target = tmp_path_factory.mktemp("source")
    write_source(target)
    return target


@pytest.fixture(scope="module")
def renderer() -> Path:
    """The command that renders the site; what needs it is skipped without, and fails with CI=true."""
    if not RENDERER.is_file():
        pytest.skip("the renderer of the documentation is missing: make docs installs it")
    return RENDERER


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, renderer: Path) -> Path:
    """The site as it is served."""
    workspace = tmp_path_factory.mktemp("documentation")
    build_site(workspace / "out", workspace / "work", renderer)
    return workspace / "out"


class _Links(HTMLParser):
    """What a page loads, and its inline scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in {"script", "img", "link", "iframe"}:
            self.loaded += [value for name in ("src", "href") if (value := values.get(name))]
        if (tag == "script" and "src" not in values and "type" not in values) or tag == "style" or "style" in values:
            self.inline.append(self.get_starttag_text() or tag)


def text_of(source: Path, path: str) -> str:
    return (source / path).read_text(encoding="utf-8")


def subjects_of(name: str, type_iri: str) -> dict[str, dict[str, str]]:
    """Return the resources of a class in a shipped Turtle file, each with one value of each property."""
    triples = read_turtle(folder("ontology") / name)
    resources = {t.subject.value for t in triples if (t.predicate.value, t.object.value) == (RDF + "type", type_iri)}
    values: dict[str, dict[str, str]] = {iri: {} for iri in resources}
    for triple in triples:
        if triple.subject.value in resources:
            values[triple.subject.value][triple.predicate.value] = getattr(triple.object, "value", "")
    return values


def test_each_rule_has_a_page_with_its_question_its_source_and_its_weights(source: Path) -> None:
    rules = subjects_of("rules.ttl", NS + "Rule")
    assert len(rules) >= 45
    pages = {path.stem for path in (source / "reference" / "rules").glob("*-*.md")}
    assert pages == {values[SKOS + "notation"] for values in rules.values()}
    for values in rules.values():
        page = text_of(source, f"reference/rules/{values[SKOS + 'notation']}.md")
        assert values[NS + "asks"] in page
        assert values[DCTERMS + "bibliographicCitation"] in page
        assert ("**Decisive for:**" in page) == (NS + "decisiveFor" in values)
        assert ("**Supporting for:**" in page) == (NS + "supportingFor" in values)


def test_the_page_of_a_rule_shows_when_it_decides_what_fixes_it_and_worked_examples(source: Path) -> None:
    page = text_of(source, "reference/rules/REC-LEVEL.md")
    assert "- **Decisive for:** academic, training\n- **Supporting for:** employment\n" in page
    assert "- **Who can act:** Educational providers, Policy makers" in page
    assert "V7 (" in page
    assert {"| `met` |", "| `unmet` |", "| `unknown` |"} <= {
        line[: line.index("|", 2) + 1] for line in page.splitlines() if line.startswith("| `")
    }


def test_the_page_of_likeness_lists_each_weight_with_its_meaning(source: Path) -> None:
    page = text_of(source, "reference/rules/MAP-1.md")
    assert "| `letters` | 0.28 | The same for trigrams" in page
    assert page.count("| `") == 9


def test_each_class_and_property_has_an_entry_and_each_class_an_example(source: Path) -> None:
    classes = subjects_of("mastery.ttl", OWL + "Class")
    properties = subjects_of("mastery.ttl", OWL + "ObjectProperty") | subjects_of(
        "mastery.ttl", OWL + "DatatypeProperty"
    )
    assert (len(classes) >= 45, len(properties) >= 99) == (True, True)
    assert set(ontology.class_iris()) == set(classes)
    sections = re.split(r"^## ", text_of(source, "reference/ontology/classes.md"), flags=re.MULTILINE)[1:]
    assert {section.split()[0] for section in sections} == {f"mg:{iri.removeprefix(NS)}" for iri in classes}
    assert not [section for section in sections if "```turtle" not in section and "**For example:**" not in section]
    page = text_of(source, "reference/ontology/properties.md")
    assert not [iri for iri in properties if f"## mg:{iri.removeprefix(NS)} {{" not in page]


def test_the_modelling_of_the_central_facts_is_shown_as_data(source: Path) -> None:
    page = text_of(source, "reference/ontology/index.md")
    for text in ("a mg:LevelReferencing", "a sssom:Mapping", "a mg:NationalPolicy", "a mg:RecognitionStatement"):
        assert text in page


def test_the_diagram_of_the_ontology_names_existing_classes_and_properties() -> None:
    names = set(re.findall(r"mg:(\w+)", (DOCS / "assets" / "ontology.svg").read_text(encoding="utf-8")))
    known = {iri.removeprefix(NS) for iri in (*ontology.class_iris(), *ontology.property_iris())}
    assert len(names) > 10
    assert names <= known


def test_each_standard_element_and_shape_has_an_entry(source: Path) -> None:
    page = text_of(source, "reference/elements.md")
    assert len(elements.element_iris()) == 16
    for iri in elements.element_iris():
        assert f"{{ #{iri.rpartition('/')[2]} }}" in page
    shapes = text_of(source, "reference/shapes.md")
    named = [iri for iri in elements.node_shape_iris() if f"{{ #{iri.removeprefix(elements.SHAPES)} }}" in shapes]
    assert len(named) == len(elements.node_shape_iris()) > 15
    checked = [
        triple.subject.value.removeprefix(elements.SHAPES)
        for triple in read_turtle(folder("shapes") / "micro-credential.ttl")
        if (triple.predicate.value, triple.object.value) == (RDF + "type", SH + "PropertyShape")
    ]
    assert len(checked) > 15
    assert not [name for name in checked if f"`mgs:{name}`" not in page + shapes]


def test_each_named_query_has_an_entry_with_its_parameters_and_columns(source: Path) -> None:
    assert len(named_queries()) > 60
    for query in named_queries():
        section = text_of(source, f"reference/queries/{query.name.partition('/')[0]}.md").partition(
            f"## {query.name} {{"
        )[2]
        assert query.question in section
        assert not [column for column in query.columns if f"`{column.name}`" not in section.partition("\n## ")[0]]
        assert not [p for p in query.parameters if f"`{p.name}` | {p.kind}" not in section.partition("\n## ")[0]]


def test_each_command_has_an_entry_with_its_options(source: Path) -> None:
    page = text_of(source, "reference/commands.md")
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert {"build", "load esco", "esco report", "recognise"} <= {name for name, _ in commands.commands()}
    for name, command in commands.commands():
        section = page.partition(f"### mastery-graph {name} {{")[2].partition("\n### ")[0]
        assert section, name
        options = [p.opts[0] for p in command.params if p.opts[0].startswith("-") and p.opts[0] != "--help"]
        assert not [option for option in options if f"`{option}`" not in section], name


def test_each_setting_has_an_entry_with_its_default(source: Path) -> None:
    page = text_of(source, "reference/settings.md")
    rows = dict(re.findall(r"^\| `(MASTERY_[A-Z_]+)` \| (.*?) \|", page, re.MULTILINE))
    assert set(rows) == {f"MASTERY_{name.upper()}" for name in Settings.model_fields}
    assert (rows["MASTERY_QUERY_SECONDS"], rows["MASTERY_LOG"], rows["MASTERY_TOKENS"]) == (
        "30",
        "`json`",
        "\N{EN DASH}",
    )


def test_each_route_and_schema_has_an_entry(source: Path) -> None:
    pages = {group: text_of(source, f"http/{group}.md") for group in http.groups()}
    routes = [(method, path) for method, path, _ in http.routes()]
    assert {("POST", "/v1/recognition"), ("GET", "/v1/skills/{code}")} <= set(routes)
    for method, path in routes:
        assert sum(f"## {method} {path} {{" in page for page in pages.values()) == 1, path
        assert f"`{method} {path}`" in text_of(source, "http/index.md")
    schemas = text_of(source, "http/schemas.md")
    assert not [name for name in http.contract()["components"]["schemas"] if f"## {name} {{" not in schemas]


def test_each_error_has_an_entry_with_its_status_and_exit_code(source: Path) -> None:
    page = text_of(source, "reference/errors.md")
    errors = list(problems.error_classes())
    assert {UnknownLevel, StoreMissing} <= set(errors)
    assert not [error for error in errors if page.count(f"| `{error.slug}` |") != 1]
    assert "| `unknown-level` | 404 | 2 | No level has this URI or label. |" in page
    assert "| `store-missing` | 503 | 3 |" in page


def test_each_public_name_of_the_library_has_an_entry(source: Path) -> None:
    page = text_of(source, "reference/python.md")
    assert not [name for name in python_api.public_names() if f"### mastery_graph.{name} {{" not in page]


def test_each_generated_part_is_used_by_a_page() -> None:
    marks = re.findall(
        r"<!-- generated: ([a-z-]+) -->", "".join(p.read_text(encoding="utf-8") for p in DOCS.rglob("*.md"))
    )
    assert sorted(marks) == sorted(PARTS)


def test_the_site_loads_nothing_from_other_hosts_and_runs_no_inline_script(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 100
    for page in pages:
        links = _Links()
        links.feed(page.read_text(encoding="utf-8"))
        assert [target for target in links.loaded if re.match(r"(https?:)?//", target)] == [], page
        assert links.inline == [], page


def test_every_script_and_style_that_a_page_loads_exists(site: Path) -> None:
    for page in (site / "index.html", site / "reference" / "rules" / "REC-LEVEL" / "index.html"):
        links = _Links()
        links.feed(page.read_text(encoding="utf-8"))
        scripts = [target for target in links.loaded if target.partition("?")[0].endswith((".js", ".css", ".svg"))]
        assert len(scripts) >= 4
        assert not [target for target in scripts if not (page.parent / target.partition("?")[0]).resolve().is_file()]


def test_a_broken_link_fails_the_build(renderer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARTS, "decisions", lambda: "[a page that does not exist](nowhere.md)")
    with pytest.raises(DocumentationError, match="page does not exist"):
        build_site(tmp_path / "out", tmp_path / "work", renderer)
    assert not (tmp_path / "out").exists()


def test_the_readme_fits_two_screens_and_leads_to_pages_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) < 80
    targets = [target for target in re.findall(r"\]\(([^)#]+)", readme) if not target.startswith("http")]
    assert len(targets) > 10
    assert not [target for target in targets if not (ROOT / target).is_file()]


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", changes, re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert not [version for version in versions[1:] if not re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", version)]
    kinds = re.findall(r"^### (.+)$", changes, re.MULTILINE)
    assert kinds
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_pages_are_in_plain_english() -> None:
    """Decisions are left as they were written."""
    pages = [path for path in DOCS.rglob("*.md") if path.parent.name != "decisions"]
    assert len(pages) > 20
    dialect = re.compile(r"\b(told|tells?|mends?|mended|whoever|here and there)\b", re.IGNORECASE)
    assert [
        (path.name, match[0]) for path in pages for match in dialect.finditer(path.read_text(encoding="utf-8"))
    ] == []


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name.partition("-")[0] for page in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
