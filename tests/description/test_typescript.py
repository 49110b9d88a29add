"""A TypeScript client generated from the description compiles and tells the same story as the Python client."""

import os
import shutil
import subprocess
from pathlib import Path

from conftest import ROOT

SOURCES = ROOT / "tests/description/typescript"


def test_the_generated_client_creates_everything_that_a_user_needs(service, tmp_path):
    for name in ["story.ts", "tsconfig.json"]:
        shutil.copy(SOURCES / name, tmp_path)
    packages = tmp_path / "node_modules"
    packages.symlink_to(Path(os.environ["NPM_PACKAGES"]) / "node_modules")

    def run(*line):
        """Run a command, and show what it prints if it fails."""
        done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    run(packages / ".bin/openapi-ts", "--input", ROOT / "openapi.json", "--output", "client", "--no-log-file")
    run(packages / ".bin/tsc")
    run("node", "story.js", service.api, service.root())
