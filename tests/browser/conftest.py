"""A person's browser: Debian's chromium, driven by Playwright, on the real graph served by the real server."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from mastery_graph.pipeline.build import BuildReport
from tests.store import servers

WEB = Path(__file__).resolve().parents[2] / "api" / "web"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

BUILT = (WEB / "static" / "built" / "live.js").is_file()
SCRIPTED = [False, True] if BUILT or os.environ.get("CI") == "true" else [False]
"""Without and with scripts, for a test that holds for both; without only, where they were not built."""

Open = Callable[..., Page]


@pytest.fixture(scope="package")
def address(built: tuple[Path, BuildReport]) -> Iterator[str]:
    with servers.mastery_graph(built[0]) as serving:
        yield serving.address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    servers.require("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page_at(browser: Browser, address: str) -> Iterator[Open]:
    """Open a page of the server. Complaints of the browser (save about a status) and foreign requests fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    foreign: list[str] = []

    def open_page(path: str, server: str = address, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options)
        contexts.append(context)
        context.set_default_timeout(60_000)  # the first page is slow where the machine has much else to do
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: foreign.append(asked.url) if _is_foreign(asked.url, server) else None)
        page.goto(server + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert foreign == []
    assert [each for each in complaints if not each.startswith("Failed to load resource")] == []


@pytest.fixture
def scripts() -> None:
    """The built scripts; where they were not built a test of them is skipped."""
    if not BUILT:
        pytest.skip("the scripts of the pages are not built: make pages (needs Node.js)")


@pytest.fixture(scope="package")
def axe() -> str:
    """The source of axe-core, which checks a page by the rules of WCAG."""
    source = WEB / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        pytest.skip("axe-core is not installed: make pages (needs Node.js)")
    return source.read_text(encoding="utf-8")


def _is_foreign(url: str, address: str) -> bool:
    return not url.startswith((address, "data:", "blob:"))
