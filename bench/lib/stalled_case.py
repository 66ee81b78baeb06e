"""What clients that do not read cost: memory of the server and of the kernel, and the speed of one that reads; and what
of it is left when they are gone."""

import os
import re
import time

from measurement import measure

TITLE = "Clients that do not read, beside one that does"

# Threads that look for work now and then use some of a core at rest; taking in clients uses all of one.
SHARE_OF_A_CORE_AT_REST = 0.2
LOOK_SECONDS = 0.5

# Descriptors are to come back at once. Free memory may be kept for a while: it is looked for every few seconds.
MEMORY_BACK_SECONDS = 12


def kernel_tcp_mb():
    """What all TCP sockets of this machine hold in buffers, in MB: both ends of a loopback connection."""
    with open("/proc/net/sockstat") as file:
        pages = int(re.search(r"^TCP:.* mem (\d+)", file.read(), re.MULTILINE)[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def wait_until_idle(server, least_descriptors, seconds=60):
    """Waits until a server has taken its clients and has nothing to do for them any more."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = server.cpu_seconds()
        time.sleep(LOOK_SECONDS)
        share = (server.cpu_seconds() - before) / LOOK_SECONDS
        if server.descriptors() >= least_descriptors and share < SHARE_OF_A_CORE_AT_REST:
            return
    raise SystemExit(f"error: {server.name} was not at rest {seconds} s after {least_descriptors} clients came")


def seconds_until_descriptors(server, most, seconds=30):
    """How long a server takes to close what its clients have left; the whole time where it does not."""
    began = time.monotonic()
    while server.descriptors() > most and time.monotonic() - began < seconds:
        time.sleep(0.01)
    return time.monotonic() - began


def run(bench):
    return [measure_once(bench, contender) for contender in bench.servers.behind_upstream()]


def measure_once(bench, contender):
    count = bench.options.stalled
    bench.say(f"stalled: {count} clients, {contender}")
    with bench.servers.start_upstream() as upstream, bench.servers.start(contender, upstream) as server:
        return measure_crowd(bench, contender, server)


def measure_crowd(bench, contender, server, *arguments):
    """Clients that do not read, and one that does.

    `arguments` are for the load generator: what all of these clients are."""
    count = bench.options.stalled
    bench.check({**measure(bench.load, contender, server, 1, *arguments, "--passes", 1), "case": "stalled"})
    alone = one_client(bench, contender, server, *arguments)
    rss, kernel, descriptors = server.memory_mb("VmRSS"), kernel_tcp_mb(), server.descriptors()
    crowd = bench.load.start(server.port, 0, "--stalled", count, "--seconds", 600, "--max-seconds", 600, *arguments)
    try:
        wait_until_idle(server, count)
        rss_after, kernel_after = server.memory_mb("VmRSS"), kernel_tcp_mb()
        beside = one_client(bench, contender, server, *arguments)
    finally:
        crowd.terminate()
        crowd.wait()
    gone_after = seconds_until_descriptors(server, descriptors)
    time.sleep(MEMORY_BACK_SECONDS)
    rss_left = server.memory_mb("VmRSS")
    return {
        "case": "stalled",
        "contender": contender,
        "stalled": count,
        "server_kb_each": (rss_after - rss) * 1000 / count,
        "kernel_kb_each": (kernel_after - kernel) * 1000 / count,
        "rss_mb_before": rss,
        "rss_mb_left": rss_left,
        "descriptors_back_seconds": gone_after,
        "frames_per_second_alone": alone["frames_per_second"],
        "frames_per_second_beside": beside["frames_per_second"],
        "good": alone["good"] and beside["good"],
    }


def one_client(bench, contender, server, *arguments):
    row = measure(bench.load, contender, server, 1, *arguments, "--seconds", bench.options.seconds)
    bench.check({**row, "case": "stalled"})
    return row
