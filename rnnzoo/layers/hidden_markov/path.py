"""Viterbi's path: found forwards, read backwards."""

from __future__ import annotations

import functools
from typing import Any

from rnnzoo.cells import ViterbiCell
from rnnzoo.cells.linear_chain import END, LinearChainCell, forbidden_table, without
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.loop.over_time import number_of_steps, step_array, walk
from rnnzoo.platform import tf


class BestPath:
    """Finds the best path of hidden states, by the scores of a cell.

    Args:
        chain: the cell, built, whose `start` and `moves` are the scores.
        forbidden: what must not follow what, as for `rnnzoo.layers.ConditionalRandomField`.

    Example:
        >>> from rnnzoo.cells.conditional_random_field import UnscoredChainCell
        >>> chain = UnscoredChainCell(2)
        >>> best_path = BestPath(chain, [[0, 1, 0], [0, 0, 0], [0, 0, 0]])  # no 1 after a 0
        >>> best_path(tf.constant([[[2.0, 0.0], [0.0, 3.0]]])).numpy().tolist()
        [[1, 1]]
    """

    def __init__(self, chain: LinearChainCell, forbidden: Any = None):
        self.forbidden = forbidden_table(forbidden, chain.units)
        cell = ViterbiCell.of(chain, self.forbidden)
        # Outside of a compiled function, which must not make the layer's variables.
        with tf.init_scope():
            self.forwards = Recurrent(
                cell, return_sequences=True, return_state=True, dtype=cell.dtype_policy
            )

    def __call__(
        self, x: tf.Tensor, mask: tf.Tensor | None = None, end: tf.Tensor | float = 0.0
    ) -> tf.Tensor:
        """The path, int32 (batch, time); -1 at steps that are not real.

        Of equal ones the lowest state is taken, from the last step on backwards.

        Args:
            x: (batch, time, states), the score of each state at each step.
            mask: bool (batch, time), True at real steps.
            end: (states,), the score of each to come last.
        """
        return (self._eagerly if tf.executing_eagerly() else self._find)(x, mask, end)

    @functools.cached_property
    def _eagerly(self):
        return tf.function(functools.partial(self._find), autograph=False, reduce_retracing=True)

    def _find(self, x, mask, end):
        came_from, h, *_ = self.forwards(x, mask=mask)
        return path_back(came_from, h + without(end, self.forbidden, END), mask)


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
