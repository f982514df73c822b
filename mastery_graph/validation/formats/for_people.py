"""Reports for people: text for a terminal, HTML for a page, a page of its own that prints."""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, select_autoescape

from mastery_graph.hyperlinks import is_followable
from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.report import SealReport
from mastery_graph.validation.texts import Translator, said


def as_text(checked: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return each report as text: the summary, each finding with its place, how to mend it, the seal."""
    return _rendered("report.txt", checked, language).rstrip("\n")


def as_html(checked: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return the reports as a piece of HTML, escaped, without a page around it."""
    return _rendered("report.html", checked, language)


def as_page(checked: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return the reports as a page that needs nothing else and prints."""
    body = as_html(checked, language)
    return _environment().get_template("page.html").render(body=body, language=language, told=Translator(language))


def seal_line(seal: SealReport, told: Translator) -> str:
    """Return what a seal is worth, why it is worth no more, and whom its certificate names, in one line."""
    status = {
        "valid": told(said("Seal: valid. The content is unchanged, and the signer is verified.")),
        "intact": told(said("Seal: intact. The content is unchanged; the signer is not verified.")),
        "broken": told(said("Seal: broken. The content cannot be relied on.")),
        "not-checked": told(said("Seal: not checked.")),
        "absent": told(said("Seal: absent.")),
    }[seal.status]
    signer = told(said("The signature names {?name}."), name=seal.by) if seal.by else ""
    consulted = (
        told(said("Not consulted: {?sources}."), sources="; ".join(seal.not_checked)) if seal.not_checked else ""
    )
    return " ".join(filter(None, (status, seal.reason, signer, consulted)))


def _rendered(template: str, checked: Sequence[ValidationOutcome], language: str) -> str:
    return _environment().get_template(template).render(checked=checked, told=Translator(language))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mastery_graph.validation.formats"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["followable"] = is_followable
    environment.globals["seal_line"] = seal_line
    return environment
