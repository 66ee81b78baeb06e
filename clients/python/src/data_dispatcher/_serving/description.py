"""What a dataset consists of: its first sample is the pattern of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, List, Optional, Sequence, Tuple

from .. import _arguments as check
from .samples import Column, Unfit, column_of

_MOST_SAMPLES = 2**31 - 1
_MOST_COLUMNS = 65


@dataclass(frozen=True)
class Description:
    """A dataset and its columns."""

    name: str
    samples: int
    columns: Tuple[Column, ...]
    kind: type
    """Of a sample: `dict`, `tuple` for lists too, or `object` for one that is a single value."""

    @property
    def row_bytes(self) -> int:
        return sum(x.row_bytes for x in self.columns)

    def parts_of(self, sample: Any) -> Sequence[Any]:
        """The values of a sample, in the order of the columns."""
        kind = _kind_of(sample)
        if kind is not self.kind:
            raise Unfit(f"it is a {type(sample).__name__}, and sample 0 is {_KIND_NAMES[self.kind]}")
        if kind is object:
            return (sample,)
        if kind is dict:
            missing = next((x.name for x in self.columns if x.name not in sample), None)
            if missing is not None:
                raise Unfit(f"it has no column {missing!r}, and sample 0 has")
            return [sample[x.name] for x in self.columns]
        if len(sample) != len(self.columns):
            raise Unfit(f"it has {len(sample)} parts, and sample 0 has {len(self.columns)}")
        return sample  # type: ignore[no-any-return]


_KIND_NAMES = {dict: "a dict", tuple: "a tuple or list", object: "a single value"}


def _kind_of(sample: Any) -> type:
    return dict if isinstance(sample, Mapping) else tuple if isinstance(sample, (tuple, list)) else object


def described(dataset: Any, name: str, columns: Optional[Sequence[str]]) -> Description:
    """Reads sample 0. `columns` names its parts.

    Raises:
        TypeError: the dataset has no length, or a column cannot be sent.
        ValueError: the dataset is empty or too large, or the names do not fit.
    """
    total = _total_of(dataset, name)
    sample = dataset[0]
    kind = _kind_of(sample)
    names = _names_of(sample, kind, columns)
    values = [sample[x] for x in names] if kind is dict else list(sample) if kind is tuple else [sample]
    return Description(name, total, tuple(map(column_of, names, values)), kind)


def _total_of(dataset: Any, name: str) -> int:
    if isinstance(dataset, Mapping) or not hasattr(dataset, "__len__") or not hasattr(dataset, "__getitem__"):
        raise TypeError(
            f"a {type(dataset).__name__} has not both __len__ and __getitem__ by number, and samples are asked for so: an "
            "IterableDataset, a generator or a dict cannot be served"
        )
    total = len(dataset)
    if not 0 < total <= _MOST_SAMPLES:
        raise ValueError(f"{name!r} has {total} samples; a dataset has from 1 to {_MOST_SAMPLES}")
    return total


def _names_of(sample: Any, kind: type, columns: Optional[Sequence[str]]) -> List[str]:
    parts = 1 if kind is object else len(sample)
    if columns is not None:
        names = list(columns)
    elif kind is dict:
        names = list(sample)
    elif 1 <= parts <= 2:
        names = ["data", "label"][:parts]
    else:
        raise ValueError(f"sample 0 has {parts} parts: give columns= with a name for each of them")
    if not all(isinstance(x, str) and x for x in names) or len(set(names)) != len(names):
        raise ValueError(f"columns: {names!r} are to be names, and no two the same")
    if not 1 <= len(names) <= _MOST_COLUMNS:
        raise ValueError(f"sample 0 has {len(names)} columns; it takes from 1 to {_MOST_COLUMNS}")
    if kind is dict and not set(names) <= set(sample):
        raise ValueError(f"columns: sample 0 has {list(sample)!r}, but not {sorted(set(names) - set(sample))!r}")
    if kind is not dict and len(names) != parts:
        raise check.wrong("columns", names, f"a name for each of the {parts} parts that sample 0 has")
    return names
