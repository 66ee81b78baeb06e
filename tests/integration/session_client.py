"""A client of the session protocol, by docs/protocol.md. It checks each row against the order of docs/order.md."""

import json
import socket
import struct
import sys
import zipfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "stack"))
from order_reference import Order  # noqa: E402


class Session:
    """One session. Yields its messages; a batch has its bytes as `payload`. Ends where the connection does."""

    def __init__(self, port, timeout=60, **hello):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.input = self.socket.makefile("rb")
        self.sequence = 0
        self.say(type="hello", **{"payload": "raw", "checksum": "crc32", **hello})

    def say(self, **message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def __iter__(self):
        return self

    def __next__(self):
        try:
            line = self.input.readline()
            if not line.endswith(b"\n"):
                raise StopIteration
            message = json.loads(line)
            if message["type"] == "batch":
                self.take_payload(message)
            return message
        except ConnectionError:
            raise StopIteration from None

    def take_payload(self, message):
        size = message["payload_bytes"]
        payload = self.input.read(size + 1)
        if len(payload) <= size:
            raise StopIteration
        message["payload"] = payload[:size]
        assert payload[size:] == b"\n", payload[size:]
        assert message["crc32"] == zlib.crc32(message["payload"]), message["crc32"]
        assert message["seq"] == self.sequence, (message["seq"], self.sequence)
        self.sequence += 1

    def close(self):
        self.input.close()
        self.socket.close()


def column(message, name):
    (found,) = (x for x in message["columns"] if x["name"] == name)
    assert found["offset"] % 64 == 0, found
    return message["payload"][found["offset"]:found["offset"] + found["bytes"]]


def numbers_in(message):
    """Samples of `write_numbers`: a row is a number and its square, its label the number."""
    values = struct.unpack(f"<{2 * message['samples']}q", column(message, "x"))
    numbers = list(values[::2])
    assert list(values[1::2]) == [x * x for x in numbers], "a row is torn"
    labels = struct.unpack(f"<{message['samples']}i", column(message, "label"))
    assert list(labels) == numbers, "labels are those of other rows"
    return numbers


def npy(dtype, shape, data):
    """The bytes of a .npy file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html)."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def write_numbers(path, samples):
    rows = b"".join(struct.pack("<qq", x, x * x) for x in range(samples))
    labels = struct.pack(f"<{samples}i", *range(samples))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", npy("<i8", (samples, 2), rows))
        archive.writestr("label.npy", npy("<i4", (samples,), labels))


class Reader:
    """Reads a shard in as many sessions as its caller likes, each from the cursor of the last batch that was taken, and
    checks every row: with steps of `batch_size` times the number of shards from where a session began."""

    def __init__(self, port, **hello):
        self.port = port
        self.hello = hello
        self.cursor = None
        self.taken = []   # (epoch, number), in the order in which they came
        self.epochs = []  # the messages
        self.orders = {}

    def open(self, **changed):
        hello = {**self.hello, **changed}
        if self.cursor:
            hello["start"] = {"cursor": self.cursor}
        session = Session(self.port, **hello)
        self.welcome = next(session, None)
        if self.welcome and self.welcome["type"] == "welcome":
            self.cursor = self.welcome["cursor"]
        return session

    def read(self, most=-1, **changed):
        """Takes so many batches, or all. Returns the last message; None where the connection ended without one."""
        session = self.open(**changed)
        last = self.welcome
        if last and last["type"] == "welcome":
            for last in session:
                if last["type"] == "batch":
                    self.take(last)
                    most -= 1
                if last["type"] in ("epoch", "eof", "error", "drain") and last["cursor"]:
                    self.cursor = last["cursor"]
                if last["type"] == "epoch":
                    self.epochs.append(last)
                if most == 0 or last["type"] in ("eof", "error", "drain"):
                    break
            else:
                last = None
        session.close()
        return last

    def take(self, message):
        welcome = self.welcome
        shard, size = welcome["shard"], welcome["batch_size"]
        numbers = numbers_in(message)
        begin = message["position"] + shard["index"] * size
        expected = [self.sample_at(message["epoch"], p % welcome["samples"]) for p in range(begin, begin + len(numbers))]
        assert numbers == expected, (message["epoch"], message["position"], shard)
        self.taken += [(message["epoch"], x) for x in numbers]
        self.cursor = message["cursor"]

    def sample_at(self, epoch, position):
        welcome = self.welcome
        shuffle = welcome["shuffle"] or {"seed": None, "window": None, "block": 1}
        if epoch not in self.orders:
            self.orders[epoch] = Order(welcome["samples"], shuffle["block"], shuffle["seed"], shuffle["window"], epoch)
        return self.orders[epoch].sample_at(position)

    def of_epoch(self, epoch):
        return [x for e, x in self.taken if e == epoch]
