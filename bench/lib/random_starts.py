"""Sessions that begin at random positions of a large dataset: how soon their first frame comes. One connection after
another, from here: such a session is left behind its first frame, long before its end."""

import json
import random
import re
import socket
import time
import zlib

from servers import DISPATCHER
from times import quantiles_of

# The bundled dataset service keeps synthetic samples in memory: these have 512 MB.
SAMPLES = 64_000_000
DATA = ["--no-bundled-data", "--data", f"big=synthetic:{SAMPLES}:int64"]
BATCH_SIZE = 1000

# By default a window has 64 MiB: with such blocks, 8,389 of them.
SMALL_WINDOW = 16

# Each with the part of the sessions that it has: a thousand blocks before the first frame take their time.
SHUFFLES = {
    "": (None, 1),
    f", shuffled, window {SMALL_WINDOW}": ({"seed": 7, "window": SMALL_WINDOW}, 1),
    ", shuffled, window of 64 MiB": ({"seed": 7}, 4),
}

# What a session has asked for when it is left is over by then.
PAUSE_SECONDS = 0.005


def run(bench):
    rows = []
    for name, (shuffle, divisor) in SHUFFLES.items():
        for how in (by_position, by_cursor):
            count = bench.options.first_frames // divisor
            start = f"a random {how.__doc__}{name}"
            bench.say(f"session: first frames from {start}")
            # Fresh servers: nothing of the dataset is in a cache, and little of it comes there.
            with bench.servers.start_for_sessions(DISPATCHER, "--dataset", "big", batch_size=BATCH_SIZE, data=DATA) as server:
                times = first_frames(server.port, how, shuffle, count)
            row = {"case": "session-first", "contender": DISPATCHER, "start": start, "count": count}
            rows.append({**row, **quantiles_of(times)})
    return rows


def first_frames(port, how, shuffle, count):
    positions = random.Random(7)
    asked = {} if shuffle is None else {"shuffle": shuffle}
    # The first session brings the description of the dataset, and a cursor.
    _, cursor = first_frame(port, asked)
    times = []
    for _ in range(count):
        time.sleep(PAUSE_SECONDS)
        seconds, _ = first_frame(port, how(asked, cursor, positions.randrange(SAMPLES - BATCH_SIZE)))
        times.append(seconds)
    return times


def by_position(asked, cursor, position):
    """position"""
    return {**asked, "start": {"epoch": 0, "sample": position}}


def by_cursor(asked, cursor, position):
    """cursor"""
    text = re.sub(r",sample=\d+", f",sample={position}", cursor.rpartition(",check=")[0])
    return {"start": {"cursor": f"{text},check={zlib.crc32(text.encode()):08x}"}}


def first_frame(port, members):
    """Seconds from before the connection to the end of a session's first frame, and the cursor behind it."""
    hello = json.dumps({"type": "hello", "payload": "raw", **members}).encode() + b"\n"
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection, connection.makefile("rb") as answer:
        connection.sendall(hello)
        line = read_batch(answer)
        answer.read(line["payload_bytes"] + 1)
        return time.perf_counter() - began, line["cursor"]


def read_batch(answer):
    """The line of the first batch."""
    for text in answer:
        line = json.loads(text)
        if line["type"] == "batch":
            return line
        if line["type"] == "error":
            raise SystemExit(f"error: a session failed: {line['message']}")
    raise SystemExit("error: a session closed before its first batch")
