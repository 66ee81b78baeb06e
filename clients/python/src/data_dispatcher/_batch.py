"""What a session yields."""

from __future__ import annotations

from typing import Callable, Dict, Iterator, Mapping, Optional

from ._acks import Origin
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
        redelivered: whether another member of the group, or this one, may have had the batch before.
    """

    __slots__ = ("_arrays", "cursor", "epoch", "index", "position", "samples", "bytes", "redelivered", "origin", "on_ack")

    def __init__(
        self,
        arrays: Dict[str, ArrayT],
        cursor: str,
        epoch: int,
        index: int,
        position: int,
        samples: int,
        size: int,
        redelivered: bool,
        origin: Origin,
    ) -> None:
        self._arrays = arrays
        self.cursor = cursor
        self.epoch = epoch
        self.index = index
        self.position = position
        self.samples = samples
        self.bytes = size
        self.redelivered = redelivered
        self.origin = origin
        self.on_ack: Optional[Callable[[Origin], bool]] = None

    def ack(self) -> bool:
        """Says that the batch was used, in a session with a group or a name. Returns false where the batch cannot be
        acknowledged any more, because its connection was lost: it will come again.

        Raises:
            RuntimeError: the session acknowledges no batches.
        """
        if self.on_ack is None:
            raise RuntimeError("a batch is acknowledged in a session with a group or a name: open_session(group=...)")
        return self.on_ack(self.origin)

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
