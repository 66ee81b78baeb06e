"""A session, as a loop sees it."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from dataclasses import dataclass
from typing import Any, Callable, Dict, Generic, Iterator, List, Mapping, Optional

from . import _arguments as check
from ._acks import Origin
from ._addresses import Address, text_of
from ._arrays import Arrays, ArrayT
from ._batch import Batch
from ._errors import SessionClosed
from ._hello import Start, Wishes
from ._progress import Progress, progress_of
from ._reader import Reader
from ._source import End, Pause, Source
from ._wire import Message

@dataclass(frozen=True)
class Stats:
    """What a session has come to so far."""

    batches: int
    samples: int
    bytes: int
    """Of payloads."""
    waited: float
    """Seconds in which the loop waited for a batch."""
    reconnects: int


class _Call(Generic[ArrayT]):
    """A call of this thread for the next batch."""

    __slots__ = ("thread", "batch")

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.batch: Optional[Batch[ArrayT]] = None


class Session(Iterator[Batch[ArrayT]], Generic[ArrayT]):
    """Batches, one after another. A context manager; leaving it ends the session.

    The thread that reads ahead goes on at its cursor when the connection is lost, the dispatcher stops or is started
    again: the loop sees a pause. Several threads may share a session; each batch is given to one of them.
    """

    def __init__(
        self,
        addresses: List[Address],
        wishes: Wishes,
        start: Start,
        read_ahead: int,
        make_arrays: Callable[[int], Arrays[ArrayT]],
        shows_progress: bool = False,
    ) -> None:
        """`make_arrays` takes the number of batches whose memory is worth keeping."""
        self._addresses = addresses
        self._wishes = wishes
        self._read_ahead = read_ahead
        self._make_arrays = make_arrays
        self._start = start
        self._shows_progress = shows_progress
        self._batches = self._samples = self._bytes = 0
        self._waited = 0.0
        self._taking = threading.Lock()
        self._progress: Optional[Progress] = None
        self._open(start)

    def _open(self, start: Start) -> None:
        self._process = os.getpid()
        self._place = start
        self._end = End(None, None)
        arrays = self._make_arrays(2 * self._read_ahead + 2)
        source = Source(self._addresses, self._wishes, start, arrays)
        self._reader = Reader(source, arrays, self._read_ahead, self._wishes.sharing.group is not None)
        #: Given to the loop and not acknowledged.
        self._unacked: List[Origin] = []
        self._is_over = False
        self._finalizer = weakref.finalize(self, self._reader.close)
        #: The call for a batch that has not come to its end.
        self._call: Optional[_Call[ArrayT]] = None

    def __enter__(self) -> "Session[ArrayT]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> "Session[ArrayT]":
        return self

    def __next__(self) -> Batch[ArrayT]:
        self._check_process()
        with self._taking:
            call = self._begin_and_take()
        batch = call.batch
        if batch is None:
            raise self._exception_at_end()
        if self._wishes.sharing.has_acks:
            self._unacked.append(batch.origin)
            batch.on_ack = self._ack_one
        # From here on nothing is called, so nothing can interrupt: the loop has the batch, and the place is behind it.
        if self._call is call:
            self._place = batch.cursor
            self._call = None
        return batch

    @property
    def is_over(self) -> bool:
        """Whether the last batch of the session was given, and of a group: whether all batches are acknowledged. A loop
        over a group with `ack="explicit"` ends when nothing comes before it commits, and can then be begun again."""
        return self._is_over

    def commit(self) -> bool:
        """Acknowledges all batches that the loop was given: what a checkpoint covers that was just written. Returns when
        the dispatcher has kept that; false where the connection was lost before, and some of the batches may come again.

        Raises:
            RuntimeError: the session acknowledges no batches.
        """
        self._check_acks("commit()")
        given, self._unacked = self._unacked, []
        return self._reader.commit(given)

    @contextlib.contextmanager
    def acked(self) -> Iterator[None]:
        """Acknowledges what the loop was given when the block ends. Where the block raises an exception, that is
        acknowledged by no later block and no `commit()` either: with `ack="explicit"` it goes to another member after
        `ack_wait`.

        Raises:
            RuntimeError: the session acknowledges no batches.
        """
        self._check_acks("acked()")
        try:
            yield
        except BaseException:
            self._unacked = []
            raise
        self._acknowledge_given()

    def working(self) -> None:
        """Gives a sign of life on the batches that are not acknowledged, where one takes longer than the group's
        `ack_wait`. Does not wait."""
        self._check_acks("working()")
        self._reader.note_alive()

    def _ack_one(self, origin: Origin) -> bool:
        if origin in self._unacked:
            self._unacked.remove(origin)
        return self._reader.acknowledge([origin]) == 1

    def _acknowledge_given(self) -> None:
        given, self._unacked = self._unacked, []
        if given:
            self._reader.acknowledge(given)

    def _check_acks(self, what: str) -> None:
        if not self._wishes.sharing.has_acks:
            raise RuntimeError(f"{what} is for a session with a group or a name: open_session(group=...)")

    def _check_state(self, what: str) -> None:
        if self._wishes.sharing.group is not None:
            raise RuntimeError(f"{what} is not for a member of a group: commit() what a checkpoint covers")

    def close(self) -> None:
        """Ends the session. May be called twice."""
        self._call = None
        self._finalizer()
        if self._progress is not None:
            self._progress.close()

    def describe(self) -> Message:
        """What the dispatcher said when the session began: dataset, fingerprint, samples, batches of an epoch for this
        rank, columns with dtype and shape. Waits for it."""
        self._check_process()
        welcome = self._reader.wait_for_welcome()
        if welcome is None:
            raise SessionClosed("the session was closed before it began")
        return dict(welcome)

    @property
    def cursor(self) -> Optional[str]:
        """The place behind the last batch that the loop was given; `None` before the first one of a session without a
        cursor to start at, and of a member of a group, which needs none."""
        return self._place if isinstance(self._place, str) and self._wishes.sharing.group is None else None

    @property
    def next_epoch(self) -> Optional[str]:
        """The cursor at which the next epoch begins, when the loop has ended; `None` until then."""
        return self._end.next_epoch

    def state_dict(self) -> Dict[str, Any]:
        """What a checkpoint keeps. It is of what the loop was given, and not of what was read ahead.

        Raises:
            RuntimeError: the session is a member of a group, whose state is the dispatcher's.
        """
        self._check_state("state_dict()")
        return {"cursor": self.cursor}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on where a `state_dict` was made, also one of another number of ranks or another batch size."""
        self._check_state("load_state_dict()")
        cursor = check.cursor_of(state)
        self.close()
        self._open(self._start if cursor is None else cursor)

    def stats(self) -> Stats:
        return Stats(self._batches, self._samples, self._bytes, self._waited, self._reader.reconnects)

    def __len__(self) -> int:
        """Batches of a whole epoch for this rank. Waits for the dispatcher's answer."""
        return int(self.describe()["batches"])

    def __repr__(self) -> str:
        return f"Session({text_of(self._addresses)}, {self._batches} batches given, {self._waited:.1f} s waited, at {self.cursor})"

    def __reduce__(self) -> Any:
        raise TypeError("a session is a connection, and cannot be pickled: pickle its state_dict() and open another one")

    def _begin_and_take(self) -> _Call[ArrayT]:
        """A call with its batch, which is `None` behind the last one."""
        self._settle_last_call()
        if self._wishes.sharing.ack == "next":
            # Asking on means that what came before was used.
            self._acknowledge_given()
        if not self._finalizer.alive:
            raise SessionClosed("the session is closed")
        call: _Call[ArrayT] = _Call()
        self._call = call
        call.batch = self._take()
        if call.batch is None:
            self._call = None
        return call

    def _settle_last_call(self) -> None:
        """A call of this thread that has not come to its end was interrupted, by Ctrl-C, say, and may have taken a batch
        along: another session begins at the place behind the last batch that the loop has. What another thread has
        taken is about to be given to its loop."""
        last = self._call
        if last is None:
            return
        if last.batch is None or last.thread == threading.get_ident():
            self._finalizer()
            self._open(self._place)
        else:
            self._place = last.batch.cursor
            self._call = None

    def _take(self) -> Optional[Batch[ArrayT]]:
        """The next batch; `None` behind the last one."""
        began = time.perf_counter()
        batch = self._reader.take()
        # One that was said before the loop has acknowledged what it had says nothing any more.
        while isinstance(batch, Pause) and not self._unacked:
            batch = self._reader.take()
        self._waited += time.perf_counter() - began
        if isinstance(batch, Pause):
            return None
        if isinstance(batch, End):
            self._end = batch
            self._is_over = batch.failure is None
            return None
        self._batches += 1
        self._samples += batch.samples
        self._bytes += batch.bytes
        if self._shows_progress:
            self._show_progress()
        return batch

    def _exception_at_end(self) -> BaseException:
        """What the loop is told behind the last batch."""
        if self._end.failure is not None:
            return self._end.failure
        if not self._finalizer.alive:
            return SessionClosed("the session was closed while a batch was waited for")
        if self._reader.has_unkept_acks:
            return ConnectionError("the dispatcher did not say that it has kept the last acknowledgements: another session "
                                   "has taken the name, or the connection was lost")
        if self._progress is not None:
            self._progress.close()
        return StopIteration()

    def _show_progress(self) -> None:
        if self._progress is None:
            self._progress = progress_of(self.describe())
        self._progress.update(1)

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise RuntimeError("the session was opened before the fork of this process: open it in the process that reads it")
