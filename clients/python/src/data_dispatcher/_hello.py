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
_ACKS = ("next", "explicit")


@dataclass(frozen=True)
class Sharing:
    """The members of a `hello` that are about acknowledgements."""

    group: Optional[str] = None
    name: Optional[str] = None
    resume: bool = False
    ack: str = "next"
    barrier: bool = False
    ack_wait: Optional[int] = None
    max_deliver: Optional[int] = None

    @property
    def has_acks(self) -> bool:
        return self.group is not None or self.name is not None

    def members(self, is_first: bool) -> Dict[str, Any]:
        if not self.has_acks:
            return {}
        result: Dict[str, Any] = {"ack": self.ack}
        if self.name is not None:
            result["name"] = self.name
            # A session that goes on does so at its own cursor.
            result["resume"] = self.resume and is_first
            return result
        result.update({"group": self.group, "barrier": self.barrier})
        for name in ("ack_wait", "max_deliver"):
            if getattr(self, name) is not None:
                result[name] = getattr(self, name)
        return result


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
    sharing: "Sharing" = field(default_factory=lambda: Sharing())

    def hello(self, start: Start, is_first: bool = True) -> Dict[str, Any]:
        """The first line of a session.

        Args:
            is_first: no session has begun yet that this one goes on for.
        """
        index, count = self.shard
        result: Dict[str, Any] = {"type": "hello", "version": 1, "payload": "raw", "ends": self.ends}
        if count > 1:
            result["shard"] = {"index": index, "count": count}
        result.update(self.sharing.members(is_first))
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
    sharing: Sharing = Sharing(),
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
        sharing=sharing,
    )


def sharing_of(
    *, group: Any, name: Any, resume: Any, ack: Any, barrier: Any, ack_wait: Any, max_deliver: Any, shard: Any
) -> Sharing:
    """What a caller wishes of a group, or of a position that the dispatcher keeps.

    Raises:
        ValueError: one cannot be read, or they make no sense together.
    """
    if ack not in _ACKS:
        raise check.wrong("ack", ack, '"next" or "explicit"')
    if group is not None and name is not None:
        raise ValueError("name: a group keeps its own place: leave out group or name")
    if group is not None and tuple(shard) != (0, 1):
        raise ValueError("shard: a group divides its batches among its members: leave out group or shard")
    if group is None and (barrier or ack_wait is not None or max_deliver is not None):
        raise ValueError("barrier, ack_wait, max_deliver: are for a group: say group too")
    if group is None and name is None and ack != "next":
        raise ValueError("ack: is for a session with a group or a name: say one of them too")
    return Sharing(
        group=None if group is None else check.text("group", group, "a name"),
        name=None if name is None else check.text("name", name, "a name"),
        resume=check.flag("resume", resume),
        ack=ack,
        barrier=check.flag("barrier", barrier),
        ack_wait=check.optional_integer("ack_wait", ack_wait, 1, 7 * 24 * 3600),
        max_deliver=check.optional_integer("max_deliver", max_deliver, 0, 10**6),
    )
