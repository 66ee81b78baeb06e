"""One measurement: a load on one server, with what it cost that server."""

from servers import MNIST_BATCHES, calls_so_far


class Cost:
    """What a server has used between `begin` and `end`."""

    def __init__(self, contender, server):
        self.contender = contender
        self.server = server
        self.calls_before = calls_so_far(contender, server)
        self.cpu_before = server.cpu_seconds()

    def end(self):
        cpu = self.server.cpu_seconds() - self.cpu_before
        calls = calls_so_far(self.contender, self.server)
        return {
            "cpu_seconds": cpu,
            "peak_mb": self.server.memory_mb("VmHWM"),
            "upstream_calls": None if calls is None else calls - self.calls_before,
        }


def measure(load, contender, server, clients, *arguments, batches=MNIST_BATCHES, at_most=120):
    """Loads the server and returns one row of raw results. `batches` is how many an epoch or pass has."""
    cost = Cost(contender, server)
    result = load.run(server.port, clients, "--expect", batches, *arguments, at_most=at_most)
    row = {"contender": contender, "clients": clients, **cost.end()}
    row["load"] = result
    row["good"] = result["good"]
    row["frames_per_second"] = result["frames_per_second"]
    row["cpu_per_1000"] = row["cpu_seconds"] / result["frames"] * 1000 if result["frames"] else None
    row["calls_per_batch"] = calls_per_batch(row["upstream_calls"], result["frames"], clients)
    return row


def calls_per_batch(calls, frames, clients):
    """How many calls a batch took until all clients had it: the number of clients where each has its own."""
    return None if calls is None or frames == 0 else calls / (frames / clients)
