"""Memory for time: segments of the sequence, each computed again on the way back.

The way forward keeps the state before each segment, the way back runs the segment again (Chen et
al. 2016, Training deep nets with sublinear memory cost). So beside the sequences, the outputs and
their gradients, memory holds the state before each segment and what the gradients of a single one
need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnzoo.loop.over_time import pad, shaped_like, step_array, swap, walk, write
from rnnzoo.platform import keras, tf

ops = keras.ops


def run_in_segments(
    run: Callable,
    sequences: tf.Tensor,
    initial_state: list[tf.Tensor],
    weights: list[tf.Tensor],
    lengths: tf.Tensor | None,
    every: int,
    state_dtype: Any,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """What ``run(sequences, initial_state, weights, lengths)`` returns, ``every`` steps at a time.

    Args:
        run: returns outputs (batch, time, n) and the final state, a list as initial_state; it is
            differentiable by its first three arguments.
        sequences, initial_state, weights: for `run`.
        lengths: for `run`, (batch,) of int; None if all rows are as long as the sequences.
        every: the number of steps of a segment.
        state_dtype: of outputs and states; sums over segments are taken in it.
    """
    steps, batch = ops.shape(sequences)[1], ops.shape(sequences)[0]
    missing = -steps % every
    if not (isinstance(missing, int) and missing == 0):
        lengths = tf.fill((batch,), steps) if lengths is None else lengths
        sequences = pad(sequences, missing, axis=1)
    segments = (steps + missing) // every
    arguments = (sequences, list(initial_state), weights)

    def run_segment(k, x, state, weights):
        real = None if lengths is None else tf.clip_by_value(lengths - k * every, 0, every)
        return run(x, state, weights, real)

    def segment_of(x, k):
        # Not x[:, a:b]: where k is known to the loop only, XLA finds no size for that.
        batch, _, *size = ops.shape(x)
        return tf.slice(x, (0, k * every, *[0] * len(size)), (batch, every, *size))

    @tf.custom_gradient
    def all_segments(*flat):
        sequences, initial_state, weights = tf.nest.pack_sequence_as(arguments, flat)

        def forward(k, state, before, outputs):
            before = write(before, k, state)
            now, after = run_segment(k, segment_of(sequences, k), state, weights)
            return k + 1, shaped_like(state, after), before, outputs.write(k, now)

        before = [step_array(s.dtype, segments, s.shape) for s in initial_state]
        outputs = tf.TensorArray(state_dtype, segments)
        _, final_state, before, outputs = walk(segments, forward, (initial_state, before, outputs))
        before = [b.stack() for b in before]

        def gradient(d_outputs, *d_final_state):
            d_outputs = pad(d_outputs, missing, axis=1)

            def backward(i, d_state, d_sequences, d_weights):
                k = segments - 1 - i
                given = segment_of(sequences, k), [b[k] for b in before], list(weights)
                with tf.GradientTape() as tape:
                    tape.watch(given)
                    again = run_segment(k, *given)
                d_x, d_before, d_w = tape.gradient(
                    again,
                    given,
                    (segment_of(d_outputs, k), d_state),
                    unconnected_gradients="zero",
                )
                # The sum in the state's dtype: in 16 bits it loses what later segments add.
                d_weights = [a + tf.cast(b, a.dtype) for a, b in zip(d_weights, d_w, strict=True)]
                return i + 1, shaped_like(d_state, d_before), d_sequences.write(k, d_x), d_weights

            _, d_state, d_sequences, d_weights = walk(
                segments,
                backward,
                (
                    list(d_final_state),
                    tf.TensorArray(sequences.dtype, segments),
                    [tf.zeros_like(w, state_dtype) for w in weights],
                ),
            )
            d_weights = [tf.cast(d, w.dtype) for d, w in zip(d_weights, weights, strict=True)]
            return _joined(d_sequences), *d_state, *d_weights

        return (_joined(outputs)[:, :steps], *final_state), gradient

    outputs, *final_state = all_segments(*tf.nest.flatten(arguments))
    return outputs, final_state


def _joined(array):
    """(segments, batch, every, ...) -> (batch, segments * every, ...)."""
    x = swap(array.stack())
    batch, segments, every, *size = ops.shape(x)
    return tf.reshape(x, (batch, segments * every, *size))
