"""What follows from a seed: rounds, their members, what is broken and when. No clock, no socket and no process is here,
so the same seed and number give the same round everywhere."""

import random
from dataclasses import dataclass, field

#: What rounds are about. Of so many rounds in a row each kind comes once, in an order that the seed draws.
ROUND_KINDS = ("calm", "stops", "members", "dispatchers", "store", "network", "far", "all", "sqlite", "none",
               "failover", "clock")

#: What rounds of a kind may break. `commit_*`: the connection to the store, around a COMMIT.
FAULTS_OF = {
    "calm": (),
    "stops": ("stop",),
    "members": (),
    "dispatchers": ("kill", "kill", "stop"),
    "store": ("store_kill", "store_restart", "store_freeze"),
    "network": ("slow", "cut", "stall", "commit_cut_before", "commit_cut_after", "commit_delay_before",
                "commit_delay_after"),
    # The store is far away from the first moment on.
    "far": ("cut", "kill"),
    "all": ("kill", "stop", "store_kill", "store_restart", "store_freeze", "slow", "cut", "stall", "commit_cut_before",
            "commit_cut_after", "commit_delay_before", "commit_delay_after"),
    "sqlite": ("kill", "kill", "stop"),
    "none": (),
    "failover": ("promote", "kill", "cut", "commit_cut_after"),
    "clock": ("clock_jump", "clock_jump", "store_freeze", "cut", "stop"),
}

#: Faults of one dispatcher, or of its connection to the store. All others are of the store.
OF_DISPATCHER = ("kill", "stop", "slow", "cut", "stall", "commit_cut_before", "commit_cut_after", "commit_delay_before",
                 "commit_delay_after")

#: Members that always do what they should, at their own pace.
STEADY = ("quick", "slow", "checkpoint", "repeater")
#: Members whose batches may have to come again.
UNSTEADY = ("leaver", "resetter", "late", "rubbish", "pull")

#: Datasets that the rounds choose from, by their number of samples.
DATASET_SIZES = (701, 2003, 5009, 12007, 30011)

#: How long a dispatcher's leases last, in seconds.
LEASE_TTL = 2.0

#: A member that is not limited otherwise has at most so many batches that it has not acknowledged.
MOST_UNACKED = 64

#: Batches a second that the threads of a runner take together.
MOST_BATCHES_A_SECOND = 1000


@dataclass(frozen=True)
class MemberPlan:
    """A member, and all that it does by chance."""
    kind: str
    #: How long it works on a batch.
    delay: float
    #: Batches that it takes before it acknowledges them.
    acks_of: int
    #: Batches of a session before it leaves, is silent, ...; the same again behind that.
    batches: int
    #: Its own chance.
    seed: int

    @property
    def is_steady(self):
        return self.kind in STEADY


@dataclass(frozen=True)
class Fault:
    """Something that is broken at a time, and is whole again after `seconds`."""
    at: float
    kind: str
    #: Index of a dispatcher.
    target: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Round:
    seed: int
    number: int
    kind: str
    dispatchers: int
    samples: int
    batch_size: int
    shuffle: int | None
    epochs: int
    barrier: bool
    ack: str
    window: int | None
    ack_wait: int
    #: How long it takes where nothing is broken.
    work: float
    members: tuple = field(default=())
    faults: tuple = field(default=())

    @property
    def batches(self):
        """In an epoch."""
        return -(-self.samples // self.batch_size)

    @property
    def store(self):
        """What keeps the group."""
        return {"sqlite": "sqlite", "none": "none", "failover": "standby", "clock": "clock"}.get(self.kind, "postgres")

    @property
    def is_exact(self):
        """Whether each batch has to be delivered exactly once."""
        return all(x.is_steady for x in self.members) and all(x.kind == "stop" for x in self.faults)

    @property
    def longest_hold(self):
        """How long a member that works may have a batch."""
        return max(x.delay * max(x.acks_of, self.window or min(MOST_UNACKED, 1 / max(x.delay, 0.001)), 2)
                   for x in self.members)

    @property
    def hello(self):
        """What all members say. `ack` and `window` are each member's own."""
        said = {"dataset": f"numbers-{self.samples}", "batch_size": self.batch_size, "epochs": self.epochs,
                "ack_wait": self.ack_wait, "ack": self.ack}
        if self.shuffle is not None:
            said["shuffle"] = {"seed": self.shuffle}
        if self.barrier:
            said["barrier"] = True
        if self.window:
            said["window"] = self.window
        return said


def plan_round(seed, number):
    chance = random.Random(f"{seed} round {number}")
    kind = kind_of(seed, number)
    dispatchers = 1 if kind in ("sqlite", "none") else chance.choice((1, 2, 2, 3, 3))
    ack = chance.choice(("next", "next", "explicit"))
    # Acknowledgements are no sign of life there, so a member must not have many batches for long.
    window = chance.choice((2, 8, 32)) if ack == "explicit" else chance.choice((None, None, 1, 4, 16))
    members = draw_members(chance, kind, ack, window)
    is_exact = kind in ("calm", "stops")
    work = chance.uniform(4, 9)
    epochs = chance.choice((1, 1, 2, 3))
    samples, batch_size = draw_sizes(chance, work * pace_of(members) / epochs)
    return Round(seed=seed, number=number, kind=kind, dispatchers=dispatchers, samples=samples, batch_size=batch_size,
                 shuffle=chance.choice((None, 7, chance.randrange(2**64))), epochs=epochs,
                 barrier=chance.random() < 0.3, ack=ack, window=window,
                 ack_wait=30 if is_exact else chance.choice((2, 2, 5)), work=work, members=members,
                 faults=draw_faults(chance, kind, dispatchers, work))


def kind_of(seed, number):
    deck = list(ROUND_KINDS)
    random.Random(f"{seed} kinds {number // len(deck)}").shuffle(deck)
    return deck[number % len(deck)]


def draw_members(chance, kind, ack, window):
    count = min(32, int(2 ** chance.uniform(0, 5.1)))
    kinds = STEADY if kind in ("calm", "stops") else STEADY + UNSTEADY + UNSTEADY
    members = []
    for index in range(count):
        # One at least brings the group to its end.
        which = chance.choice(kinds if index > 0 else STEADY)
        most = window or MOST_UNACKED
        is_slow = which == "slow"
        delay = min(chance.uniform(0.02, 0.08), 1.5 / most) if is_slow else chance.uniform(0.001, 0.005)
        acks_of = 1 if ack == "next" and which != "checkpoint" else chance.randint(1, max(1, min(most // 2, 8)))
        # Where the store is far away, short sessions have many members join at a time.
        batches = chance.randint(1, 8) if kind == "far" else chance.randint(3, 60)
        members.append(MemberPlan(which, delay, acks_of, batches, chance.randrange(2**32)))
    return tuple(members)


def pace_of(members):
    """Batches a second, while nothing is broken."""
    return min(sum(1 / (x.delay + 0.001) for x in members if x.kind != "pull"), MOST_BATCHES_A_SECOND)


def draw_sizes(chance, batches):
    """A dataset and a batch size that make about so many batches."""
    fitting = [x for x in DATASET_SIZES if batches <= x <= 100 * batches] or [DATASET_SIZES[0]]
    samples = chance.choice(fitting)
    return samples, max(1, round(samples / batches))


def place_of(what, target):
    """Faults of one place do not overlap."""
    if what == "slow":
        return "latency", target
    return target if what in OF_DISPATCHER else "store"


def draw_faults(chance, kind, dispatchers, work):
    faults = []
    free_at = {}
    if kind == "far":
        faults = [Fault(0.0, "slow", x, round(work, 3)) for x in range(dispatchers)]
    for index in range(chance.randint(2, 5) if FAULTS_OF[kind] else 0):
        # What the round is about comes first.
        what = FAULTS_OF[kind][0] if index == 0 else chance.choice(FAULTS_OF[kind])
        target = chance.randrange(dispatchers) if what in OF_DISPATCHER else 0
        place = place_of(what, target)
        if what == "promote" and any(x.kind == what for x in faults):
            continue
        at = max(chance.uniform(0.1, 0.7) * work, free_at.get(place, 0))
        seconds = draw_seconds(chance, what)
        free_at[place] = at + abs(seconds if what != "clock_jump" else 0) + 1
        faults.append(Fault(round(at, 3), what, target, round(seconds, 3)))
    return tuple(sorted(faults, key=lambda x: x.at))


def draw_seconds(chance, what):
    if what == "slow":
        return chance.uniform(2, 8)
    if what == "store_freeze":
        return chance.choice((chance.uniform(0.2, 3), chance.uniform(3, 8), chance.uniform(8, 20)))
    if what in ("kill", "stop", "store_kill", "promote"):
        return chance.choice((0.0, chance.uniform(0, 4)))
    if what == "stall" or what.startswith("commit_delay"):
        return chance.choice((chance.uniform(0.2, 2), chance.uniform(2, 9)))
    if what == "clock_jump":
        return chance.choice((1, -1)) * chance.choice((chance.uniform(1, 10), chance.uniform(60, 4 * 3600)))
    return 0.0
