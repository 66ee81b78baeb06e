#!/usr/bin/env python3
"""Clients that vanish without a word, for real: the dispatcher and its clients live in network namespaces of their own, and
the cable between them is pulled.

    vanished_clients.py DISPATCHER

Exits 0 when all were noticed, 1 when something is wrong, and 77 where namespaces cannot be made. A case that the kernel
is too old for is left out, and a line says so.
"""

import os
import signal
import socket
import subprocess
import sys
import time

from running import Program, check

SKIPPED = 77
TIMEOUT = 4  # --dead-peer-timeout, in seconds
# A look each second, keepalive in whole seconds, and a slow machine.
MARGIN = 8
# How long a client that lives and does not read is left alone, to see that it stays.
STALL = 3 * TIMEOUT
# In <linux/tcp.h> since Linux 6.15.
TCP_RTO_MAX_MS = 44

SERVER, CLIENT = f"dispatch-s{os.getpid()}", f"dispatch-c{os.getpid()}"
SERVER_LINK, CLIENT_LINK = f"ds{os.getpid()}", f"dc{os.getpid()}"
SERVER_ADDRESS, CLIENT_ADDRESS = "10.213.7.1", "10.213.7.2"

# Connects as often as it is told. "idle" reads all that comes, "stalled" reads nothing.
CLIENT_PROGRAM = """
import socket, sys, threading
host, port, kind, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
def drain(peer):
    while peer.recv(65536):
        pass
for _ in range(count):
    peer = socket.socket()
    if kind == "stalled":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect((host, port))
    if kind == "idle":
        threading.Thread(target=drain, args=(peer,)).start()
    globals().setdefault("kept", []).append(peer)
print("connected", flush=True)
threading.Event().wait()
"""


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def make_network():
    for namespace in (SERVER, CLIENT):
        ip("netns", "add", namespace)
    ip("link", "add", SERVER_LINK, "netns", SERVER, "type", "veth", "peer", "name", CLIENT_LINK, "netns", CLIENT)
    for namespace, link, address in ((SERVER, SERVER_LINK, SERVER_ADDRESS), (CLIENT, CLIENT_LINK, CLIENT_ADDRESS)):
        ip("-n", namespace, "address", "add", address + "/24", "dev", link)
        ip("-n", namespace, "link", "set", link, "up")
        ip("-n", namespace, "link", "set", "lo", "up")


def remove_network():
    for namespace in (SERVER, CLIENT):
        subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL, check=False)


def cable(state):
    """Nobody answers at the clients' address any more, or somebody does again. The dispatcher's own link stays up: as
    with a cable behind a switch, nothing tells it."""
    ip("-n", CLIENT, "address", "flush", "dev", CLIENT_LINK)
    if state == "plugged":
        ip("-n", CLIENT, "address", "add", CLIENT_ADDRESS + "/24", "dev", CLIENT_LINK)


def in_namespace(namespace, *command):
    return ["ip", "netns", "exec", namespace, *command]


class Dispatcher(Program):
    def __init__(self, path, *options):
        super().__init__(*in_namespace(SERVER, path, "--listen", SERVER_ADDRESS + ":0", "--admin", "none", "--dead-peer-timeout",
                                       f"{TIMEOUT}s", *options))
        self.port = self.wait_for(r" serving .*port=(\d+)")[1]

    def clients(self):
        self.process.send_signal(signal.SIGUSR1)
        return int(self.wait_for(r" client_counts clients=(\d+)")[1])

    def wait_until_gone(self, seconds):
        """How long it took until no client was left."""
        started = time.monotonic()
        while self.clients() > 0:
            check(time.monotonic() - started < seconds, f"clients are left after {seconds} s")
            time.sleep(0.2)
        return time.monotonic() - started


def connect(dispatcher, kind, count):
    client = Program(*in_namespace(CLIENT, sys.executable, "-c", CLIENT_PROGRAM, SERVER_ADDRESS, dispatcher.port, kind, str(count)))
    client.wait_for("connected")
    for _ in range(count):
        dispatcher.wait_for("client_start")
    return client


def case(name, dispatcher_path, options, kind, before_the_pull):
    dispatcher = Dispatcher(dispatcher_path, *options)
    client = None
    try:
        client = connect(dispatcher, kind, 5)
        before_the_pull(dispatcher)
        check(dispatcher.clients() == 5, "clients are gone although they live")
        cable("pulled")
        took = dispatcher.wait_until_gone(TIMEOUT + MARGIN)
        check(took > TIMEOUT / 2, f"gone after {took:.1f} s already")
        print(f"ok: {name}: noticed after {took:.1f} s of {TIMEOUT}")
    finally:
        cable("plugged")
        dispatcher.stop()
        if client:
            client.stop()


def kernel_probes_often():
    """Whether this kernel can be told how long it may pause between two probes of a closed window. One that cannot pauses
    for up to two minutes, and a stalled client that vanishes is noticed late, as docs/protocol.md says."""
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.IPPROTO_TCP, TCP_RTO_MAX_MS, TIMEOUT * 1000)
        except OSError:
            return False
    return True


def wait(seconds):
    return lambda _dispatcher: time.sleep(seconds)


def run(path):
    embedded = ("--embedded",)
    # Nothing is ever sent: the dataset service is not there.
    unreachable = ("--upstream", "127.0.0.1:1", "--give-up-after", "0")
    case("idle, and nothing to send", path, unreachable, "idle", wait(1))
    case("stalled for a moment", path, embedded, "stalled", wait(0))
    long_stall = "stalled for longer than a dead one may be"
    if kernel_probes_often():
        case(long_stall, path, embedded, "stalled", wait(STALL))
    else:
        print(f"skipped: {long_stall}: this kernel has no TCP_RTO_MAX_MS (Linux 6.15)")


def main():
    try:
        make_network()
    except (OSError, subprocess.CalledProcessError) as problem:
        remove_network()
        print(f"skipped: no network namespaces here: {getattr(problem, 'stderr', None) or problem}")
        return SKIPPED
    try:
        run(sys.argv[1])
    except AssertionError as problem:
        print(f"failed: {problem}")
        return 1
    finally:
        remove_network()
    return 0


if __name__ == "__main__":
    sys.exit(main())
