"""Text analysis for the index: stems, if there is a stemmer for the language, and letter n-grams.

Stemmers and stop words are those of tantivy (Snowball). Other languages are compared by whole words and by letters.
"""

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

_STEMMERS: Final = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
_WITHOUT_STOP_WORDS: Final = {"ar", "el", "ro", "tr"}
_MAX_WORD_CHARS: Final = 60


@cache
def analyzer(language: str) -> "TextAnalyzer":
    """Return the analyzer that splits a text of a language (ISO 639-1) into stems without accents and stop words."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = (
        TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_MAX_WORD_CHARS)).filter(Filter.lowercase())
    )
    if stemmer := _STEMMERS.get(language):
        if language not in _WITHOUT_STOP_WORDS:
            builder = builder.filter(Filter.stopword(stemmer))
        builder = builder.filter(Filter.stemmer(stemmer))
    return builder.filter(Filter.ascii_fold()).build()


@cache
def letters_analyzer() -> "TextAnalyzer":
    """Return the analyzer that splits a text of any language into n-grams of three and four letters."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.ngram(3, 4, prefix_only=False))
    return builder.filter(Filter.lowercase()).filter(Filter.ascii_fold()).build()


@cache
def words_analyzer() -> "TextAnalyzer":
    """Return the analyzer that splits a text of any language into whole words, for completion while typing."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build()


def stems(text: str, language: str) -> tuple[str, ...]:
    """Return the distinct stems of a text, in order.

    >>> stems("Sorting the wastes", "en")
    ('sort', 'wast')
    """
    return tuple(dict.fromkeys(analyzer(language).analyze(text)))


def letters(text: str) -> Counter[str]:
    """Return the trigrams of a text with their counts.

    >>> sorted(letters("sun"))
    [' su', 'sun', 'un ']
    """
    padded = f" {normalize(text)} "
    return Counter(padded[start : start + 3] for start in range(len(padded) - 2))


@lru_cache(maxsize=100_000)
def normalize(text: str) -> str:
    """Return a text without irrelevant differences: case, width, punctuation, repeated spaces.

    >>> normalize("Waste-Management,  basic")
    'waste management basic'
    """
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
