#!/usr/bin/env python3
"""A PostgreSQL server of a test's own. As a program, runs a command with its address in STORE: private_postgres.py
COMMAND..."""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def programs():
    """The newest server that Debian has installed; nothing where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda x: int(x.parts[-3]))
    return found[-1].parent if found else None


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class PrivatePostgres:
    """Listens on the loopback interface. The server refuses to run as root: then it runs as nobody.

    With `has_fsync` commits wait for the disk, as they do in production. The server has `environment` besides this
    process's own, from when it is no longer root."""

    def __init__(self, has_fsync=False, environment=None):
        self.fsync = "on" if has_fsync else "off"
        self.environment = ["env", *(f"{name}={value}" for name, value in (environment or {}).items())]
        self.folder = tempfile.mkdtemp()
        self.user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        if self.user:
            os.chown(self.folder, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
        self.data = self.folder + "/data"
        self.make_data()
        self.port = free_port()
        self.start()

    def make_data(self):
        self.run("initdb", "-D", self.data, "-U", "dispatcher", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def address(self):
        return f"postgresql://dispatcher@127.0.0.1:{self.port}/postgres"

    def run(self, name, *arguments):
        subprocess.run([*self.user, programs() / name, *arguments], check=True, stdout=subprocess.DEVNULL,
                       cwd=self.folder)

    def start(self):
        """Processes of a server that was killed may go on for a moment, and keep its memory. Then it is tried again."""
        deadline = time.monotonic() + 60
        while not self.try_to_start(deadline):
            said = Path(self.folder + "/log").read_text()
            last = said[said.rfind("FATAL"):]
            if "pre-existing shared memory block" not in last or time.monotonic() > deadline:
                raise AssertionError("PostgreSQL does not start: " + said)
            time.sleep(0.1)

    def try_to_start(self, deadline):
        """Returns false where the server has ended, or does not answer."""
        self.log = open(self.folder + "/log", "ab")
        self.process = subprocess.Popen([*self.user, *self.environment, programs() / "postgres", "-D", self.data,
                                         "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                                         "-c", f"unix_socket_directories={self.folder}", "-c", f"fsync={self.fsync}",
                                         # In the folder: in /dev/shm it would outlive a server that is killed.
                                         "-c", "dynamic_shared_memory_type=mmap"],
                                        stdout=self.log, stderr=self.log, cwd=self.folder)
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.close()
                return False
            time.sleep(0.05)
        return True

    def answers(self):
        return subprocess.run([programs() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
                              check=False).returncode == 0

    def query(self, statement):
        """What psql says of a statement, without a header: one row a line, values between `|`."""
        return subprocess.run([programs() / "psql", "-XAtq", self.address, "-c", statement], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()

    def processes(self):
        """The server and what works for it."""
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], check=False, text=True,
                                  stdout=subprocess.PIPE).stdout
        return [self.process.pid, *(int(x) for x in re.findall(r"\d+", children))]

    def signal_all(self, number):
        for pid in self.processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def freeze(self):
        """As a machine that hangs does. The server first, so that it begins nothing new."""
        os.kill(self.process.pid, signal.SIGSTOP)
        self.signal_all(signal.SIGSTOP)

    def thaw(self):
        self.signal_all(signal.SIGCONT)

    def end(self):
        """In order, whoever is connected."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self.log.close()

    def kill(self):
        """As a crash does."""
        self.signal_all(signal.SIGKILL)
        self.process.wait()
        self.log.close()
        Path(self.data + "/postmaster.pid").unlink(missing_ok=True)

    def stop(self):
        self.thaw()
        if self.process.poll() is None:
            self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    if not programs():
        print("skipped: there is no PostgreSQL server")
        return 77
    server = PrivatePostgres()
    try:
        return subprocess.run(sys.argv[1:], env={**os.environ, "STORE": server.address}, check=False).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
