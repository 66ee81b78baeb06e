"""What a group takes of its store: while members work, and when it is over."""

import json
import time

from group_data import DATA, HELD, WARM, last_run
from group_member import Member
from group_speed import MEMBERS
from group_stores import MEMORY, POSTGRES, open_store
from servers import DISPATCHER

OVER = "over"
AT_WORK = f"{MEMBERS} members at work"

#: How many groups of each kind there are at a time.
GROUPS = {OVER: 100, AT_WORK: 10}

#: How long members work before the store is looked at.
WORK_SECONDS = 3


def run(bench, stores):
    return [measure(bench, name, state) for name in stores if name != MEMORY for state in GROUPS]


def measure(bench, name, state):
    bench.say(f"groups: rows and bytes in {name}, {state}")
    count = GROUPS[state]
    with open_store(name) as store:
        with bench.servers.start_for_sessions(DISPATCHER, *WARM, "--store", store.option, data=DATA) as server:
            # The tables are made, and have their first pages.
            finish(server.port, "first")
            bytes_before = store.bytes()
            rows_before = store.rows() if name == POSTGRES else None
            with groups(bench, server.port, state, count):
                found = {"bytes": (store.bytes() - bytes_before) / count}
                if name == POSTGRES:
                    found["rows"] = {table: (now - rows_before[table]) / count for table, now in store.rows().items()}
    return {"case": "groups-size", "store": name, "state": state, "groups": count, **found}


def finish(port, group):
    """A group that is over."""
    with Member(port, group=group, window=HELD, start=last_run()) as member:
        member.ack(member.take(HELD))
        member.read("eof")


class groups:
    """Groups in a state, for as long as a `with` statement lasts."""

    def __init__(self, bench, port, state, count):
        self.working = []
        if state == OVER:
            for i in range(count):
                finish(port, f"over-{i}")
            return
        for i in range(count):
            hello = json.dumps({"group": f"work-{i}", "epochs": 0})
            load = bench.load.start(port, MEMBERS, "--session", "--hello", hello, "--seconds", 60)
            self.working.append(load)
        time.sleep(WORK_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.working:
            each.terminate()
        for each in self.working:
            each.wait()
