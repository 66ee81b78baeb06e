#!/usr/bin/env python3
"""Groups and kept positions with real programs: groups.py DISPATCHER DATASET_SERVER."""

import signal
import sys
import unittest

from group_member import Member, read_all
from numbers_service import NumbersService
from session_client import Session, numbers_in

DISPATCHER, DATASET_SERVER = sys.argv[1:3]
SAMPLES = 2000


class Groups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = NumbersService(DISPATCHER, DATASET_SERVER, SAMPLES, "other=synthetic:500x2:int64")
        cls.port = cls.programs.port

    @classmethod
    def tearDownClass(cls):
        cls.programs.stop()

    def member(self, group=None, **hello):
        result = Member(self.port, group or self.id(), **hello)
        self.addCleanup(result.close)
        return result

    def check_once(self, members, epochs=1):
        taken = sorted(x for member in members for x in member.taken)
        self.assertEqual([(e, x) for e in range(epochs) for x in range(SAMPLES)], taken)
        self.assertEqual([], [x for member in members for x in member.marked])

    # -- sharing

    def test_each_batch_goes_to_one_member(self):
        for hello in ({}, {"batch_size": 7}, {"shuffle": {"seed": 7}, "batch_size": 3, "epochs": 3},
                      {"epochs": 2, "barrier": True}, {"ack": "explicit", "batch_size": 1}):
            with self.subTest(hello=hello):
                members = [self.member(f"{self.id()} {hello}", **hello) for _ in range(4)]
                read_all(members)
                self.check_once(members, hello.get("epochs", 1))
                for member in members:
                    last = member.messages[-1]
                    self.assertEqual("eof", last["type"])
                    self.assertEqual(len(member.taken), last["samples"])
                    self.assertEqual(list(range(hello.get("epochs", 1))),
                                     [x["epoch"] for x in member.messages if x["type"] == "epoch"])

    def test_a_barrier_holds_the_next_epoch_back(self):
        first, second = (self.member(epochs=2, barrier=True, batch_size=1000, window=1) for _ in range(2))
        self.assertEqual("batch", first.wait_for("batch")["type"])
        self.assertEqual("batch", second.wait_for("batch")["type"])
        second.ack()
        wait = second.wait_for("wait")
        self.assertEqual(("group", 0, 1), (wait["for"], wait["own"], wait["others"]))
        self.assertNotIn(1, [e for e, _ in second.taken])
        first.ack()
        read_all([first, second])
        self.check_once([first, second], 2)
        kinds = [(x["type"], x["epoch"]) for x in first.messages if x["type"] in ("batch", "epoch")]
        self.assertLess(kinds.index(("epoch", 0)), min(kinds.index(x) for x in kinds if x == ("batch", 1)))

    def test_a_member_that_dies_gives_its_batches_back(self):
        dead = self.member(batch_size=10)
        dead.wait_for("batch")
        dead.ack()
        dead.wait_for("batch")
        dead.close()
        self.programs.dispatcher.wait_for(r" group_left ")
        other = self.member(batch_size=10)
        self.assertEqual("eof", other.read()["type"])
        self.assertEqual({(0, x) for x in range(SAMPLES)}, set(other.taken + dead.taken))
        self.assertIn(dead.taken[-1], other.marked)
        self.assertNotIn(dead.taken[0], other.taken)

    def test_a_group_goes_on_where_its_members_left(self):
        first = self.member(batch_size=10)
        first.read(most=20)
        first.session.say(type="ping")
        first.wait_for("pong")
        first.session.say(type="bye")
        while first.next():
            pass
        self.programs.dispatcher.wait_for(r" group_left ")
        second = self.member(batch_size=10)
        self.assertEqual("eof", second.read()["type"])
        self.assertEqual(list(range(200, SAMPLES)), sorted(x for _, x in second.taken))
        late = self.member(batch_size=10)
        self.assertEqual("eof", late.read()["type"])
        self.assertEqual([], late.taken)

    def test_explicit_acknowledgements_are_kept_when_a_ping_is_answered(self):
        member = self.member(ack="explicit", batch_size=500)
        for _ in range(4):
            member.wait_for("batch")
        wait = member.wait_for("wait")
        self.assertEqual(("group", 4, 0), (wait["for"], wait["own"], wait["others"]))
        self.assertIn("this session has 4", wait["why"])
        member.session.say(type="ack", seq=member.held[:3])
        member.session.say(type="ping")
        self.assertEqual("pong", member.wait_for("pong")["type"])
        member.ack()
        self.assertEqual("eof", member.wait_for("eof")["type"])

    def test_a_member_that_holds_all_that_it_may_is_told_so(self):
        member = self.member(batch_size=10, window=2)
        member.wait_for("batch")
        member.wait_for("batch")
        wait = member.wait_for("wait")
        self.assertEqual("acks", wait["for"])
        self.assertIn("holds 2 batches", wait["why"])
        member.ack()
        self.assertEqual("eof", member.read()["type"])

    def test_many_pings_are_answered(self):
        member = self.member(batch_size=1000)
        member.session.socket.sendall(20_000 * b'{"type":"ping"}\n')
        self.assertEqual("eof", member.read()["type"])
        plain = self.member(None, batch_size=1000)
        self.assertEqual("eof", plain.read()["type"])

    # -- what is wrong

    def test_a_cursor_of_another_dataset_acknowledges_nothing(self):
        other = Session(self.port, dataset="other", batch_size=10)
        cursor = next(x for x in other if x["type"] == "batch")["cursor"]
        other.close()
        member = self.member(batch_size=10)
        member.wait_for("batch")
        member.session.say(type="ack", cursor=cursor)
        error = member.wait_for("error")
        self.assertEqual("INVALID_ARGUMENT", error["code"])
        self.assertIn("another dataset or order", error["message"])

    def test_a_batch_may_be_acknowledged_again(self):
        member = self.member(batch_size=10)
        batch = member.wait_for("batch")
        for said in ({"cursor": batch["cursor"]}, {"cursor": batch["cursor"]}, {"seq": [batch["seq"]]}):
            member.session.say(type="ack", **said)
        self.assertEqual("eof", member.read()["type"])

    def test_a_member_that_wants_another_order_is_refused(self):
        self.member(shuffle={"seed": 7}, batch_size=10).wait_for("welcome")
        for hello, part in (({"batch_size": 20, "shuffle": {"seed": 7}}, "batch_size: got 20, and the group has 10"),
                            ({"batch_size": 10, "shuffle": {"seed": 8}}, "shuffle: got seed 8"),
                            ({"batch_size": 10, "shuffle": {"seed": 7}, "epochs": 2}, "epochs: got 2")):
            error = self.member(**hello).next()
            self.assertEqual(("error", "FAILED_PRECONDITION"), (error["type"], error.get("code")), error)
            self.assertIn(part, error["message"])

    def test_what_cannot_be_acknowledged_is_an_error(self):
        member = self.member()
        member.wait_for("batch")
        member.session.say(type="ack", seq=[100_000])
        error = member.wait_for("error")
        self.assertEqual("INVALID_ARGUMENT", error["code"])
        self.assertIn("got 100000", error["message"])
        session = Session(self.port)
        next(session)
        session.say(type="ack", seq=[0])
        self.assertEqual("error", [x for x in session][-1]["type"])
        session.close()

    # -- kept positions

    def named(self, name=None, **hello):
        session = Session(self.port, name=name or self.id(), resume=True, batch_size=100, **hello)
        self.addCleanup(session.close)
        return session

    def read_named(self, session, most=-1):
        numbers = []
        for message in session:
            if message["type"] == "batch":
                numbers += numbers_in(message)
                session.say(type="ack", seq=[message["seq"]])
                most -= 1
            if most == 0 or message["type"] == "eof":
                break
        return numbers

    def test_a_name_goes_on_behind_what_was_acknowledged(self):
        first = self.named()
        numbers = self.read_named(first, most=7)
        first.say(type="ping")
        self.assertTrue(any(x["type"] == "pong" for x in first))
        first.close()
        second = self.named()
        self.assertEqual(list(range(700, SAMPLES)), self.read_named(second))
        self.assertEqual(list(range(700)), numbers)
        second.say(type="ping")
        list(second)
        self.assertEqual([], self.read_named(self.named()))

    def test_a_ping_behind_the_last_acknowledgement_is_answered(self):
        session = self.named()
        self.read_named(session)
        session.say(type="ping")
        self.assertEqual(["pong"], [x["type"] for x in session if x["type"] != "epoch"])

    def test_a_name_that_was_taken_says_so_at_the_end(self):
        first = self.named()
        batches = [x for _, x in zip(range(SAMPLES // 100), (x for x in first if x["type"] == "batch"))]
        next(x for x in self.named() if x["type"] == "batch")
        first.say(type="ack", seq=[batches[-1]["seq"]])
        error = [x for x in first][-1]
        self.assertEqual(("error", "ABORTED"), (error["type"], error.get("code")))

    def test_an_explicit_position_never_runs_ahead_of_a_gap(self):
        first = self.named(ack="explicit")
        batches = [x for x, _ in zip((x for x in first if x["type"] == "batch"), range(3))]
        first.say(type="ack", seq=[0, 2])
        first.say(type="ping")
        self.assertTrue(any(x["type"] == "pong" for x in first))
        first.close()
        self.assertEqual(100, next(x for x in self.named() if x["type"] == "batch")["position"])
        self.assertEqual(3, len(batches))

    def test_the_second_session_of_a_name_takes_over(self):
        first = self.named()
        next(x for x in first if x["type"] == "batch")
        second = self.named()
        next(x for x in second if x["type"] == "batch")
        first.say(type="ack", seq=[0])
        error = [x for x in first][-1]
        self.assertEqual(("error", "ABORTED"), (error["type"], error.get("code")))
        self.assertIn("another session has taken the name", error["message"])

    # -- the end of a dispatcher

    def test_a_dispatcher_that_stops_waits_for_acknowledgements(self):
        programs = NumbersService(DISPATCHER, DATASET_SERVER, SAMPLES, "other=synthetic:500x2:int64")
        self.addCleanup(programs.stop)
        member = Member(programs.port, "g", batch_size=10)
        member.wait_for("batch")
        programs.dispatcher.process.send_signal(signal.SIGTERM)
        self.assertEqual("drain", member.wait_for("drain")["type"])
        member.ack()
        self.assertIsNone(member.next())
        programs.dispatcher.wait_for(r" session_end .*outcome=drained")
        self.assertEqual(0, programs.dispatcher.process.wait(30))
        member.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
