"""The memory that payloads are read into, and the arrays that it is given as."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import Any, Dict, Generic, List, TypeVar

import numpy as np

from ._columns import BFLOAT16, Column
from ._errors import ProtocolError

ArrayT = TypeVar("ArrayT")
NumpyArray = np.ndarray[Any, Any]

#: The dispatcher aligns columns within a payload to as many bytes.
ALIGNMENT = 64


class Arrays(ABC, Generic[ArrayT]):
    """How payloads become arrays. The thread that reads takes memory, the loop's thread makes arrays of it."""

    @abstractmethod
    def take(self, size: int) -> Any:
        """Memory of `size` bytes, whose contents are arbitrary."""

    @abstractmethod
    def buffer_of(self, memory: Any) -> memoryview:
        """The bytes of memory, for a payload to be read into."""

    @abstractmethod
    def view(self, memory: Any, column: Column, begin: int, rows: int) -> ArrayT:
        """The rows of a column, of shape `(rows, *shape of a sample)`, which begin at a byte of memory. Not a copy.

        Raises:
            TypeError: these arrays cannot have the column's type. The error says how to get along.
        """

    def of_batch(self, columns: List[Column], message: Dict[str, Any], memory: Any) -> Dict[str, ArrayT]:
        """The arrays of a `batch`, by the names of their columns.

        Raises:
            ProtocolError: a column has not as many bytes as its rows take.
        """
        rows = message["samples"]
        result = {}
        for column, said in zip(columns, message["columns"]):
            wanted = rows * column.row_bytes
            if said["name"] != column.name or said["bytes"] != wanted:
                raise ProtocolError(
                    f"column {said['name']!r} has {said['bytes']} bytes, and {rows} samples of {column.name!r} take {wanted}"
                )
            result[column.name] = self.view(memory, column, said["offset"], rows)
        return result


def _references(memories: List[NumpyArray], index: int) -> int:
    return sys.getrefcount(memories[index])


#: Of memory that no view refers to. It is measured, because versions of Python count differently.
_REFERENCES_OF_FREE = _references([np.empty(1, np.uint8)], 0)


class NumpyMemory:
    """Memory of a few sizes, which is used again when no array refers to it: each view of NumPy's refers to the memory
    that it is of."""

    def __init__(self, most_kept: int) -> None:
        self._most_kept = most_kept
        self._kept: List[NumpyArray] = []

    def take(self, size: int) -> NumpyArray:
        """A view of `size` bytes, aligned and writable."""
        kept = self._kept
        for i in range(len(kept)):
            if _references(kept, i) == _REFERENCES_OF_FREE and kept[i].size >= size + ALIGNMENT:
                return _aligned(kept[i], size)
        memory = np.empty(size + ALIGNMENT, np.uint8)
        kept.append(memory)
        del kept[: -self._most_kept]
        return _aligned(memory, size)


def _aligned(memory: NumpyArray, size: int) -> NumpyArray:
    begin = -memory.ctypes.data % ALIGNMENT
    return memory[begin : begin + size]


class InNumpyMemory(Arrays[ArrayT]):
    """Arrays whose memory is NumPy's."""

    def __init__(self, most_kept: int) -> None:
        self._memory = NumpyMemory(most_kept)
        self._types: Dict[str, np.dtype[Any]] = {}

    def take(self, size: int) -> NumpyArray:
        return self._memory.take(size)

    def buffer_of(self, memory: NumpyArray) -> memoryview:
        return memory.data


class NumpyArrays(InNumpyMemory[NumpyArray]):
    """Arrays of NumPy, which are writable."""

    def view(self, memory: NumpyArray, column: Column, begin: int, rows: int) -> NumpyArray:
        return np.ndarray((rows, *column.shape), self._type_of(column), memory, begin)

    def _type_of(self, column: Column) -> "np.dtype[Any]":
        found = self._types.get(column.type_name)
        if found is None:
            found = self._types[column.type_name] = _numpy_type(column)
        return found


def _numpy_type(column: Column) -> "np.dtype[Any]":
    if column.type_name != BFLOAT16:
        return np.dtype(column.type_name).newbyteorder("<")
    try:
        import ml_dtypes
    except ImportError:
        raise TypeError(
            f"column {column.name!r} has the type bfloat16, which NumPy lacks: install ml_dtypes, leave the column out by "
            "columns=[...], or read it as tensors by data_dispatcher.torch"
        ) from None
    return np.dtype(ml_dtypes.bfloat16)
