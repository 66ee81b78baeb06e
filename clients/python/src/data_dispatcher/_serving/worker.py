"""A process that makes batches."""

from __future__ import annotations

import logging
import socket
import sys
from array import array
from typing import Any, Set

from .batches import BadSample, serialised, shortened, stacked
from .description import Description
from .frames import OK, read_request, send_answer

log = logging.getLogger("data_dispatcher")

#: gRPC's DATA_LOSS.
_DATA_LOSS = 15


class Worker:
    """Answers the front, one request at a time."""

    def __init__(self, dataset: Any, description: Description) -> None:
        self._dataset = dataset
        self._description = description
        #: Samples whose traceback was logged: the dispatcher asks for a batch several times.
        self._logged: Set[int] = set()

    def run(self, path: str) -> None:
        """Answers whichever front listens at `path`: another one when that ends."""
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(1)  # the other cores have workers of their own
        while True:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as front:
                try:
                    front.connect(path)
                except OSError:  # the supervisor has ended
                    return
                try:
                    while self._answer(front):
                        pass
                except ConnectionError:
                    pass

    def _answer(self, front: socket.socket) -> bool:
        request = read_request(front)
        if request is None:
            return False
        index, is_last, numbers = request
        try:
            arrays = stacked(self._dataset, self._description, array("i", numbers).tolist())
            code, parts = OK, serialised(self._description, arrays, index, is_last)
        except BadSample as bad:
            self._log(bad)
            code, parts = _DATA_LOSS, [str(bad).encode()]
        except Exception as problem:  # such as no memory for a batch
            log.exception("batch %d of %r", index, self._description.name)
            text = f"batch {index} of {self._description.name!r}: {type(problem).__name__}: {problem}"
            code, parts = _DATA_LOSS, [shortened(text).encode()]
        send_answer(front, code, parts)
        return True

    def _log(self, bad: BadSample) -> None:
        if bad.number not in self._logged:
            self._logged.add(bad.number)
            log.error("%s", bad, exc_info=bad.__cause__)
