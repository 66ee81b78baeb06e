"""What arguments may be. An error names the argument, what it got and what it takes."""

from __future__ import annotations

import operator
from typing import Any, List, Mapping, Optional, Sequence, Tuple


def wrong(name: str, value: object, takes: str) -> ValueError:
    return ValueError(f"{name}: got {value!r}; it takes {takes}")


def integer(name: str, value: Any, least: int, most: int) -> int:
    """A number of Python's, NumPy's or PyTorch's."""
    takes = f"a whole number from {least} to {most}"
    try:
        found = operator.index(value)
    except TypeError:
        raise wrong(name, value, takes) from None
    if isinstance(value, bool) or not least <= found <= most:
        raise wrong(name, value, takes)
    return found


def optional_integer(name: str, value: Any, least: int, most: int) -> Optional[int]:
    return None if value is None else integer(name, value, least, most)


def text(name: str, value: Any, takes: str) -> str:
    if not isinstance(value, str) or not value:
        raise wrong(name, value, takes)
    return value


def flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong(name, value, "True or False")
    return value


def integers(name: str, value: Any, takes: str, most: int, count: int) -> Tuple[int, ...]:
    """`count` numbers from 0."""
    if not _is_list(value) or len(value) != count:
        raise wrong(name, value, takes)
    try:
        return tuple(integer(name, x, 0, most) for x in value)
    except ValueError:
        raise wrong(name, value, takes) from None


def shard(value: Any) -> Tuple[int, int]:
    takes = "(rank, number of ranks), with the rank from 0 to below their number"
    rank, ranks = integers("shard", value, takes, 10**6, 2)
    if rank >= ranks:
        raise wrong("shard", value, takes)
    return rank, ranks


def names(name: str, value: Any) -> List[str]:
    takes = 'a list of names, such as ["image", "label"]'
    if not _is_list(value) or not all(isinstance(x, str) for x in value):
        raise wrong(name, value, takes)
    return list(value)


def ranges(name: str, value: Any) -> List[Tuple[int, ...]]:
    takes = "a list of (epoch, from, to)"
    if not _is_list(value):
        raise wrong(name, value, takes)
    return [integers(name, x, takes, 2**63 - 1, 3) for x in value]


def shuffle(value: Any) -> Optional[Mapping[str, int]]:
    """The member of a `hello`; a seed alone is one, too."""
    takes = 'a seed from 0 to 2^64 - 1, or {"seed": 7, "window": W, "block": B}'
    if value is None:
        return None
    try:
        if not isinstance(value, Mapping):
            return {"seed": integer("shuffle", value, 0, 2**64 - 1)}
        return {str(k): integer("shuffle", v, 0, 2**64 - 1) for k, v in value.items()}
    except ValueError:
        raise wrong("shuffle", value, takes) from None


def start(value: Any) -> "str | Tuple[int, int] | None":
    """Where a session begins: a cursor, a `state_dict()`, or `(epoch, position)`."""
    takes = "a cursor, a state_dict(), or (epoch, position in samples)"
    if isinstance(value, Mapping) and "cursor" in value:
        value = value["cursor"]
    if value is None:
        return None
    if isinstance(value, str) and value.strip():
        return value.strip()
    if _is_list(value):
        epoch, position = integers("start", value, takes, 2**53, 2)
        return epoch, position
    raise wrong("start", value, takes)


def cursor_of(state: Any) -> Optional[str]:
    """The cursor of a `state_dict()`."""
    takes = "what state_dict() has returned"
    if isinstance(state, Mapping) and "cursor" in state:
        cursor = state["cursor"]
        if cursor is None or isinstance(cursor, str):
            return cursor
    raise wrong("load_state_dict", state, takes)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
