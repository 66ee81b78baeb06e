#!/usr/bin/env python3
"""`--upstream dns:NAME:PORT`, for real: dataset servers at several addresses of one name, which come and go in a hosts
file that only these programs see.

    named_upstreams.py DISPATCHER DATASET_SERVER

Exits 0 when every pass was whole, 1 when something is wrong, and 77 where there can be no hosts file of its own.
"""

import ctypes
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

from running import Consumer, Program, Readiness, check

SKIPPED = 77
NAME = "data.test"
BATCHES = 1500
# What is promised, and what a slow machine may need.
FOUND_WITHIN, MARGIN = 40, 20
CLONE_NEWNS = 0x20000


class Hosts:
    """The hosts file of this program and of those that it starts."""

    def __init__(self, folder):
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        self.path = os.path.join(folder, "hosts")
        self.set([])
        subprocess.run(["mount", "--make-rprivate", "/"], check=True, capture_output=True, text=True)
        subprocess.run(["mount", "--bind", self.path, "/etc/hosts"], check=True, capture_output=True, text=True)

    def set(self, addresses):
        """In place: another file of that name would not be the one that is mounted."""
        with open(self.path, "r+" if os.path.exists(self.path) else "w", encoding="ascii") as file:
            file.truncate()
            file.write("127.0.0.1 localhost\n" + "".join(f"{address} {NAME}\n" for address in addresses))


class Stack:
    """A dispatcher of a name, and dataset servers at some of the addresses that it may have."""

    def __init__(self, programs, addresses, *options):
        dispatcher, self.dataset_server = programs
        self.servers = {}
        self.port = 0
        for address in addresses:
            self.start_server(address)
        self.dispatcher = Program(dispatcher, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--dataset", "ramp",
                                  "--upstream", f"dns:{NAME}:{self.port}", *options)
        serving = self.dispatcher.wait_for(r" serving port=(\d+).* admin=(\d+)")
        self.consumer_port, self.admin_port = int(serving[1]), int(serving[2])
        self.readiness = Readiness(self.admin_port)

    def start_server(self, address):
        server = Program(self.dataset_server, "--listen", f"{address}:{self.port}", "--latency-ms", "4",
                         "--data", f"ramp=synthetic:{BATCHES * 30}x4:float32")
        self.port = int(server.wait_for(r" serving .*port=(\d+)")[1])
        self.servers[address] = server

    def upstreams(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/status", timeout=10) as answer:
            return {row["address"]: row for row in json.load(answer)["upstreams"]}

    def wait_for_upstreams(self, addresses):
        """Returns how long it took until these were the ones that are up."""
        expected = {f"{NAME}/{address}:{self.port}" for address in addresses}
        started = time.monotonic()
        while {address for address, row in self.upstreams().items() if row["state"] == "up"} != expected:
            check(time.monotonic() - started < FOUND_WITHIN + MARGIN, f"{expected} are not up: {self.upstreams()}")
            time.sleep(0.1)
        return time.monotonic() - started

    def stop(self):
        self.readiness.ended.set()
        self.readiness.join()
        self.dispatcher.stop()
        for server in self.servers.values():
            server.stop()


def an_address_dies_and_another_one_comes(programs, hosts):
    hosts.set(["127.0.0.2", "127.0.0.3"])
    stack = Stack(programs, ["127.0.0.2", "127.0.0.3"], "--fetch-mode", "get")
    try:
        stack.wait_for_upstreams(["127.0.0.2", "127.0.0.3"])
        consumer = Consumer(stack.consumer_port, BATCHES)
        consumer.wait_for_batches(200)
        stack.start_server("127.0.0.4")
        hosts.set(["127.0.0.4", "127.0.0.3"])
        stack.servers["127.0.0.2"].stop()
        took = stack.wait_for_upstreams(["127.0.0.3", "127.0.0.4"])
        consumer.check_complete()
        return f"found after {took:.1f} s"
    finally:
        stack.stop()


def an_address_goes_in_order(programs, hosts):
    hosts.set(["127.0.0.2", "127.0.0.3"])
    stack = Stack(programs, ["127.0.0.2", "127.0.0.3"], "--fetch-mode", "get")
    try:
        stack.wait_for_upstreams(["127.0.0.2", "127.0.0.3"])
        hosts.set(["127.0.0.3"])
        Consumer(stack.consumer_port, BATCHES).check_complete()
        # It is looked up each half minute.
        took = stack.wait_for_upstreams(["127.0.0.3"])
        Consumer(stack.consumer_port, BATCHES).check_complete()
        troubles = re.findall(r".* (?:warning|error) .*", stack.dispatcher.text)
        check(not troubles, f"an address that goes is no trouble: {troubles}")
        return f"gone after {took:.1f} s"
    finally:
        stack.stop()


def the_name_is_found_later(programs, hosts):
    hosts.set([])
    stack = Stack(programs, ["127.0.0.2"])
    try:
        stack.dispatcher.wait_for_any(f" name_not_found upstream=dns:{NAME}:")
        check(stack.readiness.now() == 503, "it is ready without an upstream")
        check("the name is not found" in json.dumps(stack.upstreams()), f"the row does not say so: {stack.upstreams()}")
        consumer = Consumer(stack.consumer_port, BATCHES)
        hosts.set(["127.0.0.2"])
        took = stack.wait_for_upstreams(["127.0.0.2"])
        consumer.check_complete()
        stack.readiness.wait_until(200, MARGIN)
        return f"found after {took:.1f} s"
    finally:
        stack.stop()


CASES = [an_address_dies_and_another_one_comes, an_address_goes_in_order, the_name_is_found_later]


def main():
    with tempfile.TemporaryDirectory() as folder:
        try:
            hosts = Hosts(folder)
        except (OSError, subprocess.CalledProcessError) as problem:
            print(f"skipped: no hosts file of its own here: {getattr(problem, 'stderr', None) or problem}")
            return SKIPPED
        try:
            for case in CASES:
                print(f"ok: {case.__name__}: {case(sys.argv[1:3], hosts)}", flush=True)
        except AssertionError as problem:
            print(f"failed: {problem}")
            return 1
        finally:
            subprocess.run(["umount", "/etc/hosts"], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
