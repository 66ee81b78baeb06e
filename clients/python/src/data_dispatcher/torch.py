"""A dispatcher's sessions as a dataset of PyTorch.

    from data_dispatcher.torch import DispatcherDataset

    dataset = DispatcherDataset("dispatcher:8090", dataset="mnist", batch_size=64, shuffle=7)
    loader = torch.utils.data.DataLoader(dataset, batch_size=None)
    for epoch in range(3):
        for batch in loader:
            step(batch["image"], batch["label"])
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import os
from itertools import islice
from typing import Any, Callable, Dict, Iterator, Mapping, NamedTuple, NoReturn, Optional, Sequence, Tuple, Union

import torch
import torch.distributed
from torch.utils.data import IterableDataset, get_worker_info

from . import _arguments as check
from ._addresses import dispatchers_of, text_of
from ._batch import Batch
from ._epochs import MOST_EPOCH, Epochs
from ._hello import Shuffle, Start, wishes_of
from ._open import MOST_READ_AHEAD
from ._session import Session
from ._tensors import PinnedTensors, PlainTensors, Tensors

__all__ = ["DispatcherDataset"]

log = logging.getLogger("data_dispatcher")


class _Worker(NamedTuple):
    """This worker of a loader."""

    number: int
    workers: int
    seed: int
    """Of all workers of one iteration."""


class DispatcherDataset(IterableDataset):  # type: ignore[type-arg]  # older versions cannot be subscripted
    """Batches as dictionaries of tensors, by the names of their columns.

    Each iteration is an epoch: the first one epoch 0, the next one epoch 1, unless `set_epoch` says otherwise. The
    dispatcher makes the batches, so the loader has `batch_size=None`, and needs no workers. Workers read a shard each:
    together, and in the loader's order, they read what one process does.

    Rank and number of ranks are those of `torch.distributed`, if it is initialised when the iteration begins.
    """

    def __init__(
        self,
        address: Union[str, Sequence[str]] = "localhost:8090",
        *,
        dataset: Optional[str] = None,
        batch_size: Optional[int] = None,
        shuffle: Shuffle = None,
        shard: Optional[Tuple[int, int]] = None,
        ends: Optional[str] = None,
        columns: Optional[Sequence[str]] = None,
        skip: Sequence[Tuple[int, int, int]] = (),
        checksum: bool = False,
        client: Optional[str] = None,
        read_ahead: int = 4,
        pin_memory: bool = False,
    ) -> None:
        """Opens no session yet.

        Args:
            shard: `(rank, number of ranks)`; by default those of `torch.distributed`.
            ends: as in `open_session`. By default `"pad"` for several ranks, which all need the same number of steps,
                and `"uneven"` for one.
            pin_memory: batches are read into page-locked memory, without the copy that a loader's `pin_memory` makes.
                Where there is no CUDA, nothing is pinned.

            The others are those of `open_session`.
        """
        super().__init__()
        self._addresses = dispatchers_of(address)
        self._wishes = wishes_of(
            client=client,
            dataset=dataset,
            batch_size=batch_size,
            shuffle=shuffle,
            columns=columns,
            skip=skip,
            checksum=checksum,
            ends="uneven" if ends is None else ends,
        )
        self._ends = ends
        self._shard = None if shard is None else check.shard(shard)
        self._read_ahead = check.integer("read_ahead", read_ahead, 1, MOST_READ_AHEAD)
        self._pin_memory = check.flag("pin_memory", pin_memory)
        self._epochs = Epochs()
        #: The state that was loaded; for a worker that it was loaded in, until that begins.
        self._loaded = self._state_at(None, 0, 1)
        self._was_loaded_in_worker = False
        self._state = self._loaded
        self._rank_of_loader: Optional[Tuple[int, int]] = None
        self._length: Dict[Tuple[int, int], int] = {}

    def __iter__(self) -> Iterator[Dict[str, torch.Tensor]]:
        worker = _this_worker()
        rank, ranks = self._rank()
        epoch, cursor = self._begin(rank, worker)
        count = 1 if worker is None else worker.workers
        start: Start = (epoch, 0) if cursor is None else cursor
        with self._open_for(worker, rank, ranks, start) as session:
            for batch in self._batches_of(session, worker, ranks):
                self._state = self._state_at(batch.cursor, epoch, count)
                yield dict(batch)
            if worker is None:
                self._state = self._state_at(session.next_epoch, epoch + 1, 1)

    def __len__(self) -> int:
        """Batches of a whole epoch for this rank, of all its workers. Asks the dispatcher once."""
        rank = self._rank()
        if rank not in self._length:
            with self._open(rank, None, self._ends_of(rank[1])) as session:
                self._length[rank] = len(session)
        return self._length[rank]

    def __getitem__(self, _: Any) -> NoReturn:
        raise TypeError("a DispatcherDataset has an order and no indexes: iterate over it, and shuffle by shuffle=SEED")

    def set_epoch(self, epoch: int) -> None:
        """The next iteration is this epoch, from its beginning. If a state was loaded that is within this epoch, and
        nothing was read since, it is still gone on with."""
        rank, _ = self._rank()
        wanted = check.integer("set_epoch", epoch, 0, MOST_EPOCH)
        if not (self._epochs.is_next(rank, wanted) and self._epochs.resumes(rank, wanted)):
            self._epochs.set_next(rank, wanted)
            self._state = self._state_at(None, wanted, 1)

    def state_dict(self) -> Dict[str, Any]:
        """What a checkpoint keeps: the place behind the last batch that the loop was given.

        Raises:
            RuntimeError: the workers of a `DataLoader` have read this dataset, and only they know their places.
        """
        if _this_worker() is None and self._epochs.were_workers(self._rank()[0]):
            raise RuntimeError(
                "the workers of a DataLoader read this dataset, and only they know how far: take num_workers=0, which is "
                "enough because the dispatcher makes the batches, or the state_dict() of torchdata's StatefulDataLoader"
            )
        return dict(self._state)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The next iteration goes on where a `state_dict` was made; the number of ranks may be another one.

        Raises:
            ValueError: this is no state of a DispatcherDataset; or it is that of a worker, and there are not as many as
                when it was made.
        """
        cursor = check.cursor_of(state)
        if not self._state.keys() <= state.keys():
            raise check.wrong("load_state_dict", state, "what state_dict() of a DispatcherDataset has returned")
        epoch = check.integer("epoch of the state", state["epoch"], 0, MOST_EPOCH)
        made_by = check.integer("workers of the state", state["workers"], 1, 2**31)
        worker = _this_worker()
        count = 1 if worker is None else worker.workers
        if made_by not in (1, count):
            raise ValueError(
                f"the state is that of one of {made_by} workers, and here are {count}: take as many, or load a state that "
                "was made without workers"
            )
        if state["shuffle"] != self._wishes.shuffle:
            raise ValueError(
                f"the state is of shuffle={state['shuffle']}, and this dataset has shuffle={self._wishes.shuffle}: make the "
                "dataset with that of the state"
            )
        self._loaded = self._state = self._state_at(cursor, epoch, made_by)
        if worker is None:
            self._epochs.set_next(self._rank()[0], epoch, resumes=True)
        else:
            self._was_loaded_in_worker = True

    def __getstate__(self) -> Dict[str, Any]:
        # A worker that is not forked has no torch.distributed of its own.
        return {**self.__dict__, "_rank_of_loader": self._rank()}

    def __repr__(self) -> str:
        dataset = self._wishes.dataset or "the default dataset"
        return f"DispatcherDataset({text_of(self._addresses)}, {dataset}, at {self._state})"

    def _begin(self, rank: int, worker: Optional[_Worker]) -> Tuple[int, Optional[str]]:
        """The epoch of an iteration, and the cursor where it goes on at a state that was loaded."""
        own = self._loaded["epoch"] if self._was_loaded_in_worker else None
        epoch = self._epochs.begin(rank, worker and worker.number, worker.seed if worker else 0, own)
        resumes = self._was_loaded_in_worker or self._epochs.resumes(rank, epoch)
        self._was_loaded_in_worker = False
        return epoch, self._loaded["cursor"] if resumes else None

    def _open_for(self, worker: Optional[_Worker], rank: int, ranks: int, start: Start) -> Session[torch.Tensor]:
        """The session of a process or of a worker. Worker w of W reads shard w * R + r of W * R: the loader asks its
        workers in turn, so it gives what rank r of R reads. Steps of all workers are larger than those of the rank, so
        workers fill up more, and `_batches_of` stops where the rank does."""
        ends = self._ends_of(ranks)
        if worker is None:
            return self._open((rank, ranks), start, ends)
        shard = (worker.number * ranks + rank, worker.workers * ranks)
        return self._open(shard, start, "uneven" if ends == "uneven" else "pad")

    def _batches_of(
        self, session: Session[torch.Tensor], worker: Optional[_Worker], ranks: int
    ) -> Iterator[Batch[torch.Tensor]]:
        """Those that are within the steps that the rank has without workers."""
        ends = self._ends_of(ranks)
        if worker is None or ends == "uneven":
            return session
        if self._wishes.skip:
            raise ValueError(f"skip: got ranges, ends={ends!r} and workers; it takes num_workers=0 or ends='uneven'")
        return _part_of(session, ranks, worker, ends)

    def _state_at(self, cursor: Optional[str], epoch: int, workers: int) -> Dict[str, Any]:
        """`shuffle` is in it although the cursor says it: the epochs behind it are of this dataset's."""
        return {"cursor": cursor, "epoch": epoch, "workers": workers, "shuffle": self._wishes.shuffle}

    def _ends_of(self, ranks: int) -> str:
        return self._ends or ("uneven" if ranks == 1 else "pad")

    def _open(self, shard: Tuple[int, int], start: Start, ends: str) -> Session[torch.Tensor]:
        wishes = dataclasses.replace(self._wishes, shard=shard, ends=ends)
        return Session(self._addresses, wishes, start, self._read_ahead, self._make_tensors())

    def _make_tensors(self) -> Callable[[int], Tensors]:
        if not self._pin_memory:
            return PlainTensors
        if not torch.cuda.is_available():
            log.warning("pin_memory: there is no CUDA, so nothing is pinned")
            return PlainTensors
        return PinnedTensors

    def _rank(self) -> Tuple[int, int]:
        """The rank, and the number of ranks."""
        if self._shard is not None:
            return self._shard
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            return torch.distributed.get_rank(), torch.distributed.get_world_size()
        if self._rank_of_loader is not None and get_worker_info() is not None:
            return self._rank_of_loader
        _warn_of_ranks(os.environ.get("WORLD_SIZE", "1"))
        return 0, 1


def _this_worker() -> Optional[_Worker]:
    """`None` in a process that is no worker of a loader."""
    info = get_worker_info()
    return None if info is None else _Worker(info.id, info.num_workers, info.seed - info.id)


def _part_of(
    session: Session[torch.Tensor], ranks: int, worker: _Worker, ends: str
) -> Iterator[Batch[torch.Tensor]]:
    first = next(session, None)
    if first is None:
        return
    about = session.describe()
    left = _steps_left(about["samples"] - first.position, ranks * about["batch_size"], ends)
    mine = max(0, -(-(left - worker.number) // worker.workers))
    if mine > 0:
        yield first
        yield from islice(session, mine - 1)


def _steps_left(samples: int, step: int, ends: str) -> int:
    return samples // step if ends == "drop" else -(-samples // step)


@functools.lru_cache(maxsize=None)
def _warn_of_ranks(world: str) -> None:
    """Once."""
    if world != "1":
        log.warning(
            "WORLD_SIZE is %s, and torch.distributed is not initialised: this process reads the whole dataset; call "
            "init_process_group first, or give shard=(rank, number of ranks)",
            world,
        )
