"""The images of `python_images` as they come from torchvision's transforms: tensors of torch."""

import numpy
import torch
from torchvision import transforms


class TorchImages:
    def __init__(self, images):
        self.images = images
        self.transform = transforms.Compose(
            [transforms.ToPILImage(), transforms.Pad(2), transforms.CenterCrop(images.shape[1]), transforms.ToTensor()]
            + [transforms.Normalize((0.5,), (0.5,))]
        )

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(self.images[index])

    @staticmethod
    def stacked(samples):
        return numpy.asarray(torch.stack(samples))
