"""Texts for a spreadsheet that none of it runs (OWASP, "CSV Injection")."""

from typing import Final

_RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are = + - @ as wide letters, which some spreadsheets take for them."""


def safe_cell(value: object) -> object:
    """Return a value for a cell: a text that a spreadsheet would run as a formula gets an apostrophe before it.

    >>> cell("=1+1"), cell("Waste"), cell(3)
    ("'=1+1", 'Waste', 3)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUN) else value
