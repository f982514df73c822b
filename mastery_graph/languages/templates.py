"""The Jinja environment of all templates: `_`, `ngettext` and `pgettext` return texts in the language of the reader."""

from jinja2 import BaseLoader, Environment, select_autoescape

from mastery_graph.languages.records import localize
from mastery_graph.languages.sentence import Message, ngettext, pgettext


def localized_environment(loader: BaseLoader, language: str) -> Environment:
    """Return an environment whose templates are rendered in a language; templates of HTML and SVG are escaped."""
    environment = Environment(
        loader=loader, autoescape=select_autoescape(["html", "svg"]), trim_blocks=True, lstrip_blocks=True
    )

    def _(pattern: str, **values: object) -> str:
        return localize(Message(pattern, **values), language)

    def plural(singular: str, plural: str, count: float, **values: object) -> str:
        return localize(ngettext(singular, plural, count, **values), language)

    def in_context(context: str, pattern: str, **values: object) -> str:
        return localize(pgettext(context, pattern, **values), language)

    environment.globals |= {"_": _, "ngettext": plural, "pgettext": in_context, "language": language}
    environment.filters["localize"] = lambda text: localize(text, language)
    return environment
