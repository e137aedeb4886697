"""How to train, by the size of the data: what is chosen unless one says otherwise.

A recipe counts in steps, so that a small set is learned and a large one ends in time: passes over
the data, in batches and windows as they are given, but neither fewer steps than a model needs to
learn anything nor more than some ten minutes on two cores. What was measured is said beside the
figures; others are what is usual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

VALIDATIONS = 25  # in the whole of a run, so that the best of them is near the best there was


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a run does unless it is told otherwise.

    Attributes:
        batch_size: examples in a batch; of text, places that are read side by side.
        steps: the budget, training steps in all.
        patience: validations without a better one after which a run ends.
        learning_rate: the highest one.
        window: time steps that batches are cut to; None: they aren't.
        why: which facts of the data decided, in words.
        rate_because: why the learning rate is not the task's usual one, in words.
    """

    batch_size: int = 32
    steps: int = 1000
    patience: int = 8
    learning_rate: float = 2e-3
    window: int | None = None
    why: str = ""
    rate_because: str = ""


def validate_every(steps: int) -> int:
    """Steps from one validation to the next one.

    >>> validate_every(1500)
    60
    """
    return max(1, -(-steps // VALIDATIONS))


def budget(per_pass: float, passes: int, least: int, most: int) -> int:
    """Steps of some passes over the data, within bounds, in whole stretches between validations.

    >>> budget(per_pass=17, passes=10, least=500, most=6000)
    500
    """
    steps = min(most, max(least, round(passes * per_pass)))
    return VALIDATIONS * validate_every(steps)


# --- one for each task ----------------------------------------------------------------------------

# Time steps to which longer recordings are cut. On PLAID (validation, two seeds) windows of 512 get
# 0.86 of the recordings right, of 256 0.80; on watch and ACSF1 both get as many, within noise.
WINDOW = 512


def of_series(
    lengths: Sequence[int] | np.ndarray,
    pictures: bool = False,
    window: int | None = None,
    batch_size: int | None = None,
) -> Recipe:
    """For sequences with a class each.

    Args:
        lengths: time steps of each training example.
        pictures: whether a step is one.
        window: that is given, or that the data comes with.
        batch_size: that is given.

    >>> of_series([100, 800, 3000]).window, of_series([90, 100]).window
    (512, 100)
    """
    lengths = np.asarray(lengths)
    if not len(lengths):
        return Recipe()
    shortest, longest = int(lengths.min()), int(lengths.max())
    if window is not None:
        why = f"windows of {window} steps, as given, or as the data or the model has them"
    elif longest > WINDOW:
        window = WINDOW
        why = f"windows, as recordings have up to {longest:,} steps"
    else:
        window = longest
        why = f"whole recordings, as they have {shortest} to {longest} steps"
    batch_size = batch_size or (16 if pictures else 64)
    windows = int(np.ceil(lengths / window).sum())
    steps = budget(windows / batch_size, passes=20, least=1500, most=6000)
    why = f"{why}; {steps:,} steps, as there are {windows:,} of them to train on"
    return Recipe(batch_size=batch_size, steps=steps, patience=15, window=window, why=why)


def of_text(characters: int, batch_size: int | None = None, window: int | None = None) -> Recipe:
    """For a language model of characters.

    Args:
        characters: to train on.
        batch_size, window: that are given.

    >>> of_text(1_000_000).steps, of_text(100).batch_size
    (8000, 32)
    >>> of_text(100_000).steps, of_text(100_000, batch_size=64).steps
    (1475, 1000)
    """
    window = window or (min(64, max(1, characters // 4)) if characters else 64)
    batch_size = batch_size or (max(1, min(32, characters - window)) if characters else 32)
    # On 360,000 characters of Shakespeare and of Python source (one seed, validation), char_lstm
    # with its dropout of 0.3 has 1.50 and 1.24 nats at this rate; at 0.002 and without dropout 1.56
    # and 1.33, which a Markov chain beats. char_rnn gains by the rate as well.
    steps = budget(characters / (batch_size * window), passes=30, least=1000, most=8000)
    why = f"{steps:,} steps, as there are {characters:,} characters to train on"
    return Recipe(batch_size=batch_size, steps=steps, learning_rate=4e-3, window=window, why=why)


def of_sentences(
    count: int,
    unit: str,
    passes: int,
    most: int,
    learning_rate: float,
    window: int | None = None,
    batch_size: int | None = None,
) -> Recipe:
    """For tasks whose examples are sentences, each with its own figures.

    Args:
        count: of examples, which are called `unit`.
        unit: in words.
        passes, most: the budget.
        learning_rate: the highest one.
        window, batch_size: that are given; or what examples are cut to.

    >>> of_sentences(3200, "sentences", passes=30, most=6000, learning_rate=4e-3).steps
    3000
    """
    batch_size = batch_size or 32
    steps = budget(count / batch_size, passes, least=500, most=most)
    why = f"{steps:,} steps, as there are {count:,} {unit} to train on"
    rate = learning_rate
    return Recipe(batch_size=batch_size, steps=steps, learning_rate=rate, window=window, why=why)
