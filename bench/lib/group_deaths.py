"""How soon another member has what a dead member, or a dead dispatcher, held."""

import time

from group_data import DATA, HELD, WARM, last_run
from group_member import Member
from group_stores import POSTGRES, open_store
from servers import DISPATCHER
from times import quantiles_of

RESET = "a member, its connection is reset"
CLOSED = "a member, its connection is closed"

#: How a member's connection ends.
WAYS = {RESET: Member.reset, CLOSED: Member.close}

LEASES = ("10s", "2s")


def run(bench, stores):
    rows = []
    for name in stores:
        rows += members(bench, name)
    if POSTGRES in stores:
        rows += [dispatchers(bench, ttl) for ttl in LEASES]
    return rows


def members(bench, name):
    rows = []
    with open_store(name) as store, start(bench, store) as server:
        for who, die in WAYS.items():
            bench.say(f"groups: dead members, {name}, {who}")
            found = [
                handover(server.port, server.port, f"{who} {i}", die) for i in range(bench.options.dead_members)
            ]
            rows.append(row_of(who, name, found))
    return rows


def dispatchers(bench, ttl):
    """Two dispatchers at a time; one of them is killed, and another one takes its place."""
    found = []
    options = ["--lease-ttl", ttl]
    with open_store(POSTGRES) as store, start(bench, store, *options) as heir:
        for i in range(bench.options.dead_dispatchers):
            bench.say(f"groups: dead dispatchers, leases of {ttl}, {i + 1} of {bench.options.dead_dispatchers}")
            with start(bench, store, *options) as doomed:
                found.append(handover(doomed.port, heir.port, f"{ttl} {i}", lambda _: doomed.process.kill()))
    return row_of(f"a dispatcher, leases of {ttl.replace('s', ' s')}", POSTGRES, found)


def start(bench, store, *options):
    return bench.servers.start_for_sessions(DISPATCHER, *WARM, "--store", store.option, *options, data=DATA)


def handover(of_holder, of_heir, group, die):
    """One member holds all batches that there are, and another waits. Returns the seconds from the first one's death
    until the other one has the first and the last of them.

    `of_holder` and `of_heir` are ports, and `die` is called with the first member."""
    hello = {"group": group, "window": HELD, "start": last_run()}
    with Member(of_holder, **hello) as holder:
        holder.take(HELD)
        with Member(of_heir, **hello) as heir:
            heir.read("welcome")
            heir.wait_until_known()
            began = time.perf_counter()
            die(holder)
            batches = heir.take(HELD)
            heir.ack(batches)
            heir.read("eof")
    if not all(x.get("redelivered") for x in batches):
        raise SystemExit("error: a batch that a dead member held came without its mark")
    return batches[0]["at"] - began, batches[-1]["at"] - began


def row_of(who, store, found):
    first, last = (quantiles_of(x) for x in zip(*found))
    return {"case": "groups-dead", "who": who, "store": store, "count": len(found), "first": first, "last": last}
