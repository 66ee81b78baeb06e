#!/usr/bin/env python3
"""A dispatcher that reads its dataset before consumers want it: at the start and when it has become another one; and
consumers that come while the dataset service is away.

    prefetch.py DISPATCHER DATASET_SERVER
"""

import json
import sys
import tempfile
import time
import urllib.request

from running import Consumer, Program, check
from session_client import write_numbers

SAMPLES = 1000
MORE_SAMPLES = 1300
BATCH_SIZE = 10


class Service:
    """A dataset server with so many numbers, at the same port each time, and its dispatcher."""

    def __init__(self, dispatcher, dataset_server, folder):
        self.program = dataset_server
        self.folder = folder
        self.port = 0
        self.start_server(SAMPLES)
        self.dispatcher = Program(
            dispatcher, "--upstream", f"127.0.0.1:{self.port}", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
            "--dataset", "numbers", "--batch-size", str(BATCH_SIZE), "--prefetch", "on")
        serving = self.dispatcher.wait_for(r" serving port=(\d+).* admin=(\d+)")
        self.consumers, self.admin = serving.groups()

    def start_server(self, samples):
        data = f"{self.folder}/{samples}.npz"
        write_numbers(data, samples)
        self.server = Program(self.program, "--listen", f"127.0.0.1:{self.port}", "--data", f"numbers={data}")
        self.port = int(self.server.wait_for(r" port=(\d+)").group(1))

    def status(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/status", timeout=10) as answer:
            return json.load(answer)

    def check_fetched(self, batches, why):
        status = self.status()
        fetched = status["upstreams"][0]["batches"]
        check(fetched == batches, f"{why}: the upstream gave {fetched} batches, not {batches}")
        check(status["cache"]["misses"] == 0, f"{why}: consumers missed {status['cache']['misses']} batches")

    def read_pass(self, samples):
        started = time.monotonic()
        consumer = Consumer(int(self.consumers), samples // BATCH_SIZE)
        consumer.wait_for_batches(1)
        print(f"first batch of {samples} samples after {1000 * (time.monotonic() - started):.1f} ms")
        consumer.check_complete()

    def stop(self):
        self.dispatcher.stop()
        self.server.stop()


def check_first_consumer_finds_all(service):
    service.dispatcher.wait_for(f" prefetched .*batches={SAMPLES // BATCH_SIZE} ")
    service.read_pass(SAMPLES)
    service.check_fetched(SAMPLES // BATCH_SIZE, "after a pass")


def check_outage(service):
    service.server.stop()
    service.dispatcher.wait_for(" upstream_down ")
    service.read_pass(SAMPLES)
    service.check_fetched(SAMPLES // BATCH_SIZE, "during an outage")


def check_other_dataset(service):
    service.start_server(MORE_SAMPLES)
    service.dispatcher.wait_for(f" prefetched .*batches={MORE_SAMPLES // BATCH_SIZE} ")
    service.read_pass(MORE_SAMPLES)
    service.check_fetched((SAMPLES + MORE_SAMPLES) // BATCH_SIZE, "with another dataset")


def main():
    with tempfile.TemporaryDirectory() as folder:
        service = Service(*sys.argv[1:], folder)
        try:
            check_first_consumer_finds_all(service)
            check_outage(service)
            check_other_dataset(service)
        finally:
            service.stop()


if __name__ == "__main__":
    main()
