#!/usr/bin/env python3
"""Sessions while everything is killed: session_faults.py DISPATCHER DATASET_SERVER [SECONDS [SEED]]."""

import random
import sys
import tempfile
import threading
import time

from running import Program, check
from session_client import Reader, write_numbers

DISPATCHER, DATASET_SERVER = sys.argv[1:3]
SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 20
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 1
SAMPLES = 3000


class Programs:
    """A dataset server and a dispatcher, which come back at their ports."""

    def __init__(self, folder):
        self.data = f"numbers={folder}/numbers.npz"
        self.upstream = self.port = 0
        self.start_server()
        self.start_dispatcher()

    def start_server(self):
        self.server = Program(DATASET_SERVER, "--listen", f"127.0.0.1:{self.upstream}", "--data", self.data)
        self.upstream = int(self.server.wait_for(r" port=(\d+)").group(1))

    def start_dispatcher(self):
        self.dispatcher = Program(DISPATCHER, "--upstream", f"127.0.0.1:{self.upstream}", "--listen", "127.0.0.1:0",
                                  "--sessions", f"127.0.0.1:{self.port}", "--admin", "none", "--dataset", "numbers",
                                  "--cache-mb", "0")
        self.port = int(self.dispatcher.wait_for(r" sessions=(\d+)").group(1))

    def kill_one(self, draw):
        if draw.random() < 0.5:
            self.dispatcher.stop()
            time.sleep(draw.uniform(0, 0.3))
            self.start_dispatcher()
        else:
            self.server.stop()
            time.sleep(draw.uniform(0, 1))
            self.start_server()

    def stop(self):
        self.dispatcher.stop()
        self.server.stop()


class Trainer(threading.Thread):
    """Reads epoch after epoch, broken off at random moments, until it is told to end with the present one."""

    def __init__(self, port, seed, stopping, **hello):
        super().__init__(daemon=True)
        self.reader = Reader(port, epochs=0, **hello)
        self.draw = random.Random(seed)
        self.stopping = stopping
        self.problem = None
        self.sessions = 0
        self.start()

    def run(self):
        try:
            while not (self.stopping.is_set() and self.reader.epochs):
                self.read_some()
        except Exception as problem:  # pylint: disable=broad-except
            self.problem = problem

    def read_some(self):
        try:
            self.sessions += 1
            last = self.reader.read(most=self.draw.randint(1, 300))
            check(last is None or last["type"] != "error" or last["code"] == "UNAVAILABLE", last)
        except (ConnectionError, StopIteration):
            self.stopping.wait(0.05)

    def check_epochs(self):
        if self.problem:
            raise self.problem
        whole = [message["epoch"] for message in self.reader.epochs]
        check(whole == list(range(len(whole))), f"epochs that ended: {whole}")
        return len(whole)


def check_union(trainers):
    """Together they have been given each sample of each epoch once that all of them have ended."""
    epochs = min(trainer.check_epochs() for trainer in trainers)
    for epoch in range(epochs):
        numbers = sorted(x for trainer in trainers for x in trainer.reader.of_epoch(epoch))
        check(numbers == list(range(SAMPLES)), f"epoch {epoch}: {len(numbers)} samples, {len(set(numbers))} different")
    return epochs


def main(folder):
    write_numbers(folder + "/numbers.npz", SAMPLES)
    programs = Programs(folder)
    stopping = threading.Event()
    draw = random.Random(SEED)
    kinds = [{}, {"batch_size": 7}, {"shuffle": {"seed": 1}}, {"shuffle": {"seed": 2, "window": 3}, "batch_size": 64},
             {"shuffle": {"seed": 3, "window": 1}, "batch_size": 500}, {"shuffle": {"seed": 1}, "batch_size": 45}]
    alone = [Trainer(programs.port, i, stopping, **kind) for i, kind in enumerate(kinds)]
    ranks = [Trainer(programs.port, 100 + i, stopping, shuffle={"seed": 5, "window": 4}, batch_size=16,
                     shard={"index": i, "count": 3}) for i in range(3)]
    deadline = time.monotonic() + SECONDS
    kills = 0
    while time.monotonic() < deadline and not any(trainer.problem for trainer in alone + ranks):
        time.sleep(draw.uniform(0.2, 1))
        programs.kill_one(draw)
        kills += 1
    stopping.set()
    for trainer in alone + ranks:
        trainer.join(60)
        check(not trainer.is_alive(), f"{trainer.reader.hello} does not end: {programs.dispatcher.text[-2000:]}")
    epochs = [check_union([trainer]) for trainer in alone] + [check_union(ranks)]
    sessions = sum(trainer.sessions for trainer in alone + ranks)
    print(f"seed {SEED}: {kills} kills, {sessions} sessions, whole epochs: {epochs}")
    check(min(epochs) > 0, "there was no whole epoch")
    programs.stop()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        main(where)
