"""Viterbi's path, read backwards."""

from __future__ import annotations

from rnnzoo.loop.over_time import number_of_steps, step_array, walk
from rnnzoo.platform import tf


def path_back(came_from: tf.Tensor, h: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
    """The best hidden state at each step, int32 (batch, time); -1 where a step is not real.

    Args:
        came_from: (batch, time, states), of each state the one before it on the best way to it.
        h: (batch, states), how good the best way to each state is that ends with the last step.
        mask: bool (batch, time), True at real steps.

    Example:
        >>> came_from = tf.constant([[[0, 0], [1, 0], [1, 0]]])
        >>> path_back(came_from, tf.constant([[2.0, 2.0]])).numpy().tolist()
        [[0, 1, 0]]
    """
    # Only numbers with a point are transposed: of others oneDNN says on stderr that it takes none.
    came_from = tf.cast(tf.transpose(tf.cast(came_from, h.dtype), (1, 0, 2)), tf.int32)
    steps, states = number_of_steps(came_from), came_from.shape[-1]
    # Not argmax, which promises no order of equal ones.
    best = h == tf.reduce_max(h, axis=-1, keepdims=True)
    last = tf.reduce_min(tf.where(best, tf.range(states), states), axis=-1)

    def real(t):
        return tf.ones_like(last, tf.bool) if mask is None else mask[:, t]

    def body(i, state, path):
        t = steps - 1 - i
        before = tf.gather(came_from[t], state, batch_dims=1)
        path = path.write(t, tf.cast(tf.where(real(t), state, -1), h.dtype))
        return i + 1, tf.where(real(t), before, state), path

    _, _, path = walk(steps, body, (last, step_array(h.dtype, steps, last.shape)))
    return tf.cast(tf.transpose(path.stack()), tf.int32)
