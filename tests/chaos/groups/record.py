"""What was seen in a round. All times are of one monotonic clock."""

import threading
from dataclasses import dataclass, field


@dataclass
class Delivery:
    """A batch that came whole."""
    epoch: int
    position: int
    #: The samples.
    numbers: tuple
    #: None: the member cannot tell.
    is_marked: bool | None
    member: int
    #: When the session said its hello, and when the batch was there.
    opened_at: float
    at: float
    #: When its acknowledgement was sent, or None.
    acked_at: float | None = None
    #: When it was said that the acknowledgement is kept, or None.
    kept_at: float | None = None

    @property
    def batch(self):
        return self.epoch, self.position


@dataclass
class Span:
    """Something that went on for a while."""
    what: str
    begin: float
    end: float


@dataclass
class Seen:
    """What a round's members, servers and faults have left behind."""
    deliveries: list = field(default_factory=list)
    #: A member that could take a batch waited for one, or for the end.
    waits: list = field(default_factory=list)
    #: Members that had batches and gave no sign of life.
    silences: list = field(default_factory=list)
    #: What was broken, until it was whole again.
    faults: list = field(default_factory=list)
    #: (epoch, when a member was told that it is over)
    epochs_over: list = field(default_factory=list)
    #: (member, when it was told that the group is over)
    ended: list = field(default_factory=list)
    #: What is wrong in itself, in a sentence each.
    problems: list = field(default_factory=list)
    #: Rows of the group's leases when it was over; None: cannot be told.
    leases_left: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind, *what):
        with self.lock:
            getattr(self, kind).extend(what)
