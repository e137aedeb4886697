"""What the newest values of a series say, step by step: where it is, how large, and what it was.

At the step p all is made of the values y_{p-M} ... y_{p-1}, never of later ones ::

    centered       m_p = mean of them               s_p^2 = their variance
    else           m_p = 0                          s_p = mean of their sizes

Few values count together with one that was guessed. NaN is missing, and isn't counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from rnnzoo.platform import tf


def level(
    values: tf.Tensor, memory: int, centered: bool, ratio: float, floor: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Mean, scale, and whether anything was seen: each (batch, steps).

    Args:
        values: float32 (batch, memory + steps - 1); the last step comes right after them.
        memory: M.
        centered: whether the mean counts.
        ratio: of a deviation to a mean, or else a size: what is guessed before anything is seen.
        floor: of the scale.
    """
    observed = tf.math.is_finite(values)
    one = tf.cast(observed, tf.float64)
    values = tf.cast(values, tf.float64)
    # Measured from the first one, so that squares stay small where all are large.
    first = tf.argmax(observed, axis=1)
    start = tf.gather(values, first, batch_dims=1)[:, None]
    start = tf.where(tf.math.is_finite(start) & centered, start, 0.0)
    values = tf.where(observed, values - start, 0.0)
    count = _newest(one, memory)
    seen = count > 0
    safe = tf.maximum(count, 1.0)
    if not centered:
        scale = (_newest(tf.abs(values), memory) + ratio) / (count + 1) + floor
        return tf.zeros_like(tf.cast(scale, tf.float32)), tf.cast(scale, tf.float32), seen
    mean = _newest(values, memory) / safe
    square = tf.maximum(_newest(values * values, memory) - count * mean * mean, 0.0)
    guess = ratio * (mean + start)
    scale = tf.sqrt((square + guess * guess) / (count + 1)) + floor
    return tf.cast(mean + start, tf.float32), tf.cast(scale, tf.float32), seen


def _newest(values, memory):
    """At each step the sum of the `memory` values before it."""
    sums = tf.pad(tf.cumsum(values, axis=1), [[0, 0], [1, 0]])
    return sums[:, memory:] - sums[:, :-memory]


def lagged(values: tf.Tensor, memory: int, lags: Sequence[int]) -> tf.Tensor:
    """The values some steps before each step: (batch, steps, lags)."""
    steps = tf.shape(values)[1] - memory + 1
    return tf.stack([values[:, memory - lag :][:, :steps] for lag in lags], axis=-1)


def seasonal_lag(ahead: int, season: int) -> int:
    """How far before a step the newest value lies that stands a whole number of seasons before
    the step `ahead` steps after it.

    >>> [seasonal_lag(ahead, season=3) for ahead in range(5)]
    [3, 2, 1, 3, 2]
    """
    return season - ahead % season
