"""The pages: made on the server from templates in `web/`, whole without scripts, and without a foreign address.

One module a page; `rendering` turns a template into a page, `languages` finds its texts, `routes` gathers the pages.
"""

from mastery_api.pages.rendering import render, web

__all__ = ["render", "web"]
