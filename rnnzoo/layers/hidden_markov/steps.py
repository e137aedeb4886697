"""Steps of sequences, some of them padding."""

from __future__ import annotations

from typing import Any

from rnnzoo.platform import keras

ops = keras.ops


def as_bool(mask: Any) -> Any:
    """A mask, of whatever numbers, as one of bool; None of None."""
    return None if mask is None else ops.cast(mask, "bool")


def without_padding(x: Any, mask: Any) -> Any:
    """Zeros in place of what stands at steps that are not real: anything may, NaN too.

    Args:
        x: (batch, time) or (batch, time, size).
        mask: bool (batch, time), True at real steps, or None.
    """
    if mask is None:
        return x
    return ops.where(mask if len(x.shape) == 2 else mask[..., None], x, ops.zeros_like(x))


def sum_of_steps(h: Any, mask: Any) -> Any:
    """Of each sequence the sum over real steps of what its hidden states amount to, (batch,).

    Args:
        h: (batch, time, states), such as the outputs of `rnnzoo.cells.HiddenMarkovCell`.
        mask: as for `without_padding`.
    """
    return ops.sum(without_padding(ops.logsumexp(h, axis=-1), mask), axis=-1)
