"""The process that speaks gRPC."""

from __future__ import annotations

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Callable

import grpc

from .._addresses import Address
from .description import Description
from .pool import Pool
from .service import Service

#: Calls that are answered at the same time. A stream is one of them until it ends, also while its client does not read.
_MOST_CALLS = 100

#: Seconds that calls have for their end when the service stops.
_GRACE = 2.0

_OPTIONS = [("grpc.so_reuseport", 0), ("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


def run_front(
    description: Description, processes: int, address: Address, listening: socket.socket, say: Callable[[str], None]
) -> None:
    """Serves until SIGTERM. Says `port N` when it does, or `failed` where the address is taken."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # for gRPC's threads too: this one waits for it
    server = grpc.server(ThreadPoolExecutor(_MOST_CALLS, "call"), options=_OPTIONS)
    server.add_generic_rpc_handlers((Service(description, processes, Pool(listening)).handlers(),))
    try:
        port = server.add_insecure_port(str(address))
    except RuntimeError:  # what later versions of gRPC do where earlier ones answer 0
        port = 0
    if port == 0:
        say("failed")
        return
    server.start()
    say(f"port {port}")
    signal.sigwait({signal.SIGTERM})
    server.stop(_GRACE).wait()
