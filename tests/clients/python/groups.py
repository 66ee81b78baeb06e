#!/usr/bin/python3
"""Groups and kept positions by the Python client: groups.py DISPATCHER DATASET_SERVER.

data_dispatcher is imported from wherever Python finds it."""

import signal
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration"))

from data_dispatcher import DispatcherError, open_session  # noqa: E402
from numbers_case import NumbersCase, numbers_of  # noqa: E402
from numbers_service import NumbersService  # noqa: E402

SAMPLES = 2000


class GroupsCase(NumbersCase):
    samples = SAMPLES

    def open(self, programs=None, **wishes):
        port = (programs or self.programs).port
        session = open_session(f"127.0.0.1:{port}", **wishes)
        self.addCleanup(session.close)
        return session

    def member(self, **wishes):
        return self.open(group=self.id(), **wishes)

    def read_and_commit(self, session, use=lambda batch: None):
        """The samples of all batches that are left of a group."""
        result = []
        while not session.is_over:
            for batch in session:
                result += numbers_of(batch)
                use(batch)
            session.commit()
        return result


class Groups(GroupsCase):
    def test_members_share_the_batches(self):
        taken = []

        def work():
            for batch in self.member(batch_size=10, epochs=2, shuffle=3):
                self.assertFalse(batch.redelivered)
                taken.extend((batch.epoch, x) for x in numbers_of(batch))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual([(e, x) for e in range(2) for x in range(SAMPLES)], sorted(taken))

    def test_what_was_asked_past_is_used_and_the_rest_comes_again(self):
        first = self.member(batch_size=10)
        used = [numbers_of(next(first)) for _ in range(5)]
        first.close()
        rest = [x for batch in self.member(batch_size=10) for x in numbers_of(batch)]
        self.assertEqual(set(range(SAMPLES)), set(rest) | {x for numbers in used[:4] for x in numbers})
        self.assertTrue(set(used[4]) <= set(rest))
        self.assertFalse(set(used[0]) & set(rest))

    def test_a_checkpoint_commits_what_it_covers(self):
        first = self.member(batch_size=100, ack="explicit")
        covered = [x for _ in range(3) for x in numbers_of(next(first))]
        self.assertTrue(first.commit())
        lost = numbers_of(next(first))
        first.close()
        second = self.member(batch_size=100, ack="explicit")
        rest = self.read_and_commit(second)
        self.assertEqual(list(range(SAMPLES)), sorted(covered + rest))
        self.assertTrue(set(lost) <= set(rest))

    def test_a_block_that_raises_acknowledges_nothing(self):
        first = self.member(batch_size=100, ack="explicit")
        with first.acked():
            good = numbers_of(next(first))
        with self.assertRaises(ZeroDivisionError):
            with first.acked():
                bad = numbers_of(next(first))
                raise ZeroDivisionError
        with first.acked():
            third = next(first)
        self.assertTrue(first.commit())
        first.close()
        second = self.member(batch_size=100, ack="explicit")
        rest = self.read_and_commit(second, lambda batch: self.assertTrue(batch.ack()))
        self.assertTrue(set(bad) <= set(rest))
        self.assertFalse(set(good) & set(rest))
        self.assertFalse(set(numbers_of(third)) & set(rest))

    def test_a_dispatcher_that_is_started_again_in_the_middle_loses_nothing(self):
        programs = NumbersService(*sys.argv[1:3], SAMPLES, "other=synthetic:500x2:int64")
        self.addCleanup(programs.stop)
        session = self.open(programs, group="g", batch_size=10)
        taken = [x for _ in range(20) for x in numbers_of(next(session))]
        programs.dispatcher.process.send_signal(signal.SIGTERM)
        programs.dispatcher.process.wait(30)
        programs.start_dispatcher()
        # Its groups lived as long as the process: the group begins anew.
        taken += [x for batch in session for x in numbers_of(batch)]
        self.assertEqual(set(range(SAMPLES)), set(taken))
        self.assertGreater(session.stats().reconnects, 0)

    def test_what_makes_no_sense_is_refused(self):
        for wishes, part in (({"group": "g", "name": "n"}, "name"), ({"group": "g", "shard": (0, 2)}, "shard"),
                             ({"barrier": True}, "barrier"), ({"ack": "explicit"}, "ack"), ({"group": ""}, "group"),
                             ({"group": "g", "ack": "all"}, "ack"), ({"group": "g", "ack_wait": 0}, "ack_wait")):
            with self.subTest(wishes=wishes), self.assertRaisesRegex(ValueError, part):
                open_session(**wishes)
        plain = self.open()
        for call in (plain.commit, plain.working, next(plain).ack):
            with self.assertRaisesRegex(RuntimeError, "with a group or a name"):
                call()
        self.member(batch_size=10).describe()
        with self.assertRaisesRegex(DispatcherError, "batch_size: got 20, and the group has 10"):
            next(self.member(batch_size=20))

    def test_a_sign_of_life_keeps_a_batch(self):
        slow = self.member(batch_size=1000, ack="explicit", ack_wait=1)
        held = next(slow)
        other = self.member(batch_size=1000, ack="explicit", ack_wait=1)
        taken = numbers_of(next(other))
        for _ in range(6):
            slow.working()
            other.working()
            threading.Event().wait(0.4)
        self.assertTrue(held.ack())
        self.assertTrue(other.commit())
        self.assertEqual([], list(other))
        self.assertTrue(other.is_over)
        self.assertEqual(list(range(SAMPLES)), sorted(taken + numbers_of(held)))


class Positions(GroupsCase):
    def named(self, **wishes):
        return self.open(name=self.id(), batch_size=100, **wishes)

    def test_a_name_goes_on_where_it_was(self):
        first = self.named()
        numbers = [x for _ in range(3) for x in numbers_of(next(first))]
        self.assertTrue(first.commit())
        first.close()
        second = self.named()
        numbers += [x for batch in second for x in numbers_of(batch)]
        self.assertEqual(list(range(SAMPLES)), numbers)
        self.assertEqual(list(range(100)), numbers_of(next(self.named(resume=False))))

    def test_a_name_belongs_to_its_last_session(self):
        first = self.named(ack="explicit")
        next(first)
        second = self.named()
        next(second)
        with self.assertRaisesRegex(DispatcherError, "another session has taken the name"):
            first.commit()
            list(first)

    def test_a_loop_whose_name_was_taken_at_its_end_says_so(self):
        first = self.named()
        numbers = [x for _ in range(SAMPLES // 100) for x in numbers_of(next(first))]
        self.assertEqual(list(range(SAMPLES)), numbers)
        next(self.named(resume=False))
        with self.assertRaisesRegex((ConnectionError, DispatcherError), "has taken the name"):
            list(first)

    def test_a_member_of_a_group_has_no_state_of_its_own(self):
        member = self.member(batch_size=100)
        next(member)
        for use in (member.state_dict, lambda: member.load_state_dict({"cursor": None})):
            with self.assertRaisesRegex(RuntimeError, "not for a member of a group"):
                use()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
