"""Delays with a common divisor: independent chains, run side by side.

Where all delays are multiples of n, h_t depends on h_{t-n}, h_{t-2n} ... only: the steps t, t+n,
t+2n ... are a chain that knows nothing of the others. The n chains become rows of the batch, and
time has an n-th of the steps. Delays (2, 4) are two chains of delays (1, 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.loop.over_time import number_of_steps, pad
from rnnzoo.platform import keras, tf

if TYPE_CHECKING:
    from rnnzoo.loop.scan import Rows

ops = keras.ops


def into_chains(rows: Rows, n: int, width: int) -> Rows:
    """The rows as ``n`` times as many rows, of one chain each; ``width`` states make up a step."""
    if n == 1:
        return rows
    term, state, lengths, dropout, real = rows
    steps, batch = number_of_steps(term), ops.shape(state[0])[0]
    missing = -steps % n
    even = isinstance(missing, int) and missing == 0
    if not even:
        lengths = tf.fill((batch,), steps) if lengths is None else lengths

    def of_chains(x):
        x = x if even else pad(x, missing, axis=0)
        return tf.reshape(x, (ops.shape(x)[0] // n, batch * n, *ops.shape(x)[2:]))

    term = tf.nest.map_structure(of_chains, term)
    real = None if real is None else of_chains(real)
    # Step t is step t // n of chain t % n; chain 0 begins with the oldest state.
    state = [
        tf.concat([state[(i - chain - 1) * width + name] for chain in range(n)], axis=0)
        for i in range(n, len(state) // width + 1, n)
        for name in range(width)
    ]
    if lengths is not None:
        lengths = tf.concat([(lengths + n - 1 - chain) // n for chain in range(n)], axis=0)
    if dropout is not None:
        dropout = [tf.concat([mask] * n, axis=0) for mask in dropout]
    return type(rows)(term, state, lengths, dropout, real)


def out_of_chains(states: tf.Tensor, n: int, steps: Any) -> tf.Tensor:
    """States of all steps (time, batch, size) from those of ``n`` chains."""
    if n == 1:
        return states
    chain_steps, rows, *size = ops.shape(states)
    states = tf.reshape(states, (chain_steps * n, rows // n, *size))
    # A slice that leaves nothing out has a gradient that copies nevertheless.
    return states if states.shape[0] == steps else states[:steps]
