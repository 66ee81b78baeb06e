"""What a session asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

#: Of a dispatcher's `--sessions`.
DEFAULT_PORT = 8090

Shuffle = Union[None, int, Mapping[str, int]]

#: Where a session begins: a cursor, an epoch and a position of it in samples, or the beginning.
Start = Union[None, str, Tuple[int, int]]


@dataclass(frozen=True)
class Wishes:
    """The members of a `hello`; what is `None` is the dispatcher's to choose."""

    client: Optional[str] = None
    dataset: Optional[str] = None
    batch_size: Optional[int] = None
    shuffle: Shuffle = None
    shard: Tuple[int, int] = (0, 1)
    epochs: Optional[int] = None
    ends: str = "uneven"
    columns: Optional[Sequence[str]] = None
    skip: Sequence[Tuple[int, int, int]] = field(default_factory=tuple)
    checksum: bool = False

    def hello(self, start: Start) -> Dict[str, Any]:
        """The first line of a session."""
        index, count = self.shard
        result: Dict[str, Any] = {"type": "hello", "version": 1, "payload": "raw", "ends": self.ends}
        result["shard"] = {"index": index, "count": count}
        for name in ("client", "dataset", "batch_size", "epochs"):
            if getattr(self, name) is not None:
                result[name] = getattr(self, name)
        if self.shuffle is not None:
            result["shuffle"] = {"seed": self.shuffle} if isinstance(self.shuffle, int) else dict(self.shuffle)
        if self.columns is not None:
            result["columns"] = list(self.columns)
        if self.checksum:
            result["checksum"] = "crc32"
        if isinstance(start, str):
            # A cursor brings the skips along.
            result["start"] = {"cursor": start}
            return result
        if start is not None:
            result["start"] = {"epoch": start[0], "sample": start[1]}
        if self.skip:
            result["skip"] = [list(each) for each in self.skip]
        return result


def addresses_of(text: Union[str, Sequence[str]]) -> List[Tuple[str, int]]:
    """`host:port` or `host`, several separated by commas; the port is 8090 where none is said."""
    texts = text.split(",") if isinstance(text, str) else list(text)
    return [_address_of(each.strip()) for each in texts]


def _address_of(text: str) -> Tuple[str, int]:
    host, colon, port = text.rpartition(":")
    is_bare_ipv6 = text.count(":") > 1 and not text.startswith("[")
    if not colon or text.endswith("]") or is_bare_ipv6:
        return text.strip("[]") or "localhost", DEFAULT_PORT
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"address: got {text!r}; it takes HOST:PORT, as in 'dispatcher:8090'")
    return host.strip("[]") or "localhost", int(port)
