#!/usr/bin/env python3
"""What compose.yaml, the systemd unit and the Kubernetes manifests must agree on with the dispatcher.

    deployments.py DISPATCHER
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "compose.yaml"
UNIT = ROOT / "deploy/systemd/data-dispatcher.service"
UNIT_ENVIRONMENT = ROOT / "deploy/systemd/dispatcher.env"
CONFIG_MAP = ROOT / "deploy/kubernetes/configmap.yaml"
DEPLOYMENT = ROOT / "deploy/kubernetes/deployment.yaml"

# After the drain's timeout, clients are told, and connections closed.
LAST_WORDS = 2
# In tenths, as systemd-analyze counts: what can be told of a service that talks to the network at all.
WORST_EXPOSURE = 15

dispatcher = None


def seconds(text):
    """A duration as the dispatcher and Compose write it."""
    number, unit = re.fullmatch(r"(\d+)(s|m|h|)", text).groups()
    return int(number) * {"": 1, "s": 1, "m": 60, "h": 3600}[unit]


def find(pattern, file):
    found = re.search(pattern, file.read_text(), re.MULTILINE)
    assert found, f"{file} has nothing like {pattern}"
    return found.group(1)


class Options(unittest.TestCase):
    def test_all_are_the_dispatchers(self):
        known = {name.upper().replace("-", "_")
                 for name in re.findall(r"^([a-z-]+) =", (ROOT / "deploy/dispatcher.toml").read_text(), re.MULTILINE)}
        for file in (COMPOSE, UNIT_ENVIRONMENT, CONFIG_MAP):
            named = set(re.findall(r"^ *DISPATCHER_([A-Z_]+)[:=]", file.read_text(), re.MULTILINE))
            self.assertTrue(named)
            self.assertEqual(set(), named - known, f"{file} names options that there are not")


class Image(unittest.TestCase):
    def test_has_all_sources(self):
        folders = set(re.findall(r"^add_subdirectory\((\w+)\)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE))
        self.assertTrue(folders)
        self.assertEqual(set(), folders - set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)))


class ConfigurationCheck(unittest.TestCase):
    def test_compose(self):
        """Of what the dispatcher is given, before it starts."""
        find(r"^  check-config:\n(?:    .*\n)+?    (environment: &dispatcher-environment)", COMPOSE)
        find(r"^  dispatcher: &dispatcher\n(?:    .*\n)+?    (environment: \*dispatcher-environment)", COMPOSE)
        condition = find(r"^  dispatcher: &dispatcher\n(?:    .*\n)+?      check-config:\n        condition: (.*)", COMPOSE)
        self.assertEqual("service_completed_successfully", condition)


class TimeToDrain(unittest.TestCase):
    def test_compose(self):
        drain = seconds(find(r"DISPATCHER_DRAIN_TIMEOUT: (\w+)", COMPOSE))
        grace = seconds(find(r"DISPATCHER_DRAIN_TIMEOUT(?:.*\n)+?    stop_grace_period: (\w+)", COMPOSE))
        self.assertGreaterEqual(grace, drain + LAST_WORDS)

    def test_systemd(self):
        drain = seconds(find(r"^DISPATCHER_DRAIN_TIMEOUT=(\w+)", UNIT_ENVIRONMENT))
        default = seconds(find(r'^drain-timeout = "(\w+)"', ROOT / "deploy/dispatcher.toml"))
        grace = seconds(find(r"^TimeoutStopSec=(\w+)", UNIT))
        self.assertGreaterEqual(grace, max(drain, default) + LAST_WORDS)

    def test_kubernetes(self):
        drain = seconds(find(r"DISPATCHER_DRAIN_TIMEOUT: (\w+)", CONFIG_MAP))
        pause = int(find(r'command: \[sleep, "(\d+)"\]', DEPLOYMENT))
        grace = int(find(r"terminationGracePeriodSeconds: (\d+)", DEPLOYMENT))
        self.assertGreaterEqual(grace, pause + drain + LAST_WORDS)


@unittest.skipIf(shutil.which("systemd-analyze") is None, "there is no systemd-analyze")
class Unit(unittest.TestCase):
    def setUp(self):
        # Under its name, with a program that is there.
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.unit = pathlib.Path(self.folder.name) / UNIT.name
        self.unit.write_text(UNIT.read_text().replace("/usr/local/bin/dispatcher", dispatcher))

    def analyze(self, *arguments):
        done = subprocess.run(["systemd-analyze", "--no-pager", *arguments, self.unit], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual(0, done.returncode, done.stdout)
        return done.stdout

    def test_is_valid(self):
        # Of the unit alone: what else is wrong on this machine is not ours.
        said = [line for line in self.analyze("verify", "--man=no").splitlines() if UNIT.name in line]
        self.assertEqual([], said)

    def test_is_hardened(self):
        self.analyze("security", "--offline=true", f"--threshold={WORST_EXPOSURE}")


if __name__ == "__main__":
    dispatcher = sys.argv.pop(1)
    unittest.main(verbosity=2)
