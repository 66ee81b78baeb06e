"""What tests of sessions over `numbers` share. The programs are the first two arguments of the test: DISPATCHER
DATASET_SERVER."""

import sys
import unittest

from numbers_service import NumbersService


class NumbersCase(unittest.TestCase):
    """Has a dispatcher over a dataset of `samples` numbers."""

    samples = 0

    @classmethod
    def setUpClass(cls):
        cls.programs = NumbersService(*sys.argv[1:3], cls.samples, "other=synthetic:500x2:int64")

    @classmethod
    def tearDownClass(cls):
        cls.programs.stop()


def numbers_of(batch):
    """The samples of a batch. Its columns belong together."""
    labels = batch["label"].tolist()
    assert batch["x"].tolist() == [[x, x * x] for x in labels], batch
    return labels
