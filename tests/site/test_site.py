"""The documentation's site as a reader's browser sees it, and how links become links of the site.

`.ci/site` builds what is looked at, `BROWSER` is the path of a Chromium; `SITE` names another folder
than target/ci/site.
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

# Diagrams are drawn into shadow roots, which are closed unless somebody opens them.
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


def test_every_page_of_the_documentation_is_there():
    assert set(PAGES) >= {name.removesuffix(".md") + ".html" for name in pages.pages().values()}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_asks_no_other_host(name, width, address, browser):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.add_init_script(OPEN_SHADOWS)
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: wrong.append(f"{answer.status} {answer.url}") if not answer.ok else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(address + name, wait_until="networkidle")
    diagrams = (SITE / name).read_text().count('class="mermaid"')
    page.wait_for_function(f"() => ({DRAWN})().length === {diagrams}")
    # Nothing but a page's own tables and code may be wider than the screen.
    overflow = page.evaluate(OVERFLOW)
    page.close()
    others = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert (others, wrong, overflow) == ([], [], 0)


def test_links_of_the_site_lead_to_pages_of_the_site():
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
def test_a_link_leads_where_it_leads_in_the_repository(source, link, expected):
    assert pages.follow(source, link, pages.pages(), "https://example.com/blob/main") == expected


@pytest.mark.parametrize("link", ["missing.md", "../../outside.md"])
def test_a_link_that_leads_nowhere_stops_the_build(link):
    with pytest.raises(LookupError, match=re.escape(link)):
        pages.follow("docs/contract.md", link, pages.pages(), "")


def test_without_a_repository_a_link_to_a_file_is_its_text():
    text = "See [`error.rs`](../shared/src/error.rs).\n```\n[kept](as it is)\n```\n"
    expected = "See `error.rs`.\n```\n[kept](as it is)\n```\n"
    assert pages.page("docs/contract.md", text, pages.pages(), "") == expected
