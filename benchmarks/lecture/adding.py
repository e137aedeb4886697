"""The adding problem, and networks that were trained on it (Hochreiter & Schmidhuber 1997)."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

import rnnzoo
from rnnzoo.platform import keras

LAYERS = {
    "rnn": rnnzoo.layers.SimpleRNN,
    "leaky": functools.partial(rnnzoo.layers.LeakyRNN, time_constants=(1, 64)),
    "skip": functools.partial(rnnzoo.layers.SkipDelayRNN, delays=(1, 8)),
    "gru": rnnzoo.layers.GRU,
    "lstm": rnnzoo.layers.LSTM,
}


def examples(rows: int, steps: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Numbers from 0 to 1 beside marks, (rows, steps, 2), and the sum of the two marked, (rows, 1).

    One mark is in the first half, one in the second. Who answers 1 always has an error of 1/6.
    """
    x = np.zeros((rows, steps, 2), np.float32)
    x[..., 0] = rng.random((rows, steps))
    half = steps // 2
    for low, high in ((0, half), (half, steps)):
        x[np.arange(rows), rng.integers(low, high, rows), 1] = 1
    return x, x.prod(axis=2).sum(axis=1, keepdims=True)


def batches(
    count: int, rows: int, steps: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches that no network was trained on."""
    rng = np.random.default_rng((seed, 1))
    return (examples(rows, steps, rng) for _ in range(count))


@functools.cache
def network(
    cell: str, units: int, rows: int, steps: int, updates: int, seed: int
) -> tuple[keras.Model, float]:
    """A network after so many updates, and its mean squared error on 2,000 other examples.

    Args:
        cell: of `LAYERS`.
        units: size of its state.
        rows, steps: of a batch.
        updates: by Adam; 0 is a fresh network.
        seed: of weights and examples.
    """
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([LAYERS[cell](units), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(3e-3, clipnorm=1.0), "mse")
    if updates:
        x, y = examples(rows * updates, steps, np.random.default_rng((seed, 0)))
        model.fit(x, y, batch_size=rows, epochs=1, verbose=0)
    ((x, y),) = batches(1, 2000, steps, seed + 1000)
    return model, float(model.evaluate(x, y, verbose=0))
