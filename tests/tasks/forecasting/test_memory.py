"""What the newest values say, derived again in NumPy, and never by later ones."""

import numpy as np
import pytest

from rnnzoo.platform import tf
from rnnzoo.tasks.forecasting.memory import level_of_amounts, level_of_reals

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow

MEMORY, STEPS = 6, 20
RANDOM = np.random.default_rng(0)


@pytest.fixture
def values():
    y = 1e4 + RANDOM.normal(size=(3, MEMORY + STEPS - 1)).cumsum(axis=1)
    y[0, :MEMORY] = np.nan  # nothing is there at first
    y[1, RANDOM.random(y.shape[1]) < 0.3] = np.nan
    return y.astype(np.float32)


def test_origin_and_scale_of_reals_are_those_of_the_newest_values(values):
    found = level_of_reals(tf.constant(values), MEMORY, 0.001, 0.01)
    for row, y in enumerate(values.astype(float)):
        for step in range(STEPS):
            newest = y[step : step + MEMORY]
            there = newest[np.isfinite(newest)]
            assert bool(found.seen[row, step]) == (len(there) > 0)
            if not len(there):
                continue
            assert found.origin[row, step] == np.float32(there[-1])
            differences = np.diff(newest)
            differences = differences[np.isfinite(differences)]
            guess = (0.001 * there.mean()) ** 2
            if not len(differences):
                guess = max(guess, there.var())
            count = len(differences) + 1  # the guess is one of them, and counts less and less
            scale = np.sqrt(((differences**2).sum() + guess / count) / count) + 0.01
            np.testing.assert_allclose(found.scale[row, step], scale, rtol=1e-3)
            mean, apart = (there.mean() - there[-1]) / scale, np.log1p(there.std() / scale)
            expected = np.clip([mean, apart], -9, 9)
            np.testing.assert_allclose(found.told[row, step], expected, rtol=0.01, atol=0.01)


def test_the_scale_of_amounts_is_the_mean_of_the_newest_ones_and_of_one_guessed():
    y = np.array([[np.nan, 0, 0, 6, 3]], np.float32)
    found = level_of_amounts(tf.constant(y), 3, size=2.0)
    np.testing.assert_allclose(found.scale, [[2 / 3, 8 / 4, 11 / 4]])
    assert not found.origin.numpy().any()


@pytest.mark.parametrize("of", ["reals", "amounts"])
def test_one_step_at_a_time_gives_the_same(of, values):
    def level(values):
        if of == "reals":
            return level_of_reals(values, MEMORY, 0.001, 0.01)
        return level_of_amounts(tf.abs(values), MEMORY, 1.0)

    whole = level(tf.constant(values))
    for step in range(STEPS):
        one = level(tf.constant(values[:, step : step + MEMORY]))
        for name in ("origin", "scale", "seen", "told"):
            now = getattr(whole, name)[:, step]
            np.testing.assert_allclose(getattr(one, name)[:, 0], now, rtol=1e-4, atol=1e-5)
