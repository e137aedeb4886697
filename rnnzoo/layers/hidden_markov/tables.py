"""Tables of probabilities: as logarithms of shares, and to draw from."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnzoo.cells.hidden_markov import FLOOR
from rnnzoo.platform import keras

ops = keras.ops


def log_shares(counts: Any, before: Any) -> Any:
    """The logarithm of each row's shares, none below `FLOOR`; of a row without counts `before`.

    Example:
        >>> table = log_shares(ops.array([[1.0, 3.0], [0.0, 0.0]]), ops.zeros((2, 2)))
        >>> ops.convert_to_numpy(ops.exp(table)).round(2).tolist()
        [[0.25, 0.75], [1.0, 1.0]]
    """
    total = ops.sum(counts, axis=-1, keepdims=True)
    shares = counts / ops.maximum(total, FLOOR)
    logs = ops.cast(ops.log(ops.maximum(shares, FLOOR)), before.dtype)
    return ops.where(total > FLOOR, logs, before)


def drawn(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A place of each row of probabilities (..., n), drawn by them: int (...).

    Example:
        >>> drawn(np.array([[0.0, 1.0], [1.0, 0.0]]), np.random.default_rng(0)).tolist()
        [1, 0]
    """
    below = np.cumsum(p, axis=-1)
    chance = rng.random(p.shape[:-1])[..., None] * below[..., -1:]
    return (chance >= below[..., :-1]).sum(axis=-1)
