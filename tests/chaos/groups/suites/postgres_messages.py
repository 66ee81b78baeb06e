#!/usr/bin/env python3
"""Where the bytes of a client of PostgreSQL have a COMMIT."""

import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from postgres_messages import ClientMessages  # noqa: E402


def started(body):
    return struct.pack(">i", 4 + len(body)) + body


def message(kind, *strings):
    body = b"".join(x + b"\0" for x in strings)
    return kind + struct.pack(">i", 4 + len(body)) + body


SSL = started(struct.pack(">i", 80877103))
STARTUP = started(struct.pack(">i", 196608) + b"user\0dispatcher\0\0")
SYNC = message(b"S")


class Messages(unittest.TestCase):
    def commits(self, *messages, chunk=1 << 16):
        """Which of the messages have a COMMIT."""
        data = b"".join(messages)
        cutter = ClientMessages()
        found = [x for at in range(0, len(data), chunk) for x in cutter.feed(data[at:at + chunk])]
        self.assertEqual(list(messages), [x.data for x in found])
        return [index for index, x in enumerate(found) if x.is_commit]

    def test_a_simple_query(self):
        for text, found in ((b"COMMIT", [2]), (b"commit;", [2]), (b"SET synchronous_commit = off", []),
                            (b"BEGIN", [])):
            self.assertEqual(found, self.commits(SSL, STARTUP, message(b"Q", text)), text)

    def test_a_prepared_statement_commits_where_it_is_bound(self):
        said = (STARTUP, message(b"P", b"s1", b"BEGIN", b""), SYNC, message(b"P", b"s2", b"COMMIT", b""), SYNC,
                message(b"B", b"", b"s1", b""), SYNC, message(b"B", b"", b"s2", b""), message(b"E", b"", b""), SYNC)
        for chunk in (1, 7, 1 << 16):
            self.assertEqual([7], self.commits(*said, chunk=chunk))

    def test_a_name_that_is_prepared_anew(self):
        self.assertEqual([], self.commits(STARTUP, message(b"P", b"", b"COMMIT", b""),
                                          message(b"P", b"", b"BEGIN", b""), message(b"B", b"", b"", b"")))

    def test_what_is_not_whole_waits(self):
        cutter = ClientMessages()
        self.assertEqual([], cutter.feed(STARTUP[:7]))
        self.assertEqual([STARTUP], [x.data for x in cutter.feed(STARTUP[7:] + b"Q\0")])


if __name__ == "__main__":
    unittest.main(verbosity=2)
