"""What it costs to be watched: 64 clients without the admin endpoint, and with one that a page and Prometheus ask."""

import threading
import time
import urllib.request
from contextlib import contextmanager
from statistics import median

from measurement import measure

TITLE = "Watched and unwatched, 64 clients, warm"

CLIENTS = 64

# As the page does, and as Prometheus does that is in a hurry.
STATUS_SECONDS = 0.5
METRICS_EVERY = 4

UNWATCHED = "unwatched"
WATCHED = "watched"


def run(bench):
    rows = []
    # Differences are small, so there is more of it than of other cases.
    for repeat in range(2 * bench.options.repeats + 1):
        # Neither is always the first.
        order = (UNWATCHED, WATCHED) if repeat % 2 == 0 else (WATCHED, UNWATCHED)
        for which in order:
            bench.say(f"inspected: {which}, {repeat + 1} of {2 * bench.options.repeats + 1}")
            rows.append({"case": "inspected", "repeat": repeat, **measure_once(bench, which)})
            bench.check(rows[-1])
    return rows


def measure_once(bench, which):
    admin = "127.0.0.1:0" if which == WATCHED else "none"
    with bench.servers.start_upstream() as upstream, bench.servers.start_dispatcher(upstream, admin) as server:
        bench.check({**measure(bench.load, which, server, 1), "case": "inspected"})
        with watching(server) if which == WATCHED else unwatched() as answers:
            row = measure(bench.load, which, server, CLIENTS, "--seconds", bench.options.seconds)
        return {**row, "answers": len(answers)}


@contextmanager
def unwatched():
    yield []


@contextmanager
def watching(server):
    """Asks for the status again and again, and now and then for the metrics; what is yielded counts the answers."""
    answers = []
    over = threading.Event()
    address = f"http://127.0.0.1:{server.admin_port}"

    def ask():
        for number in range(100_000):
            began = time.monotonic()
            for path in ["/status"] + ["/metrics"] * (number % METRICS_EVERY == 0):
                with urllib.request.urlopen(address + path, timeout=10) as answer:
                    answers.append(len(answer.read()))
            if over.wait(max(0, began + STATUS_SECONDS - time.monotonic())):
                return

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield answers
    finally:
        over.set()
        asking.join()


def summary(rows):
    """Medians of both, and the median of the ratios of those that were measured one after the other."""
    fields = ("frames_per_second", "cpu_per_1000", "peak_mb")
    of_case = {
        which: {row["repeat"]: row for row in rows if row["contender"] == which} for which in (UNWATCHED, WATCHED)
    }
    result = {which: {name: median(row[name] for row in of_case[which].values()) for name in fields} for which in of_case}
    for name in fields[:2]:
        pairs = [(of_case[WATCHED][repeat], of_case[UNWATCHED][repeat]) for repeat in of_case[WATCHED]]
        result[f"{name}_ratio"] = median(watched[name] / alone[name] for watched, alone in pairs)
    return result
