"""The address that is served at."""

from __future__ import annotations

import errno
import socket
from typing import Tuple

from .. import _arguments as check

_TAKES = "HOST:PORT, as in 'localhost:50051'"

#: The machine lacks these, such as IPv6, and gRPC goes without them.
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def address_of(text: str) -> Tuple[str, int]:
    """Host and port of `host:port`; an IPv6 address stands in brackets. Without a host, all addresses of the machine.

    Raises:
        ValueError: it is none.
    """
    host, colon, port = check.text("listen", text, _TAKES).rpartition(":")
    is_bare_ipv6 = ":" in host and not (host.startswith("[") and host.endswith("]"))
    if not colon or is_bare_ipv6 or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise check.wrong("listen", text, _TAKES)
    return host.strip("[]") or "0.0.0.0", int(port)


def text_of(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_free(host: str, port: int) -> None:
    """Whether each address of the host can be listened at. gRPC is content with one of them, and a client that tries
    another one first would come to another service.

    Raises:
        OSError: one cannot; it is taken, or the host is not known.
    """
    at = text_of(host, port)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as unknown:
        raise OSError(f"cannot listen at {at}: {unknown.strerror}") from None
    problems = [x for x in (_problem_at(family, address) for family, _, _, _, address in found) if x is not None]
    taken = next((x for x in problems if x.errno not in _ABSENT), None)
    if taken is None and len(problems) == len(found):
        taken = problems[0]
    if taken is not None:
        raise OSError(taken.errno, f"cannot listen at {at}: {taken.strerror}")


def _problem_at(family: int, address: Tuple[object, ...]) -> "OSError | None":
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)
    except OSError as problem:
        return problem
    return None
