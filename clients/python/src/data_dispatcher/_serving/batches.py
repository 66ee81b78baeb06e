"""Batches as serialised messages."""

from __future__ import annotations

from typing import Any, List, Sequence

import numpy as np

from . import messages
from .description import Description
from .frames import Bytes
from .samples import Unfit

#: A problem's text travels in a header of limited size.
_MOST_TEXT = 200

#: Of field 1, `data`, with its length before it.
_DATA_TAG = b"\x0a"


class BadSample(Exception):
    """A sample cannot be sent. Its cause is the exception of the dataset, if there was one.

    Attributes:
        number: of the sample.
    """

    def __init__(self, name: str, number: int, problem: str) -> None:
        super().__init__(shortened(f"sample {number} of {name!r}: {problem}"))
        self.number = number


def shortened(text: str) -> str:
    """One line, of limited length."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_TEXT else line[: _MOST_TEXT - 3] + "..."


def stacked(dataset: Any, description: Description, numbers: Sequence[int]) -> List["np.ndarray[Any, Any]"]:
    """An array for each column, with a row for each sample.

    Raises:
        BadSample: the dataset raised an exception, or a sample is not like the first one.
    """
    columns = description.columns
    arrays = [np.empty((len(numbers), *x.shape), x.dtype) for x in columns]
    for row, number in enumerate(numbers):
        try:
            for array, column, value in zip(arrays, columns, description.parts_of(dataset[number])):
                array[row] = column.fitted(value)
        except Unfit as unfit:
            raise BadSample(description.name, number, str(unfit)) from None
        except BaseException as problem:  # sys.exit() in a dataset, too, is about this sample
            raise BadSample(description.name, number, f"{type(problem).__name__}: {problem}") from problem
    return arrays


def serialised(
    description: Description, arrays: Sequence["np.ndarray[Any, Any]"], index: int, is_last: bool
) -> List[Bytes]:
    """A DataBatch in pieces, one behind the other. `data` stays where it is, because protobuf would copy it twice."""
    data = _bytes_of(arrays[0])
    rest = messages.DataBatch(batch_index=index, is_last_batch=is_last)
    for column, array in zip(description.columns[1:], arrays[1:]):
        rest.columns.add(name=column.name, data=array.tobytes())
    return [_DATA_TAG + _varint(len(data)), data, rest.SerializeToString()]


def _bytes_of(array: "np.ndarray[Any, Any]") -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _varint(number: int) -> bytes:
    """https://protobuf.dev/programming-guides/encoding/#varints"""
    result = bytearray()
    while number > 0x7F:
        result.append(number & 0x7F | 0x80)
        number >>= 7
    result.append(number)
    return bytes(result)
