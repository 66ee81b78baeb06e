"""Reads as fast as one Python program can, and prints what it got as JSON: read.py HOW PORT SECONDS [WISHES].

HOW is `raw` (a plain recv_into of the session's bytes), `session` (open_session), `loader` (a DataLoader of PyTorch
without workers) or `json` (the README's loop over the classic port). WISHES are arguments of open_session, as JSON.
"""

import base64
import json
import socket
import sys
import time


def raw_pieces(port, wishes):
    hello = json.dumps({"type": "hello", "payload": "raw", "epochs": 100, "batch_size": wishes["batch_size"]}) + "\n"
    while True:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(hello.encode())
            buffer = memoryview(bytearray(wishes["bytes"]))
            while count := connection.recv_into(buffer):
                yield count


def session_batches(port, wishes):
    from data_dispatcher import open_session

    with open_session(f"127.0.0.1:{port}", epochs=0, **wishes) as batches:
        for batch in batches:
            yield sum(x.nbytes for x in batch.values())


def loader_batches(port, wishes):
    from data_dispatcher.torch import DispatcherDataset
    from torch.utils.data import DataLoader

    loader = DataLoader(DispatcherDataset(f"127.0.0.1:{port}", **wishes), batch_size=None)
    while True:
        for batch in loader:
            yield sum(x.nelement() * x.element_size() for x in batch.values())


def json_batches(port, _):
    while True:
        for line in socket.create_connection(("127.0.0.1", port)).makefile():
            frame = json.loads(line)
            yield len(base64.b64decode(frame["batch_data"][0]))


WAYS = {"raw": raw_pieces, "session": session_batches, "loader": loader_batches, "json": json_batches}


def main():
    how, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    pieces = WAYS[how](port, json.loads(sys.argv[4]))
    next(pieces)
    count, size = 0, 0
    begin = time.perf_counter()
    end = begin + seconds
    for each in pieces:
        count += 1
        size += each
        if time.perf_counter() >= end:
            break
    print(json.dumps({"batches": count, "bytes": size, "seconds": time.perf_counter() - begin}))


main()
