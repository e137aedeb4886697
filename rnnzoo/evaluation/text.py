"""Measures of language models."""

from __future__ import annotations

import math

import numpy as np

from rnnzoo.evaluation.measure import Measure


def of_nats(nats: np.ndarray) -> list[Measure]:
    """Bits per character.

    Its interval draws blocks of the text (Kunsch 1989, The jackknife and the bootstrap for general
    stationary observations). They are to be long, since what is hard stays hard for a while: on
    1.5 million characters of `python_source` half the interval of a Markov chain grows from 0.009
    bits with blocks of 64 characters to 0.024 with 1,024 and 0.058 with 32,768, the length of a
    file, and then no further; on plays of Shakespeare it still grows there. So blocks are as long
    as the text allows: a text is read in 32 strips, and each is one.

    Characters that the model doesn't know count as one symbol, the same for all that are compared.

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
