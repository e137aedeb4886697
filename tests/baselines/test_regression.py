"""The simple things that a regressor must beat."""

import numpy as np
import pytest

from rnnzoo.baselines.regression import MeanTarget, RidgeAround, RidgeOnStatistics
from rnnzoo.data import Examples, Series
from rnnzoo.data.step_labels import entries

RANDOM = np.random.default_rng(0)


def series(y_of):
    parts = {}
    for split, count in (("train", 60), ("validation", 20), ("test", 20)):
        x = [RANDOM.normal(size=(20, 2)) + RANDOM.normal() for _ in range(count)]
        y = [np.float32(y_of(of_one)) for of_one in x]
        labels = entries(y) if y[0].ndim else np.array(y)
        parts[split] = Examples(x, labels)
    return Series(name="made", **parts)


def test_the_mean_is_the_middle_of_the_training_quantiles():
    data = series(lambda x: x.mean())
    answer = MeanTarget().fit(data).answers(data.test)
    assert answer.shape == (20, 9)
    np.testing.assert_allclose(answer[:, 4], data.train.labels.mean(), rtol=1e-4)
    assert (np.diff(answer, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("kind", "y_of"),
    [
        (RidgeOnStatistics, lambda x: 5 + 3 * x[:, 0].mean() - x[:, 1].mean()),
        (RidgeAround, lambda x: 5 + 3 * x[:, 0] - x[:, 1]),
    ],
)
def test_ridge_finds_what_is_linear_in_its_statistics(kind, y_of):
    data = series(y_of)
    answers = kind().fit(data).answers(data.test)
    truth = np.concatenate([np.ravel(y) for y in data.test.labels])
    middle = np.concatenate([np.reshape(q, (-1, 9))[:, 4] for q in answers])
    assert np.abs(middle - truth).mean() < 0.1 * truth.std()


def test_ridge_leaves_out_what_has_no_number():
    data = series(lambda x: x[:, 0].mean())
    data.train.labels[:5] = np.nan
    assert np.isfinite(RidgeOnStatistics().fit(data).answers(data.test)).all()
