"""What the tasks that are drawn at random share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.sizes import is_size


def splits(counts: Mapping[str, int], seed: int) -> Iterator[tuple[str, int, np.random.Generator]]:
    """Of each split its name, how many examples it has, and random numbers of its own.

    Args:
        counts: by split how many.
        seed: that decides.
    """
    for place, (split, count) in enumerate(counts.items()):
        yield split, count, np.random.default_rng((seed, place))


def check_length(length: int, least: int = 1) -> None:
    """Raise a ValueError if that is no number of time steps."""
    if not is_size(length) or length < least:
        raise WrongValue(f"length={length!r}: expected a whole number of time steps, {least} or up")
