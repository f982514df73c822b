"""Normal forms of the identifiers and names of organisations, so that two spellings of one are equal."""

import re
import unicodedata
from typing import Final

_ADDRESS: Final = re.compile(r"https?://(?:www\.)?(.+)", re.IGNORECASE)
_SCHEMES: Final = {
    "deqarinst": "deqar",
    "eter.bas.natid": "national",
    "national identifier": "national",
    "eu-vat": "vat",
    "vat": "vat",
    "vat number": "vat",
}
"""Spellings of schemes, in lower case, by the name under which they are compared."""
_COUNTRY_PREFIX: Final = re.compile(r"[a-z]{2}[-.](?=eter\.bas\.natid$)")


def normal_notation(notation: str) -> str:
    """Return an identifier in the form in which it is compared: without case, spaces and punctuation.

    An address is compared without its scheme, `www` and a final slash.

    >>> normal_notation("IE 9901-0101.X"), normal_notation("https://www.example.org/a/")
    ('ie99010101x', 'example.org/a')
    """
    text = unicodedata.normalize("NFKC", _folded(notation)).strip()
    if address := _ADDRESS.fullmatch(text):
        return address[1].rstrip("/")
    return "".join(char for char in _folded(text) if char.isalnum())


def normal_scheme(scheme: str | None) -> str | None:
    """Return the scheme of an identifier in the form in which it is compared; None where none is stated.

    >>> normal_scheme("IE-ETER.BAS.NATID"), normal_scheme(" EU-VAT"), normal_scheme("ETER")
    ('national', 'vat', 'eter')
    """
    if not scheme or not scheme.strip():
        return None
    text = _COUNTRY_PREFIX.sub("", scheme.strip().casefold())
    return _SCHEMES.get(text, text)


def normal_name(name: str) -> str:
    """Return a name without case, accents and punctuation.

    >>> normal_name("Järvien  Esimerkkiyliopisto (JEY)")
    'jarvien esimerkkiyliopisto jey'
    """
    letters = "".join(char if char.isalnum() else " " for char in _folded(name) if not unicodedata.combining(char))
    return " ".join(letters.split())


def _folded(text: str) -> str:
    """Return a text decomposed and without case (Unicode 15, definition D146: compatibility caseless matching)."""
    for _ in range(3):
        text = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKD", text)
