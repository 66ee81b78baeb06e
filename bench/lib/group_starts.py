"""How soon the first batch comes: of a group and of a kept position, and when a dispatcher starts again."""

import time
from datetime import datetime

import random_starts
from group_data import DATA, WARM
from group_member import Member
from group_stores import MEMORY, open_store
from servers import DISPATCHER, session_port
from times import quantiles_of

#: Batches that were used before.
USED = 100

MEMBER = "a member of a group"
PLAIN = "a plain session"


def run(bench, stores):
    rows = []
    for name in stores:
        rows += first_batches(bench, name)
    for name in stores:
        if name != MEMORY:
            rows += restarts(bench, name)
    return rows


# -- where sessions begin ---------------------------------------------------------------------------------------------


def first_batches(bench, name):
    rows = []
    with open_store(name) as store, start(bench, store) as server:
        cursor = use(server.port, name="kept", resume=True)
        use(server.port, group="begun")
        for begins, hello in {
            "a cursor": lambda i: {"start": {"cursor": cursor}},
            "a kept position": lambda i: {"name": "kept", "resume": True},
            "a group that there is": lambda i: {"group": "begun"},
            "a new group": lambda i: {"group": f"new-{i}"},
        }.items():
            bench.say(f"groups: first batches, {name}, {begins}")
            times, cursors = zip(*(first_batch(server.port, hello(i)) for i in range(bench.options.first_frames)))
            if begins == "a cursor":
                expected = cursors[0]
            elif begins == "a kept position" and set(cursors) != {expected}:
                raise SystemExit("error: a kept position is not where its cursor is")
            found = quantiles_of(times)
            rows.append({"case": "groups-first", "store": name, "begins": begins, "count": len(times), "first": found})
    return rows


def start(bench, store):
    return bench.servers.start_for_sessions(DISPATCHER, *WARM, "--store", store.option, data=DATA)


def use(port, **hello):
    """Uses some batches, so that the store knows it. Returns the cursor behind them."""
    with Member(port, **hello) as client:
        for _ in range(USED):
            batches = client.take(1)
            client.ack(batches)
        client.wait_until_known()
    return batches[0]["cursor"]


def first_batch(port, hello):
    time.sleep(random_starts.PAUSE_SECONDS)
    return random_starts.first_frame(port, hello)


# -- a dispatcher that starts again -----------------------------------------------------------------------------------


def restarts(bench, name):
    found = {MEMBER: [], PLAIN: []}
    with open_store(name) as store, bench.servers.start_upstream(*DATA) as upstream:
        port = 0
        for i in range(bench.options.restarts):
            bench.say(f"groups: dispatchers that start again, {name}, {i + 1} of {bench.options.restarts}")
            for who, hello in {MEMBER: {"group": "g", "epochs": 0}, PLAIN: {"epochs": 0}}.items():
                port = die_at_work(bench, store, upstream, port)
                found[who].append(restart(bench, store, upstream, port, hello))
    rows = []
    for who, times in found.items():
        since_start, since_ready = (quantiles_of(x) for x in zip(*times))
        rows.append(
            {"case": "groups-restart", "store": name, "who": who, "count": len(times)}
            | {"since_start": since_start, "since_ready": since_ready}
        )
    return rows


def launch(bench, store, upstream, port):
    return bench.servers.launch_dispatcher(
        upstream, "none", *WARM, "--store", store.option, sessions=f"127.0.0.1:{port}"
    )


def die_at_work(bench, store, upstream, port):
    """A dispatcher is killed while a member of its group holds batches. Returns its port."""
    with launch(bench, store, upstream, port) as server:
        port = session_port(server)
        use(port, group="g", epochs=0)
        with Member(port, group="g", epochs=0) as member:
            member.take(1)
            server.process.kill()
    return port


def restart(bench, store, upstream, port, hello):
    """Seconds until a client has its first batch: since the dispatcher's start, and since it says that it is ready."""
    began = time.time()
    with launch(bench, store, upstream, port) as server:
        with connect(port, hello) as client:
            client.take(1)
            came = time.time()
        ready = datetime.fromisoformat(server.wait_for(r"^(\S+) info serving ")[1]).timestamp()
        server.process.kill()
    return came - began, came - ready


def connect(port, hello):
    """Tries to connect every millisecond, until a server listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return Member(port, **hello)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.001)
