"""The API page at `/`, where a first request takes one click."""

import json
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


def exchange(page, operation):
    """Send the prefilled request of an operation. Return the status that the page shows, and the body, if any."""
    with page.expect_response("**/nevisidm/**") as response:
        operation.locator("button.execute").click()
    # Wait for the status of this request. Until then, the page shows that of the previous request.
    shown = operation.locator(".live-responses-table tbody .response-col_status")
    status = shown.filter(has_text=str(response.value.status))
    status.first.wait_for()
    text = response.value.text()
    return status.first.inner_text().strip(), json.loads(text) if text else None


def test_the_page_loads_without_errors_from_one_host_and_creates_a_client_with_one_click(service, page):
    errors, requested = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{service.url}/")
    first = page.locator("#operations-clients-create-client")
    assert exchange(page, first)[0] == "201"
    # The examples contain the second at which the page was loaded, so a reloaded page creates another client.
    page.wait_for_timeout(1100)
    page.reload()
    assert exchange(page, first)[0] == "201"
    # Check for errors before the rejected request below, which the browser would log as an error.
    assert errors == []
    assert [url for url in requested if not url.startswith((f"{service.url}/", "data:"))] == []
    assert exchange(page, first)[0] == "422"


def test_the_prefilled_requests_create_everything_that_a_user_needs(service, page):
    """Each request is sent as the page shows it, with its example and the tokens of the page."""
    # With a fragment, the page opens no operation by itself.
    page.goto(f"{service.url}/#/")
    opened = set()

    def send(tag, operation, status, again=False):
        """Send the prefilled request of an operation, and return the body of its response, if it has one.

        An open operation slows down the page, so that only one whose request is sent again stays open.
        """
        block = page.locator(f"#operations-{tag}-{operation}")
        if operation not in opened:
            block.locator(".opblock-summary-control").click()
            opened.add(operation)
        shown, body = exchange(page, block)
        assert (operation, shown) == (operation, status)
        if not again:
            block.locator(".opblock-summary-control").click()
            opened.remove(operation)
        return body

    def pending(again=True):
        """Return whether the terms of the examples await the consent of the user of the examples."""
        terms = send("terms-pending", "list-pending-terms", "200", again)["items"]
        return "terms-123" in [one["extId"] for one in terms]

    send("clients", "create-client", "201")
    send("units", "create-unit", "201")
    send("users", "create-user", "201")
    send("profiles", "create-profile", "201")
    send("profiles", "set-profile-unit", "204")

    send("terms", "create-terms", "201")
    assert pending()
    send("consents", "create-consent", "201", again=True)
    assert not pending()
    assert send("terms", "update-terms", "200")["termsVersion"] == "2"
    assert pending()
    send("consents", "create-consent", "201")
    assert not pending(again=False)
    consents = send("consents", "list-consents", "200")
    assert [consent["termsVersion"] for consent in consents] == ["1", "2"]

    send("personal-questions", "create-personal-question", "201")
    changed = send("personal-questions", "update-personal-question", "200")
    assert (changed["stateName"], changed["version"]) == ("disabled", 1)

    send("properties", "create-property", "201")
    assert send("properties", "update-user-properties", "200") == {"staff_number": "4711"}
    send("mobile-signature", "update-mobile-signature-properties", "200")
    # With the tokens of the user of the examples.
    send("dispatch-targets", "delete-dispatch-target", "204")
    send("health", "get-health", "200")


def test_other_host_names_are_rejected(service, page):
    """A request with a foreign host name gets no content, and therefore no token."""
    port = service.url.rsplit(":", 1)[1]
    for host, status in [(f"localhost:{port}", 200), ("127.0.0.1", 200), (f"elsewhere.example:{port}", 421)]:
        for path in ["/", "/page.json", "/openapi.json"]:
            response = page.request.get(f"{service.url}{path}", headers={"Host": host})
            assert (host, path, response.status) == (host, path, status)
            assert response.ok or response.json() == INVALID_REQUEST
