#!/usr/bin/env python3
"""Sessions from a shell, by docs/pull-sessions.md: pull_sessions.py DISPATCHER DATASET_SERVER DISPATCHER_PULL."""

import re
import shlex
import signal
import struct
import subprocess
import sys
import time
import unittest
import zipfile
from pathlib import Path

from numbers_service import NumbersService

DISPATCHER, DATASET_SERVER, PULL = sys.argv[1:4]
SAMPLES = 2000

COMPLETE, INCOMPLETE, NO_CONNECTION = 0, 1, 3


def column(path, name, code):
    """The elements of an array in an archive, one after another."""
    with zipfile.ZipFile(path) as archive:
        array = archive.read(name + ".npy")
    header = struct.unpack_from("<H", array, 8)[0]
    return [x[0] for x in struct.iter_unpack(code, array[10 + header :])]


def labels(*paths):
    return [x for path in paths for x in column(path, "label", "<i")]


class PullSessions(unittest.TestCase):
    def setUp(self):
        self.programs = NumbersService(DISPATCHER, DATASET_SERVER, SAMPLES, "other=synthetic:500x2:int64")
        self.addCleanup(self.programs.stop)
        self.port = self.programs.port
        self.folder = Path(self.programs.folder.name)

    def command(self, *options):
        return [PULL, "--session", "--connect", f"127.0.0.1:{self.port}", *map(str, options)]

    def pull(self, command, code=COMPLETE):
        """Runs it to its end; what it said on stderr."""
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(code, ended.returncode, ended.stderr)
        return ended.stderr

    def pull_and_interrupt(self, command):
        """The same, interrupted after the first samples."""
        before = set(self.folder.iterdir())
        started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.wait_for_samples(before)
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=60)
        self.assertEqual(INCOMPLETE, started.returncode, said)
        return said

    def wait_for_samples(self, before):
        """Until a file that is new holds some: samples are written there before they become an archive."""
        deadline = time.monotonic() + 30
        while not any(x.stat().st_size > 0 for x in set(self.folder.iterdir()) - before):
            self.assertLess(time.monotonic(), deadline, "no samples are written")
            time.sleep(0.005)

    def archives(self):
        return sorted(self.folder.glob("out*.npz"))

    def test_an_archive_has_each_sample_once_an_epoch(self):
        out = self.folder / "out.npz"
        self.pull(self.command("--shuffle", 7, "--batch-size", 64, "--epochs", 2, "--checksum", "--out", out))
        got = labels(out)
        self.assertNotEqual(list(range(SAMPLES)), got[:SAMPLES])
        self.assertNotEqual(got[:SAMPLES], got[SAMPLES:])
        for epoch in (got[:SAMPLES], got[SAMPLES:]):
            self.assertEqual(list(range(SAMPLES)), sorted(epoch))
        self.assertEqual([y for x in got for y in (x, x * x)], column(out, "x", "<q"))

    def test_shards_are_parts_of_one_order(self):
        outs = [self.folder / f"out-{i}.npz" for i in range(3)]
        for i, out in enumerate(outs):
            self.pull(self.command("--shuffle", 7, "--shard", f"{i}/3", "--out", out))
        self.assertEqual(list(range(SAMPLES)), sorted(labels(*outs)))

    def test_the_command_that_is_printed_goes_on(self):
        # A pause behind each batch: it is still under way when it is interrupted.
        said = self.pull_and_interrupt(
            self.command("--shuffle", 7, "--batch-size", 10, "--delay-ms", 20, "--out", self.folder / "out.npz"))
        printed = shlex.split(re.search(r"^go on with: dispatcher-pull (.*)$", said, re.MULTILINE).group(1))
        self.pull([PULL, *(x for x in printed if x not in ("--delay-ms", "20"))])
        self.assertEqual(list(range(SAMPLES)), sorted(labels(*self.archives())))

    def test_a_loop_with_a_cursor_file_ends_with_all_samples(self):
        command = self.command("--shuffle", 7, "--batch-size", 10, "--cursor-file", self.folder / "c", "--out",
                               self.folder / "out.npz")
        for _ in range(3):
            self.pull_and_interrupt([*command, "--delay-ms", "20"])
        self.pull(command)
        self.assertEqual(list(range(SAMPLES)), sorted(labels(*self.archives())))

    def test_a_session_that_is_refused_names_no_place_to_go_on(self):
        said = self.pull(self.command("--dataset", "other"))
        foreign = re.search(r"--start '(.*)'", said).group(1)
        said = self.pull(self.command("--dataset", "numbers", "--start", foreign), INCOMPLETE)
        self.assertIn("INVALID_ARGUMENT", said)
        self.assertNotIn("go on with", said)

    def test_nobody_there_is_said_and_names_no_place_to_go_on(self):
        self.programs.dispatcher.stop()
        said = self.pull(self.command(), NO_CONNECTION)
        self.assertIn(f"127.0.0.1:{self.port}", said)
        self.assertNotIn("go on with", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
