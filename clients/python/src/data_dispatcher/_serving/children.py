"""Processes that are forked, and started again when they end."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from typing import Callable, Optional

#: Seconds. A process that lived for the last one begins with the first pause again.
_FIRST_PAUSE, _LONGEST_PAUSE, _HEALTHY_AFTER = 0.1, 5.0, 10.0

#: The supervisor handles them, and a child must not until it has handlers of its own.
_HANDLED = {signal.SIGTERM, signal.SIGINT}


class Child:
    """A process that runs `body`, one at a time.

    It has a pipe to its supervisor, which it may say something by, and whose end says that the process has ended.
    """

    def __init__(self, label: str, body: Callable[[int], None]) -> None:
        self.label = label
        self._body = body
        self._pause = 0.0
        self._started = 0.0
        self.pid: Optional[int] = None
        self.pipe: Optional[int] = None
        self.due = 0.0

    def start(self) -> None:
        self.pipe, write = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        pid = os.fork()
        if pid == 0:
            self._run(write)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(write)
        self.pid, self._started = pid, time.monotonic()

    def _run(self, write: int) -> None:
        """The child. Never returns into the program that was forked."""
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the supervisor ends them in order
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
            self._body(write)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)

    def poll(self) -> Optional[str]:
        """How the process ended, if it has just done so. Another one is due after a pause, which doubles."""
        end = self._reaped(os.WNOHANG)
        if end is not None:
            now = time.monotonic()
            if now - self._started >= _HEALTHY_AFTER:
                self._pause = 0.0
            self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
            self.due = now + self._pause
        return end

    @property
    def pause(self) -> float:
        return self._pause

    def close_pipe(self) -> None:
        if self.pipe is not None:
            os.close(self.pipe)
            self.pipe = None

    def end(self, seconds: float) -> Optional[str]:
        """Ends the process; at once where it takes longer than so many seconds. Returns how it ended."""
        self._send(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        end = self._reaped(os.WNOHANG)
        while self.pid is not None and time.monotonic() < deadline:
            time.sleep(0.005)
            end = self._reaped(os.WNOHANG)
        if self.pid is not None:
            self._send(signal.SIGKILL)
            end = self._reaped(0)
        return end

    def _send(self, number: int) -> None:
        if self.pid is not None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    def _reaped(self, options: int) -> Optional[str]:
        if self.pid is None:
            return None
        try:
            pid, status = os.waitpid(self.pid, options)
        except ChildProcessError:  # the program has waited for it
            pid, status = self.pid, -1
        if pid == 0:
            return None
        self.pid = None
        self.close_pipe()
        code = os.waitstatus_to_exitcode(status) if status >= 0 else 0
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
