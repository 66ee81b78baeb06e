"""The dataset that groups are measured with, and how a dispatcher serves it."""

from servers import BATCH_SIZE

#: Whole runs of 64 batches: where a run begins, so does a lease. An epoch of MNIST would take 10 ms.
BATCHES = 50 * 64
SAMPLES = BATCHES * BATCH_SIZE
DATA = ["--data", f"big=synthetic:{SAMPLES}x784:float32"]

#: All of it stays in the cache.
WARM = ["--cache-mb", 1024, "--dataset", "big"]

#: Batches that one member holds while it acknowledges nothing: all of a run.
HELD = 64


def last_run():
    """A group that begins there has one run, which one member can hold."""
    return {"epoch": 0, "sample": (BATCHES - HELD) * BATCH_SIZE}
