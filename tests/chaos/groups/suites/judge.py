#!/usr/bin/env python3
"""A judge that is shown what must not be has to complain, and about nothing else."""

import sys
import unittest
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from judge import GRACE, cause_of, excuses, judge, unexplained  # noqa: E402
from plan import LEASE_TTL, Fault, MemberPlan, Round  # noqa: E402
from record import Delivery, Seen, Span  # noqa: E402

QUICK = MemberPlan("quick", 0.0, 1, 10, 1)
LATE = MemberPlan("late", 0.0, 1, 10, 1)
ROUND = Round(seed=1, number=2, kind="members", dispatchers=1, samples=10, batch_size=3, shuffle=None, epochs=2,
              barrier=False, ack="next", window=1, ack_wait=2, work=5.0, members=(QUICK, LATE))
CALM = replace(ROUND, kind="calm", members=(QUICK, QUICK))


def kept(plan):
    """A round in which nothing has gone wrong."""
    seen = Seen(leases_left=0)
    at = 100.0
    for epoch in range(plan.epochs):
        for batch in range(plan.batches):
            first = batch * plan.batch_size
            numbers = tuple(range(first, min(first + plan.batch_size, plan.samples)))
            at += 0.1
            seen.deliveries.append(Delivery(epoch, first, numbers, False, batch % 2, 99.0, at, acked_at=at + 0.01))
    seen.ended = [(x, at + 0.1) for x in range(len(plan.members))]
    return seen


def again(delivery, **changed):
    return replace(delivery, **{"at": delivery.at + 1, "is_marked": True, "member": 1, **changed})


class Judge(unittest.TestCase):
    def check(self, plan, seen, *promises):
        self.assertEqual(sorted(promises), sorted({x.promise for x in judge(plan, seen)}))

    def test_a_round_that_is_kept(self):
        for plan in (ROUND, CALM, replace(ROUND, barrier=True)):
            self.check(plan, kept(plan))

    def test_a_lost_batch(self):
        seen = kept(ROUND)
        del seen.deliveries[2]
        self.check(ROUND, seen, "no sample is lost")

    def test_a_lost_epoch(self):
        seen = kept(ROUND)
        seen.deliveries = [x for x in seen.deliveries if x.epoch == 0]
        self.check(ROUND, seen, "no sample is lost")

    def test_an_epoch_too_many(self):
        seen = kept(ROUND)
        seen.deliveries.append(again(seen.deliveries[0], epoch=2, is_marked=False))
        self.check(ROUND, seen, "there are so many epochs")

    def test_a_batch_that_nobody_acknowledged(self):
        seen = kept(ROUND)
        seen.deliveries[3].acked_at = None
        self.check(ROUND, seen, "a batch is done when it is acknowledged")
        seen.deliveries.append(again(seen.deliveries[3], acked_at=103.0))
        self.check(ROUND, seen)

    def test_a_batch_of_other_samples(self):
        seen = kept(ROUND)
        seen.deliveries.append(again(seen.deliveries[0], numbers=(0, 1, 3)))
        self.check(ROUND, seen, "a batch is the same each time")

    def test_a_sample_in_two_batches(self):
        seen = kept(ROUND)
        seen.deliveries[1].numbers = (2, 3, 4, 5)
        self.check(ROUND, seen, "a sample is in one batch")

    def test_samples_of_another_dataset(self):
        seen = kept(ROUND)
        seen.deliveries[1].numbers = (3, 4, 5, 77)
        self.check(ROUND, seen, "samples are the dataset's")

    def test_a_repeat_without_a_mark(self):
        seen = kept(ROUND)
        seen.deliveries.append(again(seen.deliveries[0], is_marked=False))
        self.check(ROUND, seen, "what may come again is marked")

    def test_repeats_with_all_marks_but_one(self):
        seen = kept(ROUND)
        seen.deliveries += [again(seen.deliveries[0]), again(seen.deliveries[0])]
        self.check(ROUND, seen)
        # Which of the deliveries has none does not matter, nor what a member cannot tell.
        seen.deliveries[0].is_marked = True
        seen.deliveries[-1].is_marked = False
        seen.deliveries.append(again(seen.deliveries[0], is_marked=None))
        self.check(ROUND, seen)

    def test_repeats_without_faults(self):
        seen = kept(CALM)
        seen.deliveries.append(again(seen.deliveries[0]))
        self.check(CALM, seen, "without faults each batch is delivered once", "without faults nothing is marked")
        stops = replace(CALM, faults=(Fault(1.0, "stop"),))
        self.check(stops, seen, "without faults each batch is delivered once", "without faults nothing is marked")
        self.check(replace(CALM, faults=(Fault(1.0, "kill"),)), seen)

    def test_a_barrier_that_does_not_hold(self):
        plan = replace(ROUND, barrier=True)
        seen = kept(plan)
        seen.deliveries[1].acked_at = 110.0
        self.check(plan, seen, "a barrier holds")
        self.check(ROUND, seen)
        seen.deliveries[1].is_marked = None
        self.check(plan, seen)

    def test_what_is_over_comes_again(self):
        seen = kept(ROUND)
        late = again(seen.deliveries[0], opened_at=101.0, at=101.5)
        seen.deliveries.append(late)
        self.check(ROUND, seen)
        seen.epochs_over.append((0, 101.0 - LEASE_TTL - 1.5))
        self.check(ROUND, seen, "what is over stays over")
        seen.epochs_over.clear()
        late.opened_at = seen.ended[0][1] + LEASE_TTL + 1.5
        self.check(ROUND, seen, "what is over stays over")

    def test_what_is_kept_comes_again(self):
        seen = kept(ROUND)
        seen.deliveries[0].kept_at = 100.2
        seen.deliveries.append(again(seen.deliveries[0], opened_at=100.3, at=100.4))
        self.check(ROUND, seen)
        seen.deliveries.append(again(seen.deliveries[0], opened_at=100.3 + LEASE_TTL + 1, at=104.0))
        self.check(ROUND, seen, "what a pong says is kept")

    def test_a_member_that_is_not_told(self):
        seen = kept(ROUND)
        seen.ended.pop()
        self.check(ROUND, seen, "a group ends")

    def test_leases_that_are_left(self):
        seen = kept(ROUND)
        seen.leases_left = 1
        self.check(ROUND, seen, "the store is small")
        seen.leases_left = None
        self.check(ROUND, seen)

    def test_what_is_wrong_in_itself(self):
        seen = kept(ROUND)
        seen.problems.append("a row is torn")
        self.check(ROUND, seen, "nothing else goes wrong")


class Waits(unittest.TestCase):
    def check(self, is_kept, wait, silences=(), faults=(), pace=1.0):
        seen = kept(ROUND)
        seen.waits, seen.silences, seen.faults = [Span("quick-0", *wait)], list(silences), list(faults)
        found = [x.promise for x in judge(ROUND, seen, pace)]
        self.assertEqual([] if is_kept else ["nobody waits for long"], found)

    def test_what_is_explained_is_cut_out(self):
        wait = Span("quick-0", 10, 20)
        self.assertEqual(10, unexplained(wait, []))
        self.assertEqual(7, unexplained(wait, [Span("a", 5, 12), Span("b", 11, 13)]))
        self.assertEqual(4, unexplained(wait, [Span("b", 17, 30), Span("a", 12, 15), Span("c", 12, 13)]))
        self.assertEqual(0, unexplained(wait, [Span("a", 0, 30)]))
        self.assertEqual(10, unexplained(wait, [Span("a", 0, 10), Span("a", 20, 30)]))

    def test_a_wait_without_a_cause(self):
        self.check(True, (100, 100 + GRACE))
        self.check(False, (100, 100 + GRACE + 1))
        self.check(True, (100, 100 + GRACE + 1), pace=2.0)

    def test_a_member_is_silent_for_no_longer_than_ack_wait(self):
        silence = Span("late-1", 100, 200)
        self.check(True, (100, 103 + GRACE), [silence])
        self.check(False, (100, 104 + GRACE), [silence])

    def test_a_fault_explains_its_time_and_some_more(self):
        for what, more in (("kill", LEASE_TTL + 2), ("stop", 2), ("cut", 4), ("store_freeze", 15), ("promote", 15)):
            with self.subTest(what=what):
                fault = Span(what, 105, 110)
                self.check(True, (105, 110 + more + GRACE), faults=[fault])
                self.check(False, (105, 111 + more + GRACE), faults=[fault])

    def test_a_server_ends_the_transaction_of_a_stalled_connection(self):
        fault = Span("stall", 105, 106)
        self.check(True, (105, 130 + GRACE), faults=[fault])
        self.check(False, (105, 131 + GRACE), faults=[fault])

    def test_the_cause_is_what_explains_most(self):
        seen = kept(ROUND)
        seen.silences = [Span("late-1", 100, 101)]
        seen.faults = [Span("store_kill", 104, 105)]
        spans = excuses(ROUND, seen)
        self.assertEqual("silent member", cause_of(Span("quick-0", 100, 105), spans))
        self.assertEqual("store_kill", cause_of(Span("quick-0", 101, 108), spans))
        self.assertEqual("nothing", cause_of(Span("quick-0", 50, 104.5), spans))


if __name__ == "__main__":
    unittest.main(verbosity=2)
