#!/usr/bin/env python3
"""Groups over several dispatchers that share a PostgreSQL server: shared_groups.py DISPATCHER DATASET_SERVER."""

import json
import signal
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from group_member import Member, read_all
from running import SKIPPED, Program
from session_client import write_numbers

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from private_postgres import PrivatePostgres, programs  # noqa: E402

DISPATCHER, DATASET_SERVER = sys.argv[1:3]
SAMPLES = 2000
LEASE_TTL = 2


class Dispatcher:
    """One of those that share the store."""

    def __init__(self, upstream, store):
        self.command = [DISPATCHER, "--upstream", upstream, "--listen", "127.0.0.1:0", "--admin", "none", "--dataset",
                        "numbers", "--store", store, "--lease-ttl", f"{LEASE_TTL}s"]
        self.start()

    def start(self):
        self.program = Program(*self.command, "--sessions", "127.0.0.1:0")
        self.port = int(self.program.wait_for(r" sessions=(\d+)").group(1))

    def stop(self):
        self.program.stop()


class Worker(threading.Thread):
    """A member that comes again, at the next of several dispatchers, until the group is over."""

    def __init__(self, ports, group, **hello):
        super().__init__(daemon=True)
        self.ports = ports
        self.group = group
        self.hello = hello
        self.taken = []
        self.marked = []
        self.waits = []
        self.is_over = False
        self.start()

    def run(self):
        deadline = time.monotonic() + 120
        at = 0
        while not self.is_over and time.monotonic() < deadline:
            at += 1
            try:
                member = Member(self.ports[at % len(self.ports)], self.group, **self.hello)
                last = member.read()
                self.is_over = last is not None and last["type"] == "eof"
                member.close()
                self.taken += member.taken
                self.marked += member.marked
                self.waits += [x for x in member.messages if x["type"] == "wait"]
            except OSError:
                pass
            if not self.is_over:
                time.sleep(0.1)


class SharedGroups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        write_numbers(cls.folder.name + "/numbers.npz", SAMPLES)
        cls.server = Program(DATASET_SERVER, "--listen", "127.0.0.1:0", "--data",
                             f"numbers={cls.folder.name}/numbers.npz")
        cls.upstream = "127.0.0.1:" + cls.server.wait_for(r" port=(\d+)").group(1)
        cls.store = PrivatePostgres()

    @classmethod
    def tearDownClass(cls):
        cls.store.stop()
        cls.server.stop()
        cls.folder.cleanup()

    def dispatchers(self, count):
        result = [Dispatcher(self.upstream, self.store.address) for _ in range(count)]
        for each in result:
            self.addCleanup(each.stop)
        return result

    def member(self, dispatcher, **hello):
        result = Member(dispatcher.port, self.id(), **hello)
        self.addCleanup(result.close)
        return result

    def check_all(self, members, epochs=1):
        taken = {x for member in members for x in member.taken}
        self.assertEqual({(e, x) for e in range(epochs) for x in range(SAMPLES)}, taken)

    def check_twice_is_marked(self, members):
        taken = [x for member in members for x in member.taken]
        marked = [x for member in members for x in member.marked]
        for each in {x for x in taken if taken.count(x) > 1}:
            self.assertGreaterEqual(marked.count(each), taken.count(each) - 1, each)

    def check_store_is_empty(self):
        self.assertEqual("0", self.store.query(
            f"SELECT count(*) FROM dispatch_leases WHERE group_name = '{self.id()}'"))

    def test_members_of_three_dispatchers_share_a_group(self):
        for hello in ({"batch_size": 3, "epochs": 2}, {"batch_size": 20, "shuffle": {"seed": 3}, "barrier": True}):
            with self.subTest(hello=hello):
                group = f"{self.id()} {hello['batch_size']}"
                members = [Member(x.port, group, **hello) for x in self.dispatchers(3) for _ in range(2)]
                read_all(members)
                epochs = hello.get("epochs", 1)
                self.assertEqual([(e, x) for e in range(epochs) for x in range(SAMPLES)],
                                 sorted(x for member in members for x in member.taken))
                self.assertEqual([], [x for member in members for x in member.marked])
                for member in members:
                    self.assertEqual("eof", member.messages[-1]["type"])
                    member.close()

    def test_a_dispatcher_that_is_killed_loses_its_leases_time(self):
        first, second = self.dispatchers(2)
        dead = self.member(first, batch_size=10)
        dead.read(most=5)
        dead.wait_for("batch")
        first.stop()
        began = time.monotonic()
        other = self.member(second, batch_size=10)
        self.assertEqual("eof", other.read()["type"])
        self.assertLess(time.monotonic() - began, LEASE_TTL + 5)
        self.check_all([dead, other])
        self.check_twice_is_marked([dead, other])
        self.check_store_is_empty()

    def test_a_dispatcher_that_stops_in_order_gives_its_leases_back(self):
        first, second = self.dispatchers(2)
        member = self.member(first, batch_size=10)
        member.read(most=5)
        member.wait_for("batch")
        first.program.process.send_signal(signal.SIGTERM)
        self.assertEqual("drain", member.wait_for("drain")["type"])
        member.ack()
        self.assertIsNone(member.next())
        self.assertEqual(0, first.program.process.wait(30))
        other = self.member(second, batch_size=10)
        self.assertEqual("eof", other.read()["type"])
        self.assertEqual([(0, x) for x in range(SAMPLES)], sorted(member.taken + other.taken))
        self.assertEqual([], other.marked)
        self.check_store_is_empty()

    def test_a_store_that_is_away_stops_groups_and_nothing_else(self):
        (dispatcher,) = self.dispatchers(1)
        member = self.member(dispatcher, batch_size=1, window=4)
        member.read(most=10)
        self.store.kill()
        waiting = threading.Thread(target=member.read, daemon=True)
        waiting.start()
        dispatcher.program.wait_for(r" store_away ")
        plain = Member(dispatcher.port, None, batch_size=100)
        self.assertEqual("eof", plain.read()["type"])
        plain.close()
        late = Member(dispatcher.port, self.id(), batch_size=1, window=4)
        self.assertEqual("store", late.wait_for("wait")["for"])
        self.store.start()
        dispatcher.program.wait_for(r" store_back ")
        rest = threading.Thread(target=late.read, daemon=True)
        rest.start()
        waiting.join(60)
        rest.join(60)
        late.close()
        self.check_all([member, late])
        self.check_twice_is_marked([member, late])
        self.check_store_is_empty()

    def test_a_frozen_store_and_killed_dispatchers_lose_nothing(self):
        dispatchers = self.dispatchers(3)
        ports = [x.port for x in dispatchers]
        workers = [Worker(ports, self.id(), batch_size=2, epochs=3, window=8) for _ in range(6)]
        time.sleep(0.3)
        dispatchers[0].stop()
        self.store.signal_all(signal.SIGSTOP)
        time.sleep(3)
        self.store.signal_all(signal.SIGCONT)
        dispatchers[1].stop()
        self.store.kill()
        self.store.start()
        for each in workers:
            each.join(120)
        self.assertTrue(all(x.is_over for x in workers))
        self.check_all(workers, 3)
        self.check_twice_is_marked(workers)
        self.check_store_is_empty()

    def test_a_kept_position_is_shared_too(self):
        first, second = self.dispatchers(2)
        one = Member(first.port, None, name=self.id(), resume=True, batch_size=100)
        one.read(most=3)
        one.session.say(type="ping")
        one.wait_for("pong")
        two = Member(second.port, None, name=self.id(), resume=True, batch_size=100)
        self.assertEqual(300, two.wait_for("batch")["position"])
        one.held = [3]
        one.ack()
        error = one.wait_for("error")
        self.assertEqual("ABORTED", error["code"], json.dumps(error))
        one.close()
        two.close()


if __name__ == "__main__":
    if not programs():
        print("skipped: there is no PostgreSQL server")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1], verbosity=2)
