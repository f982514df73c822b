"""The location of the resources that ship with the package: `ontology/`, `shapes/` and `queries/`.

In a checkout the three folders are at its root; in an installed wheel they are package data.
"""

from pathlib import Path
from typing import Literal

Folder = Literal["ontology", "shapes", "queries"]

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Folder) -> Path:
    """Return the folder `name`, from the installed package or from the checkout.

    >>> folder("shapes").name
    'shapes'
    """
    installed = _PACKAGE / "data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
