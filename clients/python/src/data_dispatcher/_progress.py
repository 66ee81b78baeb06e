"""A bar that shows how far a session is."""

from __future__ import annotations

from typing import Any, Dict


class Progress:
    """Where tqdm is missing, nothing is shown."""

    def update(self, batches: int) -> None:
        pass

    def close(self) -> None:
        pass


class _Bar(Progress):
    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def update(self, batches: int) -> None:
        self._bar.update(batches)

    def close(self) -> None:
        self._bar.close()


def progress_of(welcome: Dict[str, Any]) -> Progress:
    """A bar as long as the epochs of a session that starts at the beginning; without an end, if it has none."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return Progress()
    epochs = welcome["epochs"]
    total = None if epochs is None else epochs * welcome["batches"]
    return _Bar(tqdm(total=total, unit="batch", desc=welcome["dataset"]))
