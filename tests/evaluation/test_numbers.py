"""How far off predicted numbers are, and how sure."""

import numpy as np
import pytest
from sklearn.metrics import (
    mean_absolute_error,
    mean_pinball_loss,
    r2_score,
    root_mean_squared_error,
)

from rnnzoo.data.step_labels import entries
from rnnzoo.evaluation.numbers import LEVELS, draw, measures, odd

RANDOM = np.random.default_rng(0)
Y = 1e4 + RANDOM.normal(size=50)
Q = np.sort(1e4 + RANDOM.normal(size=(50, 9)), axis=1)


def values(q, y):
    return {measure.name: measure.value for measure in measures(q, y)}


def test_measures_are_those_of_scikit_learn():
    found = values(Q, Y)
    pinball = [mean_pinball_loss(Y, q, alpha=a) for q, a in zip(Q.T, LEVELS, strict=True)]
    assert found["MAE"] == pytest.approx(mean_absolute_error(Y, Q[:, 4]))
    assert found["RMSE"] == pytest.approx(root_mean_squared_error(Y, Q[:, 4]))
    assert found["R^2"] == pytest.approx(r2_score(Y, Q[:, 4]))
    assert found["pinball loss"] == pytest.approx(np.mean(pinball))
    inside = np.mean((Q[:, 0] <= Y) & (Q[:, -1] >= Y))
    assert found["within the band of 80 %"] == pytest.approx(inside)


def test_by_step_all_steps_count_alike_and_intervals_are_over_recordings():
    q, y = [Q[:20], Q[20:50]], entries([np.where(Y[:20] < 1e4, np.nan, Y[:20]), Y[20:]])
    there = ~np.isnan(np.concatenate(y))
    one_by_one = values(Q[there], Y[there])
    assert values(q, y) == pytest.approx(one_by_one)
    assert len(measures(q, y)[0].statistics) == 2


def test_what_is_alike_and_bands_that_are_off_are_odd():
    assert odd(Q, Y) == [] or "bands" in odd(Q, Y)[0]
    (alike, narrow) = odd(np.full((50, 9), 1e4) + np.arange(9) / 1e3, Y)
    assert alike.startswith("predictions are nearly all alike")
    assert narrow.startswith("bands are too narrow: those of 80% hold 0%")


def test_the_picture_is_written(tmp_path):
    draw(tmp_path, "load", Q, Y, "test")
    assert (tmp_path / "predicted.png").stat().st_size > 1000
