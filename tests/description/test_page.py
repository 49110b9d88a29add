"""The API page at `/`, where a first request takes one click."""

import base64
import json
import os
import subprocess
from contextlib import contextmanager

import pytest
from conftest import LOCAL, ROOT, serving
from playwright.sync_api import sync_playwright

INVALID_REQUEST = {"errors": [{"code": "errors.invalidData", "message": "Invalid request"}]}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
# A telephone, a small laptop and a large screen.
SCREENS = [(390, 844, "dark"), (1366, 768, "light"), (1920, 1080, "dark")]
SCREENSHOTS = ROOT / "target/ci/screenshots"


@contextmanager
def opened(**options):
    """Open a page in a browser of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["BROWSER"], args=ARGUMENTS)
        yield browser.new_page(**options)
        browser.close()


@pytest.fixture
def page():
    with opened() as page:
        yield page


def show(page, service):
    """Open the page of a server and wait until it can send requests."""
    page.goto(f"{service.url}/")
    page.locator("#send").wait_for()


def block_of(page, tag, operation):
    """Open the operations of a tag, and return the block of one of them."""
    block = page.locator(f"#operations-{tag}-{operation}")
    if not block.is_visible():
        page.locator("#nouns a", has_text=tag).first.click()
    return block


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


def first_call(page, button="#send"):
    """Click a button of the first call. Return the first line of the response that the card shows."""
    with page.expect_response("**/nevisidm/**"):
        page.locator(button).click()
    page.locator("#answer.done, #answer.failed").wait_for()
    return page.locator("#answer").inner_text().splitlines()[0]


def in_view(page, locator):
    """Return whether an element begins within the part of the page that the screen shows."""
    box = locator.bounding_box()
    return 0 <= box["y"] and box["y"] + min(box["height"], 60) <= page.viewport_size["height"]


def width(page):
    return page.evaluate("document.documentElement.scrollWidth")


def test_the_page_loads_without_errors_from_one_host_and_each_click_creates_a_client(service, page):
    errors, requested = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: requested.append(request.url))
    show(page, service)
    assert page.locator("#read").is_disabled()
    assert [first_call(page) for _ in range(3)] == ["201 Created"] * 3
    assert first_call(page, "#read") == "200 OK"
    assert errors == []
    assert [url for url in requested if not url.startswith((f"{service.url}/", "data:"))] == []


@pytest.mark.parametrize(("screen_width", "screen_height", "scheme"), SCREENS)
def test_the_page_fits_the_screen_and_shows_each_response_in_view(service, screen_width, screen_height, scheme):
    screen = {"width": screen_width, "height": screen_height}
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with opened(viewport=screen, color_scheme=scheme) as page:

        def picture(name):
            page.screenshot(path=SCREENSHOTS / f"{screen_width}-{name}.png")

        show(page, service)
        assert page.evaluate("scrollY") == 0
        assert in_view(page, page.locator("header h1")) and in_view(page, page.locator("#send"))
        assert width(page) == screen_width
        picture("opened")
        assert first_call(page) == "201 Created"
        assert in_view(page, page.locator("#answer"))
        picture("first-call")

        is_dark = scheme == "dark"
        grounds = page.evaluate("[document.body, document.querySelector('.swagger-ui')].map("
                                "element => getComputedStyle(element).backgroundColor)")
        for ground in grounds if is_dark else grounds[:1]:
            brightest = max(int(part) for part in ground.removeprefix("rgb(").removesuffix(")").split(","))
            assert (brightest < 64) == is_dark, ground

        operation = block_of(page, "clients", "create-client")
        operation.locator(".opblock-summary-control").click()
        operation.locator("button.execute").wait_for()
        assert operation.bounding_box()["height"] < 2100
        assert exchange(page, operation)[0] == "201"
        # The page scrolls after it has shown the response.
        page.wait_for_function("document.querySelector('.live-responses-table').getBoundingClientRect().top < innerHeight")
        assert in_view(page, operation.locator(".live-responses-table"))
        assert width(page) == screen_width
        picture("operation")
        assert "cache-control" not in operation.inner_text().lower()


def test_a_second_click_sends_a_new_name(service, page):
    show(page, service)
    for tag, name in [("clients", "create-client"), ("properties", "create-property"),
                      ("dispatch-targets", "create-dispatch-target"),
                      ("fido-authenticators", "create-fido-authenticator")]:
        operation = block_of(page, tag, name)
        operation.locator(".opblock-summary-control").click()
        assert [exchange(page, operation)[0] for _ in range(3)] == ["201"] * 3, name
        operation.locator(".opblock-summary-control").click()


def test_requests_are_sent_for_the_chosen_caller(service, page):
    show(page, service)
    claims = page.locator("#claims")
    assert claims.inner_text().startswith("root of client 100 · nevisIdm.Root for all clients · until ")
    for caller, text in [("helpdesk", "helpdesk of client 100 · nevisIdm.Helpdesk · until "),
                         ("user-123", "user-123 of client 100 · nevisIdm.SelfAdmin · until ")]:
        page.select_option("#who", caller)
        assert claims.inner_text().startswith(text)
        assert first_call(page) == "403 Forbidden"
    assert claims.inner_text().endswith("with an X-Token")
    # Requires an X-Token, because the user changes their own data.
    operation = block_of(page, "users", "update-user")
    operation.locator(".opblock-summary-control").click()
    assert exchange(page, operation)[0] == "200"
    page.select_option("#who", "root")
    assert first_call(page) == "201 Created"


def test_a_token_can_be_pasted(service, page):
    show(page, service)
    page.select_option("#who", "A token of your own")
    page.fill("#own-bearer", "no token")
    assert page.locator("#claims").inner_text() == "This is not a JWT."
    assert first_call(page) == "401 Unauthorized"
    page.fill("#own-bearer", service.token("token", "--client", "200", "--sub", "anna", "--role", "nevisIdm.Helpdesk",
                                           "--units", "sales", "--ttl", "60"))
    assert page.locator("#claims").inner_text().startswith("anna of client 200 · nevisIdm.Helpdesk for units sales · ")
    page.fill("#own-bearer", unsigned({"iss": "https://other.test/", "sub": "bo"}))
    assert page.locator("#claims").inner_text() == "The service does not trust the issuer “https://other.test/”."
    page.fill("#own-bearer", service.root())
    assert first_call(page) == "201 Created"


def unsigned(claims):
    """Return a token with these claims. The page does not verify it."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.e30"


def test_the_roles_of_a_token_are_in_the_claim_of_its_issuer(tmp_path, monkeypatch, page):
    monkeypatch.setenv("BEARER_ROLES_CLAIM", "realm_access.roles")
    with serving(tmp_path / "data") as service:
        show(page, service)
        page.select_option("#who", "A token of your own")
        claims = {"iss": "urn:local:issuer", "sub": "bo", "clientExtId": "200", "roles": ["nevisIdm.Root"]}
        page.fill("#own-bearer", unsigned(claims))
        assert page.locator("#claims").inner_text() == "bo of client 200 · no role"
        page.fill("#own-bearer", unsigned(claims | {"realm_access": {"roles": ["nevisIdm.Helpdesk"]}}))
        assert page.locator("#claims").inner_text() == "bo of client 200 · nevisIdm.Helpdesk"


def test_requests_can_be_sent_with_tokens_of_another_issuer(tmp_path, monkeypatch, page):
    """The development key is not trusted then, and the page offers none of its tokens."""
    issuer = tmp_path / "issuer"
    issuer.mkdir()
    printed = subprocess.run([LOCAL, "env", "--data", issuer], check=True, capture_output=True, text=True).stdout
    keys = next(line for line in printed.splitlines() if line.startswith("BEARER_JWKS="))
    monkeypatch.setenv("BEARER_JWKS", keys.removeprefix("BEARER_JWKS="))
    with serving(tmp_path / "data") as service:
        show(page, service)
        assert page.locator("#who option").all_inner_texts() == ["A token of your own"]
        line = [LOCAL, "token", "--data", issuer, "--client", "1", "--sub", "x", "--role", "nevisIdm.Root", "--clients", "*"]
        page.fill("#own-bearer", subprocess.run(line, check=True, capture_output=True, text=True).stdout)
        assert first_call(page) == "201 Created"
        operation = block_of(page, "clients", "list-clients")
        operation.locator(".opblock-summary-control").click()
        assert exchange(page, operation)[0] == "200"


def test_the_prefilled_requests_create_everything_that_a_user_needs(service, page):
    """Each request is sent as the page shows it, with its example and the tokens of the page."""
    show(page, service)
    opened = set()

    def send(tag, operation, status, again=False):
        """Send the prefilled request of an operation, and return the body of its response, if it has one.

        An open operation slows down the page, so that only one whose request is sent again stays open.
        """
        block = block_of(page, tag, operation)
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
    page.select_option("#who", "user-123")
    send("dispatch-targets", "delete-dispatch-target", "204")
    send("health", "get-health", "200")


def test_other_host_names_are_rejected(service, page):
    """A request with a foreign host name gets no content, and therefore no token."""
    port = service.url.rsplit(":", 1)[1]
    for host, status in [(f"localhost:{port}", 200), ("127.0.0.1", 200), (f"elsewhere.example:{port}", 421)]:
        for path in ["/", "/page.json", "/openapi.json", "/openapi-3.0.json"]:
            response = page.request.get(f"{service.url}{path}", headers={"Host": host})
            assert (host, path, response.status) == (host, path, status)
            assert response.ok or response.json() == INVALID_REQUEST
