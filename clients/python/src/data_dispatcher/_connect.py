"""A connection with one of several dispatchers."""

from __future__ import annotations

import random
import socket
from typing import List, Optional, Tuple

from ._addresses import Address

#: Seconds.
_TIMEOUT = 10.0


def connect(addresses: List[Address]) -> Tuple[socket.socket, Address]:
    """Connects to one of the addresses, which are tried in a random order.

    Raises:
        OSError: none can be reached; why the last one cannot.
    """
    last: Optional[OSError] = None
    for address in random.sample(addresses, len(addresses)):
        try:
            connection = socket.create_connection(address, timeout=_TIMEOUT)
        except (OSError, UnicodeError) as problem:  # what is no name of a host fails in its encoding
            last = OSError(f"{address}: {problem}")
            continue
        if connection.getsockname() == connection.getpeername():
            # Where no server listens, the kernel may choose the same port for this side, and TCP then connects the
            # socket to itself.
            connection.close()
            last = OSError(f"{address}: no server listens")
            continue
        return connection, address
    raise last or OSError("there is no address")
