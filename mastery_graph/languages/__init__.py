"""What we say, in five languages: sentences that remember their pattern, and the catalogues of their translations."""

from mastery_graph.languages.catalogue import LANGUAGES, translation
from mastery_graph.languages.sentence import (
    Country,
    English,
    Labelled,
    Listed,
    Sentence,
    Share,
    country_name,
    marked,
    said,
    together,
)

__all__ = [
    "LANGUAGES",
    "Country",
    "English",
    "Labelled",
    "Listed",
    "Sentence",
    "Share",
    "country_name",
    "marked",
    "said",
    "together",
    "translation",
]
