"""schemathesis runs all of its checks, state-carrying links included, and finds no failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# The things of the demo data, so that requests come past their parents too.
DEMO = {
    "path.clientExtId": "100",
    "path.userExtId": "user-123",
    "path.termsExtId": "terms-123",
    "path.termsVersion": "1",
}


@pytest.mark.parametrize("parameters", [{}, DEMO], ids=["anything", "things that are there"])
def test_no_check_fails(parameters, service, tmp_path):
    lines = [f'"{name}" = "{value}"' for name, value in parameters.items()]
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text("\n".join([(HERE / "schemathesis.toml").read_text(), "[parameters]", *lines, ""]))
    line = [sys.executable, "-m", "schemathesis.cli", "--config-file", configuration, "run"]
    line += [f"{service.url}/openapi.json", "--url", service.api, "--header", f"Authorization: Bearer {service.root()}"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py")}
    run = subprocess.run(line, capture_output=True, text=True, env=environment, cwd=tmp_path)
    # A body that fails may be as long as they get.
    report = "\n".join(text[:300] for text in run.stdout.splitlines())
    print(report, run.stderr)
    assert run.returncode == 0
    assert "Tested: 10" in report and "passed" in report
