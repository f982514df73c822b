"""Reports for people: text for a terminal, an HTML fragment, and a printable HTML page."""

from collections.abc import Sequence
from functools import cache, partial

from jinja2 import Environment, PackageLoader

from mastery_graph.hyperlinks import is_followable
from mastery_graph.languages import N_
from mastery_graph.languages.templates import localized_environment
from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.report import SealReport
from mastery_graph.validation.texts import Translator


def as_text(outcomes: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return each report as text: the summary, the findings with their locations and fixes, and the seal."""
    return _render("report.txt", outcomes, language).rstrip("\n")


def as_html(outcomes: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return the reports as an escaped HTML fragment."""
    return _render("report.html", outcomes, language)


def as_page(outcomes: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return the reports as a self-contained, printable page."""
    body = as_html(outcomes, language)
    return _environment(language).get_template("page.html").render(body=body)


def seal_line(seal: SealReport, translate: Translator) -> str:
    """Return one line on a seal: its status, the reason for it, and the name in its certificate."""
    status = {
        "valid": translate(N_("Seal: valid. The content is unchanged, and the signer is verified.")),
        "intact": translate(N_("Seal: intact. The content is unchanged; the signer is not verified.")),
        "broken": translate(N_("Seal: broken. The content cannot be relied on.")),
        "not-checked": translate(N_("Seal: not checked.")),
        "absent": translate(N_("Seal: absent.")),
    }[seal.status]
    signer = translate(N_("The signature names {name}."), name=seal.by) if seal.by else ""
    consulted = (
        translate(N_("Not consulted: {sources}."), sources="; ".join(seal.not_checked)) if seal.not_checked else ""
    )
    return " ".join(filter(None, (status, seal.reason, signer, consulted)))


def _render(template: str, outcomes: Sequence[ValidationOutcome], language: str) -> str:
    return _environment(language).get_template(template).render(outcomes=outcomes)


@cache
def _environment(language: str) -> Environment:
    environment = localized_environment(PackageLoader("mastery_graph.validation.formats"), language)
    environment.tests["followable"] = is_followable
    environment.globals["seal_line"] = partial(seal_line, translate=Translator(language))
    return environment
