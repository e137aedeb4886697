"""A number that is a function of sums over examples, and how sure it is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Measure:
    """How good the answers to some examples are, in one respect.

    Attributes:
        name: of the measure, such as "accuracy".
        statistics: float (examples, k): what each example adds to the sums.
        of_sums: from sums (k,) the measure.
        higher_is_better: whether more of it is better.
        share: whether it is a share of examples: the statistics are 0 or 1, and 1.

    Example:
        >>> right = np.array([1.0, 0.0, 1.0, 1.0])
        >>> statistics = np.stack([right, np.ones(4)], axis=1)
        >>> accuracy = Measure("accuracy", statistics, lambda sums: sums[0] / sums[1])
        >>> accuracy.value, len(accuracy.interval())
        (0.75, 2)
    """

    name: str
    statistics: np.ndarray
    of_sums: Callable[[np.ndarray], float]
    higher_is_better: bool = True
    share: bool = False

    @property
    def value(self) -> float:
        """The measure of all examples."""
        return float(self.of_sums(self.statistics.sum(axis=0)))

    def interval(self) -> tuple[float, float]:
        """95 %: the percentiles 2.5 and 97.5 over draws of as many examples with replacement.

        Of a share Wilson's, which is no point where all examples are right.

        Sources: Efron 1979, Bootstrap methods: another look at the jackknife; Wilson 1927, Probable
        inference, the law of succession, and statistical inference.
        """
        if self.share:
            from scipy.stats import binomtest

            right, count = self.statistics.sum(axis=0).round().astype(int)
            return tuple(binomtest(right, count).proportion_ci(method="wilson"))
        return _percentiles(self._drawn)

    def better_than(self, other: Measure) -> tuple[float, tuple[float, float]]:
        """By how much it is better than another one's answers to the same examples.

        Returns:
            The difference, above 0 where this one is better, and its interval over the same draws
            for both: where that holds 0, they may be as good.
        """
        sign = 1 if self.higher_is_better else -1
        apart = sign * (self._drawn - other._drawn)
        return sign * (self.value - other.value), _percentiles(apart)

    @functools.cached_property
    def _drawn(self):
        # By how often each example is drawn: the same ones for the same number of examples.
        count = len(self.statistics)
        random = np.random.default_rng(0)
        values = []
        for _ in range(DRAWS // 50):  # some at a time: all would be large
            often = random.multinomial(count, np.full(count, 1 / count), size=50)
            # As floats: NumPy has no fast product of whole numbers.
            values += [self.of_sums(sums) for sums in often.astype(float) @ self.statistics]
        return np.array(values, float)


def _percentiles(values):
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
