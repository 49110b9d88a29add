"""A Rust client generated from the description compiles and tells the same story as the Python client."""

import subprocess

from conftest import ROOT

MANIFEST = ROOT / "tests/description/rust/Cargo.toml"
# Apart from the target folder of the workspace, whose builds would wait for each other.
TARGET = ROOT / "target/ci/rust-client"


def test_the_generated_client_creates_everything_that_a_user_needs(service):
    line = ["cargo", "run", "--quiet", "--locked", "--manifest-path", MANIFEST, "--target-dir", TARGET, "--"]
    created = set()
    # The names are new each time.
    for _ in range(2):
        done = subprocess.run([*line, service.api, service.root()], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        created.add(done.stdout.strip())
    assert len(created) == 2 and "" not in created
