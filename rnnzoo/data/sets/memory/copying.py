"""The copy memory problem: ten symbols, a long pause, and the ten once more.

    step    1 ... 10        11 ... T + 9    T + 10    T + 11 ... T + 20
    x       the symbols     blank           go        blank
    y       blank           blank           blank     the symbols

After Hochreiter and Schmidhuber (1997), as Arjovsky, Shah and Bengio (2016, Unitary evolution
recurrent neural networks) have it.
"""

from __future__ import annotations

import math

import numpy as np

from rnnzoo.data.series import Examples, Series
from rnnzoo.data.sets.memory.drawn import check_length, splits
from rnnzoo.data.step_labels import entries

COUNTS = {"train": 5_000, "validation": 500, "test": 500}
SYMBOLS = tuple("abcdefgh")
HELD = 10  # symbols of a sequence
CHANNELS = (*SYMBOLS, "blank", "go")
BLANK, GO = CHANNELS.index("blank"), CHANNELS.index("go")


def baseline(length: int) -> float:
    """Nats a step of the best answer without memory: blank, and then any symbol as likely.

    >>> round(baseline(100), 3)
    0.173
    """
    return HELD * math.log(len(SYMBOLS)) / (length + 2 * HELD)


def series(length: int = 100, seed: int = 0, name: str = "copy_memory") -> Series:
    """The problem with a pause of so many steps.

    Args:
        length: T, blanks and the go mark between the last symbol and the first that is asked for:
            each symbol is to be kept for T + 10 steps, and sequences have T + 20.
        seed: of what is drawn.
        name: of the data.

    Raises:
        ValueError: the length is none.

    Example:
        >>> series(50).train.x[0].shape
        (70, 10)
    """
    check_length(length)
    return Series.from_parts(
        name,
        {split: examples(length, count, random) for split, count, random in splits(COUNTS, seed)},
        {"source": "drawn at random", "seed": seed},
        classes=(*SYMBOLS, "blank"),
        channels=CHANNELS,
        exact=True,
    )


def examples(length: int, count: int, random: np.random.Generator) -> Examples:
    """Sequences (length + 20, 10), one-hot, and the class of each step."""
    symbols = random.integers(len(SYMBOLS), size=(count, HELD), dtype=np.int32)
    read = np.full((count, length + 2 * HELD), BLANK, np.int32)
    asked = read.copy()
    read[:, :HELD] = asked[:, -HELD:] = symbols
    read[:, -HELD - 1] = GO
    return Examples([*np.eye(len(CHANNELS), dtype=np.float32)[read]], entries([*asked]))
