"""The digits of scikit-learn, read pixel by pixel: 64 steps of one channel.

With a fixed order of the pixels, drawn once, what lies side by side in the picture is far apart in
time (Le, Jaitly and Hinton 2015, A simple way to initialize recurrent networks of rectified linear
units, who read MNIST so).
"""

from __future__ import annotations

import numpy as np

from rnnzoo.data.series import Examples, Series
from rnnzoo.data.sets import digits

STEPS = 64
ORDER = np.random.default_rng(0).permutation(STEPS)  # the pixel that step t reads


def series(name: str = "digits_pixels", permuted: bool = False) -> Series:
    """The pictures of `digits` as sequences (64, 1) of its splits, ink from 0 to 1.

    Args:
        name: of the data.
        permuted: whether pixels are read in the order `ORDER`, and not row by row.

    Example:
        >>> series().train.x[0].shape
        (64, 1)
    """
    pictures = digits.load("digits")
    order = ORDER if permuted else np.arange(STEPS)

    def read(part):
        x = [picture.reshape(STEPS, 1)[order] / np.float32(255) for picture in part.x]
        return Examples(x, part.labels)

    return Series.from_parts(
        name,
        {split: read(getattr(pictures, split)) for split in ("train", "validation", "test")},
        {key: pictures.metadata[key] for key in ("source", "license")},
        classes=pictures.classes,
        channels=("ink",),
        exact=True,
    )
