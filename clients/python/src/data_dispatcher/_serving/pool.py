"""The workers, as the front sees them."""

from __future__ import annotations

import logging
import queue
import socket
import threading
import time
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Tuple

from .frames import OK, read_answer, send_request

log = logging.getLogger("data_dispatcher")

#: gRPC's codes.
CANCELLED, UNAVAILABLE, DATA_LOSS = 1, 14, 15

#: Processes that may end over a batch, in all of its calls, until it is the batch that is said to end them. It is then
#: refused for so many seconds.
_MOST_ENDS, _REFUSED = 4, 30.0

#: Seconds after which a call that waits for a worker looks whether it is still wanted.
_LOOK = 1.0


class Refused(Exception):
    """There is no batch, for a reason with one of gRPC's codes."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Request:
    """A batch to be made."""

    index: int
    is_last: bool
    numbers: bytes
    """Of its samples, four bytes each."""

    def described(self) -> str:
        first, last = (int.from_bytes(x, "little") for x in (self.numbers[:4], self.numbers[-4:]))
        return f"batch {self.index}, samples {first} to {last}"


class Pool:
    """Connections to workers. Each makes one batch at a time."""

    def __init__(self, listening: socket.socket) -> None:
        self._free: "queue.SimpleQueue[socket.socket]" = queue.SimpleQueue()
        #: How many processes have ended over a batch, by its samples.
        self._ends: Dict[bytes, int] = {}
        #: Until when a batch is refused.
        self._refused: Dict[bytes, float] = {}
        threading.Thread(target=self._accept, args=(listening,), name="workers", daemon=True).start()

    def make(self, request: Request, is_wanted: Callable[[], bool]) -> bytes:
        """A batch, as a serialised message. A worker that ends over it is followed by one other.

        Raises:
            Refused: the worker says why, or a second one ended. With UNAVAILABLE, since workers are killed for many
                reasons; where the same batch has ended several, with DATA_LOSS.
        """
        self._check(request)
        for _ in range(2):
            worker = self._take(is_wanted)
            answer = _ask(worker, request)
            if answer is None:
                worker.close()
                self._note_end(request)
                continue
            self._free.put(worker)
            self._ends.pop(request.numbers, None)
            code, content = answer
            if code != OK:
                raise Refused(code, content.decode())
            return content
        raise Refused(UNAVAILABLE, f"two processes ended while they made {request.described()}")

    def _note_end(self, request: Request) -> None:
        ends = self._ends[request.numbers] = self._ends.get(request.numbers, 0) + 1
        log.warning("serve: a process ended while it made %s", request.described())
        if ends >= _MOST_ENDS:
            self._ends.pop(request.numbers, None)
            self._refused[request.numbers] = time.monotonic() + _REFUSED
            self._check(request)

    def _check(self, request: Request) -> None:
        until = self._refused.get(request.numbers)
        if until is None:
            return
        if time.monotonic() < until:
            text = f"{_MOST_ENDS} processes ended while they made {request.described()}"
            raise Refused(DATA_LOSS, text + ": a sample may crash or take too much memory")
        self._refused.pop(request.numbers, None)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            self._free.put(listening.accept()[0])

    def _take(self, is_wanted: Callable[[], bool]) -> socket.socket:
        while is_wanted():
            try:
                worker = self._free.get(timeout=_LOOK)
            except queue.Empty:
                continue
            if _is_alive(worker):
                return worker
            worker.close()
        raise Refused(CANCELLED, "the call was cancelled")


def _ask(worker: socket.socket, request: Request) -> Optional[Tuple[int, bytes]]:
    """`None`: the worker has ended."""
    try:
        send_request(worker, request.index, request.is_last, request.numbers)
        return read_answer(worker)
    except ConnectionError:
        return None


def _is_alive(worker: socket.socket) -> bool:
    """Whether a worker that has nothing to do is still there."""
    try:
        worker.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False
