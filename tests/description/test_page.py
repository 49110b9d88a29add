"""The page at `/`: a newcomer's first call is a click."""

import os

import pytest
from playwright.sync_api import sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["BROWSER"], args=ARGUMENTS)
        yield browser.new_page()
        browser.close()


def status_of(page, operation):
    """Sends the request of an operation as it stands on the page; the status that it shows."""
    with page.expect_response("**/nevisidm/**") as answer:
        operation.locator("button.execute").click()
    # Of this request: until then that of the one before stands there.
    shown = operation.locator(".live-responses-table tbody .response-col_status")
    status = shown.filter(has_text=str(answer.value.status))
    status.first.wait_for()
    return status.first.inner_text().strip()


def test_it_loads_without_errors_from_one_host_and_a_click_creates_a_client(service, page):
    wrong, asked = [], []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{service.url}/")
    first = page.locator("#operations-clients-create-client")
    assert status_of(page, first) == "201"
    # What was taken by the first click is free again on a page that is loaded anew.
    page.wait_for_timeout(1100)
    page.reload()
    assert status_of(page, first) == "201"
    # Without an error so far. A browser tells of a refusal as of one.
    assert wrong == []
    assert [url for url in asked if not url.startswith((f"{service.url}/", "data:"))] == []
    assert status_of(page, first) == "422"


def test_every_example_that_changes_something_succeeds_with_the_tokens_of_the_page(service, page):
    page.goto(f"{service.url}/")
    for tag, operation, status in [
        ("personal-questions", "create-personal-question", "201"),
        ("consents", "create-consent", "201"),
        ("mobile-signature", "update-mobile-signature-properties", "200"),
        ("dispatch-targets", "delete-dispatch-target", "204"),
        ("consents", "list-consents", "200"),
        ("health", "get-health", "200"),
    ]:
        block = page.locator(f"#operations-{tag}-{operation}")
        block.locator(".opblock-summary-control").click()
        assert status_of(page, block) == status, operation


def test_it_is_for_this_machine_alone(service, page):
    """A name of somebody else that leads here is answered without a token."""
    port = service.url.rsplit(":", 1)[1]
    for host, status in [(f"localhost:{port}", 200), ("127.0.0.1", 200), (f"elsewhere.example:{port}", 421)]:
        for path in ["/", "/page.json", "/openapi.json"]:
            answer = page.request.get(f"{service.url}{path}", headers={"Host": host})
            assert (host, path, answer.status) == (host, path, status)
            assert answer.ok or answer.text() == ""
