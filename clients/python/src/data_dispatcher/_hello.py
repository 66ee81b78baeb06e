"""What a session asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

from . import _arguments as check

Shuffle = Union[None, int, Mapping[str, int]]

#: Where a session begins: a cursor, an epoch and a position of it in samples, or the beginning.
Start = Union[None, str, Tuple[int, int]]

_MOST = 2**53
_ENDS = ("uneven", "drop", "pad")


@dataclass(frozen=True)
class Wishes:
    """The members of a `hello`; what is `None` is the dispatcher's to choose."""

    client: Optional[str] = None
    dataset: Optional[str] = None
    batch_size: Optional[int] = None
    shuffle: Optional[Mapping[str, int]] = None
    shard: Tuple[int, int] = (0, 1)
    epochs: Optional[int] = None
    ends: str = "uneven"
    columns: Optional[Sequence[str]] = None
    skip: Sequence[Tuple[int, ...]] = field(default_factory=tuple)
    checksum: bool = False

    def hello(self, start: Start) -> Dict[str, Any]:
        """The first line of a session."""
        index, count = self.shard
        result: Dict[str, Any] = {"type": "hello", "version": 1, "payload": "raw", "ends": self.ends}
        result["shard"] = {"index": index, "count": count}
        for name in ("client", "dataset", "batch_size", "epochs", "shuffle", "columns"):
            if getattr(self, name) is not None:
                result[name] = getattr(self, name)
        if self.checksum:
            result["checksum"] = "crc32"
        if isinstance(start, str):
            # A cursor brings the skips along.
            result["start"] = {"cursor": start}
            return result
        if start is not None:
            result["start"] = {"epoch": start[0], "sample": start[1]}
        if self.skip:
            result["skip"] = self.skip
        return result


def wishes_of(
    *,
    client: Any,
    dataset: Any,
    batch_size: Any,
    shuffle: Any,
    columns: Any,
    skip: Any,
    checksum: Any,
    shard: Any = (0, 1),
    epochs: Any = None,
    ends: Any = "uneven",
) -> Wishes:
    """The wishes of a caller.

    Raises:
        ValueError: one cannot be read. The dispatcher knows more, such as how many samples there are.
    """
    if not isinstance(ends, str) or ends not in _ENDS:
        raise check.wrong("ends", ends, '"uneven", "drop" or "pad"')
    return Wishes(
        client=None if client is None else check.text("client", client, "a name for people"),
        dataset=None if dataset is None else check.text("dataset", dataset, "a name"),
        batch_size=check.optional_integer("batch_size", batch_size, 1, 2**20),
        shuffle=check.shuffle(shuffle),
        shard=check.shard(shard),
        epochs=check.optional_integer("epochs", epochs, 0, _MOST),
        ends=ends,
        columns=None if columns is None else check.names("columns", columns),
        skip=check.ranges("skip", skip),
        checksum=check.flag("checksum", checksum),
    )
