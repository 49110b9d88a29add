"""A TypeScript client generated from the description compiles and tells the same story as the Python client.

So does the example of local/README.md.
"""

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
    run(packages / ".bin/tsc")
    run("node", "story.js", service.api, service.root())
    assert re.fullmatch(r"201 \S+\n", run("node", "example.js"))
