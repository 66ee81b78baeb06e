"""Puts results into the documentation."""

def update(path, name, text):
    """Replaces what is between the two markers of a name in a file."""
    first = f"<!-- {name}: written by bench/run --update-docs, from here -->"
    last = f"<!-- {name}: to here -->"
    before, begin, rest = path.read_text().partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise SystemExit(f"error: {path} lacks the markers '{first}' and '{last}'")
    path.write_text(f"{before}{first}\n\n{text}\n{last}{after}")
