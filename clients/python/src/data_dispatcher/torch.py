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
import logging
import os
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Sequence, Tuple, Union

import torch
import torch.distributed
from torch.utils.data import IterableDataset, get_worker_info

from ._hello import Shuffle, Start, Wishes, addresses_of
from ._session import Session
from ._shared_epochs import SharedEpochs
from ._tensors import PinnedTensors, PlainTensors, Tensors

__all__ = ["DispatcherDataset"]

log = logging.getLogger("data_dispatcher")


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
        self._addresses = addresses_of(address)
        self._wishes = Wishes(
            client=client, dataset=dataset, batch_size=batch_size, shuffle=shuffle, columns=columns, skip=skip, checksum=checksum
        )
        self._shard = shard
        self._ends = ends
        self._read_ahead = read_ahead
        self._pin_memory = pin_memory
        self._epochs = SharedEpochs()
        self._loaded: Dict[str, Any] = {"cursor": None, "epoch": 0, "workers": 1}
        self._state = self._loaded
        self._length: Optional[int] = None

    def __iter__(self) -> Iterator[Dict[str, torch.Tensor]]:
        worker, _ = _worker()
        epoch, resumes = self._epochs.begin(worker, is_worker=get_worker_info() is not None)
        return self._read_epoch(epoch, self._loaded["cursor"] if resumes else None)

    def __len__(self) -> int:
        """Batches of a whole epoch for this rank, of all its workers. Asks the dispatcher once."""
        if self._length is None:
            with self._open(self._rank(), None) as session:
                self._length = len(session)
        return self._length

    def set_epoch(self, epoch: int) -> None:
        """The next iteration is this epoch, from its beginning. Where a state was loaded that is within this epoch, it
        goes on at the state's place."""
        if not self._epochs.is_due(epoch):
            self._epochs.set(epoch)

    def state_dict(self) -> Dict[str, Any]:
        """What a checkpoint keeps: the place behind the last batch that the loop was given.

        Raises:
            RuntimeError: the workers of a `DataLoader` have read this dataset, and only they know their places.
        """
        if get_worker_info() is None and self._epochs.were_workers():
            raise RuntimeError(
                "the workers of a DataLoader read this dataset, and only they know how far: take num_workers=0, which is "
                "enough because the dispatcher makes the batches, or the state_dict() of torchdata's StatefulDataLoader"
            )
        return dict(self._state)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The next iteration goes on where a `state_dict` was made; the number of ranks may be another one.

        Raises:
            ValueError: the state is that of a worker, and there are not as many as when it was made.
        """
        worker, workers = _worker()
        if state["workers"] not in (1, workers):
            raise ValueError(
                f"the state is that of one of {state['workers']} workers, and here are {workers}: take as many, or load a "
                "state that was made without workers"
            )
        self._loaded = self._state = dict(state)
        self._epochs.resume(state["epoch"], None if get_worker_info() is None else worker)

    def __getstate__(self) -> Dict[str, Any]:
        # A worker that is not forked has no torch.distributed of its own.
        return {**self.__dict__, "_shard": self._rank()}

    def __repr__(self) -> str:
        addresses = ",".join(f"{host}:{port}" for host, port in self._addresses)
        return f"DispatcherDataset({addresses}, {self._wishes.dataset or 'the default dataset'}, at {self._state})"

    def _read_epoch(self, epoch: int, cursor: Optional[str]) -> Iterator[Dict[str, torch.Tensor]]:
        worker, workers = _worker()
        rank, ranks = self._rank()
        start: Start = (epoch, 0) if cursor is None else cursor
        # Worker by worker, the loader's order is that of the rank's batches without workers.
        with self._open((worker * ranks + rank, workers * ranks), start) as session:
            for batch in session:
                self._state = {"cursor": batch.cursor, "epoch": epoch, "workers": workers}
                yield dict(batch)
            self._state = {"cursor": session.next_epoch, "epoch": epoch + 1, "workers": workers}

    def _open(self, shard: Tuple[int, int], start: Start) -> Session[torch.Tensor]:
        ends = self._ends or ("uneven" if self._rank()[1] == 1 else "pad")
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
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            log.warning(
                "WORLD_SIZE is %s, and torch.distributed is not initialised: this process reads the whole dataset; call "
                "init_process_group first, or give shard=(rank, number of ranks)",
                os.environ["WORLD_SIZE"],
            )
        return 0, 1


def _worker() -> Tuple[int, int]:
    """The number of this worker of a loader, and how many there are; 0 and 1 without workers."""
    info = get_worker_info()
    return (0, 1) if info is None else (info.id, info.num_workers)
