#!/usr/bin/env python3
"""What follows from a seed."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from plan import (DATASET_SIZES, FAULTS_OF, ROUND_KINDS, STEADY, UNSTEADY, kind_of, place_of,  # noqa: E402
                  plan_round)

ROUNDS = [plan_round(seed, number) for seed in (1, 2, 3) for number in range(15 * len(ROUND_KINDS))]


class Plan(unittest.TestCase):
    def test_a_round_follows_from_seed_and_number(self):
        for plan in ROUNDS[::7]:
            self.assertEqual(plan, plan_round(plan.seed, plan.number))
        self.assertNotEqual(plan_round(1, 5), plan_round(1, 5 + len(ROUND_KINDS)))

    def test_of_so_many_rounds_each_kind_comes_once(self):
        for cycle in range(5):
            numbers = range(cycle * len(ROUND_KINDS), (cycle + 1) * len(ROUND_KINDS))
            self.assertEqual(sorted(ROUND_KINDS), sorted(kind_of(9, x) for x in numbers))

    def test_everything_comes(self):
        self.assertEqual({x for kind in FAULTS_OF.values() for x in kind},
                         {fault.kind for plan in ROUNDS for fault in plan.faults})
        self.assertEqual({*STEADY, *UNSTEADY}, {member.kind for plan in ROUNDS for member in plan.members})
        self.assertEqual({1, 2, 3}, {plan.dispatchers for plan in ROUNDS})
        self.assertEqual({1, 2, 3}, {plan.epochs for plan in ROUNDS})
        self.assertEqual({"next", "explicit"}, {plan.ack for plan in ROUNDS})
        self.assertEqual({True, False}, {plan.barrier for plan in ROUNDS})
        self.assertEqual({True, False}, {plan.shuffle is None for plan in ROUNDS})
        self.assertEqual(set(DATASET_SIZES), {plan.samples for plan in ROUNDS})
        sizes = {len(plan.members) for plan in ROUNDS}
        self.assertEqual((1, 32), (min(sizes), max(sizes)))

    def test_one_member_brings_the_group_to_its_end(self):
        self.assertTrue(all(plan.members[0].is_steady for plan in ROUNDS))

    def test_calm_rounds_have_no_faults_and_only_steady_members(self):
        for plan in ROUNDS:
            if plan.kind in ("calm", "stops"):
                self.assertTrue(plan.is_exact)
                self.assertGreaterEqual(plan.ack_wait, 30)
            if plan.kind == "calm":
                self.assertEqual((), plan.faults)

    def test_a_dispatcher_without_a_store_is_not_stopped(self):
        for plan in ROUNDS:
            if plan.store == "none":
                self.assertEqual((1, ()), (plan.dispatchers, plan.faults))

    def test_faults_of_one_place_do_not_overlap(self):
        for plan in ROUNDS:
            free_at = {}
            for fault in plan.faults:
                place = place_of(fault.kind, fault.target)
                self.assertGreaterEqual(fault.at, free_at.get(place, 0) - 0.001, plan)
                free_at[place] = fault.at + (0 if fault.kind == "clock_jump" else fault.seconds)

    def test_faults_are_those_of_the_kind_and_of_a_dispatcher_that_is_there(self):
        for plan in ROUNDS:
            for fault in plan.faults:
                self.assertIn(fault.kind, FAULTS_OF[plan.kind] + (("slow",) if plan.kind == "far" else ()))
                self.assertLess(fault.target, plan.dispatchers)
            self.assertLessEqual(sum(1 for x in plan.faults if x.kind == "promote"), 1)

    def test_nobody_who_works_holds_batches_for_long(self):
        self.assertLessEqual(max(plan.longest_hold for plan in ROUNDS), 3)

    def test_rounds_are_short(self):
        for plan in ROUNDS:
            self.assertLessEqual(plan.batches * plan.epochs, 16_000)
            self.assertGreaterEqual(plan.batches, 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
