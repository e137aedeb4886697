"""Sequences of different lengths in one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnzoo.platform import tf


def padded(
    ragged: tf.RaggedTensor, default: Any = None, sizes: Sequence[int] | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """A RaggedTensor as a tensor (batch, time), and the lengths of its rows, int32 (batch,).

    Args:
        ragged: (batch, None).
        default: what stands behind a row's end; None: zeros, or empty strings.
        sizes: ascending numbers of which time is the first that is large enough; None: time is
            that of the longest row, or 1, as a recurrent layer needs a step.

    Example:
        >>> x, lengths = padded(tf.ragged.constant([[1, 2], [3]]))
        >>> x.numpy().tolist(), lengths.numpy().tolist()
        ([[1, 2], [3, 0]], [2, 1])
    """
    lengths = tf.cast(ragged.row_lengths(), tf.int32)
    time = tf.maximum(tf.reduce_max(lengths), 1)
    if sizes is not None:
        time = size_for(time, sizes)
    return ragged.to_tensor(default, shape=tf.stack([-1, time])), lengths


def size_for(size: tf.Tensor, sizes: Sequence[int]) -> tf.Tensor:
    """The first of some ascending sizes that is large enough, int32; graph code."""
    fits = tf.debugging.assert_less_equal(size, sizes[-1], f"at most {sizes[-1]} fit")
    with tf.control_dependencies([fits]):
        return tf.gather(sizes, tf.searchsorted(sizes, size[None])[0])
