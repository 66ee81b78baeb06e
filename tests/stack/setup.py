#!/usr/bin/env python3
"""deploy/run and the scripts behind it where something is not as it should be: no network, no root, no room, a clone that was
moved or is another user's, two at once. What is wrong stands in their last line.

    setup.py FOLDER-OF-PROGRAMS

The scripts are the real ones, and so are apt-get, npm, cmake and ninja. The project that they build is a stand-in whose
programs are those of the build tree, and Debian's packages and mirror are files in a temporary folder: nothing of this
machine is changed.
"""

import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A start of npm takes a second, and more than a minute was seen beside builds.
PATIENCE = 180
AM_ROOT = os.geteuid() == 0
# Who may not write what root has made. It has that number everywhere.
NOBODY = 65534

# In namespaces of their own, which root may make, and others where the kernel lets them be root in one of their own.
UNSHARE = ["unshare"] if AM_ROOT else ["unshare", "--map-root-user"]
WITHOUT_NETWORK = [*UNSHARE, "--net"]
WITH_SMALL_FOLDER = [*UNSHARE, "--mount", "sh", "-c", 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"']

PROJECT = """
cmake_minimum_required(VERSION 3.22)
project(stand-in LANGUAGES NONE)
foreach(program dispatcher dataset-server dispatcher-pull)
  add_custom_target(${{program}} COMMAND "${{CMAKE_COMMAND}}" -E create_symlink "{programs}/${{program}}" ${{program}})
endforeach()
include(more.cmake OPTIONAL)
"""

# Answers that all packages are installed but those in MISSING.
DPKG_QUERY = """#!/bin/sh
for package; do :; done
case " $MISSING " in *" $package "*) exit 1 ;; esac
echo installed
"""

# With a package list that is empty, and a mirror that is nowhere: there is nothing that could be installed.
APT_CONFIG = """
Dir::State "{folder}";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::SourceList "{folder}/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Sandbox::User "root";
Acquire::Retries "0";
"""

programs = None


def works(command):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE).returncode == 0
    except OSError:
        return False


class Process:
    """A script with all that it starts; its stderr can be waited for."""

    def __init__(self, test, *command, **options):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, bufsize=0, start_new_session=True, **options)
        self.said = ""
        test.addCleanup(self.end)

    def wait_for(self, pattern, end=False):
        """Until what it has written has a match, or its end. @returns the first group."""
        deadline = time.monotonic() + PATIENCE
        while end or not re.search(pattern, self.said):
            ready, _, _ = select.select([self.process.stderr], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {'end' if end else pattern} of {self.process.args}:\n{self.said}")
            some = self.process.stderr.read(65536)
            self.said += some.decode(errors="replace")
            if not some:
                break
        found = re.search(pattern, self.said)
        assert found, f"no {pattern} of {self.process.args}:\n{self.said}"
        return found.group(1)

    def wait(self):
        """@returns its exit code."""
        self.wait_for("()", end=True)
        return self.process.wait(timeout=PATIENCE)

    def stop(self):
        """As from a terminal: all processes of it get the signal."""
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.wait()

    def end(self):
        if self.process.poll() is None:
            self.stop()
        self.process.stderr.close()


class Setup(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dispatcher-setup-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o755)
        self.clone = self.folder / "clone"
        shutil.copytree(ROOT / "deploy", self.clone / "deploy", ignore=shutil.ignore_patterns("data"))
        shutil.copytree(ROOT / "proto", self.clone / "proto")
        shutil.copy(ROOT / "CMakePresets.json", self.clone)
        (self.clone / "CMakeLists.txt").write_text(PROJECT.format(programs=programs))

        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "dpkg-query").write_text(DPKG_QUERY)
        (tools / "dpkg-query").chmod(0o755)
        apt = self.folder / "apt"
        (apt / "cache/archives/partial").mkdir(parents=True)
        (apt / "lists/partial").mkdir(parents=True)
        (apt / "status").touch()
        (apt / "sources.list").write_text("deb http://mirror.invalid/debian bookworm main\n")
        (apt / "apt.conf").write_text(APT_CONFIG.format(folder=apt))
        self.environment = {
            "PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(self.folder), "MISSING": "",
            "XDG_CACHE_HOME": str(self.folder / "cache"), "APT_CONFIG": str(apt / "apt.conf"),
            "npm_config_fetch_retries": "0", "LC_ALL": "C.UTF-8"}
        self.keep_caf()

    def keep_caf(self):
        """As if CAF were built already."""
        named = dict(re.findall(r"^(version|recipe)=(\S+)", (ROOT / "deploy/build-caf").read_text(), re.MULTILINE))
        compiler = subprocess.run(["g++", "-dumpfullversion"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.caf = self.folder / (f"cache/data-dispatcher/caf-{named['version']}-release-r{named['recipe']}-{compiler}-"
                                  f"{os.uname().machine}")
        self.caf.mkdir(parents=True)
        (self.caf / "complete").touch()

    def tools_without(self, *names):
        """A PATH of all that the system has but those."""
        folder = self.folder / "few-tools"
        folder.mkdir()
        for path in (self.folder / "tools", "/usr/sbin", "/usr/bin", "/sbin", "/bin"):
            for tool in pathlib.Path(path).iterdir():
                if tool.name not in names and not (folder / tool.name).is_symlink():
                    (folder / tool.name).symlink_to(tool)
        return str(folder)

    def start(self, script, *arguments, within=(), clone=None, **options):
        return Process(self, *within, (clone or self.clone) / "deploy" / script, *arguments, env=self.environment, **options)

    def run_script(self, *command, **options):
        """@returns what it wrote; it has succeeded."""
        process = self.start(*command, **options)
        self.assertEqual(0, process.wait(), process.said)
        return process.said

    def assert_fails(self, reason, *command, lines=60, **options):
        """It fails, and its last line is the reason, after few others."""
        process = self.start(*command, **options)
        self.assertNotIn(process.wait(), (0, None), process.said)
        said = process.said.splitlines()
        self.assertRegex(said[-1], f"^error: {reason}$", process.said)
        # A slow step says each 30 s that it goes on.
        self.assertLessEqual(len(said) - process.said.count(" s ...\n"), lines, process.said)

    def build_also(self, commands):
        (self.clone / "more.cmake").write_text(f"add_custom_target(more ALL {commands} VERBATIM)\n")

    def give_to_nobody(self, path):
        for each in (path, *path.rglob("*")):
            os.chown(each, NOBODY, NOBODY)


class Step(Setup):
    def test_that_fails_says_what_failed_last(self):
        (self.clone / "compile").write_text("echo 'x.cpp:3:1: error: no such thing'; exit 3\n")
        self.build_also('COMMAND sh "${CMAKE_SOURCE_DIR}/compile"')
        self.assert_fails("'Building .*' failed with exit 1: x.cpp:3:1: error: no such thing", "build")

    def test_ends_with_its_first_failure(self):
        script = self.clone / "deploy/try"
        script.write_text('#!/bin/bash\nset -euo pipefail\nsource "$(dirname "$0")/lib/steps.sh"\n'
                          'try() { false; echo "went on"; }\nstep Trying try\n')
        script.chmod(0o755)
        self.assert_fails("'Trying' failed with exit 1", "try")
        self.assertEqual("", (self.clone / "build/setup-logs/Trying.log").read_text())


@unittest.skipUnless(works([*WITHOUT_NETWORK, "true"]), "no network namespace can be made here")
class NoNetwork(Setup):
    NO_MIRROR = r"cannot reach the package mirror: is there a network\?"

    def test_for_packages(self):
        self.environment["MISSING"] = "mold"
        self.assert_fails(self.NO_MIRROR, "build", within=WITHOUT_NETWORK, lines=3)

    def test_for_the_source_of_caf(self):
        shutil.rmtree(self.caf)
        self.assert_fails(self.NO_MIRROR, "build", within=WITHOUT_NETWORK, lines=2)

    def test_for_npm(self):
        for file in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / "page" / file, self.clone)
        self.build_also('COMMAND npm ci --no-update-notifier --loglevel=error WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"')
        self.assert_fails(r"cannot reach the registry of npm packages: is there a network\?", "build",
                          within=WITHOUT_NETWORK, lines=3)


class Mirror(Setup):
    def test_that_lacks_a_package_is_named(self):
        mirror = self.folder / "mirror"
        mirror.mkdir()
        (mirror / "Packages").touch()
        (self.folder / "apt/sources.list").write_text(f"deb [trusted=yes] file:{mirror} ./\n")
        self.environment["MISSING"] = "mold"
        self.assert_fails("'Installing 1 Debian packages' failed with exit 100: E: Unable to locate package mold", "build")


class User(Setup):
    """Who is not root, and has no sudo."""

    def setUp(self):
        super().setUp()
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if AM_ROOT else {}
        if AM_ROOT:
            self.give_to_nobody(self.clone)

    def test_cannot_install_packages(self):
        self.environment.update(MISSING="mold", PATH=self.tools_without("sudo"))
        self.assert_fails("'apt-get .*' needs root: run this script as root or install sudo", "build", lines=3, **self.user)

    def test_cannot_install_protoc(self):
        self.environment["PATH"] = self.tools_without("sudo", "protoc")
        self.assert_fails("'apt-get .*' needs root: run this script as root or install sudo", "generate-proto", "cpp",
                          self.clone / "generated", lines=2, **self.user)

    @unittest.skipUnless(AM_ROOT, "only root can make files of another user")
    def test_has_the_clone_of_another(self):
        os.chown(self.clone, 0, 0)
        self.assert_fails(f"{self.clone} belongs to root, and nobody may not write there: .*", "run", "--once", lines=1,
                          **self.user)
        self.environment.update(MISSING="mold")
        self.assert_fails(f"{self.clone} belongs to root, and nobody may not write there: .*", "test", lines=2, **self.user)

    @unittest.skipUnless(AM_ROOT, "only root can make files of another user")
    def test_has_what_root_has_built(self):
        self.run_script("build")
        self.give_to_nobody(self.clone)
        left = self.clone / "build/release/CMakeCache.txt"
        os.chown(left, 0, 0)
        self.assert_fails(f"{left} belongs to root, and nobody may not write there: .*", "build", lines=1, **self.user)


class Room(Setup):
    def test_is_asked_for_before_a_build(self):
        (self.clone / "build").mkdir()
        within = [*WITH_SMALL_FOLDER, self.clone / "build"]
        if not works([*within, "true"]):
            self.skipTest("no file system can be mounted here")
        self.assert_fails(f"the build takes 1100 MB in {self.clone}/build/release, and 8 MB are free there", "build",
                          within=within, lines=1)

    def test_ends_within_a_build(self):
        self.build_also("COMMAND dd if=/dev/zero of=/dev/full count=1")
        self.assert_fails(".*No space left on device", "build", lines=3)


class Clone(Setup):
    def test_that_was_moved_is_configured_anew(self):
        self.assertNotIn("anew", self.run_script("build"))
        moved = self.clone.rename(self.folder / "moved")
        self.assertIn(f"==> {moved}/build/release comes from {self.clone}: starting it anew\n",
                      self.run_script("build", clone=moved))
        self.assertNotIn("anew", self.run_script("build", clone=moved))

    def test_that_was_copied_is_configured_anew(self):
        self.run_script("build")
        copied = pathlib.Path(shutil.copytree(self.clone, self.folder / "copied", symlinks=True))
        self.assertIn(f"==> {copied}/build/release comes from {self.clone}: starting it anew\n",
                      self.run_script("build", clone=copied))
        self.assertNotIn("anew", self.run_script("build"))


class TwoAtOnce(Setup):
    ANY_PORTS = ("--", "--listen", "127.0.0.1:0", "--admin", "none")

    def test_run(self):
        first = self.start("run", *self.ANY_PORTS)
        port = first.wait_for(r"Serving on port (\d+)")
        second = self.start("run", *self.ANY_PORTS)
        self.assertNotEqual(port, second.wait_for(r"Serving on port (\d+)"))
        logs = [run.wait_for(r"also in (\S+)\)") for run in (first, second)]
        self.assertEqual(["build/run/dispatcher.log", "build/run/dispatcher-2.log"], logs)
        for log in logs:
            self.assertIn(" outcome=complete batches=334 ", (self.clone / log).read_text())

        self.assert_fails(rf"--listen: cannot listen on 127.0.0.1:{port}: Address already in use; any free port: "
                          r"\S*deploy/run -- --listen :0 --admin none", "run", "--", "--listen", f"127.0.0.1:{port}",
                          "--admin", "none")

        # The log is free again with its run.
        self.assertEqual(143, first.stop())
        third = self.start("run", *self.ANY_PORTS)
        self.assertEqual(logs[0], third.wait_for(r"also in (\S+)\)"))
        for run in (second, third):
            self.assertEqual(143, run.stop())

    def test_build_one_after_the_other(self):
        gate = self.folder / "gate"
        os.mkfifo(gate)
        self.build_also(f'COMMAND dd "if={gate}" of=/dev/null bs=1 count=1')
        # For both ends, so that neither open waits.
        opened = os.open(gate, os.O_RDWR)
        self.addCleanup(os.close, opened)
        first = self.start("build")
        first.wait_for("(==> Building)")
        second = self.start("build")
        second.wait_for("(==> Waiting for another build of this clone\n)")
        self.assertIsNone(first.process.poll())
        os.write(opened, b"1")
        self.assertEqual(0, first.wait())
        os.write(opened, b"2")
        self.assertEqual(0, second.wait())

    def test_build_waits_for_no_build_that_has_ended(self):
        for _ in range(2):
            self.assertNotIn("Waiting", self.run_script("build"))


class DatasetService(Setup):
    def test_that_is_not_there_is_named(self):
        # Taken, and nobody listens: connections are refused.
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            run = self.start("run", "--", "--upstream", f"127.0.0.1:{taken.getsockname()[1]}", "--listen", "127.0.0.1:0",
                             "--admin", "none", "--drain-timeout", "1ms")
            run.wait_for('==> No batch yet: the dispatcher waits for its dataset service: ("[^\n]*Connection refused")\n')
            run.stop()


if __name__ == "__main__":
    programs = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
