"""What listens where a dataset service should be and is none: an ingress without a route, or a gRPC service of another kind."""

import argparse
import concurrent.futures
import signal
import socket
import struct
import sys
import threading

import grpc

HEAD_BYTES = 9
PREFACE_BYTES = 24
HEADERS, SETTINGS, PING = 1, 4, 6
ACK = END_STREAM = 1
END_HEADERS = 4


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="of 127.0.0.1; 0 takes any free one")
    parser.add_argument("--http", help="answer every HTTP/2 request with this status; else be a gRPC server without a service")
    return parser.parse_args()


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def receive(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def answer(connection, status):
    # A header without indexing and without Huffman's code: its name and its value, each after its length.
    name, value = b":status", status.encode()
    header = b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value
    try:
        receive(connection, PREFACE_BYTES)
        connection.sendall(frame(SETTINGS, 0, 0))
        while True:
            head = receive(connection, HEAD_BYTES)
            payload = receive(connection, int.from_bytes(head[:3], "big"))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            if kind == SETTINGS and not flags & ACK:
                connection.sendall(frame(SETTINGS, ACK, 0))
            elif kind == PING and not flags & ACK:
                connection.sendall(frame(PING, ACK, 0, payload))
            elif kind == HEADERS:
                connection.sendall(frame(HEADERS, END_HEADERS | END_STREAM, stream, header))
    except (EOFError, OSError):
        connection.close()


def serve_http(port, status):
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(64)

    def accept():
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=answer, args=(connection, status), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listening.getsockname()[1]


def main():
    arguments = parse_arguments()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    server = None
    if arguments.http:
        port = serve_http(arguments.port, arguments.http)
    else:
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=2))
        port = server.add_insecure_port(f"127.0.0.1:{arguments.port}")
        server.start()
    print(f"serving port={port}", file=sys.stderr, flush=True)
    stop.wait()
    if server:
        server.stop(grace=None)


main()
