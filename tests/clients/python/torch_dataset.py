#!/usr/bin/python3
"""The Python client as a dataset of PyTorch, with real programs: torch_dataset.py DISPATCHER DATASET_SERVER.

data_dispatcher is imported from wherever Python finds it."""

import copy
import multiprocessing
import os
import pickle
import sys
import tempfile
import unittest
import warnings
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration"))

from numbers_case import NumbersCase, numbers_of  # noqa: E402
from running import need  # noqa: E402

torch = need("torch")
need("torch.distributed")

from data_dispatcher._columns import Column  # noqa: E402
from data_dispatcher._tensors import PinnedTensors, PlainTensors  # noqa: E402
from data_dispatcher.torch import DispatcherDataset  # noqa: E402
from stateful_loader import StatefulLoader  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402

SAMPLES = 1000
BATCH = 16
STEPS = 63


def numbers(batches):
    """The samples of batches, one list a batch."""
    return [numbers_of(batch) for batch in batches]


def flat(batches):
    return [x for batch in batches for x in batch]


class Datasets(NumbersCase):
    samples = SAMPLES

    def dataset(self, **wishes):
        wishes = {"shuffle": 7, "batch_size": BATCH, **wishes}
        return DispatcherDataset(f"127.0.0.1:{self.programs.port}", **wishes)

    def loader(self, workers=0, dataset=None, **more):
        return DataLoader(dataset or self.dataset(), batch_size=None, num_workers=workers, **more)

    # -- what a loop is given

    def test_a_loader_gives_tensors_of_an_epoch(self):
        loader = self.loader()
        self.assertEqual(STEPS, len(loader))
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as that the length is not the number of batches
            got = list(loader)
        self.assertEqual(STEPS, len(got))
        self.assertEqual(list(range(SAMPLES)), sorted(flat(numbers(got))))
        self.assertEqual((torch.int32, (BATCH,)), (got[0]["label"].dtype, tuple(got[0]["label"].shape)))
        got[0]["x"].mul_(2)

    def test_tensors_are_what_was_read(self):
        places = {batch["x"].data_ptr() for batch in self.dataset(read_ahead=2)}
        self.assertLess(len(places), 10)

    def test_each_iteration_is_the_next_epoch(self):
        loader = self.loader()
        epochs = [flat(numbers(loader)) for _ in range(3)]
        self.assertEqual(3, len({tuple(x) for x in epochs}))
        for epoch in epochs:
            self.assertEqual(list(range(SAMPLES)), sorted(epoch))
        loader.dataset.set_epoch(1)
        self.assertEqual(epochs[1:], [flat(numbers(loader)) for _ in range(2)])

    def test_workers_give_what_one_process_gives(self):
        whole = [numbers(self.loader(dataset=x)) for x in [self.dataset()] for _ in range(3)]
        for workers in (1, 2, 3):
            for persistent in (False, True):
                loader = self.loader(workers, persistent_workers=persistent)
                self.assertEqual(STEPS, len(loader))
                self.assertEqual(whole, [numbers(loader) for _ in range(3)], (workers, persistent))

    def test_set_epoch_reaches_workers_that_stay(self):
        dataset = self.dataset()
        loader = self.loader(2, dataset, persistent_workers=True)
        first = numbers(loader)
        numbers(loader)
        dataset.set_epoch(0)
        self.assertEqual(first, numbers(loader))

    def test_workers_that_are_not_forked(self):
        whole = numbers(self.loader())
        self.assertEqual(whole, numbers(self.loader(2, multiprocessing_context="spawn")))

    def test_workers_of_ranks_give_what_ranks_give(self):
        for rank in range(2):
            alone = numbers(self.dataset(shard=(rank, 2), ends="uneven"))
            shared = self.loader(2, self.dataset(shard=(rank, 2), ends="uneven"))
            self.assertEqual(alone, numbers(shared))

    def test_workers_keep_to_the_steps_of_their_rank(self):
        for ends in ("pad", "drop"):
            for shard in ((0, 1), (2, 3)):
                alone = self.dataset(shard=shard, ends=ends)
                whole = numbers(alone)
                self.assertEqual(len(alone), len(whole))
                for workers in (1, 2, 3, 4):
                    dataset = self.dataset(shard=shard, ends=ends)
                    self.assertEqual(whole, numbers(self.loader(workers, dataset)), (ends, shard, workers))
                    dataset.load_state_dict({**self.state_after(7, shard, ends), "workers": 1})
                    self.assertEqual(whole[7:], numbers(self.loader(workers, dataset)), (ends, shard, workers))

    def state_after(self, steps, shard, ends):
        dataset = self.dataset(shard=shard, ends=ends)
        for _ in islice(dataset, steps):
            pass
        return dataset.state_dict()

    def test_skips_and_steps_of_workers_do_not_go_together(self):
        skipping = self.dataset(ends="pad", skip=[(0, 0, 100)])
        self.assertEqual(57, len(numbers(skipping)))
        with self.assertRaisesRegex(ValueError, "num_workers=0"):
            numbers(self.loader(2, self.dataset(ends="pad", skip=[(0, 0, 100)])))

    def test_loaders_of_all_kinds_go_on_with_each_other(self):
        dataset = self.dataset()
        whole = [numbers(x) for x in [self.dataset()] for _ in range(6)]
        next(iter(dataset))  # a look at the shapes is an iteration, too
        got = [numbers(self.loader(workers, dataset)) for workers in (2, 3, 0, 1, 2)]
        self.assertEqual(whole[1:], got)

    def test_a_copy_counts_for_itself(self):
        whole = [numbers(x) for x in [self.dataset()] for _ in range(2)]
        for copied in (copy.deepcopy(self.dataset()), pickle.loads(pickle.dumps(self.dataset()))):
            loader = self.loader(2, copied)
            self.assertEqual(whole, [numbers(loader) for _ in range(2)])

    def test_the_same_seed_for_each_epoch_is_no_reason_to_repeat_one(self):
        loader = self.loader(2)
        epochs = []
        for _ in range(3):
            torch.manual_seed(0)
            epochs.append(flat(numbers(loader)))
        self.assertEqual(3, len({tuple(x) for x in epochs}))

    def test_a_loop_that_breaks_leaves_nothing(self):
        loader = self.loader()
        for _ in loader:
            break
        self.assertEqual(STEPS, len(list(loader)))

    # -- ranks

    def test_ranks_are_those_of_torch_distributed(self):
        with tempfile.TemporaryDirectory() as folder:
            context = multiprocessing.get_context("fork")
            queue = context.Queue()
            ranks = [
                context.Process(target=self.read_as_rank, args=(folder, rank, workers, queue))
                for rank, workers in ((0, 0), (1, 2))
            ]
            for each in ranks:
                each.start()
            got = dict(queue.get(timeout=60) for _ in ranks)
            for each in ranks:
                each.join()
        whole = flat(numbers(self.dataset(batch_size=2 * BATCH)))
        steps = [x for step in zip(got[0], got[1]) for x in flat(step)]
        self.assertEqual(whole, steps[:SAMPLES])
        # All ranks have the same number of batches: the last step is filled from the epoch's beginning.
        self.assertEqual(len(got[0]), len(got[1]))

    def test_ranks_may_have_been_forked_with_the_dataset(self):
        dataset = self.dataset()
        context = multiprocessing.get_context("fork")
        with tempfile.TemporaryDirectory() as folder:
            queue = context.Queue()
            arguments = [(folder, rank, 2 * rank, queue, dataset, 3) for rank in range(2)]
            ranks = [context.Process(target=self.read_as_rank, args=each) for each in arguments]
            for each in ranks:
                each.start()
            got = dict(queue.get(timeout=60) for _ in ranks)
            for each in ranks:
                each.join()
        for epoch in range(3):
            whole = flat(numbers(self.epoch_of(epoch, batch_size=2 * BATCH)))
            steps = [x for step in zip(got[0][epoch], got[1][epoch]) for x in flat(step)]
            self.assertEqual(whole, steps[:SAMPLES])

    def epoch_of(self, epoch, **wishes):
        dataset = self.dataset(**wishes)
        dataset.set_epoch(epoch)
        return dataset

    def read_as_rank(self, folder, rank, workers, queue, dataset=None, epochs=1):
        dataset = dataset or self.dataset()
        torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
        loader = self.loader(workers, dataset)
        got = [numbers(loader) for _ in range(epochs)]
        queue.put((rank, got[0] if epochs == 1 else got))

    # -- going on

    def test_a_state_is_of_what_the_loop_was_given(self):
        whole = [numbers(x) for x in [self.dataset()] for _ in range(3)]
        dataset = self.dataset(read_ahead=8)
        loader = self.loader(dataset=dataset)
        numbers(loader)
        before = numbers(islice(loader, 20))
        state = pickle.loads(pickle.dumps(dataset.state_dict()))
        for workers in (0, 2):
            other = self.dataset()
            other.load_state_dict(state)
            loader = self.loader(workers, other)
            # What a training loop does at the beginning of an epoch must not lose the place.
            other.set_epoch(1)
            self.assertEqual(whole[1], before + numbers(loader), workers)
            self.assertEqual(whole[2], numbers(loader), workers)
            other.set_epoch(1)
            self.assertEqual(whole[1], numbers(loader), workers)

    def test_a_state_before_the_first_batch_is_the_beginning(self):
        dataset = self.dataset()
        dataset.set_epoch(2)
        whole = numbers(dataset)
        fresh = self.dataset()
        fresh.load_state_dict(self.dataset().state_dict())
        self.assertNotEqual(whole, numbers(fresh))
        self.assertEqual(STEPS, len(numbers(fresh)))
        self.assertEqual(whole, numbers(fresh))

    def test_an_epoch_that_was_chosen_is_in_the_state(self):
        dataset = self.dataset()
        dataset.set_epoch(2)
        other = self.dataset()
        other.load_state_dict(dataset.state_dict())
        self.assertEqual(numbers(self.epoch_of(2)), numbers(other))

    def test_an_iterator_that_was_not_asked_takes_nothing(self):
        whole = numbers(self.dataset())
        dataset = self.dataset()
        numbers(islice(dataset, 5))
        dataset.load_state_dict(dataset.state_dict())
        iter(dataset)
        self.assertEqual(whole[5:], numbers(dataset))

    def test_a_state_of_another_order_is_refused(self):
        dataset = self.dataset()
        states = [dataset.state_dict()]
        next(iter(dataset))
        for state in [*states, dataset.state_dict()]:
            with self.assertRaisesRegex(ValueError, r"the state is of shuffle=.*7.*, and this dataset has shuffle=None"):
                self.dataset(shuffle=None).load_state_dict(state)

    def test_what_is_no_state_is_refused(self):
        good = self.dataset().state_dict()
        for bad in (None, 5, "x", {}, {"cursor": "x"}, {**good, "cursor": b"x"}, {**good, "epoch": "0"}, {**good, "epoch": -1}):
            with self.assertRaisesRegex(ValueError, "state"):
                self.dataset().load_state_dict(bad)
        for bad in (None, "1", -1, 1.5, True, 2**63):
            with self.assertRaisesRegex(ValueError, "set_epoch: got"):
                self.dataset().set_epoch(bad)

    def test_states_at_the_end_of_an_epoch(self):
        dataset = self.dataset()
        whole = [numbers(dataset) for _ in range(2)]
        # With its last batch an epoch has nothing left; behind its end, the next one begins.
        dataset.set_epoch(0)
        last = [dict(dataset.state_dict()) for _ in dataset][-1]
        dataset.load_state_dict(last)
        self.assertEqual([[], whole[1]], [numbers(dataset) for _ in range(2)])
        dataset.set_epoch(0)
        numbers(dataset)
        dataset.load_state_dict(copy.deepcopy(dataset.state_dict()))
        self.assertEqual(whole[1], numbers(dataset))

    def test_what_workers_have_read_is_not_guessed(self):
        dataset = self.dataset()
        next(iter(self.loader(1, dataset)))
        with self.assertRaisesRegex(RuntimeError, "num_workers=0"):
            dataset.state_dict()

    def test_stateful_loaders_go_on_within_an_epoch(self):
        whole = [numbers(x) for x in [self.dataset()] for _ in range(2)]
        for workers in (0, 1, 3):
            for steps in (1, 10, 31, STEPS - 1):
                loader = StatefulLoader(self.dataset(), workers)
                before = numbers(islice(loader, steps))
                state = pickle.loads(pickle.dumps(loader.state_dict()))
                loader.close()
                other = StatefulLoader(self.dataset(), workers)
                other.load_state_dict(state)
                self.assertEqual(whole[0], before + numbers(other), (workers, steps))
                other.close()

    def test_a_state_of_workers_needs_as_many(self):
        loader = StatefulLoader(self.dataset(), 2)
        next(iter(loader))
        (worker, _) = loader.state_dict()["workers"]
        loader.close()
        with self.assertRaisesRegex(ValueError, "2 workers, and here are 1"):
            self.dataset().load_state_dict(worker)

    # -- types

    def test_bfloat16_is_a_type_of_torch(self):
        values = torch.tensor([[1.5, -2.0], [0.25, 3.0]], dtype=torch.bfloat16)
        raw = values.view(torch.int16).numpy().tobytes()
        column = Column("x", "bfloat16", (2,), 4)
        for tensors in (PlainTensors(2), PinnedTensors(2, lambda size: torch.empty(size, dtype=torch.uint8))):
            memory = tensors.take(64 + len(raw))
            tensors.buffer_of(memory)[64:] = raw
            self.assertTrue(torch.equal(values, tensors.view(memory, column, 64, 2)))

    def test_a_type_that_torch_lacks(self):
        column = Column("x", "uint16", (), 2)
        for tensors in (PlainTensors(2), PinnedTensors(2, lambda size: torch.empty(size, dtype=torch.uint8))):
            with self.assertRaisesRegex(TypeError, "'x' has the type uint16"):
                tensors.view(tensors.take(64), column, 0, 1)

    @unittest.skipIf(torch.cuda.is_available(), "there is CUDA")
    def test_pinning_without_cuda_is_said(self):
        with self.assertLogs("data_dispatcher", "WARNING") as said:
            self.assertEqual(STEPS, len(list(self.dataset(pin_memory=True))))
        self.assertIn("no CUDA", said.output[0])

    def test_a_rank_without_torch_distributed_is_said(self):
        os.environ["WORLD_SIZE"] = "2"
        self.addCleanup(os.environ.pop, "WORLD_SIZE")
        with self.assertLogs("data_dispatcher", "WARNING") as said:
            next(iter(self.dataset()))
        self.assertIn("init_process_group", said.output[0])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
