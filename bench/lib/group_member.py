"""A member of a group, or another client of a session, that says when its batches come."""

import json
import socket
import struct
import time


class Member:
    """Use it in a `with` statement, which closes its connection."""

    def __init__(self, port, **hello):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.input = self.socket.makefile("rb", buffering=1 << 20)
        self.say(type="hello", payload="raw", **hello)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def say(self, **message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def read(self, kind):
        """The next message of this type."""
        for text in self.input:
            message = json.loads(text)
            if message["type"] == "batch":
                self.input.read(message["payload_bytes"] + 1)
            if message["type"] == kind:
                return message
            if message["type"] in ("eof", "drain", "error"):
                break
        raise SystemExit(f"error: a session ended before its {kind}: {text.decode(errors='replace')}")

    def take(self, count):
        """Reads so many batches. Returns them, each with the moment at which it had come as `at`."""
        return [{**self.read("batch"), "at": time.perf_counter()} for _ in range(count)]

    def ack(self, batches):
        self.say(type="ack", seq=[x["seq"] for x in batches])

    def wait_until_known(self):
        """Returns when the dispatcher has handled all that was said before."""
        self.say(type="ping")
        self.read("pong")

    def close(self):
        """As a program does that ends in order."""
        self.input.close()
        self.socket.close()

    def reset(self):
        """As a machine does whose program has died with bytes unread."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()
