#!/usr/bin/env python3
"""Groups and kept positions from a shell, by docs/groups.md: pull_groups.py DISPATCHER DATASET_SERVER
DISPATCHER_PULL."""

import json
import random
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import unittest
import zipfile
from pathlib import Path

from numbers_service import NumbersService

DISPATCHER, DATASET_SERVER, PULL = sys.argv[1:4]
SAMPLES = 2000


def labels(paths):
    """The labels of all samples in some archives."""
    result = []
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            array = archive.read("label.npy")
        header = struct.unpack_from("<H", array, 8)[0]
        result += [x[0] for x in struct.iter_unpack("<i", array[10 + header:])]
    return result


class PullGroups(unittest.TestCase):
    def setUp(self):
        self.programs = NumbersService(DISPATCHER, DATASET_SERVER, SAMPLES, "other=synthetic:500x2:int64")
        self.addCleanup(self.programs.stop)
        self.folder = Path(self.programs.folder.name)

    def command(self, *options):
        return [PULL, "--session", "--connect", f"127.0.0.1:{self.programs.port}", "--batch-size", "10", "--quiet",
                *map(str, options)]

    def pull(self, *options, code=0):
        ended = subprocess.run(self.command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(code, ended.returncode, ended.stderr)
        return ended

    def parts(self):
        return sorted(self.folder.glob("part.*.npz"))

    def test_members_write_files_that_have_each_sample_once(self):
        members = [subprocess.Popen(self.command("--group", "g", "--out", self.folder / "part.npz", "--ack", 7))
                   for _ in range(3)]
        for member in members:
            self.assertEqual(0, member.wait(60))
        self.assertEqual(list(range(SAMPLES)), sorted(labels(self.parts())))
        self.assertTrue(all(re.fullmatch(r"part\.0-\d+\.npz", x.name) for x in self.parts()))

    def test_loops_whose_programs_are_killed_lose_nothing(self):
        chance = random.Random(7)
        deadline = time.monotonic() + 90

        def loop(number):
            while time.monotonic() < deadline:
                member = subprocess.Popen(
                    self.command("--group", "g", "--out", self.folder / f"part.{number}.npz", "--ack", 3, "--delay-ms", 5))
                try:
                    if member.wait(chance.uniform(0.1, 0.6)) == 0:
                        return
                except subprocess.TimeoutExpired:
                    member.kill()
                    member.wait()

        loops = [threading.Thread(target=loop, args=(number,), daemon=True) for number in range(4)]
        for each in loops:
            each.start()
        for each in loops:
            each.join(100)
        self.assertEqual(set(range(SAMPLES)), set(labels(self.parts())))

    def test_ctrl_c_acknowledges_what_is_written(self):
        member = subprocess.Popen(self.command("--group", "g", "--out", self.folder / "part.npz", "--delay-ms", 20),
                                  stderr=subprocess.PIPE)
        self.programs.dispatcher.wait_for(" session_start ")
        time.sleep(0.3)
        member.send_signal(signal.SIGINT)
        self.assertEqual(1, member.wait(30), member.stderr.read())
        member.stderr.close()
        self.pull("--group", "g", "--out", self.folder / "part.npz")
        self.assertEqual(list(range(SAMPLES)), sorted(labels(self.parts())))
        self.assertGreater(len(self.parts()), 1)

    def test_a_name_goes_on_where_it_was(self):
        file = self.folder / "part.first.npz"
        said = json.loads(self.pull("--name", "n", "--out", file, "--json").stdout)
        self.assertEqual((SAMPLES, None), (said["samples"], said["cursor"]))
        self.assertEqual(list(range(SAMPLES)), labels([file]))
        said = json.loads(self.pull("--name", "n", "--json").stdout)
        self.assertEqual(0, said["samples"])
        said = json.loads(self.pull("--name", "n", "--json", "--epochs", 2).stdout)
        self.assertEqual(SAMPLES, said["samples"])

    def test_a_name_that_goes_on_replaces_no_file(self):
        file = self.folder / "part.npz"
        first = subprocess.Popen(self.command("--name", "n", "--out", file, "--delay-ms", 10), stderr=subprocess.PIPE)
        self.programs.dispatcher.wait_for(" session_start ")
        time.sleep(0.3)
        first.send_signal(signal.SIGINT)
        self.assertEqual(1, first.wait(30), first.stderr.read())
        first.stderr.close()
        for _ in range(2):
            self.pull("--name", "n", "--out", file)
        files = sorted(self.folder.glob("part*.npz"))
        self.assertEqual(2, len(files), files)
        self.assertEqual(list(range(SAMPLES)), sorted(labels(files)))

    def test_a_name_without_files_is_kept_to_the_end(self):
        for delay in (0, 5, 20):
            said = json.loads(self.pull("--name", f"slow {delay}", "--batch-size", 100, "--delay-ms", delay, "--json").stdout)
            self.assertEqual((True, SAMPLES), (said["complete"], said["samples"]))

    def test_what_makes_no_sense_is_refused(self):
        for options, part in ((("--ack", 3), "--ack: takes --group"), (("--barrier",), "--barrier: takes --group"),
                              (("--group", "g", "--shard", "0/2"), "--shard: makes no sense with --group"),
                              (("--group", "g", "--cursor-file", "c"), "--cursor-file: makes no sense"),
                              (("--group", ""), "--group: got")):
            with self.subTest(options=options):
                self.assertIn(part, self.pull(*options, code=2).stderr.decode())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
