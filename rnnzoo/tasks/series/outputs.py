"""What the numbers of an output layer say, and how several answers become one.

An answer is what a network puts out, such as log-probabilities. The answers of steps or of windows
become one by the mean of their `values`, such as probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from rnnzoo.platform import keras, tf


class Output:
    """From numbers to answers; here they are the same."""

    def answer(self, numbers: tf.Tensor) -> tf.Tensor:
        """The answers to what the output layer gives, (..., units)."""
        return numbers

    def values(self, answer: tf.Tensor) -> tf.Tensor:
        """What of answers the mean is taken of."""
        return answer

    def of_values(self, values: tf.Tensor) -> tf.Tensor:
        """The answers of such values."""
        return values


class OneClass(Output):
    """p = softmax(z), a class each; answers are log p, their mean is that of p"""

    def answer(self, numbers: tf.Tensor) -> tf.Tensor:
        return tf.nn.log_softmax(numbers)

    def values(self, answer: tf.Tensor) -> tf.Tensor:
        return tf.exp(answer)

    def of_values(self, values: tf.Tensor) -> tf.Tensor:
        return tf.math.log(tf.maximum(values, keras.config.epsilon()))


class AnyLabels(OneClass):
    """p = sigmoid(z), any number of labels, each with a probability of its own"""

    def answer(self, numbers: tf.Tensor) -> tf.Tensor:
        return tf.math.log_sigmoid(numbers)


class Numbers(Output):
    """A distribution of a number, in the units of what is to be predicted: y = center + scale s.

    An answer is the numbers that the distribution has, (..., size). Their means over windows are
    those of a distribution whose quantiles are the means of the windows' quantiles (Ratcliff 1979,
    Group reaction time distributions and an analysis of distribution statistics).

    Args:
        center, scale: mean and standard deviation of the training targets.
        levels: of `quantiles`, from 0 to 1, rising.

    Attributes:
        size: how many numbers the output layer gives, and an answer has.
        of_density: whether the loss is -log of a density.
    """

    size: int
    of_density = False

    def __init__(self, center: float, scale: float, levels: Sequence[float]):
        self.center, self.scale, self.levels = float(center), float(scale), tuple(levels)

    def point(self, answer: tf.Tensor) -> tf.Tensor:
        """The prediction, (...): the median."""
        raise NotImplementedError

    def quantiles(self, answer: tf.Tensor) -> tf.Tensor:
        """(..., levels)"""
        raise NotImplementedError

    def loss(self, y: tf.Tensor, answer: tf.Tensor) -> tf.Tensor:
        """How far answers are from y (...), where that is counted in the scale, (...)."""
        raise NotImplementedError

    @property
    def chance_loss(self) -> float:
        """About what it is where an answer is always that of all targets, if they are normal."""
        raise NotImplementedError


class Normal(Numbers):
    """y ~ N(mean, deviation^2),   mean = center + scale z_1,   deviation = scale softplus(z_2 + b)

    b is such that z = 0 says what is known of all targets. Trained by the negative log-likelihood
    in nats.

    >>> normal = Normal(5.0, 2.0, (0.1, 0.5, 0.9))
    >>> print(normal.quantiles(normal.answer(tf.zeros((1, 2)))).numpy().round(2))
    [[2.43 5.   7.57]]
    """

    size = 2
    of_density = True

    def answer(self, numbers: tf.Tensor) -> tf.Tensor:
        mean = self.center + self.scale * numbers[..., 0]
        deviation = self.scale * (tf.math.softplus(numbers[..., 1] + _before(1.0)) + LEAST)
        return tf.stack([mean, deviation], axis=-1)

    def point(self, answer: tf.Tensor) -> tf.Tensor:
        return answer[..., 0]

    def quantiles(self, answer: tf.Tensor) -> tf.Tensor:
        apart = tf.constant(ndtri(self.levels), tf.float32)
        return answer[..., :1] + answer[..., 1:] * apart

    def loss(self, y: tf.Tensor, answer: tf.Tensor) -> tf.Tensor:
        deviation = answer[..., 1]
        away = (y - answer[..., 0]) / deviation
        return 0.5 * away**2 + tf.math.log(deviation / self.scale) + 0.5 * math.log(2 * math.pi)

    @property
    def chance_loss(self) -> float:
        return 0.5 * math.log(2 * math.pi * math.e)


class Quantiles(Numbers):
    """The quantiles at some levels, which never cross: from the middle one outwards,

        q_m = center + scale z_m,   q_k = q_(k-1) + scale softplus(z_k + b_k)   above, below alike

    b is such that z = 0 gives those of a normal distribution. Trained by the pinball loss, a mean
    over the levels (Koenker and Bassett 1978, Regression quantiles).

    >>> quantiles = Quantiles(0.0, 1.0, (0.1, 0.5, 0.9))
    >>> print(quantiles.answer(tf.constant([[0.0, 3.0, 0.0]])).numpy().round(2))
    [[1.72 3.   4.28]]
    """

    def __init__(self, center: float, scale: float, levels: Sequence[float]):
        super().__init__(center, scale, levels)
        self.size, self.middle = len(self.levels), len(self.levels) // 2
        self.before = np.insert(_before(np.diff(ndtri(self.levels))), self.middle, 0)

    def answer(self, numbers: tf.Tensor) -> tf.Tensor:
        m = self.middle
        steps = tf.math.softplus(numbers + tf.constant(self.before, tf.float32))
        below = -tf.cumsum(steps[..., :m], axis=-1, reverse=True)
        above = tf.cumsum(steps[..., m + 1 :], axis=-1)
        middle = numbers[..., m : m + 1]
        return self.center + self.scale * tf.concat(
            [middle + below, middle, middle + above], axis=-1
        )

    def point(self, answer: tf.Tensor) -> tf.Tensor:
        return answer[..., self.middle]

    def quantiles(self, answer: tf.Tensor) -> tf.Tensor:
        return answer

    def loss(self, y: tf.Tensor, answer: tf.Tensor) -> tf.Tensor:
        away = (y[..., None] - answer) / self.scale
        levels = tf.constant(self.levels, tf.float32)
        return tf.reduce_mean(tf.maximum(levels * away, (levels - 1) * away), axis=-1)

    @property
    def chance_loss(self) -> float:
        apart = ndtri(self.levels)
        return float(np.mean(np.exp(-0.5 * apart**2)) / math.sqrt(2 * math.pi))


def _before(value):
    """Of what softplus makes a value."""
    return np.log(np.expm1(value))


LEAST = 1e-3  # the deviation of a normal distribution, by that of all training targets
DISTRIBUTIONS: dict[str, type[Normal] | type[Quantiles]] = {
    "normal": Normal,
    "quantiles": Quantiles,
}
