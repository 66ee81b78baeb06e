#!/usr/bin/python3
"""Checks the types of the Python client by `mypy --strict`: types_check.py CLIENT."""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration"))

from running import need  # noqa: E402


def main():
    client = Path(sys.argv[1]).resolve()
    need("torch")  # data_dispatcher.torch leans on its types
    with tempfile.TemporaryDirectory() as cache:
        command = ["/usr/bin/python3", "-m", "mypy", "--config-file", str(client / "pyproject.toml")]
        done = subprocess.run([*command, "--cache-dir", cache, "-p", "data_dispatcher"], cwd=client / "src")
    sys.exit(done.returncode)


main()
