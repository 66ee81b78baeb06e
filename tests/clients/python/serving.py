#!/usr/bin/python3
"""`data_dispatcher.serve` in processes of its own, alone and behind a real dispatcher: serving.py DISPATCHER.

data_dispatcher is imported from wherever Python finds it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration"))
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"  # the programs that this test starts are none of gRPC's business

import grpc  # noqa: E402
import numpy as np  # noqa: E402

from data_dispatcher._serving import messages  # noqa: E402
from running import Program  # noqa: E402
from session_client import Session, column, numbers_in  # noqa: E402

DISPATCHER = sys.argv[1]

#: serving.py FOLDER KIND SAMPLES LISTEN. A file `at-PID` says that a process makes the sample at which it waits for the
#: file `go`, where there is a file `gate` with that sample's number.
SCRIPT = """
import os, signal, sys, threading, time
import numpy as np
from data_dispatcher import serve

folder, kind, samples, listen = sys.argv[1:]
gate = int(open(folder + "/gate").read()) if os.path.exists(folder + "/gate") else -1

class Numbers:
    def __len__(self):
        return int(samples)

    def __getitem__(self, i):
        if gate >= 0:
            with open(folder + "/made", "a") as made:
                made.write(f"{i}\\n")
        if i == gate:
            open(f"{folder}/at-{os.getpid()}", "w").close()
            while not os.path.exists(folder + "/go"):
                time.sleep(0.005)
        if kind == "bad" and i == 117:
            raise ValueError("a broken\\nfile")
        if kind == "dict":
            return {"x": np.array([i, i * i]), "label": np.int32(i)}
        return np.full((1, 4, 4), i, np.float32), i

def run():
    columns = None if kind == "dict" else ("image", "label")
    serve(Numbers(), "numbers", listen=listen, processes=2, columns=columns)

if kind == "thread":
    threading.Thread(target=run, daemon=True).start()
    signal.pause()
run()
print("returned", flush=True)
"""


def wait_until(holds, what, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        result = holds()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children_of(pid):
    def is_child(each):
        try:
            return each.read_text().rpartition(")")[2].split()[1] == str(pid)
        except OSError:
            return False

    return [int(x.parent.name) for x in Path("/proc").glob("[0-9]*/stat") if is_child(x)]


class Serving(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.script = Path(self.folder, "script.py")
        self.script.write_text(SCRIPT)
        self.temporary = Path(self.folder, "tmp")
        self.temporary.mkdir()

    def command(self, kind, samples, listen):
        environment = ["env", f"TMPDIR={self.temporary}"]
        return [*environment, sys.executable, str(self.script), self.folder, kind, str(samples), listen]

    def serve(self, kind="tuple", samples=100, gate=None):
        if gate is not None:
            Path(self.folder, "gate").write_text(str(gate))
        self.program = Program(*self.command(kind, samples, "127.0.0.1:0"))
        self.addCleanup(self.stop)
        self.ready = self.program.wait_for(r"serving .*port=(\d+)")
        self.port = self.ready.group(1)

    def stop(self):
        pids = children_of(self.program.process.pid)
        self.program.stop()
        self.wait_until_gone(pids)

    def wait_until_gone(self, pids):
        wait_until(lambda: not any(map(is_there, pids)), f"{pids} end")

    def dispatch(self, batch_size=30):
        options = ["--upstream", f"127.0.0.1:{self.port}", "--dataset", "numbers", "--batch-size", str(batch_size)]
        addresses = ["--listen", "127.0.0.1:0", "--sessions", "127.0.0.1:0", "--admin", "none"]
        dispatcher = Program(DISPATCHER, *options, *addresses)
        self.addCleanup(dispatcher.stop)
        session = Session(int(dispatcher.wait_for(r"sessions=(\d+)").group(1)), batch_size=batch_size)
        self.addCleanup(session.close)
        return session

    def call(self, name, request, answer, is_later=False):
        channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.addCleanup(channel.close)
        make = channel.unary_stream if name == "StreamBatches" else channel.unary_unary
        stub = make(f"/{messages.SERVICE}/{name}", request.SerializeToString, answer.FromString)
        return (stub.future if is_later else stub)(request, timeout=20)

    def get(self, index, size=30, name="numbers", is_later=False):
        request = messages.GetBatchRequest(dataset_name=name, batch_size=size, batch_index=index)
        return self.call("GetBatch", request, messages.DataBatch, is_later)

    def stream(self, **wishes):
        request = messages.StreamBatchesRequest(**{"dataset_name": "numbers", "batch_size": 30, **wishes})
        return self.call("StreamBatches", request, messages.DataBatch)

    def at_gate(self, but=()):
        """The process that waits at the gate, none of `but`."""

        def there():
            return [x for x in (int(x.name[3:]) for x in Path(self.folder).glob("at-*")) if x not in but]

        return wait_until(there, "a process is at the gate")[0]

    def front(self):
        """The process that has gRPC."""
        pids = children_of(self.program.process.pid)
        (found,) = [x for x in pids if "cygrpc" in Path(f"/proc/{x}/maps").read_text()]
        return found

    def open_gate(self):
        Path(self.folder, "go").touch()

    def check_labels(self, samples, batches):
        labels = [np.frombuffer(x.columns[0].data, "<i8").tolist() for x in batches]
        self.assertEqual(samples, [x for each in labels for x in each])

    # -- what comes

    def test_a_dispatcher_gets_a_dict_dataset(self):
        self.serve("dict", 1000)
        self.assertRegex(
            self.ready.group(), r"numbers: 1000 samples, x int64 \(2,\), label int32 \(\); 2 processes, port=\d+$"
        )
        messages_ = list(self.dispatch())
        batches = [x for x in messages_ if x["type"] == "batch"]
        self.assertEqual("eof", messages_[-1]["type"])
        self.assertEqual(list(range(1000)), [x for each in batches for x in numbers_in(each)])

    def test_a_dispatcher_gets_images_and_labels(self):
        self.serve("tuple", 100)
        session = self.dispatch()
        welcome = next(session)
        described = [(x["name"], x["dtype"], x["shape"]) for x in welcome["columns"]]
        self.assertEqual([("image", "float32", [1, 4, 4]), ("label", "int64", [])], described)
        batches = [x for x in session if x["type"] == "batch"]
        images = np.concatenate([np.frombuffer(column(x, "image"), "<f4") for x in batches]).reshape(-1, 1, 4, 4)
        labels = np.concatenate([np.frombuffer(column(x, "label"), "<i8") for x in batches])
        self.assertEqual(list(range(100)), labels.tolist())
        np.testing.assert_array_equal(np.broadcast_to(labels.reshape(-1, 1, 1, 1), images.shape), images)

    def test_calls_answer_as_the_contract_says(self):
        self.serve()
        info = self.call(
            "GetDatasetInfo", messages.GetDatasetInfoRequest(dataset_name="numbers"), messages.DatasetInfo
        )
        self.assertEqual((100, [1, 4, 4], "float32"), (info.total_samples, list(info.sample_shape), info.data_type))
        self.assertEqual(("numbers", True, "image"), (info.dataset_name, info.is_available, info.data_name))
        self.assertEqual([("label", [], "int64")], [(x.name, list(x.shape), x.data_type) for x in info.columns])
        health = self.call("HealthCheck", messages.HealthCheckRequest(), messages.HealthCheckResponse)
        self.assertEqual("SERVING", health.status)
        for index, marked in ((0, False), (3, True)):
            batch = self.get(index)
            self.assertEqual((index, marked), (batch.batch_index, batch.is_last_batch))
            self.check_labels(list(range(index * 30, min(index * 30 + 30, 100))), [batch])

    def test_streams_come_in_order(self):
        self.serve(samples=1000)
        batches = list(self.stream())
        self.assertEqual([(i, i == 33) for i in range(34)], [(x.batch_index, x.is_last_batch) for x in batches])
        self.check_labels(list(range(1000)), batches)
        batches = list(self.stream(max_batches=5))
        self.assertEqual([i == 4 for i in range(5)], [x.is_last_batch for x in batches])
        shuffled = [np.frombuffer(x.columns[0].data, "<i8").tolist() for x in self.stream(shuffle=True)]
        numbers = [x for each in shuffled for x in each]
        self.assertNotEqual(list(range(1000)), numbers)
        self.assertEqual(list(range(1000)), sorted(numbers))

    def test_a_stream_makes_few_batches_ahead_and_ends_when_it_is_cancelled(self):
        self.serve(samples=100000, gate=150)
        stream = self.stream()
        self.check_labels(list(range(30)), [next(stream)])
        self.at_gate()  # for batch 5; the other process makes those up to 8
        wait_until(lambda: 269 in self.made(), "batch 8 is made")
        self.get(0)
        self.assertEqual(269, max(self.made()))
        stream.cancel()
        self.open_gate()

        def has_ended():
            before = len(self.made())
            time.sleep(0.1)
            return len(self.made()) == before

        wait_until(has_ended, "the stream ends")
        self.assertLess(len(self.made()), 100000)

    def made(self):
        """Numbers of the samples that were asked for, where there is a gate."""
        return [int(x) for x in Path(self.folder, "made").read_text().splitlines()]

    # -- what goes wrong

    def test_wrong_calls_are_refused(self):
        self.serve()
        for call, code, text in [
            (lambda: self.get(4), "OUT_OF_RANGE", "batch_index is 4, but 'numbers' has 100 samples, .* from 0 to 3"),
            (lambda: self.get(-1), "OUT_OF_RANGE", "batch_index is -1"),
            (lambda: self.get(0, 0), "INVALID_ARGUMENT", "batch_size is 0, but must be at least 1"),
            (lambda: self.get(0, name="other"), "NOT_FOUND", "no dataset 'other'; there is: numbers"),
            (lambda: list(self.stream(batch_size=-1)), "INVALID_ARGUMENT", "batch_size is -1"),
            (lambda: list(self.stream(max_batches=-1)), "INVALID_ARGUMENT", "max_batches is -1"),
        ]:
            with self.subTest(text):
                self.check_refused(call, code, text)

    def check_refused(self, call, code, text):
        with self.assertRaises(grpc.RpcError) as raised:
            call()
        self.assertEqual(code, raised.exception.code().name)
        self.assertRegex(raised.exception.details(), text)

    def test_an_exception_of_the_dataset_names_its_sample(self):
        self.serve("bad", 200)
        expected = "^sample 117 of 'numbers': ValueError: a broken file$"
        self.check_refused(lambda: self.get(3), "DATA_LOSS", expected)
        self.check_refused(lambda: list(self.stream()), "DATA_LOSS", expected)
        self.program.wait_for("Traceback")
        *_, last = self.dispatch()
        self.assertEqual("error", last["type"])
        self.assertIn("sample 117 of 'numbers': ValueError: a broken file", last["message"])

    def test_a_taken_port_is_one_error(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            ended = subprocess.run(self.command("tuple", 10, listen), capture_output=True, text=True, timeout=20)
        self.assertEqual(1, ended.returncode)
        self.assertRegex(ended.stderr, rf"OSError: .*cannot listen at {listen}: Address already in use\n$")
        self.assertEqual((1, ""), (ended.stderr.count("Error:"), ended.stdout))
        self.assertEqual([], list(self.temporary.iterdir()))

    # -- what is killed

    def test_killing_a_worker_loses_nothing(self):
        self.serve("dict", 1000, gate=500)
        session = self.dispatch()
        os.kill(self.at_gate(), signal.SIGKILL)
        self.open_gate()
        self.assertEqual(list(range(1000)), [x for m in session if m["type"] == "batch" for x in numbers_in(m)])
        self.program.wait_for_any("process . of 2 was ended by signal 9; another one starts in 0.1 s")

    def test_killing_the_front_loses_nothing(self):
        self.serve("dict", 1000, gate=500)
        session = self.dispatch()
        self.at_gate()
        os.kill(self.front(), signal.SIGKILL)
        self.open_gate()
        self.assertEqual(list(range(1000)), [x for m in session if m["type"] == "batch" for x in numbers_in(m)])
        self.program.wait_for_any("the gRPC process was ended by signal 9; another one starts in 0.1 s")

    def test_a_batch_that_kills_its_workers_fails_and_is_named(self):
        self.serve(gate=50)
        killed = []
        for code, text in (("UNAVAILABLE", "two processes"), ("DATA_LOSS", "4 processes")):
            call = self.get(1, is_later=True)
            for _ in range(2):
                killed.append(self.at_gate(killed))
                os.kill(killed[-1], signal.SIGKILL)
            self.check_refused(call.result, code, text + " ended while they made batch 1, samples 30 to 59")

    def test_the_end_of_the_supervisor_ends_all(self):
        for kind in ("tuple", "thread"):
            with self.subTest(kind):
                self.serve(kind)
                self.get(0)
                pids = children_of(self.program.process.pid)
                self.assertEqual(3, len(pids))
                self.program.process.kill()
                self.wait_until_gone(pids)
                self.assertEqual([], list(self.temporary.iterdir()))

    def test_signals_end_all_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                self.serve()
                self.get(0)
                pids = children_of(self.program.process.pid)
                for pid in [self.program.process.pid] + (pids if number == signal.SIGINT else []):
                    os.kill(pid, number)  # Ctrl-C goes to all of them
                self.program.wait_for("^returned$")
                self.assertEqual(0, self.program.process.wait(20))
                self.assertEqual([], [x for x in pids if is_there(x)])
                self.assertEqual([], list(self.temporary.iterdir()))
                self.assertEqual(2, len(self.program.text.splitlines()), self.program.text)


if __name__ == "__main__":
    # No warnings: a Program leaves its pipe to the garbage collection.
    unittest.main(argv=sys.argv[:1], verbosity=2, warnings="ignore")
