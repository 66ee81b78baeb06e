"""What tests on running programs share: the programs, consumers of their passes, and whether they say that they are
ready."""

import importlib
import json
import queue
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request


def check(holds, otherwise):
    if not holds:
        raise AssertionError(otherwise)


#: What ctest takes for a test that was skipped.
SKIPPED = 77


def need(module):
    """Imports a module that not every machine can have; skips the test where it is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        print(f"skipped: {missing}")
        sys.exit(SKIPPED)


class Program:
    """A program whose lines can be waited for."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.text = ""
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.text += line
            self.lines.put(line)

    def wait_for(self, pattern, seconds=30):
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                raise AssertionError(f"no line with '{pattern}' within {seconds} s: {self.text}") from None
            match = re.search(pattern, line)
            if match:
                return match

    def wait_for_any(self, pattern, seconds=30):
        """As wait_for, for a line that may have come before one that was waited for."""
        return re.search(pattern, self.text) or self.wait_for(pattern, seconds)

    def stop(self):
        self.process.kill()
        self.process.wait()


class Readiness(threading.Thread):
    """Asks /readyz again and again."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.url = f"http://127.0.0.1:{port}/readyz"
        self.seen = []
        self.ended = threading.Event()
        self.start()

    def now(self):
        try:
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def run(self):
        while not self.ended.wait(0.05):
            self.seen.append((time.monotonic(), self.now()))

    def wait_until(self, status, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.seen and self.seen[-1][1] == status:
                return self.seen[-1][0]
            time.sleep(0.05)
        raise AssertionError(f"/readyz was not {status} within {seconds} s")


class Consumer(threading.Thread):
    """Reads a pass of so many batches, and knows the longest time in which nothing came."""

    def __init__(self, port, batches):
        super().__init__(daemon=True)
        self.batches = batches
        self.received = 0
        self.longest = 0.0
        self.problem = None
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.start()

    def run(self):
        latest = time.monotonic()
        for line in self.socket.makefile():
            self.longest = max(self.longest, time.monotonic() - latest)
            latest = time.monotonic()
            frame = json.loads(line)
            if frame.get("error") or frame["batch_index"] != self.received:
                self.problem = line
                return
            self.received += 1
            if frame["EOF"]:
                return
        self.problem = "the connection ended"

    def wait_for_batches(self, count):
        deadline = time.monotonic() + 30
        while self.received < count:
            check(time.monotonic() < deadline, f"{self.received} batches came of {count}: {self.problem}")
            time.sleep(0.01)

    def check_complete(self):
        self.join(60)
        check(not self.is_alive(), f"the pass does not end: {self.received} batches came")
        check(self.problem is None and self.received == self.batches, f"after {self.received} batches: {self.problem}")
