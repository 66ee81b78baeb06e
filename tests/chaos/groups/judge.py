"""Which promises of docs/groups.md a round has broken.

How long a member may wait. Some of the time is explained by what was broken and by who was silent: an *excuse* is a
span of time. What is left of a wait when all excuses are taken away must not be longer than `grace`:

    grace = (5 s + longest hold of a member that works) * pace

    a member is silent          from its last sign of life, for ack_wait + 1 s
    a dispatcher is killed      until it is there again, and for lease_ttl + 2 s more
    a dispatcher stops          until it is there again, and for 2 s more
    the store is away           until it is back, and for 15 s more
    a connection is cut         for 4 s
    a connection is stalled     until it is not, at least for the 10 s after which the server ends a transaction that is
                                idle, and for 15 s more
    a clock jumps               for lease_ttl + 4 s

15 s are what a dispatcher takes at most that has just begun to wait for the store: 6 s for a statement, 5 s of a pause,
3 s to connect, and 1 s to ask."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from plan import LEASE_TTL
from record import Span

STORE_COMES_BACK = 15.0
IDLE_TRANSACTION = 10.0
GRACE = 5.0


@dataclass(frozen=True)
class Violation:
    """A promise that was not kept."""
    promise: str
    details: str

    def __str__(self):
        return f"{self.promise}: {self.details}"


def excuse_of(fault, pace=1.0):
    """The time that a fault explains."""
    more = {"kill": LEASE_TTL + 2, "stop": 2, "cut": 4, "commit_cut_before": 4, "commit_cut_after": 4,
            "clock_jump": LEASE_TTL + 4}.get(fault.what, STORE_COMES_BACK)
    end = fault.end
    if fault.what == "stall" or fault.what.startswith("commit_delay"):
        end = max(end, fault.begin + IDLE_TRANSACTION)
    return Span(fault.what, fault.begin, end + more * pace)


def excuses(plan, seen, pace=1.0):
    silences = [Span("silent member", x.begin, min(x.end, x.begin + plan.ack_wait) + 1 * pace) for x in seen.silences]
    return silences + [excuse_of(x, pace) for x in seen.faults]


def unexplained(wait, spans):
    """How much of a wait is in none of the spans."""
    left = 0.0
    at = wait.begin
    for span in sorted(spans, key=lambda x: x.begin):
        if span.end <= at:
            continue
        if span.begin >= wait.end:
            break
        left += max(span.begin - at, 0)
        at = max(at, span.end)
    return left + max(wait.end - at, 0)


def grace(plan, pace=1.0):
    return (GRACE + plan.longest_hold) * pace


def judge(plan, seen, pace=1.0):
    """All violations of a round."""
    found = [Violation("nothing else goes wrong", x) for x in seen.problems]
    found += check_samples(plan, seen)
    found += check_acknowledged(seen)
    found += check_once(plan, seen)
    found += check_marks(seen)
    found += check_barrier(plan, seen)
    found += check_what_is_over(seen, pace)
    found += check_kept(seen, pace)
    found += check_waits(plan, seen, pace)
    found += check_end(plan, seen)
    return found


def check_samples(plan, seen):
    """The batches of an epoch have each sample once, and a batch is the same each time."""
    found = []
    batches = {}
    for each in seen.deliveries:
        first = batches.setdefault(each.batch, each.numbers)
        if first != each.numbers:
            found.append(Violation("a batch is the same each time",
                                   f"batch {each.batch} had {some(first)}, and then {some(each.numbers)}"))
    for epoch in range(plan.epochs):
        counts = Counter(x for batch, numbers in batches.items() if batch[0] == epoch for x in numbers)
        missing = [x for x in range(plan.samples) if counts[x] == 0]
        twice = [x for x, count in counts.items() if count > 1]
        other = [x for x in counts if not 0 <= x < plan.samples]
        if missing:
            found.append(Violation("no sample is lost", f"epoch {epoch} lacks {some(missing)}"))
        if twice:
            found.append(Violation("a sample is in one batch", f"epoch {epoch} has {some(twice)} in several"))
        if other:
            found.append(Violation("samples are the dataset's", f"epoch {epoch} has {some(other)}"))
    other = sorted({x[0] for x in batches if not 0 <= x[0] < plan.epochs})
    if other:
        found.append(Violation("there are so many epochs", f"batches came of epochs {some(other)}"))
    return found


def check_acknowledged(seen):
    """A group ends when each batch was acknowledged by somebody."""
    acked = {x.batch for x in seen.deliveries if x.acked_at is not None}
    lost = sorted({x.batch for x in seen.deliveries} - acked)
    if lost and seen.ended:
        return [Violation("a batch is done when it is acknowledged",
                          f"the group is over, and nobody acknowledged {some(lost)}")]
    return []


def check_once(plan, seen):
    if not plan.is_exact:
        return []
    counts = Counter(x.batch for x in seen.deliveries)
    twice = sorted(x for x, count in counts.items() if count > 1)
    marked = sorted({x.batch for x in seen.deliveries if x.is_marked})
    found = []
    if twice:
        found.append(Violation("without faults each batch is delivered once", f"twice or more: {some(twice)}"))
    if marked:
        found.append(Violation("without faults nothing is marked", some(marked)))
    return found


def check_marks(seen):
    """Of all deliveries of a batch at most one is not marked."""
    found = []
    for batch, deliveries in sorted(by_batch(seen).items()):
        count = sum(1 for x in deliveries if x.is_marked is False)
        if count > 1:
            found.append(Violation("what may come again is marked",
                                   f"batch {batch} came {count} times without a mark: {describe(deliveries)}"))
    return found


def by_batch(seen):
    """The deliveries of each batch, in their order."""
    found = defaultdict(list)
    for each in sorted(seen.deliveries, key=lambda x: x.at):
        found[each.batch].append(each)
    return found


def describe(deliveries):
    """Who had a batch, and when."""
    return "; ".join(f"member {x.member} at {x.at:.3f}{' marked' if x.is_marked else ''}, acknowledged "
                     + ("never" if x.acked_at is None else f"at {x.acked_at:.3f}") for x in deliveries)


def check_barrier(plan, seen):
    """With a barrier no batch of an epoch comes before all of the one before were acknowledged. Times of dispatcher-pull
    are those of its files, by another clock: what it had says nothing here."""
    if not plan.barrier:
        return []
    first_ack = {}
    first_delivery = {}
    of_pull = {x.batch for x in seen.deliveries if x.is_marked is None}
    for each in seen.deliveries:
        if each.batch in of_pull:
            continue
        if each.acked_at is not None:
            first_ack[each.batch] = min(first_ack.get(each.batch, each.acked_at), each.acked_at)
        first_delivery[each.epoch] = min(first_delivery.get(each.epoch, each.at), each.at)
    return [Violation("a barrier holds", f"batch {batch} was acknowledged at {at:.3f}, and epoch {batch[0] + 1} began "
                                         f"at {first_delivery[batch[0] + 1]:.3f}")
            for batch, at in sorted(first_ack.items()) if at > first_delivery.get(batch[0] + 1, at)]


def check_what_is_over(seen, pace):
    """What was said to be over stays over: sessions that begin later get nothing of it. Another dispatcher knows it
    when it asks the store, and hands out nothing when it has not asked for as long as its leases last."""
    found = []
    lag = (LEASE_TTL + 1) * pace
    over = defaultdict(lambda: float("inf"))
    for epoch, at in seen.epochs_over:
        over[epoch] = min(over[epoch], at)
    end = min((at for _, at in seen.ended), default=float("inf"))
    for each in seen.deliveries:
        later = each.opened_at - min(end, over[each.epoch])
        if later > lag:
            found.append(Violation("what is over stays over", f"member {each.member} got batch {each.batch} in a "
                                                              f"session that began {later:.1f} s later"))
    return found


def check_kept(seen, pace):
    """A batch whose acknowledgement is kept does not come in a session that begins later."""
    lag = (LEASE_TTL + 1) * pace
    found = []
    for batch, deliveries in sorted(by_batch(seen).items()):
        kept_at = min((x.kept_at for x in deliveries if x.kept_at is not None), default=float("inf"))
        found += [Violation("what a pong says is kept",
                            f"member {x.member} got batch {batch} in a session that began {x.opened_at - kept_at:.1f} "
                            f"s after a pong: {describe(deliveries)}")
                  for x in deliveries if x.opened_at > kept_at + lag]
    return found


def check_waits(plan, seen, pace):
    spans = excuses(plan, seen, pace)
    limit = grace(plan, pace)
    found = []
    for wait in seen.waits:
        left = unexplained(wait, spans)
        if left > limit:
            found.append(Violation("nobody waits for long",
                                   f"{wait.what} waited for {wait.end - wait.begin:.1f} s from {wait.begin:.3f}, and "
                                   f"nothing explains {left:.1f} s of it; {limit:.1f} s may be"))
    return found


def check_end(plan, seen):
    ended = {member for member, _ in seen.ended}
    missing = sorted(set(range(len(plan.members))) - ended)
    found = []
    if missing:
        names = some(f"{plan.members[x].kind}-{x}" for x in missing)
        found.append(Violation("a group ends", f"members were not told: {names}"))
    elif seen.leases_left:
        found.append(Violation("the store is small", f"a group that is over has {seen.leases_left} rows of leases"))
    return found


def cause_of(wait, spans):
    """What explains most of a wait."""
    overlaps = Counter()
    for each in spans:
        overlaps[each.what] = max(overlaps[each.what], min(wait.end, each.end) - max(wait.begin, each.begin))
    overlaps["nothing"] = min(unexplained(wait, spans), wait.end - wait.begin)
    return overlaps.most_common(1)[0][0]


def some(things, most=5):
    things = list(things)
    return ", ".join(map(str, things[:most])) + (f" and {len(things) - most} more" if len(things) > most else "")
