"""The documentation site in a browser, and the conversion of repository links to site links.

`.ci/site` builds the site. `BROWSER` is the path of Chromium. `SITE` is the folder of the site, target/ci/site
by default.
"""

import functools
import http.server
import os
import re
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("SITE", ROOT / "target/ci/site"))
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))

sys.path.insert(0, str(ROOT / ".ci"))
sys.dont_write_bytecode = True
import pages  # noqa: E402

# Mermaid renders diagrams into closed shadow roots. This script opens them for inspection.
OPEN_SHADOWS = """
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function () { return attach.call(this, { mode: "open" }); };
"""
DRAWN = "() => [...document.querySelectorAll('.mermaid')].filter(it => it.shadowRoot?.querySelector('svg'))"
OVERFLOW = "() => Math.max(0, document.documentElement.scrollWidth - innerWidth)"


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address():
    handler = functools.partial(Silent, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["BROWSER"], args=arguments)
        yield browser
        browser.close()


def test_the_site_contains_every_page_of_the_documentation():
    assert set(PAGES) >= {name.removesuffix(".md") + ".html" for name in pages.pages().values()}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_pages_render_completely_and_request_no_other_host(name, width, address, browser):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.add_init_script(OPEN_SHADOWS)
    requested, errors = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("response", lambda it: errors.append(f"{it.status} {it.url}") if not it.ok else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(address + name, wait_until="networkidle")
    diagrams = (SITE / name).read_text().count('class="mermaid"')
    page.wait_for_function(f"() => ({DRAWN})().length === {diagrams}")
    # Only tables and code blocks may scroll horizontally, not the page.
    overflow = page.evaluate(OVERFLOW)
    page.close()
    others = [url for url in requested if not url.startswith((address, "data:", "blob:"))]
    assert (others, errors, overflow) == ([], [], 0)


def test_relative_links_lead_to_existing_pages():
    broken = []
    for name in PAGES:
        for link in re.findall(r'href="([^"]+)"', (SITE / name).read_text()):
            path = link.partition("#")[0]
            if not link.startswith(("http", "#", "/", "data:")) and not (SITE / name).parent.joinpath(path).exists():
                broken.append((name, link))
    assert broken == []


@pytest.mark.parametrize(
    ("source", "link", "expected"),
    [
        ("README.md", "docs/contract.md#fields", "contract.md#fields"),
        ("docs/contract.md", "../CONTRIBUTING.md", "contributing.md"),
        ("docs/contract.md", "../shared/src/error.rs", "https://example.com/blob/main/shared/src/error.rs"),
        ("docs/contract.md", "https://example.com/", "https://example.com/"),
        ("docs/contract.md", "#fields", "#fields"),
    ],
)
def test_repository_links_are_converted_to_site_links(source, link, expected):
    assert pages.follow(source, link, pages.pages(), "https://example.com/blob/main") == expected


@pytest.mark.parametrize("link", ["missing.md", "../../outside.md"])
def test_broken_links_fail_the_build(link):
    with pytest.raises(LookupError, match=re.escape(link)):
        pages.follow("docs/contract.md", link, pages.pages(), "")


def test_links_to_files_become_text_without_a_repository_url():
    text = "See [`error.rs`](../shared/src/error.rs).\n```\n[kept](as it is)\n```\n"
    expected = "See `error.rs`.\n```\n[kept](as it is)\n```\n"
    assert pages.page("docs/contract.md", text, pages.pages(), "") == expected
