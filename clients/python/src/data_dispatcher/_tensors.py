"""Payloads as tensors of PyTorch."""

from __future__ import annotations

from typing import Callable

import numpy as np
import torch

from ._arrays import Arrays, InNumpyMemory, NumpyArray
from ._columns import BFLOAT16, Column

Tensors = Arrays[torch.Tensor]


class PlainTensors(InNumpyMemory[torch.Tensor]):
    """Tensors that share their memory with NumPy's arrays."""

    def view(self, memory: NumpyArray, column: Column, begin: int, rows: int) -> torch.Tensor:
        type_name = column.type_name
        found = self._types.get(type_name)
        if found is None:
            found = self._types[type_name] = np.dtype("int16" if type_name == BFLOAT16 else type_name)
        array: NumpyArray = np.ndarray((rows, *column.shape), found, memory, begin)
        try:
            tensor = torch.from_numpy(array)
        except TypeError:
            raise _no_such_type(column) from None
        return tensor.view(torch.bfloat16) if type_name == BFLOAT16 else tensor


def _pinned(size: int) -> torch.Tensor:
    return torch.empty(size, dtype=torch.uint8, pin_memory=True)


class PinnedTensors(Tensors):
    """Tensors in page-locked memory, each payload in memory of its own: PyTorch keeps it until copies to a device that
    are under way have ended, and uses it again then."""

    def __init__(self, most_kept: int, allocate: Callable[[int], torch.Tensor] = _pinned) -> None:
        self._allocate = allocate

    def take(self, size: int) -> torch.Tensor:
        return self._allocate(size)

    def buffer_of(self, memory: torch.Tensor) -> memoryview:
        buffer: memoryview = memory.numpy().data
        return buffer

    def view(self, memory: torch.Tensor, column: Column, begin: int, rows: int) -> torch.Tensor:
        dtype = getattr(torch, column.type_name, None)
        if not isinstance(dtype, torch.dtype):
            raise _no_such_type(column)
        return memory[begin : begin + rows * column.row_bytes].view(dtype).view(rows, *column.shape)


def _no_such_type(column: Column) -> TypeError:
    return TypeError(
        f"column {column.name!r} has the type {column.type_name}, which this PyTorch lacks: leave the column out by "
        "columns=[...], read it as NumPy's arrays by open_session, or have the dataset service convert it"
    )
