"""The programs of a run: a dataset server, and dispatchers that are killed and started again on their ports."""

import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from plan import DATASET_SIZES, LEASE_TTL
from session_client import write_numbers


class LoggedProgram:
    """A program that writes into a file."""

    def __init__(self, command, log):
        self.command = [str(x) for x in command]
        self.log = Path(log)
        self.start()

    def start(self, *more):
        with open(self.log, "ab") as out:
            self.read_from = out.tell()
            self.process = subprocess.Popen([*self.command, *more], stdout=out, stderr=out)

    def wait_for(self, pattern, seconds):
        """The first match in what this start has written."""
        deadline = time.monotonic() + seconds
        while True:
            with open(self.log, encoding="utf-8", errors="replace") as said:
                said.seek(self.read_from)
                text = said.read()
            if match := re.search(pattern, text):
                return match
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{self.log} has no line with '{pattern}': {text[-2000:]}")
            time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait()


@dataclass
class Resources:
    """What a process holds."""
    rss_kib: int
    descriptors: int
    #: Dispatchers that are started again begin anew.
    pid: int


class Dispatcher(LoggedProgram):
    """Its ports are the kernel's choice, and stay."""

    def __init__(self, program, upstream, store, log, pace=1.0):
        self.pace = pace
        self.port = 0
        # Whoever breaks it holds this.
        self.lock = threading.Lock()
        self.problems = []
        super().__init__([program, "--upstream", upstream, "--listen", "127.0.0.1:0", "--admin", "none", "--dataset",
                          f"numbers-{DATASET_SIZES[0]}", "--store", store, "--lease-ttl", f"{LEASE_TTL:g}s"], log)

    def start(self):
        super().start("--sessions", f"127.0.0.1:{self.port}")
        self.port = int(self.wait_for(r" sessions=(\d+)", 30 * self.pace).group(1))

    def check_alive(self):
        if self.process.poll() is not None:
            self.problems.append(f"a dispatcher has ended by itself with {self.process.returncode}: see {self.log}")
            return False
        return True

    def kill(self):
        if self.check_alive():
            super().kill()

    def end(self):
        """In order."""
        if not self.check_alive():
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(30 * self.pace)
        except subprocess.TimeoutExpired:
            self.problems.append(f"a dispatcher has not stopped within {30 * self.pace:.0f} s: see {self.log}")
            super().kill()
            return
        if code != 0:
            self.problems.append(f"a dispatcher that was told to stop has exited with {code}: see {self.log}")

    def take_problems(self):
        found, self.problems = self.problems, []
        return found

    def resources(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return Resources(int(re.search(r"VmRSS:\s+(\d+)", status).group(1)),
                         len(list(Path(f"/proc/{self.process.pid}/fd").iterdir())), self.process.pid)


def start_dataset_server(program, folder):
    """Serves a dataset for each of the sizes. Returns it and its address."""
    data = []
    for size in DATASET_SIZES:
        write_numbers(f"{folder}/numbers-{size}.npz", size)
        data += ["--data", f"numbers-{size}={folder}/numbers-{size}.npz"]
    server = LoggedProgram([program, "--listen", "127.0.0.1:0", "--no-bundled-data", *data],
                           Path(folder) / "dataset-server.log")
    return server, "127.0.0.1:" + server.wait_for(r" port=(\d+)", 30).group(1)
