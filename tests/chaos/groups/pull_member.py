"""A member that is a program, `dispatcher-pull`, which is killed and begun again. What it has acknowledged is what it
has written under a name."""

import re
import struct
import subprocess
import time
import zipfile

from member import PAUSE, Member
from record import Delivery


class PullMember(Member):
    """Writes files into a folder of its own."""

    def __init__(self, *arguments, program, folder, **others):
        super().__init__(*arguments, **others)
        self.program = program
        self.folder = folder / self.name
        self.folder.mkdir()
        # Samples tell the batches of a file apart where they are of one epoch, and in the dataset's own order.
        self.is_ordered = self.round.shuffle is None and self.round.epochs == 1
        self.acks_of = self.plan.acks_of if self.is_ordered else 1
        self.known = set()
        self.kills = 0

    def run(self):
        at = self.chance.randrange(len(self.ports))
        while not self.is_over and not self.has_to_stop():
            at += 1
            self.pull(self.ports[at % len(self.ports)])
            if not self.is_over:
                self.has_given_up.wait(PAUSE)

    def pull(self, port):
        opened_at = time.monotonic()
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(self.command(port), stdout=log, stderr=log)
        try:
            code = process.wait(self.chance.uniform(0.3, 3) * self.pace)
        except subprocess.TimeoutExpired:
            code = None
            self.kills += 1
            process.kill()
            process.wait()
        self.take_files(opened_at)
        if code == 0:
            self.is_over = True
            self.seen.add("ended", (self.index, time.monotonic()))
        elif code not in (1, 3, None):
            self.has_given_up.set()
            self.seen.add("problems", f"{self.name} has exited with {code}: see {self.folder}/log")

    def command(self, port):
        plan = self.round
        command = [self.program, "--session", "--quiet", "--connect", f"127.0.0.1:{port}",
                   "--connect-timeout", "2", "--dataset", plan.hello["dataset"], "--group", self.group,
                   "--client", self.name, "--batch-size", plan.batch_size, "--epochs", plan.epochs,
                   "--ack-wait", plan.ack_wait, "--ack", self.acks_of, "--checksum",
                   "--out", self.folder / f"{len(self.known)}.npz"]
        command += ["--shuffle", plan.shuffle] if plan.shuffle is not None else []
        command += ["--barrier"] if plan.barrier else []
        return [str(x) for x in command]

    def take_files(self, opened_at):
        """Files that have come since this was last done."""
        # In this order a pause in between makes times earlier, and no acknowledgement later than it was.
        now = time.monotonic()
        since_boot = time.time() - now
        for path in sorted(self.folder.glob("*.npz")):
            if path in self.known:
                continue
            self.known.add(path)
            epoch, position = map(int, re.fullmatch(r"\d+\.(\d+)-(\d+)(?:\.\d+)?\.npz", path.name).groups())
            at = path.stat().st_mtime - since_boot
            for first, numbers in self.batches_in(path, position):
                self.seen.add("deliveries",
                              Delivery(epoch, first, numbers, None, self.index, opened_at, at, acked_at=at))

    def batches_in(self, path, position):
        numbers = labels_in(path)
        if not self.is_ordered:
            return [(position, numbers)]
        found = {}
        for each in numbers:
            found.setdefault(each // self.round.batch_size, []).append(each)
        return [(batch * self.round.batch_size, tuple(each)) for batch, each in found.items()]


def labels_in(path):
    """The labels of an archive: those of sample n are n."""
    with zipfile.ZipFile(path) as archive:
        array = archive.read("label.npy")
    header = struct.unpack_from("<H", array, 8)[0]
    return tuple(x[0] for x in struct.iter_unpack("<i", array[10 + header:]))
