"""What a client of PostgreSQL says, message by message, and which messages have the server execute a COMMIT.
https://www.postgresql.org/docs/15/protocol-message-formats.html"""

import struct
from dataclasses import dataclass

#: Requests before the startup message: SSL and GSS encryption. Both are answered by one byte.
NEGOTIATIONS = (80877103, 80877104)


@dataclass(frozen=True)
class Message:
    data: bytes
    #: Whether the server commits when it has this and what follows up to the next Sync.
    is_commit: bool = False


class ClientMessages:
    """Cuts the bytes of one connection into messages."""

    def __init__(self):
        self.rest = b""
        self.has_started = False
        self.commits = set()  # names of prepared statements

    def feed(self, data):
        """The messages that are whole now."""
        self.rest += data
        found = []
        while message := self.next():
            found.append(message)
        return found

    def next(self):
        head = 1 if self.has_started else 0
        if len(self.rest) < head + 4:
            return None
        size = head + struct.unpack_from(">i", self.rest, head)[0]
        if len(self.rest) < size:
            return None
        data, self.rest = self.rest[:size], self.rest[size:]
        if not self.has_started:
            self.has_started = struct.unpack_from(">i", data, 4)[0] not in NEGOTIATIONS
            return Message(data)
        return Message(data, self.commits_with(data[:1], data[5:]))

    def commits_with(self, kind, body):
        if kind == b"Q":
            return is_commit(body.split(b"\0")[0])
        if kind == b"P":
            name, query = body.split(b"\0")[:2]
            (self.commits.add if is_commit(query) else self.commits.discard)(name)
        if kind == b"B":
            return body.split(b"\0")[1] in self.commits
        return False


def is_commit(query):
    return query.strip().rstrip(b";").upper() == b"COMMIT"
