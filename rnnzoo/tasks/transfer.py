"""What a model starts with of what another one learned, or of what it knew before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnzoo.platform import keras


def copied(mine: keras.layers.Layer | None, theirs: keras.layers.Layer | None) -> bool:
    """Whether a layer could take another's weights; None is no layer."""
    if mine is None or theirs is None:
        return False
    if [w.shape for w in mine.weights] != [w.shape for w in theirs.weights]:
        return False
    mine.set_weights(theirs.get_weights())
    return True


def rows_copied(
    mine: keras.Variable,
    theirs: keras.Variable,
    here: Sequence[int] | np.ndarray,
    there: Sequence[int] | slice = slice(None),
    axis: int = 0,
) -> None:
    """Copy entries of a variable along an axis, numbered `there`, to those numbered `here`."""
    values = mine.numpy()
    np.moveaxis(values, axis, 0)[here] = np.moveaxis(theirs.numpy(), axis, 0)[there]
    mine.assign(values)


def widened(layer: keras.layers.Layer, size: int) -> keras.layers.Layer:
    """A layer of the same kind that reads `size` numbers of a step, and none less.

    What the other one learned of the numbers that it read, the first ones, is copied.
    """
    wider = type(layer).from_config(_unbuilt(layer.get_config()))
    wider.build((None, None, size))
    for mine, theirs in zip(wider.weights, layer.weights, strict=True):
        values = mine.numpy()
        values[tuple(map(slice, theirs.shape))] = theirs.numpy()
        mine.assign(values)
    return wider


def _unbuilt(config):
    """The config of a layer without the shapes that layers in it were built for."""
    if isinstance(config, dict):
        return {key: _unbuilt(value) for key, value in config.items() if key != "build_config"}
    return [_unbuilt(value) for value in config] if isinstance(config, list) else config


def entries_copied(mine, theirs, here, there=slice(None), axis=0) -> None:
    """`rows_copied` of all weights of a layer, such as kernel and bias of a Dense layer."""
    for weight, of_theirs in zip(mine.weights, theirs.weights, strict=True):
        rows_copied(weight, of_theirs, here, there, axis)
