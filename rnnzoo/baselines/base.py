"""What all baselines are."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np


class Baseline:
    """Learns from a part of a task's data, and answers another.

    A subclass defines `fit` and `answers`.

    Attributes:
        name: what it is, in words.
    """

    name: ClassVar[str]

    def fit(self, data: Any) -> Self:
        """Learn from the training part of the data, such as a `rnnzoo.data.Series`."""
        raise NotImplementedError

    def answers(self, part: Any) -> Any:
        """The answers to another part of it."""
        raise NotImplementedError


SIDE = 16  # pixels of a thumbnail


def thumbnail(frame: np.ndarray) -> np.ndarray:
    """A picture (height, width, ...) as 16 x 16 means of blocks; of a small one some come again.

    >>> thumbnail(np.arange(32.0).reshape(1, 32))[0].tolist()[:3]
    [0.5, 2.5, 4.5]
    """
    rows, columns = (np.linspace(0, n, SIDE + 1).astype(int) for n in frame.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(frame, rows[:-1], axis=0), columns[:-1], axis=1)
    heights, widths = (np.maximum(1, np.diff(places)) for places in (rows, columns))
    return sums / np.multiply.outer(heights, widths).reshape(SIDE, SIDE, *[1] * (frame.ndim - 2))


def some(count: int, most: int) -> np.ndarray:
    """Which of so many to fit, in order: all, or as many as may be, drawn at random but the same.

    >>> some(3, most=10).tolist(), len(some(30, most=10))
    ([0, 1, 2], 10)
    """
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))
