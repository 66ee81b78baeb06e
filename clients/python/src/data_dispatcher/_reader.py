"""Reads ahead of a loop while the loop works."""

from __future__ import annotations

import os
import threading
import time
from queue import SimpleQueue
from typing import Generic, Iterable, Optional, Sequence, Union

from ._acks import Origin
from ._arrays import Arrays, ArrayT
from ._batch import Batch
from ._source import LONGEST_CLOSE, End, Pause, Read, Source
from ._wire import Message

#: Seconds. For a loop whose steps are shorter, a thread that reads costs more than it saves. The kernel's queue is what
#: is read ahead for such a loop.
_SHORT_STEP = 1e-4


class Reader(Generic[ArrayT]):
    """Gives a loop the batches of a source. A thread reads them ahead while the loop's steps take time; a loop that does
    next to nothing between two batches reads them itself.

    The thread reads as many batches as it was asked for, and then waits. Where all of them were taken, `_asked` is 0,
    and the source is the loop's.

    A reader knows nothing of the `Session` that it works for, which can so be collected while the thread runs. Batches
    cross between the threads in queues that the interpreter makes in C, because each of them would pay for a lock of
    Python's.
    """

    def __init__(self, source: Source, arrays: Arrays[ArrayT], read_ahead: int, is_shared: bool = False) -> None:
        """`is_shared` says that a batch of a lost connection goes to another member of a group."""
        self._source = source
        self._is_shared = is_shared
        self._arrays = arrays
        self._read_ahead = read_ahead
        self._process = os.getpid()
        self._ready: SimpleQueue[Union[Read, Pause, End]] = SimpleQueue()
        self._requests: SimpleQueue[None] = SimpleQueue()
        #: Of the loop alone, up to the thread.
        self._asked = 0
        self._end: Optional[End] = None
        self._left = 0.0
        self._epoch, self._index = -1, 0
        self._ask()
        self._thread = threading.Thread(target=self._run, name="data-dispatcher", daemon=True)
        self._thread.start()

    def take(self) -> Union[Batch[ArrayT], Pause, End]:
        """The next batch, when it is there. Behind the last one, the end, as often as it is asked for.

        Raises:
            ProtocolError: the batch is not what its dataset's description says.
            TypeError: arrays of this kind cannot have a column's type.
        """
        step = time.perf_counter() - self._left
        read = self._next()
        while self._is_shared and isinstance(read, Read) and not self._source.acks.is_there(read.origin):
            # The dispatcher delivers it to another member.
            read = self._next()
        if isinstance(read, End):
            self._end = read
            return read
        if isinstance(read, Pause):
            return read
        if step >= _SHORT_STEP:
            self._ask()
        batch = self._batch_of(read)
        self._left = time.perf_counter()
        return batch

    def wait_for_welcome(self) -> Optional[Message]:
        """What the session is, as soon as the dispatcher has said it; `None` where it was closed before."""
        return self._source.wait_for_welcome()

    @property
    def reconnects(self) -> int:
        return self._source.reconnects

    def close(self) -> None:
        """Ends the session, and the thread."""
        if os.getpid() != self._process:
            return  # the thread and the session are those of the process before the fork
        self._source.close()
        self._requests.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(LONGEST_CLOSE)

    def _ask(self) -> None:
        """Has the thread read as far ahead as it may."""
        while self._asked < self._read_ahead:
            self._requests.put(None)
            self._asked += 1

    def commit(self, origins: Sequence[Origin]) -> bool:
        """Acknowledges batches, and waits until that is kept. Returns false where a connection is lost before."""
        return self._source.commit(origins)

    def acknowledge(self, origins: Iterable[Origin]) -> int:
        """Returns how many of the batches could be acknowledged."""
        return self._source.acks.acknowledge(origins)

    @property
    def has_unkept_acks(self) -> bool:
        """Whether the dispatcher has not said that a kept position is behind the last batch."""
        return self._source.has_unkept_acks

    def note_alive(self) -> None:
        """Gives a sign of life on all batches that are not acknowledged."""
        self._source.acks.commit([])

    def _next(self) -> Union[Read, Pause, End]:
        if self._end is not None:
            return self._end
        if self._asked == 0:
            return self._source.read()
        read = self._ready.get()
        self._asked -= 1
        return read

    def _batch_of(self, read: Read) -> Batch[ArrayT]:
        message = read.message
        arrays = self._arrays.of_batch(read.columns, message, read.memory)
        epoch = message["epoch"]
        self._index = self._index + 1 if epoch == self._epoch else 0
        self._epoch = epoch
        place = (message["cursor"], epoch, self._index, message["position"])
        redelivered = message.get("redelivered", False)
        return Batch(arrays, *place, message["samples"], message["payload_bytes"], redelivered, read.origin)

    def _run(self) -> None:
        while True:
            self._requests.get()
            read = self._source.read()
            self._ready.put(read)
            if isinstance(read, End):
                return
