"""Tables of what was measured: each a title, a header and rows of text."""

from statistics import median

import inspected_case
import short_passes_case
import stalled_case
from servers import DISPATCHER, FLOOR
from table_text import Table, number, percent, ratio

# -- medians ----------------------------------------------------------------------------------------------------------


def medians(rows, case):
    """{contender: {clients: {field: median}}} of a case."""
    result = {}
    for key in dict.fromkeys((row["contender"], row["clients"]) for row in rows if row["case"] == case):
        of_key = [row for row in rows if row["case"] == case and (row["contender"], row["clients"]) == key]
        result.setdefault(key[0], {})[key[1]] = medians_of(of_key)
    return result


def medians_of(rows):
    fields = {name: [row[name] for row in rows] for name in FIELDS}
    for name, kind, percentile in TIMES:
        fields[name] = [row["load"][kind][percentile] for row in rows]
    result = {name: median(values) if None not in values else None for name, values in fields.items()}
    rates = fields["frames_per_second"]
    # One measurement says nothing about the next.
    result["spread"] = (max(rates) - min(rates)) / median(rates) if len(rates) > 1 and median(rates) else None
    return result


FIELDS = ["frames_per_second", "cpu_per_1000", "peak_mb", "calls_per_batch"]
TIMES = [
    ("first_p50", "first_frame_ms", "p50"),
    ("first_p99", "first_frame_ms", "p99"),
    ("gap_p50", "gap_ms", "p50"),
    ("gap_p99", "gap_ms", "p99"),
]


# -- the tables -------------------------------------------------------------------------------------------------------


def comparison(title, of_case, one, other):
    """Speed and cost of `one`, each with that of `other` behind it, by the number of clients."""
    header = ["clients", "frames/s", "spread", other, "ratio"]
    header += ["CPU s per 1,000", other, "ratio", "peak MB", other, "calls per batch"]
    rows = []
    for clients, a in of_case[one].items():
        b = of_case[other][clients]
        rows.append(
            [number(clients), number(a["frames_per_second"]), percent(a["spread"])]
            + [number(b["frames_per_second"]), ratio(a["frames_per_second"], b["frames_per_second"])]
            + [number(a["cpu_per_1000"], 4), number(b["cpu_per_1000"], 4), ratio(a["cpu_per_1000"], b["cpu_per_1000"])]
            + [number(a["peak_mb"]), number(b["peak_mb"]), number(a["calls_per_batch"], 2)]
        )
    return Table(title, header, rows)


def times(title, of_case):
    """First frames and gaps of all contenders, in ms."""
    header = ["clients", "server", "first frame p50", "p99", "gap p50", "p99"]
    rows = []
    for clients in of_case[DISPATCHER]:
        for contender, by_clients in of_case.items():
            row = by_clients[clients]
            rows.append([number(clients), contender, *(number(row[name], 2) for name, _, _ in TIMES)])
    return Table(title, header, rows)


def stalled(rows, title=stalled_case.TITLE):
    header = ["server", "stalled", "server KB each", "kernel KB each", "frames/s", "beside", "ratio"]
    header += ["s to close", "RSS MB", "after", "ratio"]
    body = [
        [row["contender"], number(row["stalled"]), number(row["server_kb_each"], 1), number(row["kernel_kb_each"], 1)]
        + [number(row["frames_per_second_alone"]), number(row["frames_per_second_beside"])]
        + [ratio(row["frames_per_second_beside"], row["frames_per_second_alone"])]
        + [number(row["descriptors_back_seconds"], 2), number(row["rss_mb_before"], 1), number(row["rss_mb_left"], 1)]
        + [ratio(row["rss_mb_left"], row["rss_mb_before"])]
        for row in rows
    ]
    return Table(title, header, body)


def short_passes(rows):
    header = ["server", "passes", "RSS MB", "descriptors", "upstream connections"]
    body = [
        [row["contender"], number(state["passes"]), number(state["rss_mb"], 1)]
        + [number(state["descriptors"]), number(state["upstream_connections"])]
        for row in rows
        for state in row["states"]
    ]
    return Table(short_passes_case.TITLE, header, body)


def inspected(rows):
    found = inspected_case.summary(rows)
    header = ["", "frames/s", "ratio", "CPU s per 1,000", "ratio", "peak MB"]
    body = []
    for which in (inspected_case.UNWATCHED, inspected_case.WATCHED):
        row = found[which]
        is_watched = which == inspected_case.WATCHED
        body.append(
            [which, number(row["frames_per_second"]), number(found["frames_per_second_ratio"], 3) if is_watched else ""]
            + [number(row["cpu_per_1000"], 4), number(found["cpu_per_1000_ratio"], 3) if is_watched else ""]
            + [number(row["peak_mb"])]
        )
    return Table(inspected_case.TITLE, header, body)


def all_tables(rows, cases):
    result = []
    for case in cases:
        of_case = medians(rows, case.name)
        result.append(comparison(case.title, of_case, DISPATCHER, FLOOR))
        for other in of_case:
            if other not in (DISPATCHER, FLOOR):
                result.append(comparison(f"{case.title}: beside {other}", of_case, DISPATCHER, other))
        result.append(times(f"{case.name.capitalize()}: milliseconds to the first frame, and between frames", of_case))
    for name, make in (("stalled", stalled), ("short-passes", short_passes), ("inspected", inspected)):
        of_case = [row for row in rows if row["case"] == name]
        if of_case:
            result.append(make(of_case))
    return result
