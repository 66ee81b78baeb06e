"""The tables of groups."""

from statistics import median

import group_speed
from group_speed import GROUP, PLAIN, SHARDS
from group_stores import TABLES
from table_text import Table, number, percent, ratio

SPEED_TITLE = f"Groups: {group_speed.MEMBERS} members, beside {group_speed.MEMBERS} plain sessions"
DEAD_TITLE = "Milliseconds until another member has what was held"
FIRST_TITLE = "Groups and kept positions: milliseconds to the first batch"
RESTART_TITLE = "Milliseconds to the first batch of a dispatcher that starts again"
SIZE_TITLE = "What one group takes of the store"


def groups_tables(rows):
    """All of them; none where no groups were measured."""
    made = {"groups": speed, "groups-dead": dead, "groups-first": first, "groups-restart": restart, "groups-size": size}
    by_case = {case: [row for row in rows if row["case"] == case] for case in made}
    return [make(by_case[case]) for case, make in made.items() if by_case[case]]


def speed(rows):
    header = ["store", "frames/s", "plain", "ratio", "spread", "shards", "ratio"]
    header += ["CPU s per 1,000", "plain", "shards", "transactions/s", "WAL KB/s"]
    return Table(SPEED_TITLE, header, [speed_row(rows, store) for store in dict.fromkeys(x["store"] for x in rows)])


def speed_row(rows, store):
    by_how = [[x for x in rows if (x["store"], x["how"]) == (store, how)] for how in (GROUP, PLAIN, SHARDS)]
    group, plain, shards = by_how

    def middle(of, field):
        values = [row.get(field) for row in of]
        return None if None in values else median(values)

    def ratios_to(others):
        """Of those that were measured one after the other."""
        return [a["frames_per_second"] / b["frames_per_second"] for a, b in zip(group, others)]

    ratios = ratios_to(plain)
    spread = (max(ratios) - min(ratios)) / median(ratios) if len(ratios) > 1 else None
    rates = [number(middle(of, "frames_per_second")) for of in by_how]
    wal = middle(group, "wal_bytes_per_second")
    return (
        [store, *rates[:2], ratio(median(ratios), 1), percent(spread), rates[2], ratio(median(ratios_to(shards)), 1)]
        + [number(middle(of, "cpu_per_1000"), 4) for of in by_how]
        + [number(middle(group, "transactions_per_second"), 1), number(wal and wal / 1e3)]
    )


def dead(rows):
    header = ["what dies", "store", "times", "first batch p50", "p99", "last batch p50", "p99"]
    body = [[x["who"], x["store"], number(x["count"]), *times(x["first"]), *times(x["last"])] for x in rows]
    return Table(DEAD_TITLE, header, body)


def first(rows):
    header = ["store", "begins at", "sessions", "first batch p50", "p99"]
    body = [[x["store"], x["begins"], number(x["count"]), *times(x["first"])] for x in rows]
    return Table(FIRST_TITLE, header, body)


def restart(rows):
    header = ["store", "client", "times", "since it serves p50", "p99", "since its start p50", "p99"]
    body = [
        [x["store"], x["who"], number(x["count"]), *times(x["since_ready"]), *times(x["since_start"])] for x in rows
    ]
    return Table(RESTART_TITLE, header, body)


def size(rows):
    header = ["store", "groups", "state", "KB a group", *(f"rows in {table}" for table in TABLES)]
    body = [
        [x["store"], number(x["groups"]), x["state"], number(x["bytes"] / 1e3, 1)]
        + [number(x["rows"][table], 1) if "rows" in x else "" for table in TABLES]
        for x in rows
    ]
    return Table(SIZE_TITLE, header, body)


def times(found):
    return [number(found[name], 2) for name in ("p50", "p99")]
