"""Parts of samples as arrays."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Tuple

import numpy as np

from .._columns import BFLOAT16

#: NumPy's kinds of what can be sent: numbers, truth values and times.
_KINDS = "biufcmM"


class Unfit(Exception):
    """A sample is not like the first one."""


def array_of(value: Any) -> Tuple["np.ndarray[Any, Any]", str]:
    """A part of a sample as an array, and the name of its type."""
    if hasattr(value, "detach"):  # a tensor of torch, whose memory NumPy may not be able to read
        value = value.detach().cpu()
        if str(value.dtype) == "torch." + BFLOAT16:  # which NumPy lacks: the int16 with the same bits travel
            return np.asarray(value.view(sys.modules["torch"].int16)), BFLOAT16
    array = np.asarray(value)
    if array.dtype.name == BFLOAT16:
        return array.view(np.int16), BFLOAT16
    return array, array.dtype.name


@dataclass(frozen=True)
class Column:
    """What each sample has in a column."""

    name: str
    type_name: str
    dtype: "np.dtype[Any]"
    """As which it is sent: little endian."""
    shape: Tuple[int, ...]

    @property
    def row_bytes(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def fitted(self, value: Any) -> "np.ndarray[Any, Any]":
        """The array of a value that is like that of the first sample."""
        if type(value) is np.ndarray and value.dtype == self.dtype and self.type_name != BFLOAT16:
            array, type_name = value, self.type_name
        else:
            array, type_name = array_of(value)
        if type_name != self.type_name or array.shape != self.shape:
            first = f"{self.type_name} {self.shape}"
            raise Unfit(f"column {self.name!r} has {type_name} {array.shape}, and that of sample 0 has {first}")
        return array

    def __str__(self) -> str:
        return f"{self.name} {self.type_name} {self.shape}"


def column_of(name: str, value: Any) -> Column:
    """The column that has this value in sample 0.

    Raises:
        TypeError, ValueError: it cannot be sent.
    """
    way_out = "have the dataset give numbers or arrays of them, or a dict with columns= that leaves this column out"
    try:
        array, type_name = array_of(value)
    except ValueError as ragged:
        raise TypeError(f"column {name!r} of sample 0 is no array ({ragged}): {way_out}") from None
    if array.dtype.kind not in _KINDS:
        what = f"a {type(value).__name__} of type {type_name}"
        raise TypeError(f"column {name!r} of sample 0 is {what}, which cannot be sent: {way_out}")
    if array.size == 0:
        raise ValueError(f"column {name!r} of sample 0 has the shape {array.shape}, which has no elements")
    return Column(name, type_name, array.dtype.newbyteorder("<"), array.shape)
