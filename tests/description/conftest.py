"""A service as `cargo run` starts it, for tests of the description of its API.

`LOCAL` is the path of the program, `BROWSER` that of a Chromium; .ci/description sees to both.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCAL = os.environ.get("LOCAL", ROOT / "target/debug/local")


@dataclass
class Service:
    """A service that runs on data of its own, in memory."""

    url: str
    data: Path

    @property
    def api(self):
        return f"{self.url}/nevisidm/api/core/v1"

    def token(self, command, *arguments):
        """A token, as the program prints it for the folder of this service."""
        line = [LOCAL, command, "--data", self.data, *arguments]
        return subprocess.run(line, check=True, capture_output=True, text=True).stdout.strip()

    def root(self):
        """The Bearer token of somebody with every right over every client."""
        return self.token("token", "--client", "100", "--sub", "root", "--role", "nevisIdm.Root", "--clients", "*")

    def user(self):
        """The Bearer token of the user of the demo data, who may act upon themselves."""
        return self.token("token", "--client", "100", "--sub", "user-123", "--role", "nevisIdm.SelfAdmin")

    def x_token(self):
        """The X-Token of the user of the demo data."""
        return self.token("x-token", "--client", "100", "--sub", "user-123")


@pytest.fixture
def service(tmp_path):
    """A service with the demo data in it."""
    data = tmp_path / "data"
    line = [LOCAL, "--memory", "--port", "0", "--data", data]
    quiet = {**os.environ, "RUST_LOG": "off"}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=quiet) as running:
        try:
            url = running.stdout.readline().split()[1].rstrip(",")
            # The rest of what it prints is ready lines for a shell; nobody waits for them here.
            yield Service(url, data)
        finally:
            running.kill()
