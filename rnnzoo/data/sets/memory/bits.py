"""How many ones there were, modulo a number: of two it is the parity.

    x_t in {0, 1}     y = (x_1 + ... + x_T) mod k

What is trained on is of 1 to 40 bits, a number drawn log-evenly: gradients teach the count of few
bits first. Where 40 bits were as frequent as 2, `memory_lstm` learned nothing in 2,000 steps. It is
validated on 40 bits, as all sequences of few bits are in training. What is tested on is longer: a
network that keeps the count goes on.
"""

from __future__ import annotations

import numpy as np

from rnnzoo.data.series import Examples, Series
from rnnzoo.data.sets.memory.drawn import check_length, splits
from rnnzoo.errors import WrongValue
from rnnzoo.sizes import is_size

COUNTS = {"train": 10_000, "validation": 1_000, "test": 1_000}
LONGEST = 40  # in training
LONGER = 256  # in the test


def series(k: int = 2, test_length: int = LONGER, seed: int = 0, name: str = "parity") -> Series:
    """The count modulo k.

    Args:
        k: how many classes, 2 at least.
        test_length: bits of each sequence to test on.
        seed: of what is drawn.
        name: of the data.

    Raises:
        ValueError: the length or k is none.

    Example:
        >>> parity = series()
        >>> max(map(len, parity.train.x)), parity.test.x[0].shape
        (40, (256, 1))
    """
    check_length(test_length)
    if not is_size(k) or k < 2:
        raise WrongValue(f"k={k!r}: expected a whole number of classes, 2 or more")
    lengths = {"train": (1, LONGEST), "validation": (LONGEST,) * 2, "test": (test_length,) * 2}
    parts = {
        split: examples(k, *lengths[split], count, random)
        for split, count, random in splits(COUNTS, seed)
    }
    return Series.from_parts(
        name,
        parts,
        {"source": "drawn at random", "seed": seed},
        classes=("even", "odd") if k == 2 else tuple(range(k)),
        channels=("bit",),
        exact=True,
    )


def examples(
    k: int, shortest: int, longest: int, count: int, random: np.random.Generator
) -> Examples:
    """Sequences (shortest to longest, 1) of bits, and the count of each modulo k."""
    continuous = np.exp(random.uniform(np.log(shortest), np.log(longest + 1), count))
    lengths = np.clip(continuous.astype(int), shortest, longest)
    x = [random.integers(2, size=(length, 1)).astype(np.float32) for length in lengths]
    return Examples(x, np.array([bits.sum() % k for bits in x], np.int32))
