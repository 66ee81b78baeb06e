"""Breaks what a round's plan says, and makes it whole again."""

import threading
import time

from record import Span
from store_proxy import COMMIT_FAULTS, CommitFault

#: A COMMIT comes about every 200 ms while a group is at work.
COMMIT_COMES = 10.0

#: How long what a slow connection carries is under way, in seconds: a store on another continent.
LATENCY = 0.05


class Breaker:
    """Each fault has a thread."""

    def __init__(self, plan, dispatchers, store, seen, began):
        self.dispatchers = dispatchers
        self.store = store
        self.seen = seen
        self.began = began
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(x,), daemon=True) for x in plan.faults]
        for each in self.threads:
            each.start()

    def end(self):
        """What has not begun does not begin any more; what is broken is made whole."""
        self.is_over.set()
        for each in self.threads:
            each.join()

    def run(self, fault):
        if self.is_over.wait(max(self.began + fault.at - time.monotonic(), 0)):
            return
        try:
            self.inject(fault)
        except Exception as problem:  # of the runner's own; a round in which this happens has not kept anything
            self.seen.add("problems", f"the runner could not do '{fault.kind}': {type(problem).__name__}: {problem}")

    def inject(self, fault):
        begin = time.monotonic()
        if fault.kind in COMMIT_FAULTS:
            begin = self.break_commit(fault)
        else:
            getattr(self, fault.kind)(fault)
        if begin is not None:
            self.seen.add("faults", Span(fault.kind, begin, time.monotonic()))

    def pause(self, seconds):
        """Not cut short by the end of the group: what is broken for so long is so in each run of this round."""
        time.sleep(seconds)

    # -- dispatchers

    def kill(self, fault):
        dispatcher = self.dispatchers[fault.target]
        with dispatcher.lock:
            dispatcher.kill()
            self.pause(fault.seconds)
            dispatcher.start()

    def stop(self, fault):
        dispatcher = self.dispatchers[fault.target]
        with dispatcher.lock:
            dispatcher.end()
            self.pause(fault.seconds)
            dispatcher.start()

    # -- the store

    def store_kill(self, fault):
        self.store.server.kill()
        self.pause(fault.seconds)
        self.store.server.start()

    def store_restart(self, fault):
        self.store.server.end()
        self.store.server.start()

    def store_freeze(self, fault):
        self.store.server.freeze()
        self.pause(fault.seconds)
        self.store.server.thaw()

    def promote(self, fault):
        self.store.kill()
        self.pause(fault.seconds)
        self.store.promote()

    def clock_jump(self, fault):
        self.store.set_clock(self.store.offset + fault.seconds)

    # -- between them

    def cut(self, fault):
        for each in self.store.proxies_of(fault.target):
            each.cut()

    def slow(self, fault):
        proxies = self.store.proxies_of(fault.target)
        for each in proxies:
            each.latency = LATENCY
        self.pause(fault.seconds)
        for each in proxies:
            each.latency = 0.0

    def stall(self, fault):
        proxies = self.store.proxies_of(fault.target)
        for each in proxies:
            each.stall()
        self.pause(fault.seconds)
        for each in proxies:
            each.go_on()

    def break_commit(self, fault):
        """Returns when the COMMIT came; None where none has come."""
        wanted = CommitFault(fault.kind, fault.seconds)
        proxies = self.store.proxies_of(fault.target)
        for each in proxies:
            each.arm(wanted)
        wanted.is_hit.wait(COMMIT_COMES)
        for each in proxies:
            each.disarm()
        if wanted.hit_at is None:
            return None
        self.pause(max(wanted.hit_at + fault.seconds - time.monotonic(), 0))
        return wanted.hit_at
