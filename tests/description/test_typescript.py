"""A TypeScript client generated from the description compiles and tells the same story as the Python client.

So does the example of local/README.md.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from conftest import ROOT, example

SOURCES = ROOT / "tests/description/typescript"


def test_the_generated_client_creates_everything_that_a_user_needs(service, tmp_path):
    for name in ["story.ts", "tsconfig.json"]:
        shutil.copy(SOURCES / name, tmp_path)
    packages = tmp_path / "node_modules"
    packages.symlink_to(Path(os.environ["NPM_PACKAGES"]) / "node_modules")

    (tmp_path / "example.ts").write_text(example("TypeScript"))
    # The example has the client in this folder.
    (tmp_path / "typescript").symlink_to("client")

    def run(*line):
        """Run a command, and show what it prints if it fails."""
        env = os.environ | {"API": service.api, "TOKEN": service.root()}
        done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(packages / ".bin/openapi-ts", "--input", ROOT / "openapi.json", "--output", "client", "--no-log-file")
    assert re.fullmatch(r"201 \S+\n", run(packages / ".bin/tsx", "example.ts"))
    run(packages / ".bin/tsc")
    run("node", "story.js", service.api, service.root())


def test_the_packages_of_the_documented_commands_are_these():
    commands = (ROOT / "local/README.md").read_text()
    packages = json.loads((SOURCES / "package.json").read_text())["devDependencies"]
    installed = re.search(r"^npm install .* --prefix \S+ (.*)$", commands, re.MULTILINE)[1].split()
    assert installed and {line.rpartition("@")[::2] for line in installed} <= packages.items()
    requirements = (ROOT / ".ci/requirements-description.txt").read_text().splitlines()
    assert re.search(r"pip install -q (openapi-python-client==\S+)$", commands, re.MULTILINE)[1] in requirements
