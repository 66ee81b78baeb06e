"""MNIST's images as a dataset of the kind that training libraries have, made one by one with NumPy.

A batch of 30 takes half a millisecond under the interpreter's lock, as with transforms of a training library: each
image is padded and cropped, becomes float32, is scaled and normalised, and the batch is stacked.
"""

import gzip
import os
import pathlib
import time

import numpy

BUNDLED = pathlib.Path(__file__).parent.parent / "deploy" / "data"
SIDE = 28


def load_images():
    folder = pathlib.Path(os.environ.get("DISPATCHER_DATA_DIR") or BUNDLED)
    with gzip.open(folder / "mnist-images.idx3-ubyte.gz") as file:
        header_bytes = 16
        return numpy.frombuffer(file.read(), dtype=numpy.uint8, offset=header_bytes).reshape(-1, SIDE, SIDE)


class Images:
    """A dataset of the kind that training libraries have: one sample at a time, each through its transforms."""

    def __init__(self, images, sample_seconds=0.0):
        """A sample takes so many seconds of the processor at least."""
        self.images = images
        self.sample_seconds = sample_seconds

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        end = time.thread_time() + self.sample_seconds
        sample = self.normalised(self.to_tensor(self.cropped(self.images[index])))
        while time.thread_time() < end:
            pass
        return sample

    @staticmethod
    def stacked(samples):
        return numpy.stack(samples)

    @staticmethod
    def cropped(image, border=2):
        """The middle of the padded image: what a random crop does when it is not to be random."""
        return numpy.pad(image, border)[border:-border, border:-border]

    @staticmethod
    def to_tensor(image):
        channels_last = numpy.array(image, copy=True)[:, :, None]
        return numpy.ascontiguousarray(channels_last.transpose(2, 0, 1)).astype(numpy.float32) / numpy.float32(255)

    @staticmethod
    def normalised(tensor, mean=0.5, deviation=0.5):
        means = numpy.asarray([mean], dtype=numpy.float32).reshape(-1, 1, 1)
        deviations = numpy.asarray([deviation], dtype=numpy.float32).reshape(-1, 1, 1)
        if (deviations == 0).any():
            raise ValueError("a deviation of 0 has no inverse")
        return (tensor.copy() - means) / deviations
