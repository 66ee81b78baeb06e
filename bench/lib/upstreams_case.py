"""Dataset services of all kinds, each behind every way to fetch from it and beside a client that is no dispatcher."""

import json
import subprocess
import time
from contextlib import ExitStack
from statistics import median

from servers import MNIST_BATCHES
from table_text import Table, number, ratio

TITLE = "One pass after another, and nothing is kept"

PASSES = 20
#: What is slow has fewer passes.
SECONDS = 5

AUTO = "auto"
#: The fixed ways to fetch, which `auto` is compared with.
FIXED = {
    "stream": ["--fetch-mode", "stream"],
    "calls": ["--fetch-mode", "get"],
    "one call": ["--fetch-mode", "get", "--in-flight", 1],
}
BARE = {"bare stream": 0, "8 bare calls": 8}


def after(latency_ms):
    return lambda servers: [servers.start_upstream("--latency-ms", latency_ms)]


def slower_from_pass(first, latency_ms):
    span = f"{round(first * MNIST_BATCHES)}-1000000000:{latency_ms}"
    return lambda servers: [servers.start_upstream("--slow", span)]


#: Name, how it is started, and the numbers of consumers.
UPSTREAMS = [
    ("no latency", after(0), [1]),
    ("1 ms", after(1), [1]),
    ("5 ms", after(5), [1]),
    ("50 ms", after(50), [1]),
    ("5 ms from mid pass 10 on", slower_from_pass(9.5, 5), [1]),
    ("two: no latency, 5 ms", lambda servers: [*after(0)(servers), *after(5)(servers)], [1]),
    ("Python", lambda servers: [servers.start_python_upstream()], [1, 8, 64]),
]
TORCH = ("Python with torch", lambda servers: [servers.start_python_upstream("--images", "torch")], [1, 8, 64])


def run(bench):
    rows = []
    for name, start, numbers in [*UPSTREAMS, *([TORCH] if bench.options.torch else [])]:
        for clients in numbers:
            for way in [AUTO, *FIXED, *(BARE if clients == 1 else [])]:
                bench.say(f"upstreams: {name}, {clients} clients, {way}")
                row = measure_once(bench, start, clients, way)
                rows.append({"case": "upstreams", "upstream": name, "clients": clients, "way": way, **row})
    return rows


def measure_once(bench, start, clients, way):
    with ExitStack() as running:
        upstreams = [running.enter_context(each) for each in start(bench.servers)]
        if way in BARE:
            return {"rates": bare_rates(bench, upstreams[0], BARE[way])}
        arguments = ["--cache-mb", 0, *FIXED.get(way, [])]
        server = running.enter_context(bench.servers.start_dispatcher(upstreams, "none", *arguments))
        return {"rates": rates_of_passes(bench, server, clients, way)}


def rates_of_passes(bench, server, clients, way):
    rates = []
    began = time.monotonic()
    while len(rates) < PASSES and (not rates or time.monotonic() - began < SECONDS):
        result = bench.load.run(server.port, clients, "--expect", MNIST_BATCHES, "--passes", 1)
        bench.check({"case": "upstreams", "contender": way, "clients": clients, "load": result, **result})
        rates.append(result["frames_per_second"])
    return rates


def bare_rates(bench, upstream, calls):
    """The rate of each pass. The first pass shows how many fit into SECONDS."""
    rates = read_bare(bench, upstream, calls, 1)
    passes = min(PASSES - 1, int(SECONDS * rates[0] / MNIST_BATCHES))
    return rates + (read_bare(bench, upstream, calls, passes) if passes > 0 else [])


def read_bare(bench, upstream, calls, passes):
    command = [bench.servers.bin / "bare-client", "--upstream", f"127.0.0.1:{upstream.port}"]
    command += ["--batches", MNIST_BATCHES, "--calls", calls, "--passes", passes]
    done = subprocess.run([str(x) for x in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=180)
    if done.returncode != 0:
        raise SystemExit(f"error: {' '.join(map(str, command))} ended with {done.returncode}")
    return [MNIST_BATCHES / seconds for seconds in json.loads(done.stdout)["seconds"]]


# -- the table --------------------------------------------------------------------------------------------------------


def upstreams_tables(rows):
    """None where this was not measured."""
    rows = [x for x in rows if x["case"] == "upstreams"]
    if not rows:
        return []
    header = ["service", "clients", *BARE, *FIXED, AUTO, "first", "ratio", "least", "ratio"]
    places = dict.fromkeys((x["upstream"], x["clients"]) for x in rows)
    return [Table(TITLE, header, [table_row(rows, *place) for place in places])]


def table_row(rows, upstream, clients):
    rates = {x["way"]: x["rates"] for x in rows if (x["upstream"], x["clients"]) == (upstream, clients)}
    later = {way: median(of[1:] or of) for way, of in rates.items()}
    best = max(FIXED, key=later.get)
    auto = rates[AUTO]
    least = {way: min(of[1:] or of) for way, of in rates.items()}
    return (
        [upstream, number(clients), *(number(later.get(way)) for way in [*BARE, *FIXED, AUTO])]
        + [number(auto[0]), ratio(auto[0], max(rates[way][0] for way in FIXED))]
        + [number(least[AUTO]), ratio(least[AUTO], least[best])]
    )
