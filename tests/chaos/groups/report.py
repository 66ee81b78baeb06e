"""The tables at the end of a run."""

from collections import Counter, defaultdict

from judge import cause_of, excuses


TOGETHER = "together"


class Totals:
    """What all rounds have had."""

    def __init__(self):
        self.rounds = Counter()
        self.broken_rounds = Counter()
        self.faults = Counter()
        self.members = Counter()
        self.deliveries = Counter()
        self.repeats = Counter()
        self.marked = Counter()
        #: By cause: how long, and in which round.
        self.longest = defaultdict(lambda: (0.0, 0))
        self.pull_kills = 0

    def add(self, plan, seen, violations, pace):
        self.rounds[plan.kind] += 1
        self.broken_rounds[plan.kind] += 1 if violations else 0
        self.faults.update(x.what for x in seen.faults)
        self.members.update(x.kind for x in plan.members)
        self.deliveries[plan.kind] += len(seen.deliveries)
        self.repeats[plan.kind] += len(seen.deliveries) - len({x.batch for x in seen.deliveries})
        self.marked[plan.kind] += sum(1 for x in seen.deliveries if x.is_marked)
        spans = excuses(plan, seen, pace)
        for wait in seen.waits:
            cause = cause_of(wait, spans)
            self.longest[cause] = max(self.longest[cause], (wait.end - wait.begin, plan.number))

    def tables(self):
        lines = [f"{'rounds':<16}{'number':>8}{'broken':>8}{'deliveries':>12}{'repeats':>9}{'marked':>8}"]
        for kind, count in [*sorted(self.rounds.items()), (TOGETHER, sum(self.rounds.values()))]:
            of = (lambda counter, kind=kind: sum(counter.values()) if kind == TOGETHER else counter[kind])
            lines.append(f"  {kind:<14}{count:>8}{of(self.broken_rounds):>8}{of(self.deliveries):>12}"
                         f"{of(self.repeats):>9}{of(self.marked):>8}")
        lines.append(f"{'injected':<20}{'times':>8}")
        lines += [f"  {kind:<18}{count:>8}" for kind, count in sorted(self.faults.items())]
        lines.append(f"{'members':<20}{'times':>8}")
        lines += [f"  {kind:<18}{count:>8}" for kind, count in sorted(self.members.items())]
        lines.append(f"  {'pull, killed':<18}{self.pull_kills:>8}")
        lines.append(f"{'longest wait for':<20}{'seconds':>8}{'round':>8}")
        lines += [f"  {cause:<18}{seconds:>8.1f}{number:>8}"
                  for cause, (seconds, number) in sorted(self.longest.items())]
        return "\n".join(lines)
