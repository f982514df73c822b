"""The table of settings, from their definitions."""

from pathlib import Path

from pydantic_core import PydanticUndefined

from docs.generator.markdown import ABSENT, table
from mastery_graph.settings import Settings


def settings_table() -> str:
    """Return the settings with their defaults and meanings."""
    rows = [
        (f"`{variable_of(name)}`", _default(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return table(["setting", "default", "meaning"], rows)


def variable_of(name: str) -> str:
    """Return the environment variable of a setting.

    >>> variable_of("store")
    'MASTERY_STORE'
    """
    return f"MASTERY_{name.upper()}"


def _default(value: object) -> str:
    if value is None or value in ((), "") or value is PydanticUndefined:
        return ABSENT
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str | Path) else f"{value:,}"
