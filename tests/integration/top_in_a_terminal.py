#!/usr/bin/env python3
"""`dispatcher top` in a terminal: it draws in place, ends with q or Ctrl-C, and leaves the terminal as it was.

    top_in_a_terminal.py DISPATCHER
"""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

PATIENCE = 30


def check(good, what):
    if not good:
        raise SystemExit(f"failed: {what}")


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, *command):
        self.text = b""
        self.ours, theirs = pty.openpty()
        # Kept open here: its settings are looked at when the program has ended.
        self.theirs = theirs
        termios.tcsetwinsize(self.ours, (24, 60))
        self.before = termios.tcgetattr(theirs)
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=self._take_terminal
        )

    def _take_terminal(self):
        import fcntl

        fcntl.ioctl(self.theirs, termios.TIOCSCTTY, 0)

    def wait_for(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.text, re.DOTALL):
            left = deadline - time.monotonic()
            check(left > 0, f"there is no {pattern!r} in {self.text!r}")
            if select.select([self.ours], [], [], left)[0]:
                self.text += os.read(self.ours, 65536)

    def type(self, keys):
        os.write(self.ours, keys)

    def expect_end(self):
        check(self.process.wait(PATIENCE) == 0, "top does not exit with 0")
        self.wait_for(rb"\x1b\[\?25h\x1b\[\?1049l$")
        check(termios.tcgetattr(self.theirs) == self.before, "the terminal's settings are not what they were")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


def run(dispatcher, admin):
    for end in (lambda top: top.type(b"q"), lambda top: top.type(b"\x03"), lambda top: top.process.send_signal(signal.SIGTERM)):
        top = Terminal(dispatcher, "top", "--admin", admin, "--interval", "100ms")
        try:
            # Once, and again from the first line on.
            top.wait_for(rb"\x1b\[\?1049h\x1b\[\?25l\x1b\[Hdispatcher .*CLIENTS.*\x1b\[Hdispatcher ")
            lines = re.sub(rb"\x1b\[[0-9?]*[A-Za-z]", b"", top.text).split(b"\r\n")
            check(max(len(line) for line in lines) <= 60, "a line is longer than the terminal is wide")
            end(top)
            top.expect_end()
        finally:
            top.close()


def main():
    dispatcher = sys.argv[1]
    command = [dispatcher, "--embedded", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        for line in server.stderr:
            serving = re.search(r" serving .*admin=(\d+)", line)
            if serving:
                run(dispatcher, f"127.0.0.1:{serving[1]}")
                return
        raise SystemExit("failed: the dispatcher does not serve")
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
