"""Sessions with raw payloads on a warm cache, beside the floor that writes such frames from memory; how soon the first
frame comes; and what sessions that never read cost."""

import random_starts
import stalled_case
from measurement import measure
from servers import DISPATCHER, FLOOR, SESSION_EPOCHS

TITLE = "Sessions: raw payloads, warm"
FIRST_FRAME_TITLE = "Sessions: milliseconds to the first frame"
STALLED_TITLE = "Sessions that do not read, beside one that does"

IN_ORDER = "the dataset's own"
ONE_SEED = "shuffled, one seed"
SEED_EACH = "shuffled, a seed each"

HELLOS = {
    IN_ORDER: "{",
    ONE_SEED: '{"shuffle": {"seed": 7}, ',
    SEED_EACH: '{"shuffle": {"seed": {client}}, ',
}

# All blocks stay in the cache, and no order of samples leaves it either.
WARM = ["--cache-mb", 1024]


def hello(order, epochs=SESSION_EPOCHS):
    return ["--session", "--hello", f'{HELLOS[order]}"epochs": {epochs}}}']


def run(bench):
    rows = []
    for order, clients in bench.options.session_rows:
        for repeat in range(bench.options.repeats):
            for contender in (DISPATCHER, FLOOR):
                bench.say(f"session: {order}, {clients} sessions, {contender}, {repeat + 1} of {bench.options.repeats}")
                row = measure_stream(bench, contender, order, clients)
                rows.append({"case": "session", "order": order, "repeat": repeat, **row})
                bench.check(rows[-1])
    rows += [first_frame(bench, contender) for contender in (FLOOR, DISPATCHER)]
    rows += random_starts.run(bench)
    rows.append(stalled(bench))
    return rows


def measure_stream(bench, contender, order, clients):
    """Fresh servers, a pass, and then all sessions for some seconds."""
    with bench.servers.start_for_sessions(contender, *WARM) as server:
        warm_up(bench, contender, server)
        return measure(
            bench.load, contender, server, clients, *hello(order), "--seconds", bench.options.seconds
        )


def warm_up(bench, contender, server):
    bench.check({**measure(bench.load, contender, server, 1, *hello(IN_ORDER, 1), "--passes", 1), "case": "session"})


def first_frame(bench, contender):
    """Sessions of one epoch, one after another."""
    count = bench.options.first_frames
    bench.say(f"session: first frames, {contender}")
    with bench.servers.start_for_sessions(contender, *WARM, epochs=1) as server:
        warm_up(bench, contender, server)
        row = measure(bench.load, contender, server, count, *hello(IN_ORDER, 1), "--passes", 1, "--sequential")
    times = row["load"]["first_frame_ms"]
    found = {"case": "session-first", "start": "the beginning, warm", "count": count, "p50": times["p50"], "p99": times["p99"]}
    bench.check({**row, **found})
    return {**row, **found}


def stalled(bench):
    bench.say(f"session: {bench.options.stalled} that do not read")
    with bench.servers.start_for_sessions(DISPATCHER, *WARM) as server:
        return {
            **stalled_case.measure_crowd(bench, DISPATCHER, server, *hello(IN_ORDER)),
            "case": "session-stalled",
        }
