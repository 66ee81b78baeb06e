#!/usr/bin/python3
"""The examples of the Python client, with real programs: examples.py DISPATCHER DATASET_SERVER.

train_mnist.py has a test of its own, training.py. data_dispatcher is imported from wherever Python finds it."""

import importlib.util
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration"))

import numpy as np  # noqa: E402

from data_dispatcher import open_session  # noqa: E402
from running import Program  # noqa: E402

EXAMPLES = ROOT / "clients/python/examples"
DISPATCHER, DATASET_SERVER = sys.argv[1:3]


def start_dispatcher(upstream, *options):
    """The program, and the address of its port for sessions."""
    command = [DISPATCHER, "--upstream", upstream, "--listen", "127.0.0.1:0", "--admin", "none", *options]
    program = Program(*command, "--sessions", "127.0.0.1:0")
    return program, "127.0.0.1:" + program.wait_for(r" serving .*sessions=(\d+)").group(1)


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Program(DATASET_SERVER, "--listen", "127.0.0.1:0")
        upstream = "127.0.0.1:" + cls.server.wait_for(r" port=(\d+)").group(1)
        cls.dispatcher, cls.address = start_dispatcher(upstream)

    @classmethod
    def tearDownClass(cls):
        cls.dispatcher.stop()
        cls.server.stop()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_example(self, name, *arguments):
        command = [sys.executable, EXAMPLES / name, *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def test_numpy_loop_goes_on_where_it_was_killed(self):
        calm = self.run_example("numpy_loop.py", self.address)
        self.assertRegex(calm, r"accuracy on 1,000 other images: [89]\d\.\d%")
        state = self.folder / "numpy_loop.json"
        state.unlink()
        first = subprocess.Popen([sys.executable, EXAMPLES / "numpy_loop.py", self.address], cwd=self.folder)
        deadline = time.monotonic() + 30
        while not state.exists():
            self.assertLess(time.monotonic(), deadline, "no state within 30 s")
            self.assertIsNone(first.poll(), "it ended without a state")
            time.sleep(0.001)
        first.kill()
        first.wait()
        self.assertEqual(calm, self.run_example("numpy_loop.py", self.address))

    def test_generator_gives_an_epoch(self):
        self.assertEqual("9000 images of shape (1, 28, 28), float32\n", self.run_example("generator.py", self.address))

    @unittest.skipIf(importlib.util.find_spec("torch") is None, "there is no PyTorch")
    def test_serve_dataset_serves_images_and_labels(self):
        images = np.random.default_rng(7).integers(0, 256, (100, 3, 8, 8), np.uint8)
        np.savez(self.folder / "images.npz", image=images, label=np.arange(100) % 10)
        script = [sys.executable, str(EXAMPLES / "serve_dataset.py"), str(self.folder / "images.npz")]
        service = Program(*script, "--listen", "127.0.0.1:0", "--processes", "2")
        # In order: the supervisor ends its processes.
        self.addCleanup(service.process.wait, 20)
        self.addCleanup(service.process.terminate)
        upstream = "127.0.0.1:" + service.wait_for(r"^serving pictures: 100 samples.* port=(\d+)").group(1)
        dispatcher, address = start_dispatcher(upstream, "--dataset", "pictures", "--batch-size", "8")
        self.addCleanup(dispatcher.stop)
        got = []
        with open_session(address) as batches:
            for batch in batches:
                self.assertEqual((np.float32, (3, 8, 8)), (batch["image"].dtype, batch["image"].shape[1:]))
                self.assertLess(abs(batch["image"].mean()), 1e-4)
                got += batch["label"].tolist()
        self.assertEqual([x % 10 for x in range(100)], got)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
