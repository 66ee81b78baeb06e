"""The function that users call."""

from __future__ import annotations

import importlib.util
import os
from typing import Any, Optional, Sequence

from .. import _arguments as check
from .._addresses import listening_of
from .apart import done_apart
from .description import described
from .listening import check_free

#: A consumer asks for no longer one.
_LONGEST_NAME = 200


def serve(
    dataset: Any,
    name: str,
    *,
    listen: str = "localhost:50051",
    processes: Optional[int] = None,
    columns: Optional[Sequence[str]] = None,
) -> None:
    """Serves a dataset to dispatchers, with batches made in several processes.

        serve(MyDataset(), "pictures", columns=("image", "label"))

    Blocks, and returns when SIGTERM or Ctrl-C stops it. A process that ends is replaced; no batch is lost by that. When
    all is ready, a line on stdout says what is served and at which port.

    The processes are forked, so the dataset need not be picklable, and what it holds in memory when this is called is
    shared. Open files would be shared too, with their positions: a dataset opens them in `__getitem__`, and not in its
    constructor. Sample 0 is read at the start, in a process of its own. Call this before the program starts threads or
    uses gRPC or CUDA. In a thread other than the main one it serves until the program ends, because only the main
    thread can handle signals.

    An exception of the dataset fails the call for its batch, which names the sample; its traceback is on stderr.

    A sample must be the same each time it is asked for: the dispatcher caches batches, and may ask for one twice. A
    random augmentation belongs into the trainer.

    Args:
        dataset: what has `__len__` and `__getitem__`, such as a `torch.utils.data.Dataset`. A sample is an array, a
            tensor, an image or a number; or a tuple, a list or a dict of these. All samples have the shapes and types
            of the first one.
        name: what dispatchers call it (`--dataset`).
        listen: `host:port`. With port 0 the kernel chooses one. Without a host all machines are let in.
        processes: how many make batches; by default as many as there are cores to use.
        columns: the names of the parts of a sample. By default the keys of a dict, `("data", "label")` for two parts,
            and `("data",)` for one. The first one is the `data` of a batch. Of a dict, these keys are served.

    Raises:
        ImportError: grpcio or protobuf is not installed.
        TypeError: the dataset has no length, or a column cannot be sent.
        ValueError: an argument is wrong, or the dataset is empty or too large.
        OSError: the address cannot be listened at.
        What the dataset raises for sample 0.
    """
    _check_packages()
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= _LONGEST_NAME:
        raise check.wrong("name", name, f"a text of 1 to {_LONGEST_NAME} bytes")
    if isinstance(dataset, type):
        raise check.wrong("dataset", dataset, "a dataset, and not its class")
    count = len(os.sched_getaffinity(0)) if processes is None else check.integer("processes", processes, 1, 1000)
    if columns is not None:
        columns = check.names("columns", columns)
    from .supervisor import Supervisor  # needs protobuf, which programs that only read do without

    address = listening_of(listen)
    check_free(address)
    description = done_apart(lambda: described(dataset, name, columns))
    Supervisor(dataset, description, count, address).run()


def _check_packages() -> None:
    """Does not import them: gRPC must not be in a process that forks."""
    for package in ("grpc", "google", "google.protobuf"):
        if importlib.util.find_spec(package) is None:
            raise ImportError("serve() needs grpcio and protobuf: pip install data-dispatcher[serve]")
