"""A member of a group that does what its plan says until it is told that the group is over."""

import json
import random
import socket
import struct
import threading
import time
import zlib

from session_client import Session, numbers_in

from record import Delivery, Span

#: A wait that is shorter is not worth a record.
WORTH_A_RECORD = 0.5
#: Between two tries to open a session.
PAUSE = 0.1
#: A group whose members are silent all the time does not end within a round.
MOST_SILENCES = 2
#: While a member waits, a line comes every 5 s.
SILENT_DISPATCHER = 30.0

#: What no client should say.
RUBBISH = (b"\x00\xff\xfe\n", b"{\n", b"[1]\n", b'{"type":"hello"}\n', b'{"type":"ack","seq":[999999999]}\n',
           b'{"type":"ack","seq":["x"]}\n', b"x" * 70_000)


class Reset(Exception):
    """The member has broken its connection off."""


class CutInput:
    """The bytes of a session, of which only so many are read."""

    def __init__(self, source, left):
        self.source = source
        self.left = left

    def take(self, read, size):
        data = read(min(size, self.left))
        self.left -= len(data)
        if self.left == 0:
            raise Reset
        return data

    def readline(self):
        return self.take(self.source.readline, 1 << 20)

    def read(self, size):
        return self.take(self.source.read, size)

    def close(self):
        self.source.close()


class Member(threading.Thread):
    """Goes from one dispatcher to the next where a session ends before the group does."""

    def __init__(self, index, round_plan, group, ports, seen, deadline, pace=1.0):
        super().__init__(daemon=True)
        self.index = index
        self.round = round_plan
        self.plan = round_plan.members[index]
        self.name = f"{self.plan.kind}-{index}"
        self.group = group
        self.ports = ports
        self.seen = seen
        self.deadline = deadline
        self.pace = pace
        self.chance = random.Random(self.plan.seed)
        self.is_over = False
        self.has_given_up = threading.Event()
        self.wants_since = None
        self.silences = 0

    def run(self):
        at = self.chance.randrange(len(self.ports))
        while not self.is_over and not self.has_to_stop():
            at += 1
            if self.wants_since is None:
                self.wants_since = time.monotonic()
            try:
                self.take_part(self.ports[at % len(self.ports)])
            except (ConnectionError, Reset):
                pass
            except TimeoutError:
                self.seen.add("problems", f"{self.name} was told nothing for {SILENT_DISPATCHER * self.pace:.0f} s")
            except (AssertionError, ValueError, KeyError, struct.error, zlib.error) as problem:
                self.seen.add("problems", f"{self.name}: {type(problem).__name__}: {problem}")
            if not self.is_over:
                self.has_given_up.wait(PAUSE)
        self.note_wait(time.monotonic())

    def has_to_stop(self):
        return self.has_given_up.is_set() or time.monotonic() > self.deadline

    def take_part(self, port):
        hello = {"group": self.group, "client": self.name, **self.round.hello}
        if self.plan.acks_of > 1:
            # The dispatcher gives a member that does not say it only what it acknowledges in a second.
            hello.setdefault("window", 2 * self.plan.acks_of)
        self.opened_at = time.monotonic()
        self.held = []    # deliveries that are not acknowledged, with their seq
        self.asked = []   # for each ping that is not answered, the acknowledged deliveries before it
        self.acked = []
        self.count = 0
        self.is_leaving = False
        self.session = Session(port, timeout=SILENT_DISPATCHER * self.pace, **hello)
        try:
            self.prepare()
            for message in self.session:
                if self.on_message(message) or self.has_to_stop():
                    return
        finally:
            self.session.close()

    def prepare(self):
        if self.plan.kind == "resetter":
            self.session.input = CutInput(self.session.input, self.chance.randint(1, 200_000))

    # -- messages

    def on_message(self, message):
        """Returns whether the session is to end."""
        kind = message["type"]
        if kind == "batch":
            return self.on_batch(message)
        if kind in ("wait", "drain"):
            self.acknowledge()
        elif kind == "epoch":
            self.seen.add("epochs_over", (message["epoch"], time.monotonic()))
        elif kind == "pong":
            return self.on_pong()
        elif kind == "eof":
            self.on_eof()
            return True
        elif kind == "error":
            return self.on_error(message)
        return False

    def on_batch(self, message):
        now = time.monotonic()
        self.note_wait(now)
        delivery = Delivery(message["epoch"], message["position"], tuple(numbers_in(message)),
                            message.get("redelivered", False), self.index, self.opened_at, now)
        self.seen.add("deliveries", delivery)
        self.held.append((message["seq"], delivery))
        self.count += 1
        if self.plan.delay > 0:
            self.has_given_up.wait(self.plan.delay)
        if self.count % self.plan.batches == 0 and self.do_worse():
            return True
        if len(self.held) >= self.plan.acks_of or self.is_leaving:
            self.acknowledge()
        self.wants_since = time.monotonic()
        return False

    def on_pong(self):
        now = time.monotonic()
        for each in self.asked.pop(0):
            each.kept_at = each.kept_at or now
        return self.is_leaving

    def on_eof(self):
        now = time.monotonic()
        self.note_wait(now)
        self.is_over = True
        self.seen.add("ended", (self.index, now))

    def on_error(self, message):
        if message["code"] != "UNAVAILABLE" and not (self.plan.kind == "rubbish" and self.is_leaving):
            self.has_given_up.set()
            self.seen.add("problems", f"{self.name} got {json.dumps(message)}")
        return True

    def note_wait(self, now):
        since, self.wants_since = self.wants_since, None
        if since is not None and now - since > WORTH_A_RECORD:
            self.seen.add("waits", Span(self.name, since, now))

    # -- acknowledgements

    def acknowledge(self):
        if not self.held:
            return
        now = time.monotonic()
        sequences = [sequence for sequence, _ in self.held]
        for _, each in self.held:
            each.acked_at = each.acked_at or now
            self.acked.append(each)
        self.held = []
        self.say_ack(sequences)
        if self.chance.random() < 0.03:
            self.ping()

    def say_ack(self, sequences):
        if self.round.ack == "next":
            sequences = sequences[-1:]
        else:
            self.chance.shuffle(sequences)
        self.session.say(type="ack", seq=sequences)
        if self.plan.kind == "repeater":
            self.session.say(type="ack", seq=sequences + [self.chance.randrange(self.count)])

    def ping(self):
        self.asked.append(list(self.acked))
        self.acked = []
        self.session.say(type="ping")

    # -- what is worse than quick and slow

    def do_worse(self):
        """Returns whether the session is to end."""
        kind = self.plan.kind
        if kind == "leaver":
            self.is_leaving = True
            self.acknowledge()
            self.ping()
        elif kind == "resetter":
            self.session.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return True
        elif kind == "late" and self.silences < MOST_SILENCES:
            self.be_silent()
        elif kind == "rubbish":
            self.is_leaving = True
            self.session.socket.sendall(self.chance.choice(RUBBISH))
        return False

    def be_silent(self):
        self.silences += 1
        begin = time.monotonic()
        self.has_given_up.wait(self.round.ack_wait * self.chance.choice((1.1, 1.5, 3)) + 0.3)
        self.acknowledge()
        self.seen.add("silences", Span(self.name, begin, time.monotonic()))
