"""A dataset service as users write them: Python, grpcio, a thread pool. Sample i of `counting` is the byte i % 251, 16 times."""

import argparse
import concurrent.futures
import signal
import sys
import threading
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generated", required=True, help="folder of dataset_service_pb2.py")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--only-get-batch", action="store_true", help="leave the other calls unimplemented")
    parser.add_argument("--unchecked-index", action="store_true", help="answer behind the end with empty last batches, as slices do")
    parser.add_argument("--describe-seconds", type=float, default=0, help="take so long to describe a dataset, as a scan does")
    parser.add_argument("--raise-at", type=int, default=-1, help="raise an exception at this batch")
    parser.add_argument("--described", type=int, help="the number of samples that GetDatasetInfo says there are")
    parser.add_argument("--always-marked", action="store_true", help="mark each batch as the last")
    parser.add_argument("--max-concurrent", type=int, help="refuse calls beyond so many at a time with RESOURCE_EXHAUSTED")
    parser.add_argument("--refuse-at", type=int, default=-1, help="answer NOT_FOUND for this batch, with a text of 20,000 bytes")
    parser.add_argument("--too-large-at", type=int, default=-1, help="refuse this batch as Rust's tonic does messages over its limit")
    parser.add_argument("--labels", action="store_true", help="send a column 'label': i, as int64, for sample i")
    parser.add_argument("--labels-short-at", type=int, default=-1, help="leave out the last label of this batch")
    parser.add_argument("--tls-cert", help="serve over TLS with this certificate")
    parser.add_argument("--tls-key", help="the key of that certificate")
    parser.add_argument("--token", help="answer only calls that carry this bearer token")
    parser.add_argument("--max-connection-age-ms", type=int, help="close each connection in order after so long")
    return parser.parse_args()


arguments = parse_arguments()
sys.path.insert(0, arguments.generated)

import grpc  # noqa: E402
import dataset_service_pb2 as messages  # noqa: E402
import dataset_service_pb2_grpc as services  # noqa: E402

DATASET = "counting"
SAMPLE_BYTES = 16


class CountingService(services.DatasetServiceServicer):
    def batch(self, batch_size, index):
        if index == arguments.raise_at:
            raise RuntimeError("as asked for")
        first = index * batch_size
        last = min(first + batch_size, arguments.samples)
        data = b"".join(bytes([i % 251]) * SAMPLE_BYTES for i in range(first, last))
        return messages.DataBatch(data=data, batch_index=index, is_last_batch=arguments.always_marked or last == arguments.samples,
                                  columns=self.columns(index, range(first, last)))

    def columns(self, index, samples):
        if not arguments.labels:
            return []
        labels = samples[:-1] if index == arguments.labels_short_at else samples
        return [messages.Column(name="label", data=b"".join(i.to_bytes(8, "little") for i in labels))]

    def GetBatch(self, request, context):
        if request.dataset_name != DATASET:
            context.abort(grpc.StatusCode.NOT_FOUND, "there is only " + DATASET)
        if request.batch_size < 1:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "batch_size is below 1")
        if request.batch_index == arguments.refuse_at:
            context.abort(grpc.StatusCode.NOT_FOUND, "the file is missing" + " x" * 10000)
        if request.batch_index == arguments.too_large_at:
            context.abort(
                grpc.StatusCode.OUT_OF_RANGE,
                "Error, decoded message length too large: found 5000000 bytes, the limit is: 4194304 bytes",
            )
        behind = not 0 <= request.batch_index * request.batch_size < arguments.samples
        if behind and not arguments.unchecked_index:
            context.abort(grpc.StatusCode.OUT_OF_RANGE, "no such batch")
        return self.batch(request.batch_size, request.batch_index)


class FullService(CountingService):
    def StreamBatches(self, request, context):
        batches = -(-arguments.samples // request.batch_size)
        for index in range(min(batches, request.max_batches or batches)):
            yield self.batch(request.batch_size, index)

    def GetDatasetInfo(self, request, context):
        if request.dataset_name != DATASET:
            context.abort(grpc.StatusCode.NOT_FOUND, "there is only " + DATASET)
        time.sleep(arguments.describe_seconds)
        return messages.DatasetInfo(
            dataset_name=DATASET,
            total_samples=arguments.described or arguments.samples,
            sample_shape=[SAMPLE_BYTES],
            data_type="uint8",
            is_available=True,
            columns=[messages.ColumnInfo(name="label", data_type="int64")] if arguments.labels else [],
        )

    def HealthCheck(self, request, context):
        return messages.HealthCheckResponse(status="SERVING", message="")


class TokenCheck(grpc.ServerInterceptor):
    def intercept_service(self, continuation, details):
        if ("authorization", "Bearer " + arguments.token) in [tuple(pair) for pair in details.invocation_metadata]:
            return continuation(details)
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: context.abort(grpc.StatusCode.UNAUTHENTICATED, "this token is not known"))


def add_port(server):
    if arguments.tls_cert is None:
        return server.add_insecure_port("127.0.0.1:0")
    pair = (open(arguments.tls_key, "rb").read(), open(arguments.tls_cert, "rb").read())
    return server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))


def main():
    checks = [TokenCheck()] if arguments.token else []
    age = arguments.max_connection_age_ms
    options = [("grpc.max_connection_age_ms", age)] if age else []
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8), interceptors=checks, options=options,
                         maximum_concurrent_rpcs=arguments.max_concurrent)
    service = CountingService() if arguments.only_get_batch else FullService()
    services.add_DatasetServiceServicer_to_server(service, server)
    port = add_port(server)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    server.start()
    print(f"serving port={port}", file=sys.stderr, flush=True)
    stop.wait()
    server.stop(grace=None)


main()
