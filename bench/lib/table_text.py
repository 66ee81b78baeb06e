"""A table as text, and the text of the numbers in it."""

from collections import namedtuple

Table = namedtuple("Table", "title header rows")


def plain(table):
    widths = [max(map(len, column)) for column in zip(table.header, *table.rows)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in (table.header, *table.rows)]
    return "\n".join([table.title, "", *lines, ""])


def markdown(table):
    rows = [table.header, ["---:"] * len(table.header), *table.rows]
    return "\n".join([f"### {table.title}", "", *("| " + " | ".join(row) + " |" for row in rows), ""])


def number(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


def percent(share):
    return "" if share is None else f"{100 * share:.0f} %"


def ratio(a, b):
    """a / b, with enough digits for small ones."""
    if a is None or not b:
        return ""
    value = a / b
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
