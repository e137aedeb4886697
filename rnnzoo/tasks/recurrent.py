"""The recurrent part of a task: what streams, as a stack does, or a layer that looks both ways."""

from __future__ import annotations

from rnnzoo.platform import keras, tf


def streams(recurrent: keras.layers.Layer) -> bool:
    """Whether it can go step by step, as only what reads in one direction can."""
    return hasattr(recurrent, "initial_state")


def output_size(recurrent: keras.layers.Layer, input_size: int) -> int:
    """The length of its output at each step."""
    if streams(recurrent):
        return recurrent.output_size
    return recurrent.compute_output_shape((None, 1, input_size))[-1]


def outputs_of(
    recurrent: keras.layers.Layer,
    x: tf.Tensor,
    mask: tf.Tensor | None = None,
    training: bool = False,
) -> tf.Tensor:
    """Its outputs for x (batch, time, input_size), from the zero state."""
    outputs = recurrent(x, mask=mask, training=training)
    return outputs[0] if streams(recurrent) else outputs
