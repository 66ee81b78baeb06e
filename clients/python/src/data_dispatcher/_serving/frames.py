"""What the front and the workers say to each other on their socket.

Not `multiprocessing.connection`: that reads a batch in pieces and copies it once more.
"""

from __future__ import annotations

import socket
import struct
from typing import List, Optional, Sequence, Tuple, Union

Bytes = Union[bytes, memoryview]

#: The answer is a batch, and not the text of a problem with one of gRPC's codes.
OK = 0

#: Index of the batch, whether it is the last one, and how many numbers of samples follow.
_REQUEST = struct.Struct("<i?I")
#: Code, and how many bytes follow.
_ANSWER = struct.Struct("<BQ")

_NUMBER_BYTES = 4


def send_request(to: socket.socket, index: int, is_last: bool, numbers: bytes) -> None:
    """`numbers` are those of the samples, four bytes each."""
    to.sendall(_REQUEST.pack(index, is_last, len(numbers) // _NUMBER_BYTES) + numbers)


def read_request(source: socket.socket) -> Optional[Tuple[int, bool, bytes]]:
    """`None` at the end of the connection."""
    head = _read(source, _REQUEST.size)
    if head is None:
        return None
    index, is_last, count = _REQUEST.unpack(head)
    numbers = _read(source, count * _NUMBER_BYTES)
    return None if numbers is None else (index, is_last, numbers)


def send_answer(to: socket.socket, code: int, parts: Sequence[Bytes]) -> None:
    """Sends the parts one behind the other, without putting them together."""
    left: List[memoryview] = [memoryview(_ANSWER.pack(code, sum(len(x) for x in parts))), *map(memoryview, parts)]
    while left:
        sent = to.sendmsg(left)
        while left and sent >= len(left[0]):
            sent -= len(left.pop(0))
        if left:
            left[0] = left[0][sent:]


def read_answer(source: socket.socket) -> Optional[Tuple[int, bytes]]:
    """The code and what follows; `None` at the end of the connection."""
    head = _read(source, _ANSWER.size)
    if head is None:
        return None
    code, size = _ANSWER.unpack(head)
    content = _read(source, size)
    return None if content is None else (code, content)


def _read(source: socket.socket, size: int) -> Optional[bytes]:
    if size == 0:
        return b""
    content = source.recv(size, socket.MSG_WAITALL)
    while 0 < len(content) < size:  # the kernel gives less at a signal, and of more than 2 GiB
        more = source.recv(size - len(content), socket.MSG_WAITALL)
        if not more:
            return None
        content += more
    return content or None
