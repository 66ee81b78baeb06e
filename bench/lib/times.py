"""What is said of many measured times."""

from statistics import median, quantiles


def quantiles_of(seconds):
    """In ms. Of fewer than a hundred times the largest is next to p99."""
    found = [1000 * x for x in seconds]
    p99 = quantiles(found, n=100, method="inclusive")[98] if len(found) > 1 else found[0]
    return {"p50": median(found), "p99": p99, "times_ms": found}
