"""All schemathesis checks pass, including stateful tests that follow links."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import ROOT, serving

HERE = Path(__file__).parent
# Identifiers of the demo data, so that requests to child resources find their parents.
DEMO = {
    "path.clientExtId": "100",
    "path.userExtId": "user-123",
    "path.termsExtId": "terms-123",
    "path.termsVersion": "1",
}
PARAMETERS = {"generated identifiers": {}, "demo identifiers": DEMO}
# What deletes a user or a client has one of its own, because the others need those above.
DELETED = {
    "archive-user": {"path.userExtId": "user-789"},
    "delete-user": {"path.userExtId": "user-456"},
    "delete-client": {"path.clientExtId": "200"},
}


def members(parameters):
    """Return the lines of a table of the configuration."""
    return [f'"{name}" = "{value}"' for name, value in parameters.items()]


def schemathesis(parameters, folder):
    """Run schemathesis with these parameters against a local server of its own."""
    lines = [(HERE / "schemathesis.toml").read_text(), "[parameters]", *members(parameters)]
    for operation, own in DELETED.items() if parameters else ():
        lines += ["[[operations]]", f'include-operation-id = "{operation}"', "[operations.parameters]"]
        lines += members({**parameters, **own})
    configuration = folder / "schemathesis.toml"
    configuration.write_text("\n".join([*lines, ""]))
    line = [sys.executable, "-m", "schemathesis.cli", "--config-file", configuration, "run"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py")}
    with serving(folder / "data") as service:
        line += [f"{service.url}/openapi.json", "--url", service.api]
        line += ["--header", f"Authorization: Bearer {service.root()}"]
        return subprocess.run(line, capture_output=True, text=True, env=environment, cwd=folder)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run schemathesis with all parameters concurrently, because a run uses one core only."""
    folders = [tmp_path_factory.mktemp("schemathesis") for _ in PARAMETERS]
    with ThreadPoolExecutor() as pool:
        return dict(zip(PARAMETERS, pool.map(schemathesis, PARAMETERS.values(), folders)))


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_all_checks_pass(parameters, runs):
    run = runs[parameters]
    # Truncate the lines, because a failing body may be very long.
    report = "\n".join(text[:300] for text in run.stdout.splitlines())
    print(report, run.stderr)
    assert run.returncode == 0
    paths = json.loads((ROOT / "openapi.json").read_text())["paths"]
    assert f"Tested: {sum(len(methods) for methods in paths.values())}\n" in report and "passed" in report
