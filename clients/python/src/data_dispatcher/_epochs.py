"""Which epoch an iteration is, agreed by a process and the workers of its loaders."""

from __future__ import annotations

from typing import Dict, Optional

import torch

_MOST_RANKS = 512
_MOST_WORKERS = 127

#: A word is the mark of an iteration and its epoch. One number can be read and written as a whole without a lock.
_EPOCH_BITS = 31
_NO_MARK = 0
_OF_PROCESS = 1
_FIRST_OF_LOADERS = 2

MOST_EPOCH = 2**_EPOCH_BITS - 3


def _word(mark: int, epoch: int) -> int:
    return (mark << _EPOCH_BITS) | (epoch + 1)


def _mark_of(word: int) -> int:
    return word >> _EPOCH_BITS


def _epoch_of(word: int) -> int:
    return (word & ((1 << _EPOCH_BITS) - 1)) - 1


class Epochs:
    """The epoch of the latest iteration, for each rank that was forked with this dataset, in memory that it shares with
    its workers. A loader makes workers for each iteration, or keeps them, and the process that has the loader does not
    iterate itself, so no process alone could count.

    An iteration has a mark: the random seed that a loader gives to all workers of one iteration. A worker that begins
    reads the latest word of its rank. If the word has the worker's mark, and the worker has not taken part in it yet,
    the worker joins that epoch. Otherwise it begins the next epoch. Workers that begin one at the same time write the
    same word.
    """

    def __init__(self) -> None:
        self._latest = torch.full((_MOST_RANKS,), _word(_NO_MARK, -1), dtype=torch.int64).share_memory_()
        self._resumed = torch.full((_MOST_RANKS,), -1, dtype=torch.int64).share_memory_()
        #: The last word that each worker took part in; the process itself has place 0.
        self._seen = torch.zeros((_MOST_RANKS, _MOST_WORKERS + 1), dtype=torch.int64).share_memory_()

    def __setstate__(self, state: Dict[str, torch.Tensor]) -> None:
        # A copy has memory of its own, which has to be shared as well. That of a worker is shared already.
        self.__dict__.update({name: x if x.is_shared() else x.share_memory_() for name, x in state.items()})

    def begin(self, rank: int, worker: Optional[int], seed: int, own_epoch: Optional[int] = None) -> int:
        """The epoch of an iteration.

        Args:
            worker: its number; `None` for a process that iterates without workers.
            seed: what all workers of an iteration have in common.
            own_epoch: the epoch, where a worker knows it from a state of its own.
        """
        if worker is not None and worker >= _MOST_WORKERS:
            raise ValueError(f"num_workers: got more than {_MOST_WORKERS}; a dispatcher needs none")
        row, place = rank % _MOST_RANKS, 0 if worker is None else worker + 1
        mark = _OF_PROCESS if worker is None else _FIRST_OF_LOADERS + seed % 2**30
        latest = int(self._latest[row])
        if own_epoch is not None:
            latest = _word(mark, own_epoch)
        elif _mark_of(latest) != mark or int(self._seen[row, place]) == latest:
            latest = _word(mark, _epoch_of(latest) + 1)
        self._latest[row] = latest
        self._seen[row, place] = latest
        return _epoch_of(latest)

    def set_next(self, rank: int, epoch: int, resumes: bool = False) -> None:
        """The next iteration is this epoch. `resumes`: it goes on at the state that was loaded."""
        row = rank % _MOST_RANKS
        self._latest[row] = _word(_NO_MARK, epoch - 1)
        self._resumed[row] = epoch if resumes else -1

    def resumes(self, rank: int, epoch: int) -> bool:
        """Whether this epoch goes on at the state that was loaded."""
        return int(self._resumed[rank % _MOST_RANKS]) == epoch

    def is_next(self, rank: int, epoch: int) -> bool:
        """Whether an iteration that begins now is this epoch."""
        return int(self._latest[rank % _MOST_RANKS]) == _word(_NO_MARK, epoch - 1)

    def were_workers(self, rank: int) -> bool:
        """Whether the latest iteration is one of workers."""
        return _mark_of(int(self._latest[rank % _MOST_RANKS])) >= _FIRST_OF_LOADERS
