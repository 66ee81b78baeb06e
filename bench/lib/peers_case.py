"""Message brokers beside the dispatcher: the same frames, by each broker's own C client."""

import json
import subprocess
from statistics import median

from measurement import measure
from peer_servers import PEERS, REDIS, start_peer
from servers import DISPATCHER, MNIST_BATCHES
from table_text import Table, number, percent, ratio

TITLE = "The dispatcher and message brokers"

#: Name, consumers, and whether something has been read before.
MEASUREMENTS = [("64 consumers, warm", 64, True), ("1 consumer, warm", 1, True), ("1 consumer, cold", 1, False)]


def run(bench):
    rows = []
    for name, clients, warm in MEASUREMENTS:
        for repeat in range(bench.options.repeats):
            for contender in (DISPATCHER, *PEERS):
                bench.say(f"peers: {name}, {contender}, {repeat + 1} of {bench.options.repeats}")
                measure_once = measure_dispatcher if contender == DISPATCHER else measure_peer
                row = measure_once(bench, contender, clients, warm)
                rows.append({**row, "case": "peers", "name": name, "repeat": repeat})
                bench.check(rows[-1])
    return rows


def measure_dispatcher(bench, contender, clients, warm):
    with bench.servers.start_upstream() as upstream, bench.servers.start_dispatcher(upstream) as server:
        if not warm:
            row = measure(bench.load, contender, server, clients, "--passes", 1)
        else:
            bench.check({**measure(bench.load, contender, server, 1), "case": "peers"})
            row = measure(bench.load, contender, server, clients, "--seconds", bench.options.seconds)
    return {**row, "clients_cpu_per_1000": per_1000(row["load"]["cpu_seconds"], row["load"])}


def measure_peer(bench, contender, clients, warm):
    with start_peer(bench.servers, contender) as server:
        load = PeerLoad(bench, contender, server, clients)
        if not warm:
            return load.run("--passes", 1)
        # Redis keeps what was put in; of the others, consumers have what is published while they are there.
        kept = ["--kept"] if contender == REDIS else []
        if kept:
            bench.check(load.run("--fill"))
        bench.check(load.run(*kept, "--passes", 1))
        return load.run(*kept, "--seconds", bench.options.seconds)


class PeerLoad:
    """Runs peer-load on a broker."""

    def __init__(self, bench, contender, server, clients):
        self.contender = contender
        self.clients = clients
        self.server = server
        self.log_path = bench.servers.logs / "peer-load.log"
        self.command = [bench.servers.bin / "peer-load", "--peer", contender, "--connect", f"127.0.0.1:{server.port}"]
        self.command += ["--server-pid", server.pid, "--clients", clients, "--frames", MNIST_BATCHES]

    def run(self, *arguments, at_most=60):
        """Runs to its end, which comes after `at_most` seconds at the latest; returns a row."""
        command = [str(x) for x in (*self.command, "--max-seconds", at_most, *arguments)]
        with open(self.log_path, "ab") as log:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": log}
            done = subprocess.run(command, **pipes, timeout=at_most + 60)
        if not done.stdout:
            raise SystemExit(f"error: {' '.join(command)} left no result; see {self.log_path}")
        found = json.loads(done.stdout)
        return {
            "case": "peers",
            "contender": self.contender,
            "clients": self.clients,
            "load": found,
            "good": found["good"],
            "frames_per_second": found["frames_per_second"],
            "cpu_per_1000": per_1000(found["server_cpu_seconds"], found),
            "clients_cpu_per_1000": per_1000(found["cpu_seconds"], found),
            "peak_mb": self.server.memory_mb("VmHWM"),
        }


def per_1000(seconds, found):
    return seconds / found["frames"] * 1000 if found["frames"] else None


def peers_tables(rows):
    """None where brokers were not measured."""
    rows = [x for x in rows if x["case"] == "peers"]
    if not rows:
        return []
    header = ["measured", "server", "frames/s", "spread", "ratio", "CPU s per 1,000", "ratio", "consumers", "peak MB"]
    names = dict.fromkeys(x["name"] for x in rows)
    return [Table(TITLE, header, [table_row(rows, name, x) for name in names for x in (DISPATCHER, *PEERS)])]


def table_row(rows, name, contender):
    own, of_dispatcher = (
        [x for x in rows if (x["name"], x["contender"]) == (name, which)] for which in (contender, DISPATCHER)
    )
    return (
        [name, contender, number(middle(own, "frames_per_second")), percent(spread(own))]
        + [paired(own, of_dispatcher, "frames_per_second")]
        + [number(middle(own, "cpu_per_1000"), 4), paired(own, of_dispatcher, "cpu_per_1000")]
        + [number(middle(own, "clients_cpu_per_1000"), 4), number(middle(own, "peak_mb"))]
    )


def middle(rows, field):
    found = [x[field] for x in rows]
    return None if None in found else median(found)


def spread(rows):
    rates = [x["frames_per_second"] for x in rows]
    return (max(rates) - min(rates)) / median(rates) if len(rates) > 1 and median(rates) else None


def paired(own, of_dispatcher, field):
    """The median of the ratios to the dispatcher's that was measured in the same turn."""
    pairs = [(x[field], y[field]) for x, y in zip(own, of_dispatcher)]
    return ratio(median(x / y for x, y in pairs), 1) if all(x and y for x, y in pairs) else ""
