"""Puts results into the documentation."""

BEGIN = "<!-- results: written by bench/run --update-docs, from here -->"
END = "<!-- results: to here -->"


def update(path, text):
    """Replaces what is between the two markers in a file."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"error: {path} lacks the markers '{BEGIN}' and '{END}'")
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
