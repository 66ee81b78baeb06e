"""The process that starts all others, and starts them again. It has no threads and no gRPC, so it can fork."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import socket
import tempfile
import time
from multiprocessing.connection import wait
from typing import Any, List

from .._addresses import Address
from .children import Child
from .description import Description
from .stopping import Lifeline, StopRequest
from .worker import Worker

log = logging.getLogger("data_dispatcher")

#: Seconds between two looks at the processes: soon, where the pipe of one has ended; else now and then, because a pipe
#: stays open where a process of the dataset's own has inherited it.
_SOON, _LOOK = 0.02, 0.5
#: Seconds that the front has for its calls, and that a worker has, until they are killed.
_FRONT_ENDS, _WORKER_ENDS = 5.0, 1.0

#: A path of a socket has at most 107 bytes.
_LONGEST_FOLDER = 60


class Supervisor:
    """Workers, and a front that is their server."""

    def __init__(self, dataset: Any, description: Description, processes: int, address: Address) -> None:
        self._dataset = dataset
        self._description = description
        self._address = address
        self._front = Child("the gRPC process", self._run_front)
        self._workers = [Child(f"process {i + 1} of {processes}", self._run_worker) for i in range(processes)]
        self._is_ready = False

    def run(self) -> None:
        """Serves until a signal.

        Raises:
            OSError: the address cannot be listened at.
        """
        with contextlib.ExitStack() as stack:
            stop = stack.enter_context(StopRequest())
            self._folder = tempfile.mkdtemp(prefix="data-dispatcher-", dir=_short_folder())
            stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
            self._path = os.path.join(self._folder, "workers")
            self._listening = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            self._listening.bind(self._path)
            self._listening.listen(len(self._workers) + 16)
            self._lifeline = Lifeline()
            stack.callback(self._lifeline.close)
            stack.callback(self._end_all)
            self._supervise(stop)

    # -- in the supervisor

    def _supervise(self, stop: StopRequest) -> None:
        children = [*self._workers, self._front]
        while not stop.came:
            self._start_due(children)
            for pipe in wait([stop.pipe, *(x.pipe for x in children if x.pipe is not None)], self._timeout(children)):
                if pipe == self._front.pipe:
                    self._hear(os.read(self._front.pipe, 4096).decode().split())
                elif pipe != stop.pipe:
                    next(x for x in children if x.pipe == pipe).close_pipe()
            for child in children if not stop.came else ():  # a signal to all has ended them too
                self._look_at(child)

    def _start_due(self, children: List[Child]) -> None:
        now = time.monotonic()
        for child in children:
            if child.pid is None and child.due <= now:
                child.start()

    def _timeout(self, children: List[Child]) -> float:
        now = time.monotonic()
        dues = [max(x.due - now, 0.0) for x in children if x.pid is None]
        is_ending = any(x.pid is not None and x.pipe is None for x in children)
        return min([_SOON if is_ending else _LOOK, *dues])

    def _look_at(self, child: Child) -> None:
        end = child.poll()
        if end is None:
            return
        if child is self._front and not self._is_ready:
            raise RuntimeError(f"the gRPC process {end} before it served")
        log.warning("serve: %s %s; another one starts in %.1f s", child.label, end, child.pause)

    def _hear(self, words: List[str]) -> None:
        """What the front says."""
        if not words:
            self._front.close_pipe()
        elif words[0] == "port":
            self._address = self._address._replace(port=int(words[1]))
            self._say_ready()
        elif self._is_ready:
            log.warning("serve: cannot listen at %s again; the address may be in use", self._address)
        else:
            raise OSError(errno.EADDRINUSE, f"cannot listen at {self._address}: gRPC says why, above")

    def _say_ready(self) -> None:
        if self._is_ready:
            return
        self._is_ready = True
        columns = ", ".join(map(str, self._description.columns))
        about = f"{self._description.name}: {self._description.samples} samples, {columns}"
        count = len(self._workers)
        print(f"serving {about}; {count} process{'es' if count > 1 else ''}, port={self._address.port}", flush=True)

    def _end_all(self) -> None:
        """The front first, whose calls may need the workers."""
        self._front.end(_FRONT_ENDS)
        for worker in self._workers:
            worker.end(_WORKER_ENDS)

    # -- in the children

    def _run_worker(self, _: int) -> None:
        self._listening.close()
        self._lifeline.end_with_parent(self._folder)
        Worker(self._dataset, self._description).run(self._path)

    def _run_front(self, pipe: int) -> None:
        from .front import run_front  # gRPC is in this process alone

        self._lifeline.end_with_parent(self._folder)
        count = len(self._workers)
        run_front(self._description, count, self._address, self._listening, lambda text: _write(pipe, text))


def _write(pipe: int, text: str) -> None:
    os.write(pipe, text.encode())


def _short_folder() -> "str | None":
    return None if len(os.fsencode(tempfile.gettempdir())) <= _LONGEST_FOLDER else "/tmp"
