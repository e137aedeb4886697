"""Measures of language models."""

from __future__ import annotations

import math

import numpy as np

from rnnzoo.evaluation.measure import Measure


def of_nats(nats: np.ndarray) -> list[Measure]:
    """Bits per character.

    Args:
        nats: (blocks, 2): of each block of a text the negative log-likelihood in nats, and how many
            characters it has.

    Example:
        >>> [bits] = of_nats(np.array([[math.log(2) * 6, 2.0], [0.0, 4.0]]))
        >>> bits.name, round(bits.value, 6)
        ('bits per character', 1.0)
    """
    return [
        Measure(
            "bits per character",
            nats,
            lambda sums: sums[0] / sums[1] / math.log(2),
            higher_is_better=False,
        )
    ]
