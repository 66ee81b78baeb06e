"""Many clients one after another: what grows would be a leak."""

import time

from servers import BATCH_SIZE
from server_process import connections_to

TITLE = "Clients one after another"

# A leak is one for each session or connection, not for each batch: ten batches make a session.
BATCHES = 10
DATASET = f"mnist=synthetic:{BATCHES * BATCH_SIZE}x1x28x28:float32"


def state_of(server, upstream, sessions):
    return {
        "sessions": sessions,
        "rss_mb": server.memory_mb("VmRSS"),
        "descriptors": server.descriptors(),
        "upstream_connections": connections_to(upstream.port),
    }


def run(bench):
    return [measure_once(bench, contender) for contender in bench.servers.behind_upstream()]


def measure_once(bench, contender):
    total = bench.options.sessions
    bench.say(f"sessions: {total}, {contender}")
    with bench.servers.start_upstream("--no-bundled-data", "--data", DATASET) as upstream:
        with bench.servers.start(contender, upstream) as server:
            states = [state_of(server, upstream, 0)]
            good = True
            for sessions in (total // 10, total):
                result = bench.load.run(
                    server.port, sessions - states[-1]["sessions"], "--sequential", "--expect", BATCHES
                )
                bench.check({"case": "sessions", "contender": contender, "clients": sessions, "load": result, **result})
                good = good and result["good"]
                # Connections end when the consumer has closed its side; give the last one that time.
                time.sleep(0.3)
                states.append(state_of(server, upstream, sessions))
    return {"case": "sessions", "contender": contender, "states": states, "good": good}
