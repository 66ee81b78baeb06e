#!/usr/bin/python3
"""Builds the wheel of the Python client and installs it, both without a network: package.py CLIENT ENVIRONMENT.

ENVIRONMENT becomes a virtual environment, in which the other tests of the client run."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def run(*command, cwd=None):
    done = subprocess.run([str(x) for x in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(client, folder):
    """The path of the wheel. A build leaves files beside the sources, so it has a copy of them."""
    copy = folder / "client"
    shutil.copytree(client, copy, ignore=shutil.ignore_patterns("__pycache__"))
    run("/usr/bin/python3", "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, copy)
    (wheel,) = folder.glob("*.whl")
    return wheel


def check_contents(client, wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {x for x in archive.namelist() if ".dist-info/" not in x}
    sources = client / "src"
    wanted = {str(x.relative_to(sources)) for x in sources.rglob("*") if x.name == "py.typed" or x.suffix == ".py"}
    assert packed == wanted, f"the wheel has {sorted(packed)}, and the sources are {sorted(wanted)}"


def install(wheel, environment):
    shutil.rmtree(environment, ignore_errors=True)
    run("/usr/bin/python3", "-m", "venv", "--system-site-packages", environment)
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-index", wheel)
    where = run(python, "-c", "import data_dispatcher; print(data_dispatcher.__file__)", cwd="/").strip()
    assert where.startswith(str(environment)), f"data_dispatcher is imported from {where}"
    imported = "import sys, data_dispatcher; print({'torch', 'grpc', 'google.protobuf'} & set(sys.modules))"
    assert run(python, "-c", imported, cwd="/").strip() == "set()", "importing the package imports its extras"


def main():
    client, environment = (Path(x).resolve() for x in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(client, Path(folder))
        check_contents(client, wheel)
        install(wheel, environment)
    print(f"{wheel.name} is installed in {environment}")


main()
