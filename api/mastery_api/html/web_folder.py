"""Where the templates, styles, scripts and texts of the pages are."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def web_folder() -> Path:
    """Return the folder of the pages' files, from the installed package or from the checkout."""
    installed = _PACKAGE / "web"
    return installed if installed.is_dir() else _PACKAGE.parent / "web"
