"""The adding problem (Hochreiter and Schmidhuber 1997): two numbers of many are to be summed.

    x_t = (u_t, m_t)     u_t uniform in [0, 1)     m_t = 1 at one step of each half, else 0
    y   = sum_t m_t u_t

Their numbers were in [-1, 1), and both marks came early; this form, with a mark in each half, is
that of Arjovsky, Shah and Bengio (2016, Unitary evolution recurrent neural networks).
"""

from __future__ import annotations

import numpy as np

from rnnzoo.data.series import Examples, Series
from rnnzoo.data.sets.memory.drawn import check_length, splits

COUNTS = {"train": 10_000, "validation": 1_000, "test": 1_000}
# The mean squared error of the answer 1: the variance of two uniform numbers, 1/12 each.
BASELINE = 1 / 6


def series(length: int = 100, seed: int = 0, name: str = "adding") -> Series:
    """The problem over so many steps.

    Args:
        length: time steps, 2 at least.
        seed: of what is drawn.
        name: of the data.

    Raises:
        ValueError: the length is none.

    Example:
        >>> series(50).train.x[0].shape
        (50, 2)
    """
    check_length(length, least=2)
    return Series.from_parts(
        name,
        {split: examples(length, count, random) for split, count, random in splits(COUNTS, seed)},
        {"source": "drawn at random", "seed": seed},
        target="sum",
        channels=("value", "mark"),
        exact=True,
    )


def examples(length: int, count: int, random: np.random.Generator) -> Examples:
    """Sequences (length, 2) and the sum of each, float32."""
    values = random.random((count, length), np.float32)
    marks = np.zeros_like(values)
    rows, half = np.arange(count), length // 2
    first, second = random.integers(half, size=count), random.integers(half, length, size=count)
    marks[rows, first] = marks[rows, second] = 1
    sums = values[rows, first] + values[rows, second]
    return Examples([*np.stack([values, marks], axis=-1)], sums)
