"""The API page at `/`, where a first request takes one click."""

import os

import pytest
from playwright.sync_api import sync_playwright

INVALID_REQUEST = {"errors": [{"code": "errors.invalidData", "message": "Invalid request"}]}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["BROWSER"], args=ARGUMENTS)
        yield browser.new_page()
        browser.close()


def status_of(page, operation):
    """Send the prefilled request of an operation and return the status that the page shows."""
    with page.expect_response("**/nevisidm/**") as response:
        operation.locator("button.execute").click()
    # Wait for the status of this request. Until then, the page shows that of the previous request.
    shown = operation.locator(".live-responses-table tbody .response-col_status")
    status = shown.filter(has_text=str(response.value.status))
    status.first.wait_for()
    return status.first.inner_text().strip()


def test_the_page_loads_without_errors_from_one_host_and_creates_a_client_with_one_click(service, page):
    errors, requested = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{service.url}/")
    first = page.locator("#operations-clients-create-client")
    assert status_of(page, first) == "201"
    # The examples contain the second at which the page was loaded, so a reloaded page creates another client.
    page.wait_for_timeout(1100)
    page.reload()
    assert status_of(page, first) == "201"
    # Check for errors before the rejected request below, which the browser would log as an error.
    assert errors == []
    assert [url for url in requested if not url.startswith((f"{service.url}/", "data:"))] == []
    assert status_of(page, first) == "422"


def test_the_examples_succeed_with_the_tokens_of_the_page(service, page):
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


def test_other_host_names_are_rejected(service, page):
    """A request with a foreign host name gets no content, and therefore no token."""
    port = service.url.rsplit(":", 1)[1]
    for host, status in [(f"localhost:{port}", 200), ("127.0.0.1", 200), (f"elsewhere.example:{port}", 421)]:
        for path in ["/", "/page.json", "/openapi.json"]:
            response = page.request.get(f"{service.url}{path}", headers={"Host": host})
            assert (host, path, response.status) == (host, path, status)
            assert response.ok or response.json() == INVALID_REQUEST
