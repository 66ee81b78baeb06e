"""The calls of the .proto. They pass on what the workers make."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Deque, Iterator

import grpc
import numpy as np

from . import messages
from .description import Description
from .pool import Pool, Refused, Request

_MOST_BYTES = 2**31 - 1
#: Tags, lengths and numbers of a message, at most, besides the names of its columns.
_FRAMING = 64

_CODES = {x.value[0]: x for x in grpc.StatusCode}


class Service:
    """One dataset."""

    def __init__(self, description: Description, processes: int, pool: Pool) -> None:
        self._description = description
        self._pool = pool
        self._ahead = 2 * processes
        self._makers = ThreadPoolExecutor(processes, "ahead")

    def handlers(self) -> Any:
        one, many = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
        methods = {
            "GetBatch": one(self.get_batch, messages.GetBatchRequest.FromString),
            "StreamBatches": many(self.stream_batches, messages.StreamBatchesRequest.FromString),
            "GetDatasetInfo": one(self.get_dataset_info, messages.GetDatasetInfoRequest.FromString),
            "HealthCheck": one(self.health_check, messages.HealthCheckRequest.FromString),
        }
        return grpc.method_handlers_generic_handler(messages.SERVICE, methods)

    def get_batch(self, request: Any, context: Any) -> bytes:
        self._check(request, context)
        count = self._batches(request.batch_size)
        index = request.batch_index
        if not 0 <= index < count:
            has = f"{self._description.name!r} has {self._description.samples} samples"
            indexes = f"in batches of {request.batch_size} indexes from 0 to {count - 1}"
            text = f"batch_index is {index}, but {has}, {indexes}"
            context.abort(grpc.StatusCode.OUT_OF_RANGE, text)
        try:
            return self._pool.make(self._request(request.batch_size, index, index + 1 == count), context.is_active)
        except Refused as refused:
            return context.abort(_CODES[refused.code], str(refused))  # type: ignore[no-any-return]

    def stream_batches(self, request: Any, context: Any) -> Iterator[bytes]:
        self._check(request, context)
        if request.max_batches < 0:
            text = f"max_batches is {request.max_batches}, but must be 0 (all) or more"
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, text)
        ahead: Deque["Future[bytes]"] = deque()
        try:
            for each in self._requests(request):
                ahead.append(self._makers.submit(self._pool.make, each, context.is_active))
                if len(ahead) == self._ahead:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        except Refused as refused:
            context.abort(_CODES[refused.code], str(refused))
        finally:  # also when the call is cancelled
            for future in ahead:
                future.cancel()

    def get_dataset_info(self, request: Any, context: Any) -> bytes:
        self._check_name(request, context)
        first, *others = self._description.columns
        info = messages.DatasetInfo(dataset_name=self._description.name, total_samples=self._description.samples)
        info.sample_shape.extend(first.shape)
        info.data_type, info.data_name, info.is_available = first.type_name, first.name, True
        for column in others:
            info.columns.add(name=column.name, shape=column.shape, data_type=column.type_name)
        return info.SerializeToString()  # type: ignore[no-any-return]

    def health_check(self, _: Any, context: Any) -> bytes:
        answer = messages.HealthCheckResponse(status="SERVING", message=f"1 dataset: {self._description.name}")
        return answer.SerializeToString()  # type: ignore[no-any-return]

    def _check_name(self, request: Any, context: Any) -> None:
        asked = request.dataset_name
        if asked != self._description.name:
            # Quoted only as far as it can be a name: the status travels in a header of limited size.
            what = f"{asked!r}" if len(asked) <= 100 else f"with a name of {len(asked)} characters"
            context.abort(grpc.StatusCode.NOT_FOUND, f"no dataset {what}; there is: {self._description.name}")

    def _check(self, request: Any, context: Any) -> None:
        self._check_name(request, context)
        size = request.batch_size
        if size < 1:
            text = f"batch_size is {size}, but must be at least 1"
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, text)
        largest = self._description.row_bytes * min(size, self._description.samples)
        most = _MOST_BYTES - sum(_FRAMING + len(x.name.encode()) for x in self._description.columns)
        if largest > most:
            text = f"a batch of {size} samples takes {largest} bytes, but a message holds {most}"
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, text)

    def _batches(self, size: int) -> int:
        return -(-self._description.samples // size)

    def _request(self, size: int, index: int, is_last: bool) -> Request:
        begin = index * size
        numbers = np.arange(begin, min(begin + size, self._description.samples), dtype=np.int32)
        return Request(index, is_last, numbers.tobytes())

    def _requests(self, call: Any) -> Iterator[Request]:
        size = call.batch_size
        count = min(self._batches(size), call.max_batches or self._batches(size))
        if not call.shuffle:
            yield from (self._request(size, i, i + 1 == count) for i in range(count))
            return
        order = np.random.default_rng().permutation(self._description.samples).astype(np.int32)
        yield from (Request(i, i + 1 == count, order[i * size : (i + 1) * size].tobytes()) for i in range(count))
