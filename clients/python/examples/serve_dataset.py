#!/usr/bin/env python3
"""Serves a torch.utils.data.Dataset as a dataset service, with labels: `serve_dataset.py images.npz`.

The file has the arrays `image` and `label`, one row for each sample. Then, in another terminal:

    build/release/dispatcher --upstream localhost:50051 --dataset pictures --batch-size 32
"""

import argparse

import numpy as np
import torch
from data_dispatcher import serve
from torch.utils.data import Dataset


class Pictures(Dataset):
    """What is done to a sample here is done once, in several processes; the dispatcher keeps the result."""

    def __init__(self, file):
        with np.load(file) as arrays:
            self.images, self.labels = arrays["image"], arrays["label"]

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = torch.from_numpy(self.images[index]).float() / 255
        return (image - image.mean()) / (image.std() + 1e-6), int(self.labels[index])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serves images and labels of an .npz file.")
    parser.add_argument("file")
    parser.add_argument("--listen", default="localhost:50051", metavar="HOST:PORT")
    parser.add_argument("--processes", type=int, help="that make batches [as many as there are cores]")
    options = parser.parse_args()
    serve(Pictures(options.file), "pictures", columns=("image", "label"), listen=options.listen, processes=options.processes)
