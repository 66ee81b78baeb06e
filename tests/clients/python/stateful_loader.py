"""What torchdata's StatefulDataLoader does with a dataset that has a state, and no more: its workers load a state before
they iterate, say their state with each batch, and are asked in turn."""

import multiprocessing

import torch.utils.data._utils.worker as torch_worker

_CONTEXT = multiprocessing.get_context("fork")


class StatefulLoader:
    def __init__(self, dataset, workers):
        self.dataset = dataset
        self.workers = workers
        self.states = [None] * workers
        self.next_worker = 0
        self.processes = []

    def state_dict(self):
        return {"dataset": None if self.workers else self.dataset.state_dict(), "workers": self.states, "next": self.next_worker}

    def load_state_dict(self, state):
        self.states, self.next_worker = list(state["workers"]), state["next"]
        if not self.workers:
            self.dataset.load_state_dict(state["dataset"])

    def __iter__(self):
        if not self.workers:
            yield from self.dataset
            return
        pipes = [self._start(i) for i in range(self.workers)]
        open_ones = set(range(self.workers))
        while open_ones:
            worker = self.next_worker
            self.next_worker = (worker + 1) % self.workers
            if worker not in open_ones:
                continue
            pipes[worker].send("next")
            assert pipes[worker].poll(60), f"worker {worker} has said nothing for a minute"
            batch, self.states[worker] = pipes[worker].recv()
            if batch is None:
                open_ones.remove(worker)
            else:
                yield batch
        self.close()

    def close(self):
        for each in self.processes:
            each.kill()
            each.join()
        self.processes = []

    def _start(self, worker):
        here, there = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=self._work, args=(worker, self.states[worker], there), daemon=True)
        process.start()
        self.processes.append(process)
        there.close()
        return here

    def _work(self, worker, state, pipe):
        torch_worker._worker_info = torch_worker.WorkerInfo(
            id=worker, num_workers=self.workers, seed=worker, dataset=self.dataset
        )
        if state is not None:
            self.dataset.load_state_dict(state)
        batches = iter(self.dataset)
        while pipe.recv() == "next":
            batch = next(batches, None)
            # As lists: a process that has ended takes the memory of its tensors along.
            pipe.send((batch and {name: x.clone().numpy() for name, x in batch.items()}, self.dataset.state_dict()))
