"""The tables of sessions."""

from statistics import median

import session_case
from servers import DISPATCHER, FLOOR
from table_text import Table, number, percent, ratio
from tables import stalled


def session_tables(rows):
    """All of them; none where no sessions were measured."""
    streams = [row for row in rows if row["case"] == "session"]
    if not streams:
        return []
    first, unread = ([row for row in rows if row["case"] == case] for case in ("session-first", "session-stalled"))
    return [comparison(streams), first_frames(first), stalled(unread, session_case.STALLED_TITLE)]


def comparison(rows):
    header = ["order", "sessions", "frames/s", "floor", "ratio", "spread"]
    header += ["CPU s per 1,000", "floor", "ratio", "peak MB", "floor"]
    keys = dict.fromkeys((row["order"], row["clients"]) for row in rows)
    return Table(session_case.TITLE, header, [comparison_row(rows, *key) for key in keys])


def comparison_row(rows, order, clients):
    of_key = [row for row in rows if (row["order"], row["clients"]) == (order, clients)]
    a, b = ({row["repeat"]: row for row in of_key if row["contender"] == which} for which in (DISPATCHER, FLOOR))

    def middle(of, field):
        values = [row[field] for row in of.values()]
        return None if None in values else median(values)

    # Of those that were measured one after the other.
    ratios = [a[repeat]["frames_per_second"] / b[repeat]["frames_per_second"] for repeat in a]
    spread = (max(ratios) - min(ratios)) / median(ratios) if len(ratios) > 1 and median(ratios) else None
    cpu = [middle(of, "cpu_per_1000") for of in (a, b)]
    return (
        [order, number(clients), *(number(middle(of, "frames_per_second")) for of in (a, b))]
        + [ratio(median(ratios), 1), percent(spread), number(cpu[0], 4), number(cpu[1], 4), ratio(*cpu)]
        + [number(middle(of, "peak_mb")) for of in (a, b)]
    )


def first_frames(rows):
    header = ["server", "begins at", "sessions", "first frame p50", "p99"]
    body = [
        [row["contender"], row["start"], number(row["count"]), number(row["p50"], 2), number(row["p99"], 2)]
        for row in rows
    ]
    return Table(session_case.FIRST_FRAME_TITLE, header, body)
