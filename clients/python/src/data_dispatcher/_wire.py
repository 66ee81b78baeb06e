"""Lines and payloads of the session protocol, as they come from a socket."""

from __future__ import annotations

import json
import socket
from typing import Any, Dict

from ._errors import ProtocolError

Message = Dict[str, Any]

#: Lines are read in such pieces. What comes behind a line is copied, so more would cost more.
_LINE_BYTES = 4096

#: No line of a dispatcher is longer where payloads are raw.
_LONGEST_LINE = 1 << 20


class Wire:
    """One connection. Reads a line with its first bytes of payload at once, and each payload together with the line
    behind it: two system calls a batch, and no copy of a payload but its first bytes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._line = bytearray()

    def send(self, message: Message) -> None:
        self._connection.sendall(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    def read_message(self) -> Message:
        """The next line.

        Raises:
            ConnectionError: the connection has ended.
            ProtocolError: it is no line of a session.
        """
        end = self._line.find(b"\n")
        while end < 0:
            searched = len(self._line)
            if searched > _LONGEST_LINE:
                raise ProtocolError(f"a line is longer than {_LONGEST_LINE} bytes: {bytes(self._line[:80])!r}")
            came = self._connection.recv(_LINE_BYTES)
            if not came:
                raise ConnectionError("the connection has ended")
            self._line += came
            end = self._line.find(b"\n", searched)
        line = bytes(self._line[:end])
        del self._line[: end + 1]
        return _parse(line)

    def read_payload(self, into: memoryview) -> None:
        """Fills `into`, and takes the line end behind it.

        Raises:
            ConnectionError: the connection has ended.
            ProtocolError: no line ends behind the payload.
        """
        size = len(into)
        got = min(size, len(self._line))
        into[:got] = self._line[:got]
        del self._line[:got]
        while got < size:
            behind = bytearray(_LINE_BYTES)
            count, _, _, _ = self._connection.recvmsg_into([into[got:], behind])
            if count == 0:
                raise ConnectionError("the connection has ended")
            taken = min(count, size - got)
            got += taken
            self._line += memoryview(behind)[: count - taken]
        while not self._line:
            came = self._connection.recv(_LINE_BYTES)
            if not came:
                raise ConnectionError("the connection has ended")
            self._line += came
        if self._line[:1] != b"\n":
            raise ProtocolError(f"no line ends behind a payload of {size} bytes: {bytes(self._line[:80])!r}")
        del self._line[:1]


def _parse(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ProtocolError(
            f"{line[:80]!r} is no line of a session: take the port of the dispatcher's --sessions, by default 8090"
        )
    return message
