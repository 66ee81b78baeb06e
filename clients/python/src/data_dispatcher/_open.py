"""How a session is opened."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Tuple, Union

from . import _arguments as check
from ._addresses import dispatchers_of
from ._arrays import NumpyArray, NumpyArrays
from ._hello import Shuffle, Start, sharing_of, wishes_of
from ._session import Session

#: Batches.
MOST_READ_AHEAD = 10_000


def open_session(
    address: Union[str, Sequence[str]] = "localhost:8090",
    *,
    dataset: Optional[str] = None,
    batch_size: Optional[int] = None,
    shuffle: Shuffle = None,
    shard: Tuple[int, int] = (0, 1),
    epochs: Optional[int] = None,
    ends: str = "uneven",
    columns: Optional[Sequence[str]] = None,
    skip: Sequence[Tuple[int, int, int]] = (),
    start: Union[Start, Mapping[str, Any]] = None,
    checksum: bool = False,
    client: Optional[str] = None,
    group: Optional[str] = None,
    name: Optional[str] = None,
    resume: bool = True,
    ack: str = "next",
    barrier: bool = False,
    ack_wait: Optional[int] = None,
    max_deliver: Optional[int] = None,
    read_ahead: int = 4,
    progress: bool = False,
) -> Session[NumpyArray]:
    """Opens a session with a dispatcher.

    Args:
        address: `host:port` of `--sessions`, or several of them, separated by commas or in a list: the session goes on
            at any of them.
        dataset: its name; by default the dispatcher's `--dataset`.
        batch_size: samples in a batch; by default the dispatcher's `--batch-size`.
        shuffle: a seed, or `{"seed": 7, "window": W, "block": B}`; by default the dataset's own order.
        shard: `(rank, number of ranks)`. All ranks together read what one reads with batches that are as many times as
            large.
        epochs: the session ends before this epoch, counted from 0; 0: never. By default it ends with the epoch in which
            it starts.
        ends: `"uneven"`, `"drop"` or `"pad"`: what becomes of the samples that do not fill an epoch's last step.
        columns: the names of those that are wanted; by default all.
        skip: `(epoch, from, to)`, positions that are never given, `to` excluded.
        start: a cursor or a `state_dict()` to go on at, or `(epoch, position in samples)`.
        checksum: each payload's CRC-32 is compared.
        client: a name for people, in the dispatcher's log and page.
        group: the batches are shared with all sessions of this group: each goes to one of them.
        name: the dispatcher keeps the place of the session under this name.
        resume: with `name`, the session goes on at the place that is kept; false: it begins anew.
        ack: of `group` and `name`. `"next"`: asking for the next batch says that those before were used. `"explicit"`:
            `batch.ack()`, `commit()` and `acked()` say so.
        barrier: of `group`: an epoch begins when the one before is over for all members.
        ack_wait: of `group`: after so many seconds without a sign of life, a batch goes to another member [30].
        max_deliver: of `group`: a batch that was tried so often is parked [0: never].
        read_ahead: batches that are read before the loop asks for them.
        progress: shows a bar of tqdm's, if tqdm is installed.

    Raises:
        ValueError: an argument cannot be read. What the dispatcher refuses is raised by the first batch.
    """
    sharing = sharing_of(
        group=group,
        name=name,
        resume=resume,
        ack=ack,
        barrier=barrier,
        ack_wait=ack_wait,
        max_deliver=max_deliver,
        shard=shard,
    )
    wishes = wishes_of(
        client=client,
        dataset=dataset,
        batch_size=batch_size,
        shuffle=shuffle,
        shard=shard,
        epochs=epochs,
        ends=ends,
        columns=columns,
        skip=skip,
        checksum=checksum,
        sharing=sharing,
    )
    ahead = check.integer("read_ahead", read_ahead, 1, MOST_READ_AHEAD)
    shows = check.flag("progress", progress)
    return Session(dispatchers_of(address), wishes, check.start(start), ahead, NumpyArrays, shows)
