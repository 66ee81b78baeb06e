"""The order of samples and the text of cursors, version 1, as docs/order.md defines them. It has the page's names, and
checks nothing that it is given.
"""

import math
import urllib.parse
import zlib

MASK = 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15


def mix(z):
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def key_of(seed, epoch, part):
    h = 0
    for x in (seed, epoch, part):
        h = mix((h + GAMMA & MASK) ^ x)
    return h


class Permutation:
    def __init__(self, key, n):
        self.n = n
        self.a = math.isqrt(n - 1) + 1
        self.a += self.a % 2
        self.b = -(-n // self.a)
        self.keys = [mix(key + (i + 1) * GAMMA & MASK) for i in range(24 if n < 256 else 12)]

    def rounds(self, x, sign):
        l, r = x % self.a, x // self.a
        for i, k in list(enumerate(self.keys))[::sign]:
            if i % 2 == 0:
                l = (l + sign * ((mix(k ^ r) >> 32) * self.a >> 32)) % self.a
            else:
                r = (r + sign * ((mix(k ^ l) >> 32) * self.b >> 32)) % self.b
        return l + self.a * r

    def at(self, x, sign=1):
        x = self.rounds(x, sign)
        while x >= self.n:
            x = self.rounds(x, sign)
        return x

    def inverse(self, y):
        return self.at(y, -1)


class Order:
    def __init__(self, samples, block, seed=None, window=None, epoch=0):
        self.samples, self.block, self.seed, self.epoch = samples, block, seed, epoch
        self.blocks = -(-samples // block)
        if seed is None:
            return
        self.window = min(window, self.blocks)
        self.slots = Permutation(key_of(seed, epoch, 0), self.blocks)
        self.last_slot = self.slots.inverse(self.blocks - 1)

    def begin(self, w):
        missing = self.blocks * self.block - self.samples
        return min(w * self.window * self.block - (missing if w > self.last_slot // self.window else 0), self.samples)

    def in_window(self, w):
        """The window's slots as it numbers them, and its permutation."""
        first, end = w * self.window, min((w + 1) * self.window, self.blocks)
        permutation = Permutation(key_of(self.seed, self.epoch, w + 1), self.begin(w + 1) - self.begin(w))
        return first, end, permutation

    def sample_at(self, position):
        if self.seed is None:
            return position
        w = position // (self.window * self.block)
        w += self.begin(w + 1) <= position
        first, end, permutation = self.in_window(w)
        number = permutation.at(position - self.begin(w))
        slot, row = first + number // self.block, number % self.block
        if first <= self.last_slot < end and slot >= self.last_slot:
            slot = self.last_slot if slot == end - 1 else slot + 1
        return self.slots.at(slot) * self.block + row

    def position_of(self, sample):
        if self.seed is None:
            return sample
        slot, row = self.slots.inverse(sample // self.block), sample % self.block
        w = slot // self.window
        first, end, permutation = self.in_window(w)
        if first <= self.last_slot < end and slot >= self.last_slot:
            slot = end - 1 if slot == self.last_slot else slot - 1
        return self.begin(w) + permutation.inverse((slot - first) * self.block + row)


class Steps:
    """Those of one shard. Each batch has positions, and where its step and the next one begin."""

    def __init__(self, samples, skipped, batch_size, index, count, ends, begin=0):
        self.samples, self.batch_size, self.index, self.count, self.ends = samples, batch_size, index, count, ends
        self.left, at = [], 0
        for start, end in sorted(skipped):
            self.left += [(at, start)] if at < start else []
            at = max(at, end)
        self.left += [(at, samples)] if at < samples else []
        self.total = sum(end - start for start, end in self.left)
        self.first = sum(max(0, min(end, begin) - start) for start, end in self.left)
        self.step = batch_size * count
        full, rest = divmod(self.total - self.first, self.step)
        partial = {"drop": False, "pad": rest > 0, "uneven": rest > index * batch_size}[ends]
        self.batches = full + partial

    def position(self, number):
        for start, end in self.left:
            if number < end - start:
                return start + number
            number -= end - start
        return self.samples

    def batch(self, k):
        begin = self.first + k * self.step
        numbers = range(begin + self.index * self.batch_size, begin + (self.index + 1) * self.batch_size)
        if self.ends != "pad":
            numbers = [q for q in numbers if q < self.total]
        padded = sum(q >= self.total for q in numbers)
        return ([self.position(q if q < self.total else (q - self.total) % self.total) for q in numbers],
                self.position(begin), self.position(begin + self.step), padded)


NAMES = ("dataset", "fingerprint", "samples", "block", "seed", "window", "epoch", "sample", "batch", "skip")


def write_cursor(members):
    """From the members' values by their names; those of `skip` are (epoch, from, to), sorted and apart."""
    values = dict(members)
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"
    values["dataset"] = "".join(chr(c) if c in plain else f"%{c:02x}" for c in values["dataset"].encode())
    if "skip" in values:
        values["skip"] = "+".join(f"{epoch}:{start}-{end}" for epoch, start, end in values["skip"])
    text = "cursor=1,order=1," + ",".join(f"{name}={values[name]}" for name in NAMES if name in values)
    return f"{text},check={zlib.crc32(text.encode()):08x}"


def read_cursor(text):
    body, _, check = text.rpartition(",check=")
    members = dict(member.split("=") for member in body.split(","))
    assert int(check, 16) == zlib.crc32(body.encode()), "the check digits are others"
    assert (members.pop("cursor"), members.pop("order")) == ("1", "1"), "the versions are others"
    for name in members.keys() - {"dataset", "fingerprint", "skip"}:
        members[name] = int(members[name])
    members["dataset"] = urllib.parse.unquote(members["dataset"])
    if "skip" in members:
        members["skip"] = [tuple(map(int, skip.replace("-", ":").split(":"))) for skip in members["skip"].split("+")]
    return members
