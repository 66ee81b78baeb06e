"""Addresses as people write them."""

from __future__ import annotations

import re
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple, Union

from ._arguments import wrong

#: Of a dispatcher's `--sessions`.
_DEFAULT_PORT = 8090

#: A name or an IPv4 address, or an IPv6 address in brackets; then a port. Each may be left out.
_ADDRESS = re.compile(r"(?:([A-Za-z0-9_.-]+)|\[([0-9A-Fa-f:.]+)\])?(?::([0-9]{1,5}))?")
_MOST_PORT = 65535


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def dispatchers_of(given: Union[str, Sequence[str]]) -> List[Address]:
    """`host:port` or `host`, several in a list or separated by commas.

    Raises:
        ValueError: one is none.
    """
    texts = given.split(",") if isinstance(given, str) else given
    parts = [_parts_of(x) for x in texts] if isinstance(texts, (list, tuple)) else []
    result = [Address(x[0], _DEFAULT_PORT if x[1] is None else x[1]) for x in parts if x is not None]
    if not parts or len(result) < len(parts) or not all(x.host and x.port for x in result):
        raise wrong("address", given, "HOST:PORT of a dispatcher's --sessions, as in 'dispatcher:8090', or a list of them")
    return result


def listening_of(given: str) -> Address:
    """`host:port`. Port 0 leaves the choice to the kernel. Without a host, all addresses of the machine.

    Raises:
        ValueError: it is none.
    """
    host, port = _parts_of(given) or ("", None)
    if port is None:
        raise wrong("listen", given, "HOST:PORT, as in 'localhost:50051'")
    return Address(host or "0.0.0.0", port)


def text_of(addresses: Sequence[Address]) -> str:
    return ",".join(map(str, addresses))


def _parts_of(given: Any) -> Optional[Tuple[str, Optional[int]]]:
    """The host, empty where it is left out, and the port; `None`: this is no address."""
    found = _ADDRESS.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None or (found[3] and int(found[3]) > _MOST_PORT):
        return None
    return found[1] or found[2] or "", None if found[3] is None else int(found[3])
