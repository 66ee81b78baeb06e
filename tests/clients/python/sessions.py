#!/usr/bin/python3
"""The Python client's sessions against real programs: sessions.py DISPATCHER DATASET_SERVER.

data_dispatcher is imported from wherever Python finds it."""

import contextlib
import gc
import io
import os
import pickle
import signal
import sys
import threading
import time
import types
import unittest
import unittest.mock
import warnings
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration"))

import numpy as np  # noqa: E402

from data_dispatcher import DispatcherError, ProtocolError, SessionClosed, open_session  # noqa: E402
from data_dispatcher._arrays import NumpyArrays  # noqa: E402
from data_dispatcher._columns import Column  # noqa: E402
from numbers_case import NumbersCase, numbers_of  # noqa: E402

SAMPLES = 2000


def numbers(batches):
    """The samples of batches."""
    result = []
    for batch in batches:
        result += numbers_of(batch)
    return result


def reading_threads():
    return [x for x in threading.enumerate() if x.name == "data-dispatcher"]


class Sessions(NumbersCase):
    samples = SAMPLES

    def open(self, **wishes):
        session = open_session(f"127.0.0.1:{self.programs.port}", **wishes)
        self.addCleanup(session.close)
        return session

    # -- what a loop is given

    def test_an_epoch_has_each_sample_once(self):
        session = self.open(shuffle=7, batch_size=64, checksum=True)
        got = numbers(session)
        self.assertNotEqual(list(range(SAMPLES)), got)
        self.assertEqual(list(range(SAMPLES)), sorted(got))
        self.assertEqual(32, len(session))
        self.assertEqual((32, SAMPLES), (session.stats().batches, session.stats().samples))

    def test_batches_say_where_they_are(self):
        session = self.open(batch_size=900, epochs=2)
        seen = [(x.epoch, x.index, x.position, x.samples) for x in session]
        epoch = [(0, 0, 900), (1, 900, 900), (2, 1800, 200)]
        self.assertEqual([(e, *rest) for e in (0, 1) for rest in epoch], seen)

    def test_arrays_are_writable_and_nobody_elses(self):
        kept = []
        for batch in self.open(batch_size=10, read_ahead=1):
            kept.append(batch)
            batch["x"][:] = batch["x"] * 1
        self.assertEqual(list(range(SAMPLES)), numbers(kept))
        for batch in kept:
            batch["label"][:] = 0
        self.assertEqual(list(range(SAMPLES)), [x for batch in kept for x, _ in batch["x"].tolist()])

    def test_memory_of_batches_that_are_gone_is_used_again(self):
        places = {batch["x"].ctypes.data for batch in self.open(batch_size=10, read_ahead=2)}
        self.assertLess(len(places), 10)

    def test_columns_can_be_chosen(self):
        batch = next(self.open(columns=["label"], batch_size=5))
        self.assertEqual(["label"], list(batch))
        self.assertEqual(((5,), "int32"), (batch["label"].shape, str(batch["label"].dtype)))

    def test_ranks_together_read_one_order(self):
        got = [numbers(self.open(shuffle=7, shard=(i, 3), batch_size=16)) for i in range(3)]
        whole = numbers(self.open(shuffle=7, batch_size=48))
        steps = [x[i : i + 16] for i in range(0, SAMPLES, 16) for x in got]
        self.assertEqual(whole, [x for step in steps for x in step])

    def test_a_start_is_an_epoch_and_a_position(self):
        whole = numbers(self.open(shuffle=7, epochs=3))
        self.assertEqual(whole[-700:], numbers(self.open(shuffle=7, start=(2, SAMPLES - 700))))

    def test_skips_are_left_out_also_behind_a_cursor(self):
        first = next(self.open(batch_size=10, skip=[(0, 5, 15), (0, 30, 40)]))
        self.assertEqual([*range(5), *range(15, 20)], first["label"].tolist())
        rest = numbers(self.open(start=first.cursor))
        self.assertEqual([*range(20, 30), *range(40, SAMPLES)], rest)

    def test_a_bar_shows_how_far_a_session_is(self):
        output = io.StringIO()
        with contextlib.redirect_stderr(output):
            numbers(self.open(batch_size=100, epochs=2, progress=True))
        self.assertIn("40/40", output.getvalue())

    def test_steps_that_take_time_are_read_ahead_of(self):
        # The first steps are the loop's own, and the others the thread's.
        got = []
        for batch in self.open(batch_size=10):
            got += batch["label"].tolist()
            if len(got) > SAMPLES / 2:
                busy_until = time.perf_counter() + 0.0005
                while time.perf_counter() < busy_until:
                    pass
        self.assertEqual(list(range(SAMPLES)), got)

    # -- going on

    def test_a_state_is_of_what_was_given_and_not_of_what_was_read_ahead(self):
        whole = numbers(self.open(shuffle=7, batch_size=10, epochs=2))
        session = self.open(shuffle=7, batch_size=10, epochs=2, read_ahead=8)
        before = numbers(next(session) for _ in range(57))
        state = pickle.loads(pickle.dumps(session.state_dict()))
        session.close()
        other = self.open(batch_size=25, epochs=2)
        other.load_state_dict(state)
        self.assertEqual(whole, before + numbers(other))

    def test_a_session_goes_on_when_its_dispatcher_is_killed(self):
        # Large batches: the kernel takes megabytes of a session, and all of that is read before the end is seen.
        wishes = {"shuffle": 3, "batch_size": 1000, "epochs": 0}
        session = self.open(read_ahead=1, **wishes)
        got = numbers([next(session)])
        for _ in range(3):
            before = session.stats().reconnects
            self.programs.dispatcher.stop()
            self.programs.start_dispatcher()
            # What the kernel has of the session comes first.
            while session.stats().reconnects == before:
                got += numbers([next(session)])
            # Behind two that were read before the end was seen comes one of the new session.
            got += numbers(islice(session, 3))
        got += numbers(islice(session, 100))
        self.assertEqual(numbers(islice(self.open(**wishes), len(got) // 1000)), got)

    def test_an_epoch_that_was_read_says_where_the_next_one_begins(self):
        session = self.open(shuffle=7)
        self.assertIsNone(session.next_epoch)
        numbers(session)
        both = numbers(self.open(shuffle=7, epochs=2))
        self.assertEqual(both[SAMPLES:], numbers(self.open(start=session.next_epoch)))

    def test_interruptions_lose_nothing(self):
        """Ctrl-C in a notebook, at any place in the package, and the loop is started again."""
        session = self.open(batch_size=10, epochs=20, shuffle=7)
        whole = numbers(self.open(epochs=20, shuffle=7))

        def interrupt(_, frame):
            # The loop itself may have a batch already when it is interrupted.
            if is_reading and "data_dispatcher" in frame.f_code.co_filename:
                raise KeyboardInterrupt

        is_reading = False
        previous = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, previous)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        got, interruptions = [], 0
        while len(got) < len(whole):
            try:
                is_reading = True
                batch = next(session)
                is_reading = False
                got += batch["label"].tolist()
            except KeyboardInterrupt:
                interruptions += 1
                # No faster than a session can be opened.
                signal.setitimer(signal.ITIMER_REAL, 0.005, 0.001)
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.assertEqual(whole, got)
        self.assertGreater(interruptions, 0)

    # -- what goes wrong

    def test_a_refusal_says_what_and_why(self):
        with self.assertRaisesRegex(DispatcherError, "INVALID_ARGUMENT: shuffle") as raised:
            next(self.open(shuffle={"seed": 7, "windows": 2}))
        self.assertEqual("INVALID_ARGUMENT", raised.exception.code)
        with self.assertRaisesRegex(DispatcherError, "nobody"):
            self.open(dataset="nobody").describe()

    def test_another_port_is_no_session(self):
        session = open_session(f"127.0.0.1:{self.programs.classic_port}")
        self.addCleanup(session.close)
        with self.assertRaisesRegex(ProtocolError, "--sessions"):
            next(session)

    def test_a_closed_session_gives_nothing(self):
        session = self.open(epochs=0)
        next(session)
        session.close()
        session.close()
        with self.assertRaises(SessionClosed):
            next(session)
        self.assertEqual([], reading_threads())

    def test_no_socket_is_left_open(self):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", ResourceWarning)
            for steps in (0, 1, 50):
                session = open_session(f"127.0.0.1:{self.programs.port}", epochs=0, batch_size=10)
                for _ in range(steps):
                    next(session)
                session.close()
                del session
            gc.collect()
        self.assertEqual([], [str(x.message) for x in said if "socket" in str(x.message)])

    def test_a_session_that_is_dropped_leaves_no_thread(self):
        session = open_session(f"127.0.0.1:{self.programs.port}", epochs=0)
        next(session)
        del session
        gc.collect()
        self.assertEqual([], reading_threads())

    def test_closing_ends_a_wait(self):
        session = open_session("127.0.0.1:1", read_ahead=1)  # no server listens there
        closing = threading.Timer(0.2, session.close)
        closing.start()
        began = time.monotonic()
        with self.assertRaises(SessionClosed):
            next(session)
        self.assertLess(time.monotonic() - began, 10)
        closing.join()

    def test_a_fork_does_not_read(self):
        session = self.open()
        next(session)
        child = os.fork()
        if child == 0:
            try:
                next(session)
            except RuntimeError as refused:
                session.close()
                os._exit(0 if "fork" in str(refused) else 1)
            os._exit(2)
        self.assertEqual(0, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        next(session)

    def test_bfloat16_needs_ml_dtypes(self):
        arrays = NumpyArrays(2)
        column = Column("x", "bfloat16", (2,), 4)
        with unittest.mock.patch.dict(sys.modules, {"ml_dtypes": None}):
            with self.assertRaisesRegex(TypeError, "install ml_dtypes"):
                arrays.view(arrays.take(64), column, 0, 3)
        # Debian has no such package: any type of two bytes stands for its own.
        with unittest.mock.patch.dict(sys.modules, {"ml_dtypes": types.SimpleNamespace(bfloat16=np.int16)}):
            self.assertEqual(((3, 2), np.int16), ((x := arrays.view(arrays.take(64), column, 0, 3)).shape, x.dtype))

    def test_a_session_is_not_pickled(self):
        with self.assertRaisesRegex(TypeError, "state_dict"):
            pickle.dumps(self.open())

    def test_what_is_given_is_checked(self):
        wrong = {
            "address": (8090, None, "", [], b"host", "http://host:8090", "host:port", "host:0", ("host", 8090), "::1", "[]", "a:b:1"),
            "dataset": (5, ""),
            "batch_size": (0, -1, "64", 2.5, True),
            "shuffle": ("7", -1, True, 7.0, [7], {"seed": "7"}),
            "shard": (3, None, (0,), (0, 1, 2), (2, 2), (-1, 2), "01"),
            "epochs": (-1, "3"),
            "ends": ("both", None),
            "columns": ("image", 3, [1]),
            "skip": (5, "abc", (0, 1, 2), [(0, 1)]),
            "start": (5, b"cursor=1", (0,), (0, 5, 9), "", {}),
            "checksum": ("crc32", 1),
            "read_ahead": (0, "4", None, 2.5, 10**9),
            "progress": ("yes",),
        }
        for name, values in wrong.items():
            for value in values:
                with self.assertRaisesRegex(ValueError, f"^{name}: got .*; it takes ", msg=f"{name}={value!r}"):
                    open_session(**{name: value})

    def test_numbers_of_numpy_are_numbers(self):
        wishes = {"batch_size": np.int64(64), "shuffle": np.uint8(7), "shard": (np.int32(0), np.int64(2))}
        self.assertEqual(numbers(self.open(batch_size=64, shuffle=7, shard=(0, 2))), numbers(self.open(**wishes)))

    def test_a_state_is_where_a_session_starts(self):
        session = self.open(batch_size=10)
        next(session)
        for start in (session.state_dict(), session.cursor + "\n"):
            self.assertEqual(10, next(self.open(start=start))["label"][0])

    def test_what_is_no_state_leaves_a_session_as_it_is(self):
        session = self.open(batch_size=10)
        next(session)
        for state in (None, {}, 5, {"cursor": b"cursor=1"}):
            with self.assertRaisesRegex(ValueError, "state_dict"):
                session.load_state_dict(state)
        self.assertEqual(10, next(session)["label"][0])

    def test_threads_share_a_session(self):
        session = self.open(batch_size=10, epochs=4, shuffle=7)
        got = []
        threads = [threading.Thread(target=lambda: got.extend(numbers(session))) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
        self.assertEqual(sorted([*range(SAMPLES)] * 4), sorted(got))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
