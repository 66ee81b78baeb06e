#!/usr/bin/env python3
"""Batches as a plain generator of pairs, which is what JAX loops take and TensorFlow's tf.data.Dataset.from_generator.

    for images, labels in pairs("dispatcher:8090", epochs=3):           # JAX: jax.device_put(images)
        ...
    tf.data.Dataset.from_generator(lambda: pairs("dispatcher:8090", epochs=3), output_signature=(
        tf.TensorSpec((None, 1, 28, 28), tf.float32), tf.TensorSpec((None,), tf.uint8)))
"""

import sys

from data_dispatcher import open_session


def pairs(address, **wishes):
    """Images and labels of MNIST, shuffled. Frameworks may keep what they are given: each pair has memory of its own."""
    with open_session(address, dataset="mnist-train", batch_size=64, shuffle=7, **wishes) as batches:
        for batch in batches:
            yield batch["image"], batch["label"]


if __name__ == "__main__":
    count = 0
    for images, labels in pairs(sys.argv[1] if len(sys.argv) > 1 else "localhost:8090"):
        count += len(labels)
    print(f"{count} images of shape {images.shape[1:]}, {images.dtype}")
