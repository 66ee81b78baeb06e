#!/usr/bin/env python3
"""Drives groups through rounds of faults that follow from a seed, and checks what docs/groups.md promises."""

import argparse
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parents[1] / "support"), str(HERE.parents[1] / "integration")]

from faults import Breaker  # noqa: E402
from judge import judge  # noqa: E402
from member import Member  # noqa: E402
from plan import LEASE_TTL, ROUND_KINDS, plan_round  # noqa: E402
from private_postgres import programs  # noqa: E402
from pull_member import PullMember  # noqa: E402
from record import Seen  # noqa: E402
from report import Totals  # noqa: E402
from running import SKIPPED  # noqa: E402
from servers import Dispatcher, start_dataset_server  # noqa: E402
from stores import FAKETIME, PostgresStore, store_for  # noqa: E402

#: Dispatchers of the rounds that share one PostgreSQL server live on from round to round.
SHARED_DISPATCHERS = 3

#: How long a group may take beyond its work and all that is broken.
PATIENCE = 120.0

#: Of what a round has broken, so many examples of each promise are shown.
MOST_SHOWN = 3

#: What a dispatcher may hold more than after its first round.
MORE_DESCRIPTORS = 12
MORE_KIB = 32 << 10

FOOTER = f"""Rounds are of these kinds: {', '.join(ROUND_KINDS)}. Of so many rounds in a row each kind comes once.

Examples:
  tests/chaos/soak --groups                          two minutes
  tests/chaos/soak --groups --minutes 60 --seed 7    an hour
  tests/chaos/soak --groups --seed 7 --round 12      a round that was broken, alone
  tests/chaos/soak --groups --seed 7 --plan 20       what the first 20 rounds are, without running them

Exit codes: 0 every promise was kept, 1 one was not, 2 usage, {SKIPPED} there is no PostgreSQL server."""


def parse_options():
    parser = argparse.ArgumentParser(prog="tests/chaos/soak --groups", description=__doc__, epilog=FOOTER,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="what rounds are made from [1]")
    parser.add_argument("--minutes", type=float, default=2, metavar="N", help="no round begins later than this [2]")
    parser.add_argument("--round", type=int, metavar="N", help="this round alone, whatever --minutes says")
    parser.add_argument("--plan", type=int, metavar="N", help="print the plans of N rounds, and run nothing")
    parser.add_argument("--kind", choices=ROUND_KINDS, action="append",
                        help="only rounds of this kind; may come again for others")
    parser.add_argument("--pace", type=float, default=1, metavar="X",
                        help="everything may take X times as long: 4 for a build with a sanitizer [1]")
    parser.add_argument("--no-memory-check", action="store_true", help="memory may grow, as a sanitizer makes it do")
    parser.add_argument("--programs", type=Path, metavar="FOLDER",
                        help="the folder of dispatcher, dataset-server and dispatcher-pull")
    parser.add_argument("--folder", type=Path, default=Path("chaos-groups"), metavar="FOLDER",
                        help="where logs and files go; what is there is removed [chaos-groups]")
    options = parser.parse_args()
    if options.plan is None and options.programs is None:
        parser.error("--programs is missing")
    return options


class Run:
    """The rounds of a run, and the servers that live longer than a round."""

    def __init__(self, options):
        self.options = options
        self.folder = options.folder.resolve()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        # PostgreSQL's user has to read a clock in it.
        self.folder.chmod(0o755)
        self.dataset_server, self.upstream = start_dataset_server(options.programs / "dataset-server", self.folder)
        self.store = PostgresStore(SHARED_DISPATCHERS)
        self.dispatchers = self.start_dispatchers(self.store, SHARED_DISPATCHERS, self.folder)
        self.shared_groups = 0
        self.first_resources = {}
        self.totals = Totals()
        self.is_kept = True

    def start_dispatchers(self, store, count, folder):
        return [Dispatcher(self.options.programs / "dispatcher", self.upstream, store.address_of(x),
                           folder / f"dispatcher-{x}.log", self.options.pace) for x in range(count)]

    def complain(self, what):
        self.is_kept = False
        print(f"NOT KEPT {what}", flush=True)

    # -- a round

    def play(self, plan):
        folder = self.folder / f"round-{plan.number}"
        folder.mkdir()
        folder.chmod(0o755)
        if plan.store == "postgres":
            self.shared_groups += 1
            self.play_with(plan, folder, self.store, self.dispatchers[:plan.dispatchers])
            self.note_resources()
            return
        store = store_for(plan, folder)
        dispatchers = []
        try:
            dispatchers = self.start_dispatchers(store, plan.dispatchers, folder)
            self.play_with(plan, folder, store, dispatchers, is_last=True)
        finally:
            for each in dispatchers:
                each.process.kill()
            store.stop()

    def play_with(self, plan, folder, store, dispatchers, is_last=False):
        options = self.options
        group = f"seed {plan.seed} round {plan.number}"
        seen = Seen()
        began = time.monotonic()
        away = sum(abs(x.seconds) + 15 for x in plan.faults if x.kind != "clock_jump")
        deadline = began + (plan.work * 3 + away + PATIENCE) * options.pace
        ports = [x.port for x in dispatchers]
        members = []
        for index, each in enumerate(plan.members):
            arguments = (index, plan, group, ports, seen, deadline, options.pace)
            if each.kind == "pull":
                members.append(PullMember(*arguments, program=options.programs / "dispatcher-pull", folder=folder))
            else:
                members.append(Member(*arguments))
        for each in members:
            each.start()
        breaker = Breaker(plan, dispatchers, store, seen, began)
        for each in members:
            each.join(max(deadline + 60 * options.pace - time.monotonic(), 0))
        breaker.end()
        self.count_leases(store, group, seen)
        for each in dispatchers:
            if is_last:
                each.end()
            else:
                each.check_alive()
            seen.problems += each.take_problems()
        self.conclude(plan, seen, members, time.monotonic() - began)

    def count_leases(self, store, group, seen):
        """A dispatcher drops them when it next speaks with the store."""
        deadline = time.monotonic() + 2 * LEASE_TTL * self.options.pace
        while True:
            rows = store.query(f"SELECT count(*) FROM dispatch_leases WHERE group_name = '{group}'")
            seen.leases_left = None if rows is None else int(rows)
            if not seen.leases_left or time.monotonic() > deadline:
                return
            time.sleep(0.1)

    def conclude(self, plan, seen, members, seconds):
        self.totals.pull_kills += sum(getattr(x, "kills", 0) for x in members)
        violations = judge(plan, seen, self.options.pace)
        self.totals.add(plan, seen, violations, self.options.pace)
        faults = ", ".join(x.what for x in sorted(seen.faults, key=lambda x: x.begin))
        print(f"round {plan.number:>3} {plan.kind:<12} {seconds:>5.1f} s, {plan.dispatchers} dispatchers, "
              f"{len(plan.members):>2} members, {plan.epochs * plan.batches:>5} batches, "
              f"{len(seen.deliveries):>5} deliveries; {faults or 'no faults'}", flush=True)
        shown = Counter()
        for each in violations:
            shown[each.promise] += 1
            if shown[each.promise] <= MOST_SHOWN:
                self.complain(each)
        for promise, count in shown.items():
            if count > MOST_SHOWN:
                print(f"         {promise}: {count - MOST_SHOWN} more")
        if violations:
            print(f"         again: --seed {plan.seed} --round {plan.number}", flush=True)

    # -- what grows

    def note_resources(self):
        for each in self.dispatchers:
            now = each.resources()
            first = self.first_resources.get(each.log)
            if first is None or first.pid != now.pid:
                self.first_resources[each.log] = now

    def check_growth(self):
        for each in self.dispatchers:
            first, now = self.first_resources.get(each.log), each.resources()
            if first is None or first.pid != now.pid:
                continue
            if now.descriptors > first.descriptors + MORE_DESCRIPTORS:
                self.complain(f"{each.log.name}: descriptors have grown from {first.descriptors} to {now.descriptors}")
            if not self.options.no_memory_check and now.rss_kib > first.rss_kib * 1.1 + MORE_KIB:
                self.complain(f"{each.log.name}: KiB of memory have grown from {first.rss_kib} to {now.rss_kib}")

    def check_tables(self):
        expected = {"dispatch_groups": self.shared_groups, "dispatch_leases": 0, "dispatch_parked": 0,
                    "dispatch_positions": 0}
        for table, rows in expected.items():
            found = int(self.store.query(f"SELECT count(*) FROM {table}"))
            if found != rows:
                self.complain(f"{table} has {found} rows where there should be {rows}")

    def finish(self):
        if self.shared_groups > 0:
            self.check_growth()
            self.check_tables()
        for each in self.dispatchers:
            each.end()
            for problem in each.take_problems():
                self.complain(problem)

    def stop(self):
        for each in (*self.dispatchers, self.dataset_server):
            each.process.kill()
        self.store.stop()


def numbers_of(options):
    """Which rounds there are."""
    if options.round is not None:
        yield options.round
        return
    end = time.monotonic() + options.minutes * 60
    number = 0
    while time.monotonic() < end and (options.plan is None or number < options.plan):
        yield number
        number += 1


def main():
    options = parse_options()
    if options.plan is not None:
        for number in range(options.plan):
            print(plan_round(options.seed, number))
        return 0
    if not programs():
        print("skipped: there is no PostgreSQL server")
        return SKIPPED
    # What is started is ended, however this ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    run = Run(options)
    try:
        for number in numbers_of(options):
            plan = plan_round(options.seed, number)
            if options.kind and plan.kind not in options.kind:
                continue
            if plan.kind == "clock" and FAKETIME is None:
                print(f"round {number:>3} clock is left out: faketime is not installed")
                continue
            run.play(plan)
        run.finish()
    finally:
        run.stop()
    print(run.totals.tables())
    print("every promise was kept" if run.is_kept else "NOT every promise was kept")
    return 0 if run.is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
