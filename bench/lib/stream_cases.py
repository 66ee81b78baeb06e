"""The cases in which N clients stream: cold, warm, with a distant dataset service, with one in Python."""

from contextlib import nullcontext

from measurement import calls_per_batch, measure
from servers import FLOOR, calls_answered


class StreamCase:
    """N clients at a time on fresh servers, every contender in turn and then again."""

    def __init__(self, name, title, start_upstream, warm=False, clients=None):
        self.name = name
        self.title = title
        self.start_upstream = start_upstream
        self.warm = warm
        self.clients = clients

    def run(self, bench):
        rows = []
        for clients in self.clients or bench.options.clients:
            for repeat in range(bench.options.repeats):
                for contender in bench.servers.contenders():
                    bench.say(f"{self.name}: {clients} clients, {contender}, {repeat + 1} of {bench.options.repeats}")
                    rows.append({"case": self.name, "repeat": repeat, **self.measure_once(bench, contender, clients)})
                    bench.check(rows[-1])
        return rows

    def measure_once(self, bench, contender, clients):
        with nullcontext() if contender == FLOOR else self.start_upstream(bench.servers) as upstream:
            with bench.servers.start(contender, upstream) as server:
                row = self.load(bench, contender, server, clients)
            # Who does not count its calls can be counted at the other end, from the first one on.
            if upstream and row["upstream_calls"] is None and not self.warm:
                row["upstream_calls"] = calls_answered(upstream.stop())
                row["calls_per_batch"] = calls_per_batch(row["upstream_calls"], row["load"]["frames"], clients)
        return row

    def load(self, bench, contender, server, clients):
        options = bench.options
        if not self.warm:
            # What is slow is cut: its rate is known by then.
            return measure(bench.load, contender, server, clients, "--passes", 1, "--seconds", options.cold_seconds)
        bench.check({**measure(bench.load, contender, server, 1), "case": self.name})
        return measure(bench.load, contender, server, clients, "--seconds", options.seconds)


def stream_cases(options):
    """By name."""
    return {
        "cold": StreamCase(
            "cold",
            "Cold: nothing was fetched before, one pass for each client",
            lambda servers: servers.start_upstream(),
        ),
        "warm": StreamCase(
            "warm",
            "Warm: one client has had a pass before, then passes for some seconds",
            lambda servers: servers.start_upstream(),
            warm=True,
        ),
        "latency": StreamCase(
            "latency",
            "Cold, and the dataset service takes 5 ms for each batch",
            lambda servers: servers.start_upstream("--latency-ms", 5),
        ),
        "python": StreamCase(
            "python",
            "Cold, and the dataset service is one in Python that takes 1 ms of its interpreter for each batch",
            lambda servers: servers.start_python_upstream(),
            clients=options.python_clients,
        ),
    }
