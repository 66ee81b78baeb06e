"""One Python program that reads warm sessions, beside a plain recv_into from a server that only writes; and a dataset
service of several processes, beside one of a single interpreter."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from servers import BATCH_SIZE, DISPATCHER, FLOOR, session_port
from table_text import Table, number, ratio

TITLE = "The Python client: one program, warm"
SERVE_TITLE = "serve(): a Python dataset that takes 1 ms a batch, cold"

BENCH = Path(__file__).resolve().parent.parent
SOURCES = BENCH.parent / "clients" / "python" / "src"

#: Of 94,080 bytes in batches of 30, as the images are; an epoch of MNIST would take 5 ms.
SAMPLES = 100_000
SAMPLE_BYTES = 784 * 4
DATA = ["--data", f"big=synthetic:{SAMPLES}x784:float32"]
WARM = ["--cache-mb", 1024, "--dataset", "big"]
#: Some 4 MB.
LARGE = 1275

#: Name, how it is read, samples in a batch, and what the session asks for.
READERS = [
    ("open_session", "session", BATCH_SIZE, {}),
    ("DataLoader, tensors", "loader", BATCH_SIZE, {}),
    ("open_session, shuffled", "session", BATCH_SIZE, {"shuffle": 7}),
    ("open_session, batches of 4 MB", "session", LARGE, {}),
]
README_LOOP = "the README's JSON lines"
#: 1 ms a batch.
SAMPLE_US = 1000 / BATCH_SIZE
#: Names, and the processes of serve(); none: the service has no serve().
SERVICES = {"one interpreter": None, "1 process": 1, "2 processes": 2}


def run(bench):
    rows = []
    for name, how, batch_size, wishes in READERS:
        if how == "loader" and importlib.util.find_spec("torch") is None:
            bench.say("client: there is no PyTorch, so no DataLoader is measured")
            continue
        rows += measure_reader(bench, name, how, batch_size, wishes)
    rows += [measure_readme(bench, repeat) for repeat in range(bench.options.repeats)]
    rows += [measure_service(bench, each, repeat) for repeat in range(bench.options.repeats) for each in SERVICES]
    return rows


def measure_reader(bench, name, how, batch_size, wishes):
    """Pairs, one measured right after the other."""
    rows = []
    floor = bench.servers.start_for_sessions(FLOOR, batch_size=batch_size)
    real = bench.servers.start_for_sessions(DISPATCHER, *WARM, batch_size=batch_size, data=DATA)
    with floor as floor_server, real as server:
        warm_up(server.port)
        for repeat in range(bench.options.repeats):
            bench.say(f"client: {name}, {repeat + 1} of {bench.options.repeats}")
            for contender, (port, way, asked) in {
                FLOOR: (floor_server.port, "raw", {"bytes": batch_size * SAMPLE_BYTES}),
                DISPATCHER: (server.port, how, wishes),
            }.items():
                found = read(port, way, bench.options.seconds, {"batch_size": batch_size, **asked})
                rows.append({"case": "client", "name": name, "contender": contender, "repeat": repeat, **found})
    return rows


def measure_readme(bench, repeat):
    bench.say(f"client: {README_LOOP}, {repeat + 1} of {bench.options.repeats}")
    with bench.servers.start_upstream() as upstream, bench.servers.start_dispatcher(upstream) as server:
        found = read(server.port, "json", bench.options.seconds, {})
    return {"case": "client", "name": README_LOOP, "contender": DISPATCHER, "repeat": repeat, **found}


def measure_service(bench, name, repeat):
    """What a dispatcher that keeps next to nothing gets from a service."""
    bench.say(f"client: serve(), {name}, {repeat + 1} of {bench.options.repeats}")
    with start_service(bench, SERVICES[name]) as upstream:
        more = {"sessions": "127.0.0.1:0"}
        with bench.servers.start_dispatcher(upstream, "none", "--cache-mb", 4, **more) as server:
            port = session_port(server)
            warm_up(port)
            found = read(port, "session", bench.options.cold_seconds, {})
    return {"case": "client-serve", "name": name, "repeat": repeat, **found}


def start_service(bench, processes):
    if processes is None:
        return bench.servers.start_python_upstream("--sample-us", SAMPLE_US)
    script = BENCH / "client" / "serve_images.py"
    return bench.servers.start_script("serve", script, processes, SAMPLE_US, PYTHONPATH=str(SOURCES))


def warm_up(port):
    """Fills the cache, and lets the dispatcher learn what its dataset service bears."""
    read(port, "session", 3, {})


def read(port, how, seconds, wishes):
    command = [sys.executable, "-B", BENCH / "client" / "read.py", how, port, seconds, json.dumps(wishes)]
    done = subprocess.run(
        [str(x) for x in command], env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, timeout=seconds + 60
    )
    if done.returncode != 0:
        raise SystemExit(f"error: read.py {how} ended with {done.returncode}:\n{done.stderr}")
    found = json.loads(done.stdout)
    found["bytes_per_second"] = found["bytes"] / found["seconds"]
    found["batches_per_second"] = found["batches"] / found["seconds"]
    return found


def client_tables(rows):
    """All of them; none where the client was not measured."""
    readers = [x for x in rows if x["case"] == "client"]
    if not readers:
        return []
    return [readers_table(readers), services_table([x for x in rows if x["case"] == "client-serve"])]


def readers_table(rows):
    names = list(dict.fromkeys(x["name"] for x in rows))
    readme = middle(rows, README_LOOP, DISPATCHER, "bytes_per_second")
    body = []
    for name in names:
        mine, floor = (middle(rows, name, x, "bytes_per_second") for x in (DISPATCHER, FLOOR))
        body.append(
            [name, number(middle(rows, name, DISPATCHER, "batches_per_second")), number(mine / 1e6)]
            + [number(floor and floor / 1e6), paired(rows, name), ratio(mine, readme)]
        )
    return Table(TITLE, ["read by", "batches/s", "MB/s", "recv_into", "ratio", "times JSON"], body)


def services_table(rows):
    rates = {name: median(x["batches_per_second"] for x in rows if x["name"] == name) for name in SERVICES}
    alone = rates["one interpreter"]
    body = [[name, number(rate), ratio(rate, alone)] for name, rate in rates.items()]
    return Table(SERVE_TITLE, ["service", "batches/s", "ratio"], body)


def middle(rows, name, contender, field):
    found = [x[field] for x in rows if (x["name"], x["contender"]) == (name, contender)]
    return median(found) if found else None


def paired(rows, name):
    """The median ratio of those that were measured one after the other."""
    a, b = (
        [x["bytes_per_second"] for x in rows if (x["name"], x["contender"]) == (name, which)] for which in (DISPATCHER, FLOOR)
    )
    return ratio(median(x / y for x, y in zip(a, b)), 1) if b else ""
