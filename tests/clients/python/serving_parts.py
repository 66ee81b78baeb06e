#!/usr/bin/python3
"""The parts of `data_dispatcher.serve` that need no dispatcher: what samples become, and which arguments are taken.

data_dispatcher is imported from wherever Python finds it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from google.protobuf import descriptor_pb2

from data_dispatcher import serve
from data_dispatcher._addresses import listening_of
from data_dispatcher._serving import messages
from data_dispatcher._serving.batches import BadSample, serialised, shortened, stacked
from data_dispatcher._serving.description import described

ROOT = Path(__file__).resolve().parents[3]


class Samples(unittest.TestCase):
    """What samples become, without processes."""

    def describe(self, sample, columns=None):
        return described([sample], "mine", columns)

    def test_columns_have_names(self):
        a, b = np.zeros((2, 3), np.uint8), 7
        for sample, columns, expected in [
            (a, None, ["data uint8 (2, 3)"]),
            (b, ("count",), ["count int64 ()"]),
            ((a, b), None, ["data uint8 (2, 3)", "label int64 ()"]),
            ([a, True], ("image", "is_cat"), ["image uint8 (2, 3)", "is_cat bool ()"]),
            ({"x": a, "y": 1.5}, None, ["x uint8 (2, 3)", "y float64 ()"]),
            ({"x": a, "y": np.float32(1)}, ("y",), ["y float32 ()"]),
        ]:
            with self.subTest(expected):
                self.assertEqual(expected, [str(x) for x in self.describe(sample, columns).columns])

    def test_what_cannot_be_described_is_refused(self):
        for sample, columns, kind, text in [
            ((1, 2, 3), None, ValueError, "3 parts: give columns="),
            ((1, 2), ("a",), ValueError, r"columns: got \['a'\]; it takes a name for each of the 2 parts"),
            ((1, 2), ("a", "a"), ValueError, "no two the same"),
            ({"x": 1}, ("y",), ValueError, r"\['x'\], but not \['y'\]"),
            ((1, "cat"), None, TypeError, "column 'label' of sample 0 is a str .* cannot be sent: have the"),
            (None, None, TypeError, "column 'data' of sample 0 is a NoneType of type object"),
            ([[1], [2, 3], [[4], 5]], ("a", "b", "c"), TypeError, "column 'c' of sample 0 is no array"),
            (np.zeros((0, 3)), None, ValueError, r"shape \(0, 3\), which has no elements"),
        ]:
            with self.subTest(text), self.assertRaisesRegex(kind, text):
                self.describe(sample, columns)

    def test_datasets_that_cannot_be_served_are_refused(self):
        class Huge:
            def __len__(self):
                return 2**31

            def __getitem__(self, _):
                return 1

        for dataset, kind, text in [
            ([], ValueError, "'mine' has 0 samples"),
            (iter([1]), TypeError, "a list_iterator has not both __len__ and __getitem__.*IterableDataset"),
            ({"x": [1]}, TypeError, "a dict has not both"),
            (Huge(), ValueError, "2147483648 samples; a dataset has from 1 to 2147483647"),
        ]:
            with self.subTest(text), self.assertRaisesRegex(kind, text):
                described(dataset, "mine", None)

    def test_a_batch_is_a_message_of_rows_in_little_endian(self):
        dataset = [(np.array([[i, 256 * i]], ">i2"), float(i)) for i in range(4)]
        description = described(dataset, "mine", None)
        parts = serialised(description, stacked(dataset, description, [2, 3]), 1, True)
        batch = messages.DataBatch.FromString(b"".join(parts))
        self.assertEqual((1, True), (batch.batch_index, batch.is_last_batch))
        self.assertEqual(np.array([[[2, 512]], [[3, 768]]], "<i2").tobytes(), batch.data)
        self.assertEqual([("label", np.array([2, 3], "<f8").tobytes())], [(x.name, x.data) for x in batch.columns])

    def test_a_sample_unlike_the_first_is_named(self):
        first = (np.zeros((1, 2), np.float32), 1)
        for other, text in [
            ((np.zeros((2, 1), np.float32), 1), r"column 'data' has float32 \(2, 1\), and .* 0 has float32 \(1, 2\)"),
            ((np.zeros((1, 2)), 1), r"column 'data' has float64 \(1, 2\), and that of sample 0"),
            (first + (2,), "it has 3 parts, and sample 0 has 2"),
            (7, "it is a int, and sample 0 is a tuple or list"),
        ]:
            dataset = [first, other]
            with self.subTest(text), self.assertRaisesRegex(BadSample, "^sample 1 of 'mine': " + text):
                stacked(dataset, described(dataset, "mine", None), [0, 1])
        with self.assertRaisesRegex(BadSample, "no column 'y', and sample 0 has"):
            stacked([{"x": 1}], described([{"x": 1, "y": 2}], "mine", None), [0])

    def test_texts_are_one_line_of_limited_length(self):
        self.assertEqual("a b", shortened("a\n  b"))
        self.assertEqual(200, len(shortened("x" * 1000)))

    def test_tensors_are_detached_and_bfloat16_is_sent_by_its_bits(self):
        class Tensor:
            dtype = "torch.bfloat16"

            def detach(self):
                return self

            cpu = detach

            def view(self, dtype):
                assert dtype == "int16 of torch"
                return np.array([0x3F80, 0x4000], np.int16)

        with mock.patch.dict(sys.modules, {"torch": types.SimpleNamespace(int16="int16 of torch")}):
            description = self.describe(Tensor())
            (array,) = stacked([Tensor()], description, [0])
        self.assertEqual("data bfloat16 (2,)", str(description.columns[0]))
        self.assertEqual([[0x3F80, 0x4000]], array.tolist())
        with self.assertRaisesRegex(BadSample, "has int16"):
            stacked([np.zeros(2, np.int16)], description, [0])

    def test_sample_0_is_read_in_another_process_whose_exceptions_are_raised(self):
        class Unpicklable(Exception):
            pass

        class Dataset:
            calls = 0

            def __init__(self, problem):
                self.problem = problem

            def __len__(self):
                return 1

            def __getitem__(self, _):
                Dataset.calls += 1
                if self.problem is None:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise self.problem

        for problem, kind, text in [
            (KeyError("label"), KeyError, "label"),
            (Unpicklable("broken"), RuntimeError, "Unpicklable: broken"),
            (None, RuntimeError, "the process that reads sample 0 was ended by signal 9"),
        ]:
            with self.subTest(text), self.assertRaisesRegex(kind, text) as raised:
                serve(Dataset(problem), "numbers", listen="127.0.0.1:0")
            if problem is not None:
                self.assertIn("in __getitem__", str(raised.exception.__cause__))
        self.assertEqual(0, Dataset.calls)

    def test_arguments_are_checked(self):
        self.assertEqual(("::1", 0), listening_of("[::1]:0"))
        self.assertEqual(("0.0.0.0", 80), listening_of(":80"))
        for listen in ("50051", "localhost", "::1:80", "localhost:65536", "localhost:x"):
            with self.subTest(listen), self.assertRaisesRegex(ValueError, "listen: got .* it takes HOST:PORT"):
                serve([1], "ones", listen=listen)
        wrong = {"processes": (0, "4", 1.5), "listen": (50051, None), "columns": ("data",), "name": ("", 5, "x" * 201)}
        for name, values in wrong.items():
            for value in values:
                with self.assertRaisesRegex(ValueError, f"^{name}: got .*; it takes "):
                    serve([1], **{"name": "ones", name: value})
        with self.assertRaisesRegex(ValueError, "not its class"):
            serve(list, "ones")
        with mock.patch("importlib.util.find_spec", return_value=None):
            with self.assertRaisesRegex(ImportError, r"pip install data-dispatcher\[serve\]"):
                serve([1], "ones")

    @unittest.skipUnless(shutil.which("protoc"), "protoc is not installed")
    def test_the_table_is_the_proto(self):
        with tempfile.TemporaryDirectory() as folder:
            out = folder + "/set"
            proto = str(ROOT / "proto")
            subprocess.run(["protoc", "-I", proto, "--descriptor_set_out", out, "dataset_service.proto"], check=True)
            (file,) = descriptor_pb2.FileDescriptorSet.FromString(Path(out).read_bytes()).file

        def facts(file):
            return {
                (m.name, f.number): (f.name, f.type, f.label, f.type_name) for m in file.message_type for f in m.field
            }

        self.assertEqual(facts(file), facts(messages.file_descriptor()))
        self.assertEqual({x.name for x in file.message_type}, set(messages.TABLE))
        (service,) = file.service
        self.assertEqual(messages.SERVICE, f"{file.package}.{service.name}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
