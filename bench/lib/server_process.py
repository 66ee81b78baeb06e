"""A server that a measurement starts, looks at and stops."""

import os
import re
import signal
import subprocess
import time


class ServerFailed(Exception):
    """A server did not start, or did not stop when it was told to. The text says which and why."""


class ServerProcess:
    """Runs a command with its output in a log file; use it in a `with` statement, which stops it by its own id."""

    def __init__(self, name, command, log_path, environment):
        self.name = name
        self.log_path = log_path
        self.port = None
        self.admin_port = None
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with open(log_path, "wb") as log:
            # In a session of its own: Ctrl-C reaches it from here and in order.
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **environment},
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for(self, pattern, seconds=20, after=0):
        """The first match of `pattern` in the log behind its first `after` characters."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.compile(pattern, re.MULTILINE).search(self.log(), after)
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise ServerFailed(f"{self.name} did not say '{pattern}'; its log: {self.log_path}\n{self.log()[-2000:]}")

    def wait_until_listening(self, port, seconds=20):
        """Waits without connecting: to connect would begin a stream."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if any(local == port and state == LISTENING for local, _, state in tcp_sockets()):
                self.port = port
                return
            time.sleep(0.02)
        raise ServerFailed(f"{self.name} does not listen at port {port}; its log: {self.log_path}\n{self.log()[-2000:]}")

    def cpu_seconds(self):
        """User and system time of all its threads so far, to the nanosecond (/proc/PID/stat counts in 10 ms)."""
        return time.clock_gettime((~self.pid << 3) | PROCESS_CPU_CLOCK)

    def memory_mb(self, field):
        """VmRSS or VmHWM in MB (10^6 bytes)."""
        with open(f"/proc/{self.pid}/status") as status:
            kib = int(re.search(rf"^{field}:\s+(\d+) kB", status.read(), re.MULTILINE)[1])
        return kib * 1024 / 1e6

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def stop(self, seconds=20):
        """Asks it to stop, and ends it when it does not in time. Returns its log."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.log()


# The clock of a process is its id's complement, shifted, and this (clock_getcpuclockid in the C library).
PROCESS_CPU_CLOCK = 2

ESTABLISHED = 1
LISTENING = 10


def tcp_sockets():
    """Local port, remote port and state of all TCP sockets."""
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(path):
            continue
        with open(path) as table:
            next(table)
            for line in table:
                _, local, remote, state = line.split()[:4]
                yield int(local.rpartition(":")[2], 16), int(remote.rpartition(":")[2], 16), int(state, 16)


def connections_to(port):
    """How many connections there are to a port of this machine."""
    return sum(remote == port and state == ESTABLISHED for _, remote, state in tcp_sockets())
