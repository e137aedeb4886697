"""What may come next, as a distribution whose parameters the network gives.

The network puts out numbers that know nothing of the size of a series; mean m and scale s of its
newest values bring them to its units. Samples come from uniforms that are drawn before, so that
Python and a SavedModel draw the same.
"""

from __future__ import annotations

import math
from typing import ClassVar

from rnnzoo.errors import WrongValue
from rnnzoo.platform import tf

TINY = 1e-6


def _positive(x, at_zero=1.0, least=1e-3):
    """A number above `least`, which is `at_zero` where x = 0."""
    return tf.nn.softplus(x + math.log(math.expm1(at_zero))) + least


class Distribution:
    """A family of distributions of one number.

    Attributes:
        name: of the family, as a user chooses it.
        kinds: of panels that it is for by default, see `rnnzoo.data.forecasting.Panel`.
        parameters: the names of the parameters, in the units of the series.
        centered: whether values are measured from the mean of the newest ones (and their deviation
            is the scale), or from 0 (and the scale is the mean of their sizes).
        whole: whether values are whole numbers.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]] = ()
    parameters: ClassVar[tuple[str, ...]]
    centered: ClassVar[bool] = False
    whole: ClassVar[bool] = False

    @property
    def size(self) -> int:
        """How many numbers the network puts out, which are as many as there are parameters."""
        return len(self.parameters)

    def of(self, outputs: tf.Tensor, mean: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """The parameters (..., size).

        Args:
            outputs: of the network, (..., size); the first one tells where the values are.
            mean, scale: of the newest values, (...).
        """
        raise NotImplementedError

    def log_prob(self, parameters: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        """The log-likelihood of y (...) in nats: of a density per unit of y."""
        raise NotImplementedError

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """The expected value (...): the first parameter, unless a family says otherwise."""
        return parameters[..., 0]

    def sample(self, parameters: tf.Tensor, uniforms: tf.Tensor) -> tf.Tensor:
        """A value (...) of two uniforms (..., 2) in [0, 1)."""
        raise NotImplementedError


class Gaussian(Distribution):
    """N(m + s mu, (s sigma)^2)."""

    name = "gaussian"
    parameters = ("loc", "scale")
    centered = True

    def of(self, outputs, mean, scale):
        loc, width = tf.unstack(outputs, axis=-1)
        return tf.stack([mean + scale * loc, scale * _positive(width, 0.7)], axis=-1)

    def log_prob(self, parameters, y):
        loc, scale = tf.unstack(parameters, axis=-1)
        z = (y - loc) / scale
        return -0.5 * z * z - tf.math.log(scale) - 0.5 * math.log(2 * math.pi)

    def sample(self, parameters, uniforms):
        loc, scale = tf.unstack(parameters, axis=-1)
        return loc + scale * tf.math.ndtri(tf.clip_by_value(uniforms[..., 0], TINY, 1 - TINY))


class StudentT(Distribution):
    """m + s (mu + sigma t), where t has nu > 2 degrees of freedom: far values are no surprise.

    Samples: Bailey 1994, Polar generation of random variates with the t-distribution.
    """

    name = "student_t"
    kinds = ("real", "positive")
    parameters = ("loc", "scale", "df")
    centered = True

    def of(self, outputs, mean, scale):
        loc, width, df = tf.unstack(outputs, axis=-1)
        df = 2 + _positive(df, 6.0)
        return tf.stack([mean + scale * loc, scale * _positive(width, 0.7), df], axis=-1)

    def log_prob(self, parameters, y):
        loc, scale, df = tf.unstack(parameters, axis=-1)
        z = (y - loc) / scale
        at_zero = tf.math.lgamma((df + 1) / 2) - tf.math.lgamma(df / 2)
        at_zero -= 0.5 * tf.math.log(math.pi * df) + tf.math.log(scale)
        return at_zero - 0.5 * (df + 1) * tf.math.log1p(z * z / df)

    def sample(self, parameters, uniforms):
        loc, scale, df = tf.unstack(parameters, axis=-1)
        u, v = tf.maximum(uniforms[..., 0], TINY), uniforms[..., 1]
        radius = tf.sqrt(df * tf.math.expm1(-2 / df * tf.math.log(u)))
        return loc + scale * radius * tf.cos(2 * math.pi * v)


class NegativeBinomial(Distribution):
    """Counts of mean s mu and variance mean + alpha mean^2 (a Poisson whose rate is a gamma)."""

    name = "negative_binomial"
    kinds = ("counts",)
    parameters = ("mean", "alpha")
    whole = True

    def of(self, outputs, mean, scale):
        rate, alpha = tf.unstack(outputs, axis=-1)
        return tf.stack([scale * _positive(rate), _positive(alpha, 0.3)], axis=-1)

    def log_prob(self, parameters, y):
        mean, r, log_p, log_q = self._rate(parameters)
        combinations = tf.math.lgamma(y + r) - tf.math.lgamma(r) - tf.math.lgamma(y + 1)
        return combinations + r * log_p + y * log_q

    @staticmethod
    def _rate(parameters):
        """The mean, r = 1 / alpha, log r / (r + mean), log mean / (r + mean)."""
        mean, alpha = tf.unstack(parameters, axis=-1)
        odds = alpha * mean
        return mean, 1 / alpha, -tf.math.log1p(odds), tf.math.log(odds) - tf.math.log1p(odds)

    def sample(self, parameters, uniforms):
        """The least count whose distribution function passes u, found by halving."""
        mean, r, log_p, _ = self._rate(parameters)
        p, u = tf.exp(log_p), uniforms[..., 0]
        deviation = tf.sqrt(mean + mean * mean / r)
        high = tf.math.ceil(mean + 20 * deviation + 10)

        def halve(low, high):
            middle = tf.floor((low + high) / 2)
            passes = tf.math.betainc(r, middle + 1, p) > u
            return tf.where(passes, low, middle), tf.where(passes, middle, high)

        _, found = tf.while_loop(
            lambda low, high: tf.reduce_max(high - low) > 1,
            halve,
            (-tf.ones_like(mean), high),
            parallel_iterations=1,
        )
        return found


class DryOrWet(Distribution):
    """0 with probability 1 - p, else an amount: Weibull of scale s lambda and shape k.

    Amounts of rain fall off more slowly than an exponential distribution, which is k = 1.
    """

    name = "dry_or_wet"
    kinds = ("wet",)
    parameters = ("logit", "scale", "shape")

    def of(self, outputs, mean, scale):
        logit, amount, shape = tf.unstack(outputs, axis=-1)
        return tf.stack([logit, scale * _positive(amount), _positive(shape, 0.8, 0.2)], axis=-1)

    def log_prob(self, parameters, y):
        logit, scale, shape = tf.unstack(parameters, axis=-1)
        dry = y <= 0
        z = tf.math.log(tf.where(dry, scale, y) / scale)
        amount = tf.math.log(shape / scale) + (shape - 1) * z - tf.exp(shape * z)
        return tf.where(dry, -tf.nn.softplus(logit), -tf.nn.softplus(-logit) + amount)

    def mean(self, parameters):
        logit, scale, shape = tf.unstack(parameters, axis=-1)
        return tf.sigmoid(logit) * scale * tf.exp(tf.math.lgamma(1 + 1 / shape))

    def sample(self, parameters, uniforms):
        logit, scale, shape = tf.unstack(parameters, axis=-1)
        u, dry = uniforms[..., 0], tf.sigmoid(-logit)
        above = tf.clip_by_value((u - dry) / tf.maximum(1 - dry, TINY), TINY, 1 - TINY)
        amount = scale * tf.exp(tf.math.log(-tf.math.log1p(-above)) / shape)
        return tf.where(u < dry, 0.0, amount)


DISTRIBUTIONS: dict[str, Distribution] = {
    each.name: each for each in (Gaussian(), StudentT(), NegativeBinomial(), DryOrWet())
}


def distribution(name: str, kind: str) -> Distribution:
    """A family by its name; "auto" is that for a kind of panel.

    >>> distribution("auto", "counts").name
    'negative_binomial'
    """
    if name == "auto":
        return next(each for each in DISTRIBUTIONS.values() if kind in each.kinds)
    if name not in DISTRIBUTIONS:
        raise WrongValue(
            f"distribution={name!r}: expected auto, or one of {', '.join(DISTRIBUTIONS)}"
        )
    return DISTRIBUTIONS[name]
