"""Which batches were used, said over the connection that brought them."""

from __future__ import annotations

import json
import socket
import threading
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple


#: Seconds.
_LONGEST_FINISH = 10.0

_PONG = b'{"type":"pong"}'


class Origin(NamedTuple):
    """Where a batch came from."""

    connection: int
    """Counts the connections of a session."""
    number: int
    """The `seq` of the batch."""


class _Connection:
    """A connection whose batches are acknowledged."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket: Optional[socket.socket] = sock
        self.unacked: Set[int] = set()
        #: The dispatcher stops: the connection is open for acknowledgements alone.
        self.is_draining = False
        self.pings = self.pongs = 0

    def send(self, *messages: Dict[str, object]) -> bool:
        if self.socket is None:
            return False
        try:
            self.socket.sendall(b"".join(json.dumps(x, separators=(",", ":")).encode() + b"\n" for x in messages))
            return True
        except OSError:
            return False

    def finish(self) -> bool:
        """Ends it when the dispatcher has answered all pings. Returns false where it does not."""
        was_kept = self._hears_pongs(self.pings - self.pongs)
        self.close()
        return was_kept

    def _hears_pongs(self, due: int) -> bool:
        assert self.socket is not None
        self.socket.settimeout(_LONGEST_FINISH)
        heard = b""
        try:
            # Whatever else comes is not wanted any more.
            while due > 0:
                came = self.socket.recv(1 << 16)
                if not came:
                    return False
                heard += came
                due -= heard.count(_PONG)
                heard = heard[heard.rfind(_PONG) + len(_PONG) :] if _PONG in heard else heard[-len(_PONG) :]
        except OSError:
            return False
        return True

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


class Acks:
    """Acknowledges batches. Batches of a lost connection cannot be acknowledged: the dispatcher delivers them again. Any
    thread may call its methods."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: Dict[int, _Connection] = {}
        self._is_closed = False
        #: What the last connection that was finished has said.
        self.was_kept = False
        #: Whether it has not said that it has kept what it was told.
        self.has_unkept = False

    def open(self, number: int, sock: socket.socket) -> None:
        with self._lock:
            self._connections[number] = _Connection(sock)

    def arrived(self, origin: Origin) -> None:
        with self._lock:
            self._connections[origin.connection].unacked.add(origin.number)

    def is_there(self, origin: Origin) -> bool:
        """Whether the batch can still be acknowledged."""
        with self._lock:
            return origin.connection in self._connections

    def lose(self, number: int) -> None:
        """The connection has ended."""
        with self._lock:
            lost = self._connections.pop(number, None)
        if lost is not None:
            lost.close()

    def drain(self, number: int, confirms: bool) -> bool:
        """The connection brings nothing more, and stays open until what it has brought is acknowledged. Returns whether
        there is anything to acknowledge. Where there is nothing, `confirms` asks whether all of it is kept."""
        with self._lock:
            drained = self._connections[number]
            drained.is_draining = bool(drained.unacked) and not self._is_closed
            if drained.is_draining or not confirms or self._is_closed or not drained.send({"type": "ping"}):
                return drained.is_draining
            drained.pings += 1
            del self._connections[number]
        self._finish(drained)
        return False

    def acknowledge(self, origins: Iterable[Origin]) -> int:
        """Returns how many of the batches could be acknowledged."""
        by_connection: Dict[int, Set[int]] = {}
        for origin in origins:
            by_connection.setdefault(origin.connection, set()).add(origin.number)
        return sum(self._acknowledge(number, batches) for number, batches in by_connection.items())

    def _acknowledge(self, number: int, batches: Set[int]) -> int:
        with self._lock:
            connection = self._connections.get(number)
            if connection is None:
                return 0
            is_last = connection.is_draining and connection.unacked <= batches
            # In one piece: a session that is over ends when all is acknowledged.
            lines: List[Dict[str, object]] = [{"type": "ack", "seq": sorted(batches)}]
            if is_last:
                lines.append({"type": "ping"})
            if not connection.send(*lines):
                return 0
            connection.unacked -= batches
            if not is_last:
                return len(batches)
            connection.pings += 1
            del self._connections[number]
        self._finish(connection)
        return len(batches)

    def _finish(self, connection: _Connection) -> None:
        self.was_kept = connection.finish()
        self.has_unkept = not self.was_kept

    def commit(self, origins: Sequence[Origin]) -> Tuple[int, Optional[Origin]]:
        """Acknowledges batches, and asks the newest connection whether all acknowledgements are kept.

        Returns:
            how many of the batches could be acknowledged, and the ping; `None` where there is no such connection.
        """
        with self._lock:
            newest = max((x for x, each in self._connections.items() if not each.is_draining), default=0)
        batches = {x.number for x in origins if x.connection == newest}
        count = self.acknowledge(x for x in origins if x.connection != newest)
        with self._lock:
            connection = self._connections.get(newest)
            lines: List[Dict[str, object]] = [{"type": "ack", "seq": sorted(batches)}] if batches else []
            if connection is None or not connection.send(*lines, {"type": "ping"}):
                return count, None
            connection.unacked -= batches
            connection.pings += 1
            return count + len(batches), Origin(newest, connection.pings)

    def say_bye(self, number: int) -> None:
        """The client leaves. The dispatcher reads what was said before."""
        with self._lock:
            connection = self._connections.get(number)
            if connection is not None and connection.send({"type": "bye"}):
                assert connection.socket is not None
                connection.socket.shutdown(socket.SHUT_WR)

    def answered(self, number: int) -> None:
        """A ping was answered."""
        with self._lock:
            self._connections[number].pongs += 1

    def is_answered(self, ping: Origin) -> bool:
        with self._lock:
            connection = self._connections.get(ping.connection)
            return connection is not None and connection.pongs >= ping.number

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            connections, self._connections = self._connections, {}
        for each in connections.values():
            each.close()
