"""Translatable messages and the catalogue of their translations (see `LANGUAGES`)."""

from mastery_graph.languages.catalogue import LANGUAGE_CODES, LANGUAGES, TRANSLATIONS, LanguageCode, translation
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
    "LANGUAGE_CODES",
    "N_",
    "TRANSLATIONS",
    "Country",
    "EnglishText",
    "Joined",
    "Labelled",
    "LanguageCode",
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
