#!/usr/bin/env python3
"""docs/order.md says what `dispatcher order` and `dispatcher cursor` do. A second implementation of the page gives what
its tables have and what the program prints, for these and for many orders, steps and cursors that are drawn.

    order.py DISPATCHER
"""

import json
import pathlib
import random
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from order_reference import NAMES, Order, Permutation, Steps, key_of, mix, read_cursor, write_cursor  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/order.md").read_text()
CASES = 150


def cells(line):
    return [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def table(*head):
    """The rows of the page's table with this head."""
    (found,) = re.findall(r"^" + re.escape(f"| {' | '.join(head)} |") + r"\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [cells(line) for line in found.splitlines()]
    assert all(len(row) == len(head) for row in rows)
    return rows


def cursors():
    """Those of the page, each a paragraph there."""
    (block,) = re.findall(r"^```\n(cursor=1,.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [paragraph.replace("\n", "") for paragraph in block.split("\n\n")]


def numbers(text):
    return [int(word) for word in text.split()]


def ranges(text):
    return [tuple(int(end) for end in word.split("-")) for word in text.split()]


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def answer(*arguments):
    done = run(*arguments)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def error(*arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, ""), f"{arguments}: {done}"
    return done.stderr


def printed(*arguments):
    return [json.loads(line) for line in answer("order", "--json", *arguments).splitlines()]


def order_options(samples, block, seed=None, window=None, epoch=0):
    shuffle = () if seed is None else ("--seed", seed, "--window", window)
    return ("--samples", samples, "--block", block, *shuffle, "--epoch", epoch)


def skip_options(skips):
    return ("--skip", ",".join(f"{epoch}:{start}-{end}" for epoch, start, end in skips)) if skips else ()


class Page(unittest.TestCase):
    def test_has_values_of_mix_and_keys(self):
        for z, mixed in table("z", "mix(z)"):
            self.assertEqual(f"{mix(int(z, 16)):016x}", mixed)
        for seed, epoch, part, key in table("seed", "epoch", "part", "key"):
            self.assertEqual(f"{key_of(int(seed), int(epoch), int(part)):016x}", key)

    def test_has_permutations(self):
        (key,) = re.findall(r"key of seed 7, epoch 0, part 0, which is `(\w+)`", PAGE)
        self.assertEqual(key_of(7, 0, 0), int(key, 16))
        for n, places in table("n", "at(0), at(1), ..."):
            permutation = Permutation(int(key, 16), int(n))
            self.assertEqual([permutation.at(x) for x in range(int(n))], numbers(places))
        for n, x, y in table("n", "x", "at(x)"):
            permutation = Permutation(int(key, 16), int(n))
            self.assertEqual(permutation.at(int(x)), int(y))
            self.assertEqual(permutation.inverse(int(y)), int(x))

    def test_has_whole_orders(self):
        for *order, in_order in table("samples", "block", "seed", "window", "epoch", "samples in their order"):
            order = [int(number) for number in order]
            with self.subTest(order=order):
                reference = Order(*order)
                self.assertEqual([reference.sample_at(p) for p in range(order[0])], numbers(in_order))
                self.assertEqual(in_order + "\n", answer("order", *order_options(*order), "--batch-size", order[0]))

    def test_has_positions_of_large_orders(self):
        head = ("samples", "block", "seed", "window", "epoch", "position", "sample")
        for *order, position, sample in [map(int, row) for row in table(*head)]:
            with self.subTest(order=order, position=position):
                self.assertEqual(Order(*order).sample_at(position), sample)
                self.assertEqual(Order(*order).position_of(sample), position)
                (found,) = printed(*order_options(*order), "--batch-size", 1, "--step", position)
                self.assertEqual(found["samples"], [sample])

    def test_has_steps(self):
        head = ("samples", "skipped", "end", "b", "shard", "from", "batches")
        for samples, skipped, end, size, shard, begin, batches in table(*head):
            with self.subTest(skipped=skipped, end=end, shard=shard):
                steps = Steps(int(samples), ranges(skipped), int(size), *map(int, shard.split("/")), end, int(begin))
                expected = [numbers(batch) for batch in batches.split("/")]
                self.assertEqual([steps.batch(k)[0] for k in range(steps.batches)], expected)
                cursor = write_cursor({"dataset": "d", "samples": int(samples), "block": 4, "epoch": 0,
                                       "sample": int(begin)})
                found = printed("--cursor", cursor, "--batch-size", size, "--shard", shard, "--ends", end, "--steps",
                                len(expected), *skip_options([(0, *each) for each in ranges(skipped)]))
                self.assertEqual([step["samples"] for step in found], expected)

    def test_has_commands_that_work(self):
        (commands,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
        for command in commands.splitlines():
            with self.subTest(command=command):
                done = subprocess.run(["sh", "-ec", f'dispatcher() {{ "$PROGRAM" "$@"; }}; {command}'],
                                      capture_output=True, text=True, env={"PROGRAM": PROGRAM, "C": cursors()[0]})
                self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_has_cursors(self):
        texts = cursors()
        rows = table("member", "first", "second", "third")
        self.assertEqual(list(NAMES), [row[0] for row in rows])
        for i, text in enumerate(texts, 1):
            members = {row[0]: row[i] for row in rows if row[i]}
            with self.subTest(cursor=text):
                got = read_cursor(text)
                self.assertEqual(text, write_cursor(got))
                said = {name: " ".join("%d:%d-%d" % skip for skip in value) if name == "skip" else str(value)
                        for name, value in got.items()}
                self.assertEqual(members, said)
                shown = json.loads(answer("cursor", "show", "--json", text))
                self.assertEqual({"cursor": 1, "order": 1, **got}, {**shown, **as_tuples(shown)})


def as_tuples(shown):
    return {"skip": [tuple(skip) for skip in shown["skip"]]} if "skip" in shown else {}


class Draw:
    """What is drawn follows from the seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def order(self):
        samples = self.random.choice([self.random.randint(1, 12), self.random.randint(1, 400),
                                      self.random.randint(1, 10**6), self.random.randint(1, 2**52)])
        block = self.random.choice([1, self.random.randint(1, 40), self.random.randint(1, min(2 * samples, 2**31 - 1))])
        shuffle = self.random.choice([(None, None), (self.random.getrandbits(64), self.random.randint(1, 30)),
                                      (self.random.getrandbits(8), 2**63 - 1)])
        return samples, block, *shuffle, self.random.choice([0, 1, 3, 2**64 - 1])

    def skips(self, samples, epoch):
        found = []
        for _ in range(self.random.choice([0, 0, 1, 3])):
            start = self.random.randint(0, samples - 1)
            found.append((epoch, start, self.random.randint(start + 1, min(samples, start + 1 + samples // 3))))
        return found

    def steps(self, samples, skips, begin=0):
        count = self.random.choice([1, self.random.randint(1, 6), self.random.randint(1, 1000)])
        size = self.random.choice([1, self.random.randint(1, 40), self.random.randint(1, 300)])
        end = self.random.choice(["uneven", "drop", "pad"])
        index = self.random.randrange(count)
        return Steps(samples, [skip[1:] for skip in skips], size, index, count, end, begin)

    def some_of(self, count):
        """Some numbers below count, the first and the last among them."""
        return sorted({0, count - 1, *(self.random.randrange(count) for _ in range(2))}) if count else []


def step_options(steps):
    return ("--batch-size", steps.batch_size, "--shard", f"{steps.index}/{steps.count}", "--ends", steps.ends)


def joined(skips):
    """As a cursor has them."""
    found = []
    for epoch, start, end in sorted(skips):
        if found and found[-1][0] == epoch and found[-1][2] >= start:
            found[-1] = (epoch, found[-1][1], max(end, found[-1][2]))
        else:
            found.append((epoch, start, end))
    return {"skip": found} if found else {}


class Program(unittest.TestCase):
    def check_batch(self, found, order, steps, k):
        positions, begin, end, padded = steps.batch(k)
        self.assertEqual(found["samples"], [order.sample_at(position) for position in positions])
        self.assertEqual((found["step"], found["position"], found["next_position"], found["padded"]),
                         (k, begin, end, padded))

    def test_prints_batches(self):
        draw = Draw(1)
        for case in range(CASES):
            numbers_of_order = draw.order()
            samples, epoch = numbers_of_order[0], numbers_of_order[-1]
            skips = draw.skips(samples, epoch)
            steps = draw.steps(samples, skips)
            options = (*order_options(*numbers_of_order), *skip_options(skips), *step_options(steps))
            with self.subTest(case=case, options=options):
                for k in draw.some_of(steps.batches):
                    (found,) = printed(*options, "--step", k)
                    self.check_batch(found, Order(*numbers_of_order), steps, k)
                self.assertIn(f" gets {steps.batches} batch", error("order", *options, "--step", steps.batches))

    def test_goes_on_at_cursors(self):
        draw = Draw(2)
        for case in range(CASES // 2):
            samples, block, seed, window, epoch = draw.order()
            skips = draw.skips(samples, epoch)
            begin = draw.random.randint(0, samples)
            steps = draw.steps(samples, skips, begin)
            members = {"dataset": "a b", "samples": samples, "block": block, "epoch": epoch, "sample": begin,
                       **joined(skips), **({} if seed is None else {"seed": seed, "window": window})}
            options = ("--cursor", write_cursor(members), *step_options(steps))
            with self.subTest(case=case, options=options):
                for k in draw.some_of(steps.batches):
                    (found,) = printed(*options, "--from-step", k)
                    self.check_batch(found, Order(samples, block, seed, window, epoch), steps, k)
                    after = {**members, "sample": found["next_position"]}
                    self.assertEqual(found["cursor_after"], write_cursor(after))

    def test_finds_samples(self):
        draw = Draw(3)
        for case in range(CASES):
            numbers_of_order = draw.order()
            samples, block, *_, epoch = numbers_of_order
            skips = draw.skips(samples, epoch)
            steps = draw.steps(samples, skips)
            sample = draw.random.randrange(samples)
            options = (*order_options(*numbers_of_order), *skip_options(skips), *step_options(steps))
            with self.subTest(case=case, options=options, sample=sample):
                (found,) = printed(*options, "--sample", sample)
                position = Order(*numbers_of_order).position_of(sample)
                self.assertEqual(found["position"], position)
                self.assertEqual((found["block"], found["row"]), divmod(sample, block))
                if found["given"] is None:
                    dropped = steps.ends == "drop" and position >= steps.position(steps.total - steps.total % steps.step)
                    self.assertTrue(dropped or any(start <= position < end for _, start, end in skips))
                for place in filter(None, (found["given"], found["padding"])):
                    (batch,) = printed(*order_options(*numbers_of_order), *skip_options(skips), "--batch-size",
                                       steps.batch_size, "--ends", steps.ends, "--shard",
                                       f"{place['shard']}/{steps.count}", "--step", place["step"])
                    self.assertEqual(batch["samples"][place["number"]], sample)

    def test_makes_cursors(self):
        draw = Draw(4)
        for case in range(CASES // 2):
            samples, block, seed, window, epoch = draw.order()
            skips = draw.skips(samples, epoch)
            print_of_dataset = f"{draw.random.getrandbits(64) | 1:016x}"
            name = "".join(draw.random.choice("aZ09_-./ ,=%+äé\n\"") for _ in range(draw.random.randint(1, 12)))
            members = {"dataset": name, "fingerprint": print_of_dataset, "samples": samples, "block": block,
                       "epoch": epoch, "sample": draw.random.randint(0, samples), **joined(skips),
                       **({} if seed is None else {"seed": seed, "window": window})}
            options = ("--dataset=" + name, "--fingerprint", print_of_dataset, "--sample", members["sample"],
                       *order_options(samples, block, seed, window, epoch), *skip_options(skips))
            with self.subTest(case=case, options=options):
                text = answer("cursor", "make", *options).rstrip("\n")
                self.assertEqual(text, write_cursor(members))
                self.assertEqual(read_cursor(text), members)
                shown = json.loads(answer("cursor", "show", "--json", text))
                self.assertEqual({"cursor": 1, "order": 1, **members}, {**shown, **as_tuples(shown)})
                changed = {**members, "sample": 0}
                self.assertEqual(answer("cursor", "make", "--from", text, "--sample", 0), write_cursor(changed) + "\n")
                damaged = text.replace("sample=", "sample=1", 1)
                self.assertIn("its check digits are", error("cursor", "show", damaged))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
