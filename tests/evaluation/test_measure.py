"""Intervals against a bootstrap written out, and what they must keep."""

import numpy as np
import pytest

from rnnzoo.evaluation.measure import Measure

RANDOM = np.random.default_rng(0)


def accuracy(right, better=True):
    right = np.asarray(right, float)
    statistics = np.stack([right, np.ones(len(right))], axis=1)
    return Measure("accuracy", statistics, lambda sums: sums[0] / sums[1], better)


def test_an_interval_is_that_of_draws_of_examples():
    right = RANDOM.random(80) < 0.7
    low, high = accuracy(right).interval()
    drawn = [right[RANDOM.integers(80, size=80)].mean() for _ in range(4000)]
    np.testing.assert_allclose([low, high], np.percentile(drawn, [2.5, 97.5]), atol=0.02)
    assert accuracy(right).interval() == (low, high)  # the same each time


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held = 0
    for _ in range(60):
        low, high = accuracy(RANDOM.random(100) < 0.6).interval()
        held += low <= 0.6 <= high
    assert 50 <= held <= 60


def test_a_share_that_is_whole_has_an_interval():
    """By hand: Wilson's lower bound of n of n is n / (n + z^2), z = 1.96."""
    measure = Measure("accuracy", np.ones((7, 2)), lambda sums: sums[0] / sums[1], share=True)
    low, high = measure.interval()
    assert low == pytest.approx(7 / (7 + 1.95996**2), abs=1e-4) and high == 1


def test_a_difference_is_of_the_same_draws():
    one = RANDOM.random(200) < 0.6
    other = one.copy()
    other[np.flatnonzero(one)[:10]] = False  # never better than one
    by, (low, high) = accuracy(one).better_than(accuracy(other))
    assert by == pytest.approx(10 / 200) and 0 < low <= by <= high
    by, (low, high) = accuracy(one, better=False).better_than(accuracy(other, better=False))
    assert by == pytest.approx(-10 / 200) and low <= by <= high < 0
    assert accuracy(one).better_than(accuracy(one)) == (0, (0, 0))
