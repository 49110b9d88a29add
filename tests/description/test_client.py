"""A client generated from the description compiles and completes the scenario of the README."""

import importlib
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT, example

PACKAGE = "identity_management_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """Generate the client, make it importable and return its package folder."""
    folder = tmp_path_factory.mktemp("client")
    generator = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    # Generated code that nobody reads needs no formatting.
    configuration = folder / "configuration.yaml"
    configuration.write_text("post_hooks: []\n")
    paths = ["--path", ROOT / "openapi.json", "--output-path", folder / "client", "--config", configuration]
    subprocess.run([*generator, *paths], check=True)
    sys.path.insert(0, str(folder / "client"))
    yield folder / "client" / PACKAGE
    sys.path.remove(str(folder / "client"))


def operation(path):
    """Return the client function of an operation that returns the whole response, not only the body."""
    return importlib.import_module(f"{PACKAGE}.api.{path}").sync_detailed


def test_the_generated_client_passes_type_checks(generated):
    checked = subprocess.run([sys.executable, "-m", "mypy", "--strict", generated], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_generated_client_reads_what_later_versions_add(generated):
    """Further members, an error code and a kind of credential that this version does not have."""
    models = importlib.import_module(f"{PACKAGE}.models")
    error = {"code": "errors.later", "message": "Later", "cause": {"later": 1}}
    failure = models.Failure.from_dict({"errors": [error], "later": True})
    assert (failure.errors[0].code, failure.errors[0]["cause"]) == ("errors.later", {"later": 1})
    page = {"items": [{"type": "LATER", "extId": "c"}], "_pagination": {"limit": 1}, "_classifications": {}}
    [credential] = models.CredentialPage.from_dict(page).items
    assert isinstance(credential, models.OtherCredential) and credential.type_ == "LATER"


def test_the_example_of_the_page_creates_a_client(generated, service):
    env = os.environ | {"API": service.api, "TOKEN": service.root(), "PYTHONPATH": str(generated.parent)}
    line = [sys.executable, "-"]
    done = subprocess.run(line, input=example("Python"), env=env, capture_output=True, text=True)
    assert re.fullmatch(r"201 \S+\n", done.stdout), done.stdout + done.stderr


def test_the_generated_client_completes_the_scenario_of_the_readme(generated, service):
    package, models = importlib.import_module(PACKAGE), importlib.import_module(f"{PACKAGE}.models")
    root = package.AuthenticatedClient(base_url=service.api, token=service.root())
    user = package.AuthenticatedClient(
        base_url=service.api, token=service.user(), headers={"X-Token": service.x_token()}
    )

    health = operation("health.get_health")(client=package.Client(base_url=service.api))
    passed = [{"status": "pass"}]
    checks = {"table": passed, "bearerKeys": passed, "xTokenKeys": passed}
    assert (health.status_code, health.parsed.to_dict()) == (200, {"status": "pass", "checks": checks})

    new = models.NewClient(name="Example")
    created = operation("clients.create_client")(client=root, body=new, idempotency_key="once")
    assert created.status_code == 201
    assert created.parsed.default_template_collection_name == "default_for_-Example"
    again = operation("clients.create_client")(client=root, body=new, idempotency_key="once")
    assert (again.status_code, again.content) == (201, created.content)
    twice = operation("clients.create_client")(client=root, body=new)
    assert (twice.status_code, twice.parsed.errors[0].code) == (422, "errors.duplicateValue")

    ext_id = created.headers["created-id"]
    found = operation("clients.get_client")(ext_id, client=root)
    assert (found.status_code, found.parsed.name, found.parsed.version) == (200, "Example", 0)

    new = models.NewPersonalQuestion(state_name=models.NewPersonalQuestionStateName.ACTIVE, ext_id="a/b")
    assert operation("personal_questions.create_personal_question")(ext_id, client=root, body=new).status_code == 201
    found = operation("personal_questions.get_personal_question")(ext_id, "a/b", client=root)
    assert (found.status_code, found.parsed.ext_id, found.parsed.state_name) == (200, "a/b", "active")

    new = models.NewConsent(terms_ext_id="terms-123")
    assert operation("consents.create_consent")("100", "user-123", client=root, body=new).status_code == 201
    [listed] = operation("consents.list_consents")("100", "user-123", client=root).parsed
    found = operation("consents.get_consent")("100", "user-123", "terms-123", "1", client=root)
    assert (found.status_code, found.parsed) == (200, listed)

    changes = models.PropertyChanges()
    changes["employee_id"] = "4711"
    changed = operation("mobile_signature.update_mobile_signature_properties")(
        "100", "user-123", client=root, body=changes
    )
    assert (changed.status_code, changed.parsed.to_dict()) == (200, {"employee_id": "4711"})

    delete = operation("dispatch_targets.delete_dispatch_target")
    assert delete("100", "user-123", "dt-123", client=user).status_code == 204
    gone = delete("100", "user-123", "dt-123", client=user)
    assert (gone.status_code, gone.parsed.errors[0].code) == (404, "errors.noRecord")


def test_the_generated_client_creates_everything_that_a_user_needs(generated, service):
    """Client, unit, user, profile, terms, consent, new version, question, property: nothing is imported."""
    package, models = importlib.import_module(PACKAGE), importlib.import_module(f"{PACKAGE}.models")
    root = package.AuthenticatedClient(base_url=service.api, token=service.root())

    def call(path, *ids, body=None):
        """Send a request, and return its status and the body of the response."""
        if body is None:
            response = operation(path)(*ids, client=root)
        else:
            name, members = body
            response = operation(path)(*ids, client=root, body=getattr(models, name).from_dict(members))
        return response.status_code, response.parsed

    def create(path, *ids, body):
        status, _ = call(path, *ids, body=body)
        assert status == 201, (path, status)

    def pending():
        status, page = call("terms_pending.list_pending_terms", "shop", "rroe")
        return status, [terms.ext_id for terms in page.items if terms.ext_id == "conditions"]

    create("clients.create_client", body=("NewClient", {"extId": "shop", "name": "Shop"}))
    create("units.create_unit", "shop", body=("NewUnit", {"extId": "sales", "name": "Sales"}))
    user = {"extId": "rroe", "name": {"firstName": "Richard", "familyName": "Roe"}}
    create("users.create_user", "shop", body=("NewUser", user))
    create("profiles.create_profile", "shop", "rroe", body=("NewProfile", {"unitExtId": "sales"}))
    status, page = call("profiles.list_profiles", "shop", "rroe")
    assert (status, [(one.unit_ext_id, one.is_default_profile) for one in page.items]) == (200, [("sales", True)])

    terms = {"extId": "conditions", "name": "Conditions", "termsVersion": "1", "active": True, "silentAcceptance": False}
    create("terms.create_terms", body=("NewTerms", terms))
    assert pending() == (200, ["conditions"])
    accepted = ("NewConsent", {"termsExtId": "conditions"})
    create("consents.create_consent", "shop", "rroe", body=accepted)
    assert pending() == (200, [])
    status, changed = call("terms.update_terms", "conditions", body=("TermsChange", {"termsVersion": "2"}))
    assert (status, changed.terms_version, changed.version) == (200, "2", 1)
    assert pending() == (200, ["conditions"])
    create("consents.create_consent", "shop", "rroe", body=accepted)
    assert pending() == (200, [])
    status, consents = call("consents.list_consents", "shop", "rroe")
    assert (status, [consent.terms_version for consent in consents]) == (200, ["1", "2"])

    question = {"extId": "pet", "stateName": "active", "content": {"EN": "Which pet did you have first?"}}
    create("personal_questions.create_personal_question", "shop", body=("NewPersonalQuestion", question))
    change = ("PersonalQuestionChange", {"stateName": "disabled", "version": 0})
    status, changed = call("personal_questions.update_personal_question", "shop", "pet", body=change)
    assert (status, changed.state_name, changed.version) == (200, "disabled", 1)
    assert call("personal_questions.get_personal_question", "shop", "pet") == (200, changed)

    definition = {"clientExtId": "shop", "scope": "USER_GLOBAL", "name": "locker", "type": "STRING"}
    create("properties.create_property", body=("NewProperty", definition))
    values = ("PropertyChanges", {"locker": "17"})
    status, changed = call("properties.update_user_properties", "shop", "rroe", body=values)
    assert (status, changed.to_dict()) == (200, {"locker": "17"})
    assert call("properties.get_user_properties", "shop", "rroe") == (200, changed)
    status, found = call("users.get_user", "shop", "rroe")
    assert (status, found.login_id, found.name.family_name) == (200, "rroe", "Roe")
