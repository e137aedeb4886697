"""What the tasks that are drawn at random share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from rnnzoo.data.series import Examples
from rnnzoo.errors import WrongValue
from rnnzoo.sizes import is_size


def drawn(
    draw: Callable[[int, np.random.Generator], Examples], counts: Mapping[str, int], seed: int
) -> dict[str, Examples]:
    """By split its examples, each split from random numbers of its own.

    Args:
        draw: so many examples, from a generator of random numbers.
        counts: by split how many.
        seed: that decides.
    """
    return {
        split: draw(count, np.random.default_rng((seed, place)))
        for place, (split, count) in enumerate(counts.items())
    }


def check_length(length: int, least: int = 1) -> None:
    """Raise a ValueError if that is no number of time steps."""
    if not is_size(length) or length < least:
        raise WrongValue(f"length={length!r}: expected a whole number of time steps, {least} or up")
