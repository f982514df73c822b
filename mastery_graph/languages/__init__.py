"""Translatable messages and the catalogues of their translations (English, Italian, Spanish, Bulgarian, Finnish)."""

from mastery_graph.languages.catalogue import LANGUAGES, translation
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
    to_html,
)

__all__ = [
    "LANGUAGES",
    "N_",
    "Country",
    "EnglishText",
    "Joined",
    "Labelled",
    "Message",
    "Share",
    "country_name",
    "join_with_and",
    "to_html",
    "translation",
]
