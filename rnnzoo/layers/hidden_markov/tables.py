"""Tables of probabilities, kept as logarithms."""

from __future__ import annotations

from typing import Any

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
    return ops.where(total > FLOOR, ops.log(ops.maximum(shares, FLOOR)), before)
