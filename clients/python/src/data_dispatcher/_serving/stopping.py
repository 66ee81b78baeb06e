"""How a program is asked to stop, and how its children learn that it has ended."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from contextlib import suppress
from typing import Any, Dict


class StopRequest:
    """Whether SIGTERM or Ctrl-C came. A context manager: outside of it, signals have the handlers that they had.

    Only the main thread can have handlers, so in another one nothing is asked for.
    """

    def __init__(self) -> None:
        self.came = False
        self._before: Dict[int, Any] = {}

    def __enter__(self) -> "StopRequest":
        #: Has something to read when a signal came.
        self.pipe, self._write = os.pipe()
        os.set_blocking(self._write, False)
        if threading.current_thread() is threading.main_thread():
            self._before = {x: signal.signal(x, self._ask) for x in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        os.close(self.pipe)
        os.close(self._write)

    def _ask(self, *_: object) -> None:
        self.came = True
        with suppress(BlockingIOError):
            os.write(self._write, b".")


class Lifeline:
    """A pipe without any data. A child reads it, and the kernel ends that read when the parent has ended, also when the
    parent was killed."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)

    def end_with_parent(self, folder: str) -> None:
        """A child calls this. The child ends when its parent has ended, and removes the folder that the parent has left."""
        os.close(self._write)
        threading.Thread(target=self._wait, args=(folder,), name="lifeline", daemon=True).start()

    def _wait(self, folder: str) -> None:
        os.read(self._read, 1)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)
