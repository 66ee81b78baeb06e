"""Which epoch comes next, known to a process and to the workers of its loaders."""

from __future__ import annotations

from typing import Optional, Tuple

import torch

#: Of a loader.
_MOST_WORKERS = 1023


class SharedEpochs:
    """The next epoch of each worker, in memory that all of them share. A loader makes its workers anew for each
    iteration, or keeps them, and a worker's own copy of a dataset would not know what has been.

    Each worker writes at its own place alone, so nothing is locked. A process without workers is worker 0.
    """

    def __init__(self) -> None:
        self._next = torch.zeros(_MOST_WORKERS, dtype=torch.int64).share_memory_()
        self._resumes = torch.zeros(_MOST_WORKERS, dtype=torch.bool).share_memory_()
        self._were_workers = torch.zeros(1, dtype=torch.bool).share_memory_()

    def begin(self, worker: int, is_worker: bool) -> Tuple[int, bool]:
        """The epoch of an iteration that begins, and whether it goes on at the state that was loaded."""
        if worker >= _MOST_WORKERS:
            raise ValueError(f"num_workers: got more than {_MOST_WORKERS}; a dispatcher needs none")
        epoch, resumes = int(self._next[worker]), bool(self._resumes[worker])
        self._next[worker] = epoch + 1
        self._resumes[worker] = False
        if is_worker:
            self._were_workers[0] = True
        return epoch, resumes

    def set(self, epoch: int) -> None:
        """All begin this epoch next, from its beginning."""
        self._next[:] = epoch
        self._resumes[:] = False

    def resume(self, epoch: int, worker: Optional[int]) -> None:
        """A worker, or all where it is `None`, goes on within this epoch next."""
        places = slice(None) if worker is None else slice(worker, worker + 1)
        self._next[places] = epoch
        self._resumes[places] = True
        if worker is None:
            self._were_workers[0] = False

    def is_due(self, epoch: int) -> bool:
        """Whether this epoch is the next one, and goes on at the state that was loaded."""
        return bool(self._resumes[0]) and int(self._next[0]) == epoch

    def were_workers(self) -> bool:
        """Whether workers have begun since a state was loaded."""
        return bool(self._were_workers[0])
