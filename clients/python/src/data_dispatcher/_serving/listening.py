"""The address that is served at."""

from __future__ import annotations

import errno
import socket
from typing import Tuple

from .._addresses import Address

#: The machine lacks these, such as IPv6, and gRPC goes without them.
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def check_free(address: Address) -> None:
    """Whether each address of the host can be listened at. gRPC is content with one of them, and a client that tries
    another one first would come to another service.

    Raises:
        OSError: one cannot; it is taken, or the host is not known.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as unknown:
        raise OSError(f"cannot listen at {address}: {unknown.strerror}") from None
    problems = [x for x in (_problem_at(family, each) for family, _, _, _, each in found) if x is not None]
    taken = next((x for x in problems if x.errno not in _ABSENT), None)
    if taken is None and len(problems) == len(found):
        taken = problems[0]
    if taken is not None:
        raise OSError(taken.errno, f"cannot listen at {address}: {taken.strerror}")


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
