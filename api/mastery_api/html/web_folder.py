"""The folder of the templates, styles, scripts and translations of the pages."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def web_folder() -> Path:
    """Return the folder of the files of the pages, in the installed package or in the checkout."""
    installed = _PACKAGE / "web"
    return installed if installed.is_dir() else _PACKAGE.parent / "web"
