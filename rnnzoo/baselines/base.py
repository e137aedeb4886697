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


def some(count: int, most: int) -> np.ndarray:
    """Which of so many to fit, in order: all, or as many as may be, drawn at random but the same.

    >>> some(3, most=10).tolist(), len(some(30, most=10))
    ([0, 1, 2], 10)
    """
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))
