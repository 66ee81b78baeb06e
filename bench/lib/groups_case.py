"""Groups and kept positions: how fast they are, how soon others have what a dead member or dispatcher held, how soon the
first batch comes, and what they take of the store."""

import group_deaths
import group_sizes
import group_speed
import group_starts
import group_stores


def run(bench):
    stores = group_stores.available(bench)
    parts = (group_speed, group_deaths, group_starts, group_sizes)
    return [row for part in parts for row in part.run(bench, stores)]
