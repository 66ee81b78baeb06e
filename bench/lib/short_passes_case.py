"""Many clients one after another, each for a short pass: what grows would be a leak."""

import time

from servers import BATCH_SIZE
from server_process import connections_to

TITLE = "Clients one after another"

# A leak is one for each connection, not for each batch: ten batches make a pass.
BATCHES = 10
DATASET = f"mnist=synthetic:{BATCHES * BATCH_SIZE}x1x28x28:float32"


def state_of(server, upstream, passes):
    return {
        "passes": passes,
        "rss_mb": server.memory_mb("VmRSS"),
        "descriptors": server.descriptors(),
        "upstream_connections": connections_to(upstream.port),
    }


def run(bench):
    return [measure_once(bench, contender) for contender in bench.servers.behind_upstream()]


def measure_once(bench, contender):
    total = bench.options.short_passes
    bench.say(f"short-passes: {total}, {contender}")
    with bench.servers.start_upstream("--no-bundled-data", "--data", DATASET) as upstream:
        with bench.servers.start(contender, upstream) as server:
            states = [state_of(server, upstream, 0)]
            good = True
            for passes in (total // 10, total):
                result = bench.load.run(
                    server.port, passes - states[-1]["passes"], "--sequential", "--expect", BATCHES
                )
                bench.check({"case": "short-passes", "contender": contender, "clients": passes, "load": result, **result})
                good = good and result["good"]
                # Connections end when the consumer has closed its side; give the last one that time.
                time.sleep(0.3)
                states.append(state_of(server, upstream, passes))
    return {"case": "short-passes", "contender": contender, "states": states, "good": good}
