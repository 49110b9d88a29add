"""Fixtures for the tests of the API description: a local server as started by `cargo run`.

`LOCAL` is the path of the local program, and `BROWSER` is the path of Chromium. `.ci/description` sets both.
"""

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCAL = os.environ.get("LOCAL", ROOT / "target/debug/local")


def example(language):
    """Return the program of this section of local/README.md."""
    section = (ROOT / "local/README.md").read_text().split(f"\n### {language}\n")[1]
    return section.split("<<'END'\n")[1].split("END\n")[0]


@dataclass
class Service:
    """A running local server with its own in-memory data."""

    url: str
    data: Path

    @property
    def api(self):
        return f"{self.url}/nevisidm/api"

    def token(self, command, *arguments):
        """Return a token that the local program prints for this data directory."""
        line = [LOCAL, command, "--data", self.data, *arguments]
        return subprocess.run(line, check=True, capture_output=True, text=True).stdout.strip()

    def root(self):
        """Return a Bearer token of a root administrator of all clients."""
        return self.token("token", "--client", "100", "--sub", "root", "--role", "nevisIdm.Root", "--clients", "*")

    def user(self):
        """Return a Bearer token of the demo user, who has the self-service role."""
        return self.token("token", "--client", "100", "--sub", "user-123", "--role", "nevisIdm.SelfAdmin")

    def x_token(self):
        """Return an X-Token of the demo user."""
        return self.token("x-token", "--client", "100", "--sub", "user-123")


@contextmanager
def serving(data):
    """Run a local server with the demo data and this data directory."""
    line = [LOCAL, "--memory", "--port", "0", "--data", data]
    quiet = {**os.environ, "RUST_LOG": "off"}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=quiet) as running:
        try:
            url = running.stdout.readline().split()[1].rstrip(",")
            # The remaining output consists of example commands, which these tests do not use.
            yield Service(url, data)
        finally:
            running.kill()


@pytest.fixture
def service(tmp_path):
    """Start a local server with the demo data."""
    with serving(tmp_path / "data") as service:
        yield service
