#!/usr/bin/python3
"""Checks the types of the Python client by `mypy --strict`: types_check.py CLIENT."""

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77


def main():
    client = Path(sys.argv[1]).resolve()
    if importlib.util.find_spec("torch") is None:
        print("skipped: there is no PyTorch, on whose types data_dispatcher.torch leans")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as cache:
        command = ["/usr/bin/python3", "-m", "mypy", "--config-file", str(client / "pyproject.toml")]
        done = subprocess.run([*command, "--cache-dir", cache, "-p", "data_dispatcher"], cwd=client / "src")
    sys.exit(done.returncode)


main()
