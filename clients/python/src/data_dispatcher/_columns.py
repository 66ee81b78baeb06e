"""Columns of a dataset, as a `welcome` describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

#: The one element type of the protocol that NumPy lacks.
BFLOAT16 = "bfloat16"


@dataclass(frozen=True)
class Column:
    """What one sample has in a column."""

    name: str
    type_name: str
    """NumPy's name of the elements' type, or `bfloat16`. Elements are little endian."""
    shape: Tuple[int, ...]
    """Of one sample; empty where that is a number."""
    row_bytes: int
    """Of one sample."""


def columns_of(welcome: Dict[str, Any]) -> Optional[List[Column]]:
    """The columns of a session; `None` where the dataset is not described.

    Raises:
        TypeError: NumPy does not know a column's type.
    """
    result = []
    for each in welcome["columns"]:
        name, type_name, shape = each["name"], each["dtype"], each["shape"]
        if type_name is None or shape is None:
            return None
        elements = 1
        for extent in shape:
            elements *= extent
        result.append(Column(name, type_name, tuple(shape), elements * _item_bytes(name, type_name)))
    return result


def _item_bytes(column: str, type_name: str) -> int:
    if type_name == BFLOAT16:
        return 2
    try:
        return np.dtype(type_name).itemsize
    except TypeError:
        raise TypeError(f"column {column!r} has the type {type_name!r}, which NumPy does not know") from None
