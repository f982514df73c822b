"""First contentful paint and weight of the pages, against a named peer served in the same run.

The peer is the plainest page there can be: the same text as one HTML file without style or script, served by Python's
own `http.server`. A ratio near 1 says that a page costs a reader next to nothing beyond its text. Chromium draws both.
Run: `python -m benchmarks pages` (needs chromium, and `make pages` for the scripts).
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Thread

from playwright.sync_api import Browser, sync_playwright

from mastery_graph.pipeline.build import Sources, build
from mastery_graph.store.draft import Draft
from tests.store.servers import mastery_graph

ROUNDS = 5
MOST_SCRIPT = 200_000
"""Bytes of own script that a page may have, YASGUI apart."""
DESCRIPTION = "https://w3id.org/mastery-graph/id/description/"
PAGES = {
    "start": "/?q=waste",
    "levels": "/levels",
    "check": "/check?example=true",
    "stack": f"/stack?credential={DESCRIPTION}energy-audit-irl&target={DESCRIPTION}green-site-technician-irl",
    "recognition": f"/recognition?credential={DESCRIPTION}waste-on-site-ita&country=FIN",
    "skills": "/skills",
    "skill": "/skills/GS01",
    "visions": "/visions",
    "sparql": "/sparql",
}
_PAINT = (
    "new Promise(done => new PerformanceObserver(list => list.getEntriesByName('first-contentful-paint')"
    ".forEach(paint => done(paint.startTime))).observe({type: 'paint', buffered: true}))"
)
_WEIGHT = (
    "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
    ".map(each => [each.name, each.decodedBodySize])"
)


def main() -> int:
    """Draw each page and its peer, print paint, ratio and weight; fail where a page has too much script."""
    program = shutil.which("chromium")
    if program is None:
        print("chromium is missing: apt-get install --no-install-recommends chromium", file=sys.stderr)
        return 2
    heavy = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        with Draft.change(folder / "store") as draft:
            build(draft, Sources())
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        with mastery_graph(folder / "store") as serving, _plain(folder / "plain") as peer:
            ours = serving.address
            print(f"median of {ROUNDS}; first contentful paint against the same text as a bare file from http.server")
            print(f"{'page':12} {'paint':>8} {'peer':>8} {'ratio':>6} {'html':>9} {'style':>9} {'script':>9}")
            for page, path in PAGES.items():
                paint, weights = _drawn(browser, ours + path)
                (folder / "plain" / f"{page}.html").write_text(_text(browser, ours + path), encoding="utf-8")
                bare, _ = _drawn(browser, f"{peer}/{page}.html")
                script = sum(size for address, size in weights if ".js" in address)
                style = sum(size for address, size in weights if ".css" in address)
                html = sum(size for address, size in weights if address.startswith(ours) and "/static/" not in address)
                print(
                    f"{page:12} {paint:6.0f}ms {bare:6.0f}ms {paint / bare:6.2f} "
                    f"{html / 1000:7.1f}kB {style / 1000:7.1f}kB {script / 1000:7.1f}kB"
                )
                if script > MOST_SCRIPT and page != "sparql":
                    heavy.append(page)
        browser.close()
    for page in heavy:
        print(f"{page} has more than {MOST_SCRIPT} bytes of script.", file=sys.stderr)
    return 1 if heavy else 0


def _drawn(browser: Browser, address: str) -> tuple[float, list[tuple[str, int]]]:
    """Return the median first contentful paint in milliseconds, in new contexts, and the weights of what was loaded."""
    paints: list[float] = []
    weights: list[tuple[str, int]] = []
    for _ in range(ROUNDS + 1):
        with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
            page = context.new_page()
            page.goto(address, wait_until="load")
            paints.append(page.evaluate(_PAINT))
            weights = page.evaluate(_WEIGHT)
    return median(paints[1:]), weights


def _text(browser: Browser, address: str) -> str:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        words = page.inner_text("body")
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return f"<!doctype html><html lang='en'><title>plain</title><p>{escaped.replace(chr(10), '<br>')}</html>"


@contextmanager
def _plain(folder: Path) -> Iterator[str]:
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
