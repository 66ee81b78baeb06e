"""Batches as they are read, from one session after another."""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
import zlib
from collections import deque
from typing import Any, Callable, Deque, Dict, List, NamedTuple, Optional, Sequence, Union

from ._acks import Acks, Origin
from ._addresses import Address, text_of
from ._arrays import Arrays
from ._columns import Column, columns_of
from ._connect import connect
from ._errors import DispatcherError, ProtocolError
from ._hello import Start, Wishes
from ._wire import Message, Wire

log = logging.getLogger("data_dispatcher")

#: Of gRPC's codes, those that another try may not come to.
_PASSING = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL", "UNKNOWN"})

#: Seconds. A dispatcher that has no batch says so every five.
_LONGEST_SILENCE = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0

#: Seconds. A read that looks a name up cannot be interrupted; it ends by itself.
LONGEST_CLOSE = 1.0

#: Seconds of waiting after which a person is told what for.
_SILENT_WAIT = 5

#: Seconds.
_LOOK_INTERVAL = 0.05


class Read(NamedTuple):
    """A batch as it was read."""

    columns: List[Column]
    message: Message
    memory: Any
    origin: Origin


class Pause(NamedTuple):
    """Nothing comes before the loop acknowledges what it has."""


class End(NamedTuple):
    """Nothing comes behind this."""

    failure: Optional[BaseException]
    next_epoch: Optional[str]
    """The cursor of the epoch behind the last one that was read whole."""


class _Cut(Exception):
    """The session is over, and another one may go on."""


class _Drained(_Cut):
    """The dispatcher stops. What the session has can be acknowledged."""


class Source:
    """Reads batches, and opens another session at its cursor when one is cut. Pauses before it are random between 0 and
    a bound that doubles from 0.1 s to 5 s, and starts again with the next batch.

    One thread at a time reads. Any thread may call `close` and `wait_for_welcome`.
    """

    def __init__(self, addresses: List[Address], wishes: Wishes, start: Start, arrays: Arrays[Any]) -> None:
        self._addresses = addresses
        self._wishes = wishes
        self._arrays = arrays
        self._start = start
        self._next_epoch: Optional[str] = None
        self._wire: Optional[Wire] = None
        self._peer: Optional[Address] = None
        self._columns: List[Column] = []
        self._end: Optional[End] = None
        self._pause = 0.0
        self._attempts = 0
        self._silent_until = 0.0
        self._warned = False
        self.reconnects = 0
        self.acks = Acks()
        self._connections = 0
        #: Batches that came while an answer to a ping was waited for.
        self._early: Deque[Read] = deque()
        self._reading = threading.Lock()
        #: Guards all below it.
        self._changed = threading.Condition()
        self._is_closed = False
        self._connection: Optional[socket.socket] = None
        self._welcome: Optional[Message] = None

    # -- for any thread

    def close(self) -> None:
        """Ends the session and the connection. A `read` that waits returns the end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            if self._connection is not None:
                try:
                    if self._wishes.sharing.has_acks:
                        self.acks.say_bye(self._connections)
                    else:
                        self._connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the other side was faster
        if self._reading.acquire(timeout=LONGEST_CLOSE):
            if self._wishes.sharing.has_acks:
                self._hear_out()
            self._drop_connection()
            self._reading.release()
        self.acks.close()

    def _hear_out(self) -> None:
        """Reads until the dispatcher ends the connection. One that is closed before may not have been read to its end."""
        until = time.monotonic() + LONGEST_CLOSE
        try:
            while self._connection is not None and time.monotonic() < until:
                self._connection.settimeout(LONGEST_CLOSE)
                if not self._connection.recv(1 << 20):
                    return
        except OSError:
            pass  # the other side was faster

    @property
    def has_unkept_acks(self) -> bool:
        """Whether the dispatcher has not said that a kept position is behind what was acknowledged last."""
        return self._has_position and self.acks.has_unkept

    @property
    def _has_position(self) -> bool:
        """Whether the dispatcher keeps a position for the loop. A group that is over has kept all."""
        return self._wishes.sharing.has_acks and self._wishes.sharing.group is None

    def wait_for_welcome(self) -> Optional[Message]:
        """What the session is, as soon as the dispatcher has said it; `None` where it was closed before."""
        with self._changed:
            while self._welcome is None and self._end is None and not self._is_closed:
                self._changed.wait()
            if self._welcome is None and self._end is not None and self._end.failure is not None:
                raise self._end.failure
            return self._welcome

    # -- for the thread that reads

    def read(self) -> Union[Read, Pause, End]:
        """The next batch. An exception from outside, such as Ctrl-C, leaves a source that can be read on."""
        with self._reading:
            if self._early:
                return self._early.popleft()
            while self._end is None:
                try:
                    read = self._try_to_read()
                    if read is not None:
                        return read
                    self._set_end(None)
                except (_Cut, OSError) as cut:
                    self._after_cut(cut)
                except Exception as failure:
                    self._set_end(failure)
                except BaseException:
                    # The connection may stand in the middle of a batch.
                    self._drop_connection()
                    raise
            self._drop_connection(is_drained=self._end.failure is None)
            return self._end

    def commit(self, origins: Sequence[Origin]) -> bool:
        """Acknowledges batches, and waits until that is kept. Returns false where a connection is lost before."""
        count, ping = self.acks.commit(origins)
        return self._is_answered(ping) and count == len(origins)

    def _is_answered(self, ping: Optional[Origin]) -> bool:
        """Waits for the answer."""
        while ping is not None and self._end is None and not self._is_closed:
            if self.acks.is_answered(ping):
                return True
            if not self.acks.is_there(ping):
                return False
            # Another thread that reads sees the answer.
            if self._reading.acquire(timeout=_LOOK_INTERVAL):
                try:
                    self._read_towards(ping)
                finally:
                    self._reading.release()
        # A group that is over has kept all. A session that is over has kept what it was told last.
        is_over = self._end is not None and self._end.failure is None
        return is_over and (self._wishes.sharing.group is not None or self.acks.was_kept)

    def _read_towards(self, ping: Origin) -> None:
        if self._wire is None or self._end is not None or self.acks.is_answered(ping):
            return
        try:
            read = self._read_batch(self._wire, until_pong=True)
            if isinstance(read, Read):
                self._early.append(read)
            elif read is None and not self.acks.is_answered(ping):
                self._end_behind_pong(self._wire, ping)
        except (_Cut, OSError) as cut:
            if self._end is None:
                self._after_cut(cut)
        except Exception as failure:
            self._set_end(failure)
            raise

    def _end_behind_pong(self, wire: Wire, ping: Origin) -> None:
        """The last batch has come. The answer to a ping may come behind that."""
        try:
            if self._wishes.sharing.group is None and self._read_batch(wire, until_pong=True) is None:
                self.acks.was_kept = self.acks.is_answered(ping)
        finally:
            self._set_end(None)
            self._drop_connection(is_drained=True)

    def _try_to_read(self) -> Union[Read, Pause, None]:
        """The next batch; `None` behind the last one, and when this was closed."""
        if self._is_closed:
            return None
        if self._wire is None:
            self._wire = self._open()
        try:
            return self._read_batch(self._wire)
        except socket.timeout:
            raise _Cut(f"{self._peer} has said nothing for {_LONGEST_SILENCE:.0f} s") from None
        except ProtocolError as problem:
            raise ProtocolError(f"{self._peer}: {problem}") from None

    def _set_end(self, failure: Optional[BaseException]) -> None:
        with self._changed:
            self._end = End(failure, self._next_epoch)
            self._changed.notify_all()

    def _after_cut(self, cut: Exception) -> None:
        self._drop_connection(isinstance(cut, _Drained))
        if self._is_closed:
            return
        self._say(cut)
        self.reconnects += 1
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        until = time.monotonic() + random.uniform(0, self._pause)
        with self._changed:
            while not self._is_closed and time.monotonic() < until:
                self._changed.wait(until - time.monotonic())

    def _say(self, cut: Exception) -> None:
        """Says when an outage begins, and now and then while it lasts."""
        now = time.monotonic()
        self._attempts += 1
        level = logging.DEBUG
        if now >= self._silent_until:
            level, self._silent_until = logging.WARNING, now + _LONGEST_SILENCE
        if self._welcome is None:
            names = text_of(self._addresses)
            hint = "sessions are at the port of the dispatcher's --sessions, by default 8090"
            log.log(level, "no session at %s yet, attempt %d: %s (%s)", names, self._attempts, cut, hint)
        else:
            log.log(level, "the session goes on when it can, attempt %d: %s", self._attempts, cut)

    def _open(self) -> Wire:
        connection, self._peer = connect(self._addresses)
        connection.settimeout(_LONGEST_SILENCE)
        with self._changed:
            self._connection = connection
            if self._is_closed:
                raise _Cut("the session was closed")
        wire = Wire(connection)
        wire.send(self._wishes.hello(self._start, self._welcome is None))
        self._connections += 1
        self.acks.open(self._connections, connection)
        return wire

    def _drop_connection(self, is_drained: bool = False) -> None:
        self._wire = None
        with self._changed:
            connection, self._connection = self._connection, None
        if connection is None or (is_drained and self.acks.drain(self._connections, self._has_position)):
            return
        self.acks.lose(self._connections)
        connection.close()

    def _read_batch(self, wire: Wire, until_pong: bool = False) -> Union[Read, Pause, None]:
        """The next batch of this session; `None` behind the last one, and where a pong is waited for."""
        while True:
            message = wire.read_message()
            what = message["type"]
            if what == "batch":
                return self._read_payload(wire, message)
            if what == "eof":
                return None
            if what == "pong":
                self.acks.answered(self._connections)
                if until_pong:
                    return None
            if what == "wait" and self._waits_for_loop(message):
                return Pause()
            handle = _HANDLERS.get(what)
            if handle is not None:
                handle(self, message)

    def _read_payload(self, wire: Wire, message: Message) -> Read:
        memory = self._arrays.take(message["payload_bytes"])
        buffer = self._arrays.buffer_of(memory)
        wire.read_payload(buffer)
        if "crc32" in message and zlib.crc32(buffer) != message["crc32"]:
            raise _Cut(f"the payload of batch {message['seq']} is damaged: its CRC-32 is not {message['crc32']}")
        self._go_to(message["cursor"])
        self._pause = self._silent_until = 0.0
        self._attempts = 0
        self._warned = False
        origin = Origin(self._connections, message["seq"])
        if self._wishes.sharing.has_acks:
            self.acks.arrived(origin)
        return Read(self._columns, message, memory, origin)

    def _go_to(self, cursor: str) -> None:
        """Notes where another session goes on. A group knows that itself."""
        if self._wishes.sharing.group is None:
            self._start = cursor

    def _waits_for_loop(self, message: Message) -> bool:
        """Whether nothing comes before the loop acknowledges what it has."""
        is_own = message["for"] == "acks" or (message["for"] == "group" and message.get("own", 0) > 0)
        return self._wishes.sharing.ack == "explicit" and is_own

    def _begin(self, message: Message) -> None:
        columns = columns_of(message)
        if columns is None:
            raise TypeError(
                f"the dataset service does not describe the samples of {message['dataset']!r}, so they cannot become "
                "arrays: have GetDatasetInfo say their total, shape and type"
            )
        self._columns = columns
        self._go_to(message["cursor"])
        with self._changed:
            self._welcome = message
            self._changed.notify_all()

    def _end_epoch(self, message: Message) -> None:
        self._next_epoch = message["cursor"]
        self._go_to(message["cursor"])

    def _wait(self, message: Message) -> None:
        if message["seconds"] >= _SILENT_WAIT and not self._warned:
            self._warned = True
            log.warning("waiting for %s for %.0f s: %s", message["for"], message["seconds"], message["why"])

    def _drain(self, message: Message) -> None:
        raise _Drained(message["message"])

    def _fail(self, message: Message) -> None:
        # A name belongs to the session that took it last.
        is_taken = message["code"] == "ABORTED" and self._wishes.sharing.name is not None
        if message["code"] in _PASSING and not is_taken:
            raise _Cut(f"{message['code']}: {message['message']}")
        raise DispatcherError(message["code"], message["message"], message.get("cursor"))


#: What is done about each message but `batch` and `eof`. The protocol may grow: others are ignored.
_HANDLERS: Dict[str, Callable[[Source, Message], None]] = {
    "welcome": Source._begin,
    "epoch": Source._end_epoch,
    "wait": Source._wait,
    "drain": Source._drain,
    "error": Source._fail,
}
