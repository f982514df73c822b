"""Texts as the index sees them: words without their endings, where the language has a stemmer, and pieces of letters.

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
_LONGEST_WORD: Final = 60


@cache
def analyzer(language: str) -> "TextAnalyzer":
    """Return what breaks a text of this language (ISO 639-1) into stems without accents and stop words."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = (
        TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD)).filter(Filter.lowercase())
    )
    if stemmer := _STEMMERS.get(language):
        if language not in _WITHOUT_STOP_WORDS:
            builder = builder.filter(Filter.stopword(stemmer))
        builder = builder.filter(Filter.stemmer(stemmer))
    return builder.filter(Filter.ascii_fold()).build()


@cache
def letters_analyzer() -> "TextAnalyzer":
    """Return what breaks a text of any language into pieces of three and four letters."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    pieces = TextAnalyzerBuilder(Tokenizer.ngram(3, 4, prefix_only=False))
    return pieces.filter(Filter.lowercase()).filter(Filter.ascii_fold()).build()


@cache
def words_analyzer() -> "TextAnalyzer":
    """Return what breaks a text of any language into its whole words, for completion as one types."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build()


def stems(text: str, language: str) -> tuple[str, ...]:
    """Return the stems of a text, each once, in order.

    >>> stems("Sorting the wastes", "en")
    ('sort', 'wast')
    """
    return tuple(dict.fromkeys(analyzer(language).analyze(text)))


def letters(text: str) -> Counter[str]:
    """Return the pieces of three letters in a text with their number.

    >>> sorted(letters("sun"))
    [' su', 'sun', 'un ']
    """
    padded = f" {normalize(text)} "
    return Counter(padded[start : start + 3] for start in range(len(padded) - 2))


@lru_cache(maxsize=100_000)
def normalize(text: str) -> str:
    """Return a text without differences that make no other label: case, width, punctuation, runs of space.

    >>> normal("Waste-Management,  basic")
    'waste management basic'
    """
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
