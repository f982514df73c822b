"""Reports for people: text for a terminal, HTML for a page, a page of its own that prints."""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, select_autoescape

from mastery_graph.hyperlinks import is_followable
from mastery_graph.validation.formats.checked import Checked
from mastery_graph.validation.texts import Texts


def as_text(checked: Sequence[Checked], language: str = "en") -> str:
    """Return each report as text: the summary, each finding with its place, how to mend it, the seal."""
    return _rendered("report.txt", checked, language).rstrip("\n")


def as_html(checked: Sequence[Checked], language: str = "en") -> str:
    """Return the reports as a piece of HTML, escaped, without a page around it."""
    return _rendered("report.html", checked, language)


def as_page(checked: Sequence[Checked], language: str = "en") -> str:
    """Return the reports as a page that needs nothing else and prints."""
    body = as_html(checked, language)
    return _environment().get_template("page.html").render(body=body, language=language, told=Texts(language))


def _rendered(template: str, checked: Sequence[Checked], language: str) -> str:
    return _environment().get_template(template).render(checked=checked, told=Texts(language))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mastery_graph.validation.formats"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["followable"] = is_followable
    return environment
