"""Tensors over time, (time, batch, ...), and the loop that walks along them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnzoo.platform import keras, tf

ops = keras.ops


def number_of_steps(structure: Any) -> Any:
    """How many time steps: an int, or a scalar tensor where only the running graph knows."""
    return ops.shape(tf.nest.flatten(structure)[0])[0]


def at(t: Any, structure: Any) -> Any:
    """One step: (time, batch, ...) -> (batch, ...)."""
    return _mapped(lambda x: x[t], structure)


def fold(structure: Any) -> Any:
    """(time, batch, ...) -> (time * batch, ...): all time steps as the rows of one batch."""
    return _mapped(lambda x: tf.reshape(x, (-1, *ops.shape(x)[2:])), structure)


def unfold(structure: Any, like: tf.Tensor) -> Any:
    """(time * batch, ...) -> (time, batch, ...), with time and batch of ``like``."""
    leading = ops.shape(like)[:2]
    return tf.nest.map_structure(lambda x: tf.reshape(x, (*leading, *ops.shape(x)[1:])), structure)


def swap(x: tf.Tensor) -> tf.Tensor:
    """(batch, time, ...) <-> (time, batch, ...)."""
    return tf.transpose(x, (1, 0, *range(2, len(x.shape))))


def pad(x: tf.Tensor, steps: Any, axis: int) -> tf.Tensor:
    """As many steps of zeros at the end, with time on this axis."""
    return tf.pad(x, [(0, steps if i == axis else 0) for i in range(len(x.shape))])


def spread(x: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """(batch, ...) -> (batch, ..., 1, 1 ...), to go with a tensor of more axes."""
    return x[(..., *[None] * (len(like.shape) - len(x.shape)))]


def _mapped(f, structure):
    return tf.nest.map_structure(lambda x: x if x is None else f(x), structure)


def step_array(dtype: Any, steps: Any, shape: Any) -> tf.TensorArray:
    """An array with room for one tensor a step."""
    return tf.TensorArray(dtype, steps, element_shape=shape, clear_after_read=False)


def write(arrays: Any, t: Any, values: Any) -> Any:
    """The arrays, with these values at step t."""
    return tf.nest.map_structure(lambda a, v: a.write(t, v), arrays, values)


def walk(steps: Any, body: Callable, loop_variables: tuple) -> tuple:
    """Call ``body(i, *loop_variables) -> i + 1, *loop_variables`` for i = 0 ... steps - 1."""
    return tf.while_loop(
        lambda i, *_: i < steps,
        body,
        (0, *loop_variables),
        maximum_iterations=steps,
        parallel_iterations=1,
    )


def shaped_like(old: list[tf.Tensor], new: list[tf.Tensor]) -> list[tf.Tensor]:
    """New values of loop variables, told the static shapes of the old ones."""
    for a, b in zip(old, new, strict=True):
        b.set_shape(a.shape)
    return new
