"""The scripts of a delivery, against stand-ins for what they call.

`.ci/rehearse .ci/rehearsed` runs the same scripts against a deployment.
"""

import base64
import contextlib
import hashlib
import http.server
import importlib.machinery
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / ".ci"
BASE = "/v1/nevisidm/api/core/v1"
ISSUER = "https://issuer.test/"

sys.path.insert(0, str(CI))
sys.dont_write_bytecode = True
import outputs  # noqa: E402
import placeholders  # noqa: E402
import switched_on  # noqa: E402
from samcli.yamlhelper import yaml_parse  # noqa: E402


def load(name):
    """Returns a script without the extension `.py` as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(CI / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


smoke = load("smoke")
# A stand-in is ready at once.
smoke.PATIENCE = 0
PASS, FAIL = [{"status": "pass"}], [{"status": "fail"}]


class Deployment:
    """The responses of a deployment. A test changes one of them."""

    def __init__(self):
        self.health = 200, {"status": "pass", "checks": {"table": PASS, "bearerKeys": PASS, "xTokenKeys": PASS}}
        self.missing_token = self.unknown_key = 401, smoke.error("errors.invalidJWTToken", "Invalid JWT token.")
        self.tokens = []

    def respond(self, method, path, authorization):
        if path == f"{BASE}/health":
            return self.health
        if method == "PUT":
            return 405, smoke.error("errors.unsupportedOperation", "Method not allowed")
        if path == f"{BASE}/smoke":
            return 404, smoke.error("errors.invalidUri", "No resource exists at this address")
        if authorization is None:
            return self.missing_token
        self.tokens.append(authorization)
        return self.unknown_key


def smoke_test(deployment, *issuers):
    """Runs the smoke test. Returns its exit status and what it printed about failures."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def respond(self):
            status, body = deployment.respond(self.command, self.path, self.headers["Authorization"])
            body = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Cache-Control", "no-store")
            self.send_header("Allow", "GET, HEAD, OPTIONS, POST")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = respond

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}{BASE}"
        with pytest.raises(SystemExit) as ended, contextlib.redirect_stderr(io.StringIO()) as failures:
            smoke.main(address, list(issuers))
        server.shutdown()
    return ended.value.code, failures.getvalue()


def test_a_deployment_that_verifies_tokens_passes():
    deployment = Deployment()
    assert smoke_test(deployment, ISSUER) == (0, "")
    [token] = deployment.tokens
    header, claims = [
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.removeprefix("Bearer ").split(".")[:2]
    ]
    assert claims["iss"] == ISSUER and header["kid"].startswith("smoke-")


def test_a_token_of_each_issuer_is_sent():
    deployment = Deployment()
    deployment.health[1]["checks"]["bearerKeys"] = PASS * 2
    assert smoke_test(deployment, ISSUER, "https://other.test/") == (0, "")
    assert len(deployment.tokens) == 2


def test_a_deployment_without_keys_fails():
    deployment = Deployment()
    deployment.unknown_key = 503, smoke.error("errors.fatalError", "Service unavailable")
    status, failures = smoke_test(deployment, ISSUER)
    assert status == 1 and f"unknown key of {ISSUER}" in failures and "503" in failures


def test_a_deployment_that_accepts_an_unknown_key_fails():
    deployment = Deployment()
    deployment.unknown_key = 200, {"extId": "smoke"}
    assert smoke_test(deployment, ISSUER)[0] == 1


@pytest.mark.parametrize("part", ["table", "bearerKeys", "xTokenKeys"])
@pytest.mark.parametrize("status", [200, 503])
def test_each_check_of_the_health_operation_must_pass(part, status):
    for checks in ({part: FAIL}, {part: []}):
        deployment = Deployment()
        body = deployment.health[1]
        deployment.health = status, body | {"checks": body["checks"] | checks}
        exit_status, failures = smoke_test(deployment, ISSUER)
        assert exit_status == 1 and part in failures


def test_the_smoke_test_requires_an_issuer():
    variables = {name: value for name, value in os.environ.items() if name != "BEARER_ISSUER"}
    command = [sys.executable, str(CI / "smoke"), "http://127.0.0.1:9"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "ISSUER" in done.stderr


def description(outputs, **parameters):
    """Returns a stack as CloudFormation describes it."""
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    return {"Outputs": outputs, "Parameters": parameters}


def test_the_issuers_come_from_the_parameters_of_the_stack():
    several = json.dumps([{"issuer": "https://a.test", "audience": "x", "jwks": "y"}, {"issuer": "b"}])
    for issuers, parameters in [
        (ISSUER, {"BearerIssuer": ISSUER, "BearerIssuers": ""}),
        ("https://a.test b", {"BearerIssuer": "", "BearerIssuers": several}),
    ]:
        stack = description({"ApiUrl": "https://api.test"}, **parameters)
        assert outputs.outputs(stack) == {"ApiUrl": "https://api.test", "Issuers": issuers}
    assert outputs.outputs(description({"PoolId": "a"})) == {"PoolId": "a"}


def test_a_shell_reads_the_outputs():
    values = {"ApiUrl": "https://api.test/?a=b&c", "TableName": "it's $HOME `id` $(id)", "DNSName": "x"}
    script = 'eval "$1"; printf "%s\\n" "$API_URL" "$TABLE_NAME"'
    command = ["bash", "-euc", script, "bash", "\n".join(outputs.for_shell(values))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["https://api.test/?a=b&c", "it's $HOME `id` $(id)"]


@pytest.mark.parametrize("environment", sorted(path.name for path in (ROOT / "environments").iterdir()))
def test_the_environments_of_the_repository_are_refused(environment):
    values = placeholders.parameters([f"file://{ROOT / 'environments' / environment}"])
    assert {"BearerIssuer", "BearerAudience", "BearerJwks", "XTokenJwks"} <= set(placeholders.placeholders(values))


@pytest.mark.parametrize("environment", sorted(path.name for path in (ROOT / "environments").iterdir()))
def test_no_environment_asks_for_lines_that_a_release_does_not_have(environment):
    values = placeholders.parameters([f"file://{ROOT / 'environments' / environment}"])
    assert not re.search("debug|trace", values["RustLog"])


@pytest.mark.parametrize(
    "value",
    [
        "https://id.EXAMPLE.com/",
        "https://id.example.net",
        "https://id.example",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE",
        "arn:aws:sns:eu-central-1:111122223333:topic",
        {"nested": "https://example.org"},
    ],
)
def test_placeholders_are_refused(value):
    assert placeholders.placeholders({"Some": value}) == ["Some"]


@pytest.mark.parametrize(
    "value", ["", "true", 7, "https://id.acme.test/", "urn:local:issuer", "arn:aws:sns:eu-west-1:1111222233334:t"]
)
def test_other_values_are_accepted(value):
    assert placeholders.placeholders({"Some": value}) == []


def test_a_later_value_replaces_a_placeholder(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.json"
    first.write_text("A: https://id.example.com/\nB: example\n")
    second.write_text('{"A": "https://id.acme.test/"}')
    values = placeholders.parameters([f"file://{first}", f"file://{second}", "B=b=c"])
    assert values == {"A": "https://id.acme.test/", "B": "b=c"}
    assert placeholders.placeholders(values) == []


TEMPLATES = [ROOT / "template.yaml", *sorted((ROOT / "deployment").glob("*.yaml"))]


def test_every_option_is_checked_as_if_it_were_on():
    conditions = {name for path in TEMPLATES for name in yaml_parse(path.read_text()).get("Conditions", {})}
    assert switched_on.OPTIONS | switched_on.OTHERS == conditions
    assert not switched_on.OPTIONS & switched_on.OTHERS


@pytest.mark.parametrize("environment", sorted(path.name for path in (ROOT / "environments").iterdir()))
def test_an_environment_has_valid_parameters(environment):
    declared = yaml_parse((ROOT / "template.yaml").read_text())["Parameters"]
    for name, value in placeholders.parameters([f"file://{ROOT / 'environments' / environment}"]).items():
        assert re.fullmatch(declared[name].get("AllowedPattern", ".*"), str(value)), name
        assert str(value) in map(str, declared[name].get("AllowedValues", [value])), name


def test_every_parameter_is_documented():
    page = (ROOT / "docs/deployment.md").read_text()
    documented = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `[A-Z].*?\|", page, re.MULTILINE))))
    assert set(yaml_parse((ROOT / "template.yaml").read_text())["Parameters"]) <= documented


def test_every_role_can_have_a_boundary():
    for path in TEMPLATES:
        for name, resource in yaml_parse(path.read_text())["Resources"].items():
            if resource["Type"] == "AWS::IAM::Role":
                boundary = resource["Properties"]["PermissionsBoundary"]["Fn::If"]
                assert boundary[:2] == ["HasPermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}], name


def deploy(folder, *arguments, **variables):
    """Runs `.ci/deploy` with an artifact that could not be deployed."""
    command = [CI / "deploy", "development", *arguments]
    variables = os.environ | {"ARTIFACT": str(folder)} | variables
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


@pytest.fixture
def artifact(tmp_path):
    """Returns the folder of an artifact as `.ci/build` leaves it."""
    (tmp_path / "GetClient").mkdir()
    (tmp_path / "GetClient" / "bootstrap").write_text("a program")
    (tmp_path / "architecture").write_text("arm64")
    source = f"source {CI / 'lib.sh'}; checksums {tmp_path} >{tmp_path / 'SHA256SUMS'}"
    subprocess.run(["bash", "-c", source], check=True)
    assert (tmp_path / "SHA256SUMS").read_text().splitlines()[0].endswith("  GetClient/bootstrap")
    return tmp_path


def test_nothing_is_deployed_with_a_placeholder(artifact):
    done = deploy(artifact, "XTokenJwks=secret-example")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("nothing was deployed: BearerIssuer, BearerAudience, BearerJwks, XTokenJwks still")
    assert "secret" not in done.stderr


def changed(folder):
    (folder / "GetClient" / "bootstrap").write_text("another program")


def missing(folder):
    (folder / "GetClient" / "bootstrap").unlink()


def additional(folder):
    (folder / "GetClient" / "extension").write_text("another program")


@pytest.mark.parametrize("change", [changed, missing, additional])
def test_only_the_files_that_were_built_are_deployed(artifact, change):
    change(artifact)
    done = deploy(artifact)
    assert (done.returncode, done.stderr) == (1, "nothing was deployed: the artifact does not match its SHA256SUMS\n")


def test_only_the_artifact_of_the_delivery_is_deployed(artifact):
    digest = hashlib.sha256((artifact / "SHA256SUMS").read_bytes()).hexdigest()
    done = deploy(artifact, ARTIFACT_SHA256="0" * 64)
    assert done.returncode == 1
    assert done.stderr == f"nothing was deployed: the artifact has the digest {digest}, not ARTIFACT_SHA256\n"
    # The next check follows.
    assert "placeholder" in deploy(artifact, ARTIFACT_SHA256=digest).stderr


def test_the_credentials_of_a_deployment_last_as_long_as_its_job():
    job = yaml_parse((ROOT / ".github/workflows/deploy.yml").read_text())["jobs"]["deploy"]
    inputs = [step.get("with", {}) for step in job["steps"]]
    [duration] = [values["role-duration-seconds"] for values in inputs if "role-to-assume" in values]
    role = yaml_parse((ROOT / "deployment/pipeline.yaml").read_text())["Resources"]["Role"]["Properties"]
    assert job["timeout-minutes"] * 60 <= duration <= role["MaxSessionDuration"]


def test_every_action_is_pinned_to_a_commit():
    pinned = re.compile(r"uses: [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
    commits = {}
    for workflow in sorted((ROOT / ".github/workflows").glob("*.yml")):
        for line in workflow.read_text().splitlines():
            if "uses:" in line and "uses: ./" not in line:
                assert pinned.search(line), f"{workflow.name}: {line}"
                action, commit = line.split("uses: ")[1].split("@")
                assert commits.setdefault(action, commit) == commit, f"{workflow.name}: {action} has two versions"
