"""Translatable messages and the catalogue of their translations (English, Italian, Spanish, Bulgarian, Finnish)."""

from mastery_graph.languages.catalogue import LANGUAGES, TRANSLATIONS, translation
from mastery_graph.languages.sentence import (
    N_,
    Country,
    EnglishText,
    Joined,
    Labelled,
    Message,
    Share,
    country_name,
    join_with_and,
    ngettext,
    pgettext,
    placeholders,
    shacl_pattern,
    to_html,
)

__all__ = [
    "LANGUAGES",
    "N_",
    "TRANSLATIONS",
    "Country",
    "EnglishText",
    "Joined",
    "Labelled",
    "Message",
    "Share",
    "country_name",
    "join_with_and",
    "ngettext",
    "pgettext",
    "placeholders",
    "shacl_pattern",
    "to_html",
    "translation",
]
