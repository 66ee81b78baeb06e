"""64 members of a group, beside as many plain sessions of the same dispatcher."""

import json

from group_data import BATCHES, DATA, WARM
from group_stores import open_store
from measurement import measure
from servers import DISPATCHER

MEMBERS = 64

GROUP = "group"
PLAIN = "plain"
SHARDS = "shards"

#: In the order in which they are measured; of a repeat, by its number.
HELLOS = {
    PLAIN: lambda _: {},
    SHARDS: lambda _: {"shard": {"index": "{client}", "count": MEMBERS}},
    GROUP: lambda repeat: {"group": f"speed-{repeat}"},
}


def run(bench, stores):
    rows = []
    for name in stores:
        with open_store(name) as store, start(bench, store) as server:
            bench.check({**read(bench, server, 1, {"epochs": 1}, BATCHES, "--passes", 1), "case": "groups"})
            for repeat in range(bench.options.repeats):
                for how in HELLOS:
                    bench.say(f"groups: {name}, {how}, {repeat + 1} of {bench.options.repeats}")
                    row = measure_once(bench, store, server, how, repeat)
                    rows.append({"case": "groups", "store": name, "how": how, "repeat": repeat, **row})
                    bench.check(rows[-1])
    return rows


def start(bench, store):
    return bench.servers.start_for_sessions(DISPATCHER, *WARM, "--store", store.option, data=DATA)


def measure_once(bench, store, server, how, repeat):
    hello = {"epochs": 0, **HELLOS[how](repeat)}
    batches = BATCHES // MEMBERS if how == SHARDS else BATCHES
    before = store.work()
    row = read(bench, server, MEMBERS, hello, batches, "--seconds", bench.options.seconds)
    work = {f"{name}_per_second": (now - before[name]) / row["load"]["seconds"] for name, now in store.work().items()}
    return {**row, **work}


def read(bench, server, clients, hello, batches, *arguments):
    # The load generator puts a number there.
    said = ["--session", "--hello", json.dumps(hello).replace('"{client}"', "{client}")]
    return measure(bench.load, DISPATCHER, server, clients, *said, *arguments, batches=batches)
