"""Protection against formula injection in spreadsheets (OWASP, "CSV Injection")."""

from typing import Final

_FORMULA_PREFIXES: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the full-width forms of = + - @, which some spreadsheets treat as equal."""


def safe_cell(value: object) -> object:
    """Return a value for a cell: a text that a spreadsheet would run as a formula is prefixed with an apostrophe.

    >>> safe_cell("=1+1"), safe_cell("Waste"), safe_cell(3)
    ("'=1+1", 'Waste', 3)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_PREFIXES) else value
