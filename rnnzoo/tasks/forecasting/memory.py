"""What the newest values of a series say, step by step: where it is, how large, and what it was.

At the step p all is made of the values y_{p-M} ... y_{p-1}, never of later ones ::

    real numbers         m_p = the newest of them       s_p^2 = mean of (y_t - y_{t-1})^2
    counts and amounts   m_p = 0                        s_p = mean of them

so that a step is as far from m_p, in scales, whatever the units of a series are and however far it
has gone. Few values count together with a guess, which counts less the more there are. NaN is
missing, and isn't counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnzoo.platform import tf


@dataclass(frozen=True)
class Level:
    """Of each step, all (batch, steps).

    Attributes:
        origin, scale: m and s, float32.
        seen: whether any value was.
        told: float32 (batch, steps, k), what is to be read of them.
    """

    origin: tf.Tensor
    scale: tf.Tensor
    seen: tf.Tensor
    told: tf.Tensor


def level_of_amounts(values: tf.Tensor, memory: int, size: float) -> Level:
    """That of values of at least 0; `told` is the size of the scale.

    Args:
        values: float32 (batch, memory + steps - 1); the last step comes right after them.
        memory: M.
        size: the usual mean of a series, which is guessed before anything is seen.
    """
    observed, values = _observed(values)
    count = _newest(observed, memory)
    scale = tf.cast((_newest(values, memory) + size) / (count + 1), tf.float32)
    told = tf.clip_by_value(tf.math.log(scale / size), -9.0, 9.0)[..., None]
    return Level(tf.zeros_like(scale), scale, count > 0, told)


def level_of_reals(values: tf.Tensor, memory: int, ratio: float, floor: float) -> Level:
    """That of real numbers; `told` are how far their mean is, and how far apart they are.

    Args:
        values, memory: as for `level_of_amounts`.
        ratio: the usual difference of two values in a row, as a share of their size; it is guessed
            before there are two.
        floor: of the scale.
    """
    there = tf.math.is_finite(values)
    # The newest value is where the number of those that are there rose to what it is.
    number = tf.cumsum(tf.cast(there, tf.float32), axis=1)
    newest = tf.searchsorted(number, number[:, memory - 1 :])
    origin = tf.gather(values, newest, axis=1, batch_dims=1)
    # Measured from the first one, so that squares stay small where all are large.
    start = tf.gather(values, tf.argmax(there, axis=1), batch_dims=1)[:, None]
    start = tf.where(tf.math.is_finite(start), start, 0.0)
    observed, centered = _observed(values - start)
    count = _newest(observed, memory)
    origin = tf.where(count > 0, origin, 0.0)
    both = observed[:, 1:] * observed[:, :-1]
    differences = both * (centered[:, 1:] - centered[:, :-1])
    pairs, squares = (_newest(x, memory - 1) for x in (both, differences * differences))
    mean = _newest(centered, memory) / tf.maximum(count, 1.0)
    variance = _newest(centered * centered, memory) / tf.maximum(count, 1.0) - mean * mean
    # Where nothing came yet, the first one is a later one.
    mean = tf.where(count > 0, tf.cast(mean, tf.float32) + start, 0.0)
    guess = tf.cast(ratio * tf.abs(mean), tf.float64)
    variance = tf.maximum(variance, 0.0)
    guess = tf.where(pairs > 0, guess * guess, tf.maximum(variance, guess * guess))
    # The guess counts less and less beside what came: a series that never moves has no scale.
    scale = tf.cast(tf.sqrt((squares + guess / (pairs + 1)) / (pairs + 1)), tf.float32) + floor
    deviation = tf.cast(tf.sqrt(variance), tf.float32)
    told = tf.stack([(mean - origin) / scale, tf.math.log1p(deviation / scale)], axis=-1)
    return Level(origin, scale, count > 0, tf.clip_by_value(told, -9.0, 9.0))


def _observed(values):
    """1 where a value is there, else 0; and values, 0 where they aren't; float64."""
    there = tf.math.is_finite(values)
    values = tf.where(there, values, 0.0)
    return tf.cast(there, tf.float64), tf.cast(values, tf.float64)


def _newest(values, memory):
    """The sum of each `memory` values in a row."""
    sums = tf.pad(tf.cumsum(values, axis=1), [[0, 0], [1, 0]])
    return sums[:, memory:] - sums[:, : tf.shape(sums)[1] - memory]


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
