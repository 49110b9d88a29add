"""All schemathesis checks pass, including stateful tests that follow links."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

HERE = Path(__file__).parent
# Identifiers of the demo data, so that requests to child resources find their parents.
DEMO = {
    "path.clientExtId": "100",
    "path.userExtId": "user-123",
    "path.termsExtId": "terms-123",
    "path.termsVersion": "1",
}


@pytest.mark.parametrize("parameters", [{}, DEMO], ids=["generated identifiers", "demo identifiers"])
def test_all_checks_pass(parameters, service, tmp_path):
    lines = [f'"{name}" = "{value}"' for name, value in parameters.items()]
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text("\n".join([(HERE / "schemathesis.toml").read_text(), "[parameters]", *lines, ""]))
    line = [sys.executable, "-m", "schemathesis.cli", "--config-file", configuration, "run"]
    line += [f"{service.url}/openapi.json", "--url", service.api, "--header", f"Authorization: Bearer {service.root()}"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py")}
    run = subprocess.run(line, capture_output=True, text=True, env=environment, cwd=tmp_path)
    # Truncate the lines, because a failing body may be very long.
    report = "\n".join(text[:300] for text in run.stdout.splitlines())
    print(report, run.stderr)
    assert run.returncode == 0
    paths = json.loads((ROOT / "openapi.json").read_text())["paths"]
    assert f"Tested: {sum(len(methods) for methods in paths.values())}\n" in report and "passed" in report
