#!/usr/bin/env python3
"""Half-open connections to the dataset service, for real. Everything that is sent over the connections that there are is
lost, both ways and without a word; new connections work at once. It is lost in two ways: a router between two network
namespaces drops the packets, or a front takes the bytes, acknowledges them and does not pass them on.

    half_open_upstreams.py DISPATCHER DATASET_SERVER

Exits 0 when all were found in time, 1 when something is wrong, and 77 where namespaces cannot be made; what needs none
was tried then.
"""

import ctypes
import os
import socket
import subprocess
import sys
import threading
import time

from running import Consumer, Program, Readiness, check

SKIPPED = 77
# What is promised, and what a slow machine may need.
FOUND_WITHIN = 15
MARGIN = 15
BATCHES = 2000
# How long the dispatcher has nothing to do before it loses its connections.
REST = 4
CLONE_NEWNET = 0x40000000
FRONT, ROUTER_DROPS = "behind a front that swallows", "behind a router that drops"

DISPATCHER, ROUTER, SERVICE = (f"half-{part}{os.getpid()}" for part in "drs")
DISPATCHER_ADDRESS, SERVICE_ADDRESS = "10.213.8.1", "10.213.9.1"
DISPATCHER_GATE, SERVICE_GATE = "10.213.8.2", "10.213.9.2"


def ip(*arguments):
    return subprocess.run(["ip", *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


def connect_to_router(namespace, address, gate, link):
    ip("link", "add", link, "netns", namespace, "type", "veth", "peer", "name", link, "netns", ROUTER)
    ip("-n", namespace, "address", "add", address + "/24", "dev", link)
    ip("-n", ROUTER, "address", "add", gate + "/24", "dev", link)
    for each in (namespace, ROUTER):
        ip("-n", each, "link", "set", link, "up")
        ip("-n", each, "link", "set", "lo", "up")
    ip("-n", namespace, "route", "add", "default", "via", gate)


def make_network():
    for namespace in (DISPATCHER, ROUTER, SERVICE):
        ip("netns", "add", namespace)
    connect_to_router(DISPATCHER, DISPATCHER_ADDRESS, DISPATCHER_GATE, "to-d")
    connect_to_router(SERVICE, SERVICE_ADDRESS, SERVICE_GATE, "to-s")
    subprocess.run(["ip", "netns", "exec", ROUTER, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], check=True)
    # Rules with ports need a kernel that has them.
    ip("-n", ROUTER, "rule", "add", "ipproto", "tcp", "sport", "9", "blackhole")


def remove_network():
    for namespace in (DISPATCHER, ROUTER, SERVICE):
        subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL, check=False)


def enter(namespace):
    """This program is in the namespace from now on, and so is what it starts."""
    with open(f"/run/netns/{namespace}", encoding="ascii") as there:
        if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def ports_of_connections_to(port):
    """The local ports of the established connections to a port of the service's."""
    rows = []
    # gRPC's sockets speak both kinds of IP.
    for kind in ("tcp", "tcp6"):
        with open(f"/proc/thread-self/net/{kind}", encoding="ascii") as table:
            rows += [line.split() for line in table.readlines()[1:]]
    return [int(row[1].split(":")[1], 16) for row in rows if row[3] == "01" and int(row[2].split(":")[1], 16) == port]


def drop_packets_of(ports):
    """The router drops what belongs to these connections, and says nothing."""
    for port in ports:
        for direction in ("sport", "dport"):
            ip("-n", ROUTER, "rule", "add", "ipproto", "tcp", direction, str(port), "blackhole")
    ip("-n", ROUTER, "route", "flush", "cache")


class Front:
    """A TCP front that forwards each connection, until it is told to swallow what those bring that there are."""

    def __init__(self, address, port):
        self.target = (address, port)
        self.pairs = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listening.accept()
            pair = {"swallows": False}
            self.pairs.append(pair)
            far = socket.create_connection(self.target)
            for source, sink in ((near, far), (far, near)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.forward, args=(source, sink, pair), daemon=True).start()

    @staticmethod
    def forward(source, sink, pair):
        try:
            while chunk := source.recv(1 << 16):
                if not pair["swallows"]:
                    sink.sendall(chunk)
            if not pair["swallows"]:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def swallow(self):
        check(self.pairs, "there is no connection")
        for pair in list(self.pairs):
            pair["swallows"] = True


class Case:
    """A dispatcher with a service of its own."""

    def __init__(self, programs, behind_front, options):
        where = ([], "127.0.0.1") if behind_front else (["ip", "netns", "exec", SERVICE], SERVICE_ADDRESS)
        self.service = Program(*where[0], programs[1], "--listen", where[1] + ":0", "--data",
                               f"d=synthetic:{30 * BATCHES}x16:uint8", "--latency-ms", "2")
        self.service_port = int(self.service.wait_for(r"port=(\d+)")[1])
        self.front = Front(where[1], self.service_port) if behind_front else None
        upstream = f"127.0.0.1:{self.front.port}" if behind_front else f"{where[1]}:{self.service_port}"
        self.dispatcher = Program(programs[0], "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--dataset", "d", "--cache-mb",
                                  "0", "--upstream", upstream, *options)
        serving = self.dispatcher.wait_for(r" serving port=(\d+) .*admin=(\d+)")
        self.port, self.readiness = int(serving[1]), Readiness(serving[2])
        for _ in range(2):
            self.dispatcher.wait_for("fetcher_ready")

    def lose_connections(self):
        if self.front:
            return self.front.swallow()
        ports = ports_of_connections_to(self.service_port)
        check(ports, "there is no connection")
        return drop_packets_of(ports)

    def in_the_middle(self):
        consumer = Consumer(self.port, BATCHES)
        consumer.wait_for_batches(300)
        self.lose_connections()
        return self.check_pass(consumer)

    def while_idle(self):
        time.sleep(REST)
        self.lose_connections()
        started = time.monotonic()
        self.readiness.wait_until(503, FOUND_WITHIN + MARGIN)
        took = self.readiness.wait_until(200, FOUND_WITHIN + MARGIN) - started
        check(took < FOUND_WITHIN + MARGIN, f"ready again after {took:.1f} s")
        self.check_pass(Consumer(self.port, BATCHES))
        return f"ready again after {took:.1f} s"

    def first_after_idle(self):
        time.sleep(REST)
        self.lose_connections()
        return self.check_pass(Consumer(self.port, BATCHES))

    def check_pass(self, consumer):
        consumer.check_complete()
        self.readiness.wait_until(200, MARGIN)
        check(consumer.longest < FOUND_WITHIN + MARGIN, f"nothing came for {consumer.longest:.1f} s")
        return f"nothing came for {consumer.longest:.1f} s"

    def stop(self):
        self.readiness.ended.set()
        self.readiness.join()
        self.dispatcher.stop()
        self.service.stop()


def run_case(programs, problems, name, behind_front, options, what):
    try:
        case = Case(programs, behind_front, options)
        try:
            print(f"ok: {name}: {what(case)}", flush=True)
        finally:
            case.stop()
    except AssertionError as problem:
        problems.append(f"{name}: {problem}")


SITUATIONS = [
    ("while a stream is read", ("--fetch-mode", "stream"), Case.in_the_middle),
    ("while calls are under way", ("--fetch-mode", "get"), Case.in_the_middle),
    ("while idle", (), Case.while_idle),
    ("before the first batch after a rest", (), Case.first_after_idle),
]


def run(programs, ways):
    """All at the same time: each waits most of the time."""
    problems = []
    threads = [
        threading.Thread(target=run_case, args=(programs, problems, f"{name}, {way}", way == FRONT, options, what))
        for way in ways for name, options, what in SITUATIONS
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not problems, "\n".join(problems))


def main():
    ways = [FRONT, ROUTER_DROPS]
    try:
        make_network()
        enter(DISPATCHER)
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"skipped: no network namespaces with rules for ports here: {getattr(problem, 'stderr', None) or problem}")
        ways.remove(ROUTER_DROPS)
    try:
        run(sys.argv[1:3], ways)
    except AssertionError as problem:
        print(f"failed: {problem}")
        return 1
    finally:
        remove_network()
    return 0 if ROUTER_DROPS in ways else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
