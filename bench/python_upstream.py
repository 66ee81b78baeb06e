"""A dataset service as users write them: Python, grpcio, a thread pool. It serves `python_images`, or `torch_images`, as
`mnist`."""

import argparse
import concurrent.futures
import signal
import sys
import threading


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generated", required=True, help="folder of dataset_service_pb2.py")
    parser.add_argument("--images", choices=["numpy", "torch"], default="numpy", help="what makes them [numpy]")
    parser.add_argument("--sample-us", type=float, default=0, help="a sample takes so many us of the processor at least [0]")
    parser.add_argument("--workers", type=int, default=10, help="threads that answer calls [10]")
    return parser.parse_args()


arguments = parse_arguments()
sys.path.insert(0, arguments.generated)

import grpc  # noqa: E402
import dataset_service_pb2 as messages  # noqa: E402
import dataset_service_pb2_grpc as services  # noqa: E402
from python_images import SIDE, Images, load_images  # noqa: E402

DATASET = "mnist"


class Service(services.DatasetServiceServicer):
    def __init__(self, dataset):
        self.dataset = dataset
        self.lock = threading.Lock()
        self.counts = {"get_batch": 0, "stream_batches": 0}

    def count(self, call):
        with self.lock:
            self.counts[call] += 1

    def check(self, request, context):
        if request.dataset_name != DATASET:
            context.abort(grpc.StatusCode.NOT_FOUND, "there is only " + DATASET)

    def batch(self, batch_size, index):
        first = index * batch_size
        last = min(first + batch_size, len(self.dataset))
        samples = self.dataset.stacked([self.dataset[i] for i in range(first, last)])
        return messages.DataBatch(
            data=samples.tobytes(), batch_index=index, is_last_batch=last == len(self.dataset)
        )

    def GetBatch(self, request, context):
        self.count("get_batch")
        self.check(request, context)
        if request.batch_size < 1:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "batch_size is below 1")
        if not 0 <= request.batch_index * request.batch_size < len(self.dataset):
            context.abort(grpc.StatusCode.OUT_OF_RANGE, "no such batch")
        return self.batch(request.batch_size, request.batch_index)

    def StreamBatches(self, request, context):
        self.count("stream_batches")
        self.check(request, context)
        if request.batch_size < 1:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "batch_size is below 1")
        batches = -(-len(self.dataset) // request.batch_size)
        for index in range(min(batches, request.max_batches or batches)):
            yield self.batch(request.batch_size, index)

    def GetDatasetInfo(self, request, context):
        self.check(request, context)
        return messages.DatasetInfo(
            dataset_name=DATASET,
            total_samples=len(self.dataset),
            sample_shape=[1, SIDE, SIDE],
            data_type="float32",
            is_available=True,
        )

    def HealthCheck(self, request, context):
        return messages.HealthCheckResponse(status="SERVING", message="")


def make_dataset():
    if arguments.images == "numpy":
        return Images(load_images(), arguments.sample_us / 1e6)
    from torch_images import TorchImages

    return TorchImages(load_images())


def main():
    service = Service(make_dataset())
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=arguments.workers))
    services.add_DatasetServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    server.start()
    print(f"serving port={port}", file=sys.stderr, flush=True)
    stop.wait()
    server.stop(grace=None)
    counts = " ".join(f"{call}={count}" for call, count in service.counts.items())
    print(f"stopped {counts}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
