#!/usr/bin/python3
"""A training run that is disturbed comes to the same losses, bit by bit:
training.py DISPATCHER DATASET_SERVER [--draw FILE.svg]

It runs examples/train_mnist.py as two ranks of torch.distributed: once undisturbed, and once with its dataset service,
its dispatcher and one of its ranks killed again and again. --draw writes the two loss curves. data_dispatcher is
imported from wherever Python finds it."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration"))

from running import Program, need  # noqa: E402

torch = need("torch")
need("torch.distributed")

from data_dispatcher import open_session  # noqa: E402

EXAMPLE = ROOT / "clients/python/examples/train_mnist.py"
RANKS = 2
BATCH = 32
EPOCHS = 3
SAMPLES = 9000
STEPS = EPOCHS * -(-SAMPLES // (RANKS * BATCH))
KILLS = 5
#: Seconds that a run may take.
DEADLINE = 240


class Services:
    """A dataset server and a dispatcher that come back at the same ports."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.ports = {"upstream": 0, "sessions": 0}
        self.programs = {}
        self.start_upstream()
        self.start_dispatcher()

    def start_upstream(self):
        program = Program(self.arguments.dataset_server, "--listen", f"127.0.0.1:{self.ports['upstream']}")
        self.ports["upstream"] = int(program.wait_for(r" port=(\d+)").group(1))
        self.programs["upstream"] = program

    def start_dispatcher(self):
        command = [self.arguments.dispatcher, "--listen", "127.0.0.1:0", "--admin", "none"]
        command += ["--upstream", f"127.0.0.1:{self.ports['upstream']}", "--dataset", "mnist-train"]
        program = Program(*command, "--sessions", f"127.0.0.1:{self.ports['sessions']}")
        self.ports["sessions"] = int(program.wait_for(r" serving .*sessions=(\d+)").group(1))
        self.programs["dispatcher"] = program

    def kill_upstream(self):
        self.programs["upstream"].stop()
        self.start_upstream()

    def kill_dispatcher(self):
        # Its cache goes with it, so the dataset server is needed again.
        self.programs["dispatcher"].stop()
        self.start_dispatcher()

    def address(self):
        return f"127.0.0.1:{self.ports['sessions']}"

    def stop(self):
        for each in self.programs.values():
            each.stop()


class Training:
    """Ranks of a run, which are all started again when one of them ends, as torchrun does."""

    def __init__(self, address, folder):
        self.command = [sys.executable, str(EXAMPLE), "--dispatcher", address, "--batch-size", str(BATCH)]
        self.command += ["--epochs", str(EPOCHS), "--checkpoint", str(folder / "checkpoint.pt"), "--log", str(folder / "losses")]
        self.folder = folder
        # At a port that the kernel chooses. The ranks find it by the same variables as those of torchrun.
        self.store = torch.distributed.TCPStore(
            "127.0.0.1", 0, is_master=True, wait_for_workers=False, timeout=timedelta(seconds=60)
        )
        self.starts = 0
        self.ranks = []
        self.start()

    def start(self):
        shared = {
            "WORLD_SIZE": str(RANKS),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(self.store.port),
            "TORCHELASTIC_USE_AGENT_STORE": "True",
            "TORCHELASTIC_RESTART_COUNT": str(self.starts),
        }
        self.starts += 1
        output = open(self.folder / f"output-{self.starts}", "w")
        with output:
            self.ranks = [
                subprocess.Popen(self.command, env={**os.environ, **shared, "RANK": str(rank)}, stdout=output, stderr=output)
                for rank in range(RANKS)
            ]

    def losses(self):
        """By step. What was repeated behind a checkpoint has to be the same again."""
        result = {}
        log = self.folder / "losses"
        # A rank that was killed may leave half a line.
        for line in log.read_text().splitlines() if log.exists() else []:
            try:
                each = json.loads(line)
            except ValueError:
                continue
            previous = result.setdefault(each["step"], each["loss"])
            assert previous == each["loss"], f"step {each['step']} had a loss of {previous}, and then of {each['loss']}"
        return result

    def run(self, disturbances):
        """Waits for the end. `disturbances` are steps, and what is done when they are reached."""
        waiting = sorted(disturbances, key=lambda x: x[0])
        deadline = time.monotonic() + DEADLINE
        while any(x.poll() is None for x in self.ranks):
            assert time.monotonic() < deadline, f"not ended within {DEADLINE} s: {self.output()}"
            if waiting and waiting[0][0] <= max(self.losses(), default=0):
                waiting.pop(0)[1](self)
            if any(x.poll() not in (None, 0) for x in self.ranks):
                self.restart()
            time.sleep(0.02)
        assert all(x.returncode == 0 for x in self.ranks), self.output()
        assert not waiting, f"the run ended before step {waiting[0][0]}"

    def kill_rank(self):
        self.ranks[1].kill()
        self.ranks[1].wait()

    def restart(self):
        assert self.starts <= 3, self.output()
        self.stop()
        self.start()

    def stop(self):
        for each in self.ranks:
            each.kill()
            each.wait()

    def accuracy(self):
        return self.output().rpartition("accuracy on 1,000 other images: ")[2].strip()

    def output(self):
        return (self.folder / f"output-{self.starts}").read_text()

    def all_output(self):
        return "".join(x.read_text() for x in self.folder.glob("output-*"))


def train(services, folder, disturbances=()):
    folder.mkdir()
    training = Training(services.address(), folder)
    try:
        training.run(disturbances)
    finally:
        training.stop()
    return training


def all_disturbances(services):
    """Each kind of kill, evenly over the steps."""
    kills = [lambda _: services.kill_dispatcher(), lambda _: services.kill_upstream()] * KILLS
    steps = range(STEPS // 12, STEPS, STEPS // 12)
    return [*zip(steps, kills), (STEPS // 2, Training.kill_rank)]


class TrainingRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.services = Services(ARGUMENTS)
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.services.stop()
        cls.folder.cleanup()

    def test_a_run_that_is_disturbed_comes_to_the_same(self):
        folder = Path(self.folder.name)
        calm = train(self.services, folder / "calm")
        disturbed = train(self.services, folder / "disturbed", all_disturbances(self.services))
        losses = calm.losses()
        self.assertEqual(list(range(1, STEPS + 1)), sorted(losses))
        self.assertEqual(losses, disturbed.losses())
        self.assertEqual((1, 2), (calm.starts, disturbed.starts))
        self.assertRegex(calm.accuracy(), r"^9\d\.\d%$")
        self.assertEqual(calm.accuracy(), disturbed.accuracy())
        self.assertIn("the session goes on when it can", disturbed.all_output())
        self.assertLess(losses[STEPS], losses[1] / 2)
        if ARGUMENTS.draw:
            draw(losses, disturbed.losses(), all_disturbances(self.services))
        self.check_one_rank_reads_on(torch.load(folder / "disturbed" / "checkpoint.pt"))

    def check_one_rank_reads_on(self, checkpoint):
        """One rank with batches as large as those of all ranks gets the same samples in the same order."""
        cursor = checkpoint["data"]["cursor"]
        ranks = [self.read_on(cursor, BATCH, (rank, RANKS)) for rank in range(RANKS)]
        alone = self.read_on(cursor, RANKS * BATCH, (0, 1))
        self.assertGreater(len(alone), 1)
        together = [b"".join(parts) for parts in zip(*ranks)]
        self.assertEqual(alone, together)

    def read_on(self, cursor, batch_size, shard):
        """The images of each batch from a cursor to the end of the epoch behind it."""
        epochs = EPOCHS + 1
        with open_session(self.services.address(), start=cursor, batch_size=batch_size, shard=shard, epochs=epochs, ends="pad") as batches:
            return [batch["image"].tobytes() for batch in batches]


def draw(calm, disturbed, disturbances):
    """Both curves on top of each other, and where something was killed."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "losses", "font.size": 9})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.2))
    for step, _ in disturbances:
        axes.axvline(step, color="#d0d0d0", linewidth=1, zorder=0)
    axes.plot(list(calm), list(calm.values()), color="#9ec5e8", linewidth=4, label="undisturbed")
    ordered = sorted(disturbed)
    axes.plot(ordered, [disturbed[x] for x in ordered], color="#b03030", linewidth=1, label="everything killed, at the grey lines")
    axes.set(xlabel="step", ylabel="loss", yscale="log", title="Two runs of train_mnist.py, two ranks: the losses are equal, bit by bit")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(ARGUMENTS.draw, metadata={"Date": None})


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dispatcher")
    parser.add_argument("dataset_server")
    parser.add_argument("--draw", metavar="FILE", help="writes the loss curves there")
    return parser.parse_args()


if __name__ == "__main__":
    ARGUMENTS = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    unittest.main(argv=sys.argv[:1], verbosity=2)
