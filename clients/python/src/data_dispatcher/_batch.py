"""What a session yields."""

from __future__ import annotations

from typing import Dict, Iterator, Mapping

from ._arrays import ArrayT


class Batch(Mapping[str, ArrayT]):
    """Arrays by the names of their columns, of shape `(samples, *shape of a sample)`. They are writable, and not shared
    with any other batch.

    Attributes:
        cursor: the place behind this batch; a session that starts there goes on with the next one.
        epoch: counted from 0.
        index: of the batch in its epoch, of those that this rank was given since the epoch or the session began.
        position: where the step of the batch begins in its epoch's order, in samples.
        samples: rows of each array.
        bytes: of the payload that the arrays are in.
    """

    __slots__ = ("_arrays", "cursor", "epoch", "index", "position", "samples", "bytes")

    def __init__(
        self, arrays: Dict[str, ArrayT], cursor: str, epoch: int, index: int, position: int, samples: int, size: int
    ) -> None:
        self._arrays = arrays
        self.cursor = cursor
        self.epoch = epoch
        self.index = index
        self.position = position
        self.samples = samples
        self.bytes = size

    def __getitem__(self, column: str) -> ArrayT:
        return self._arrays[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        """The number of columns."""
        return len(self._arrays)

    def __repr__(self) -> str:
        columns = "".join(f", {name}: {_summary(array)}" for name, array in self._arrays.items())
        return f"Batch(epoch={self.epoch}, index={self.index}, samples={self.samples}{columns})"


def _summary(array: object) -> str:
    return f"{getattr(array, 'dtype', '')}{list(getattr(array, 'shape', ()))}"
