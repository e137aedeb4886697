"""Of labelled sequences: the most frequent class, and a linear model of statistics."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from rnnzoo.baselines.base import Baseline, some, thumbnail
from rnnzoo.data import Examples, Series

WINDOW = 256  # time steps; a longer sequence is answered by the mean over its windows
_MOST_NUMBERS = 2e6  # of all windows' statistics, which is some seconds to fit
_STRENGTHS = (0.01, 0.1, 1.0)  # C, of which validation chooses
_ITERATIONS = 2000


class MostFrequentClass(Baseline):
    """Gives each class the share of training examples that have it."""

    name = "most frequent class"

    def fit(self, data: Series) -> Self:
        counts = np.bincount(data.train.labels, minlength=len(data.classes))
        self.shares = counts / counts.sum()
        return self

    def answers(self, part: Examples) -> np.ndarray:
        """Probabilities (examples, classes)."""
        return np.tile(self.shares, (len(part), 1))


class Statistics(Baseline):
    """Logistic regression on statistics of each channel in windows; of videos on the mean frame.

    The strength of its regularization is chosen on the validation part.
    """

    name = "logistic regression on statistics"

    def fit(self, data: Series) -> Self:
        self.count = len(data.classes)
        self.window = data.window or WINDOW
        train = data.train
        size = len(features(next(windows(train.x[0], self.window))))
        rows = some(len(train), int(_MOST_NUMBERS / size))
        x, owners = _features_of(train.x, rows, self.window)
        chosen = some(len(x), int(_MOST_NUMBERS / size))
        labels = train.labels[rows][owners[chosen]]
        self.only = labels[0] if len(set(labels.tolist())) < 2 else None
        if self.only is not None:
            return self
        if not len(data.validation):
            self.model = fitted(x[chosen], labels, _STRENGTHS[-1])
            return self
        held_out = _features_of(data.validation.x, range(len(data.validation)), self.window)

        def right(model):
            answers = self._of_features(model, *held_out).argmax(axis=1)
            return (answers == data.validation.labels).mean()

        self.model = max((fitted(x[chosen], labels, c) for c in _STRENGTHS), key=right)
        return self

    def answers(self, part: Examples) -> np.ndarray:
        """Probabilities (examples, classes), the mean over the windows of each example."""
        if self.only is not None:
            return np.tile(np.eye(self.count)[self.only], (len(part), 1))
        found = _features_of(part.x, range(len(part)), self.window)
        return self._of_features(self.model, *found)

    def _of_features(self, model, x, owners):
        sums = np.stack([np.bincount(owners, p) for p in model.predict_proba(x).T], axis=1)
        result = np.zeros((len(sums), self.count))
        result[:, model.classes_] = sums / np.bincount(owners)[:, None]
        return result


def fitted(x: np.ndarray, labels: np.ndarray, strength: float) -> Any:
    """A logistic regression on standardized features; `strength` is scikit-learn's C."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = LogisticRegression(C=strength, max_iter=_ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it stops early, and may
        return make_pipeline(StandardScaler(), regression).fit(x, labels)


def windows(x: np.ndarray, window: int = WINDOW) -> Iterator[np.ndarray]:
    """Windows of a sequence that overlap by half, the last one at its end."""
    last = max(0, len(x) - window)
    for begin in (*range(0, last, max(1, window // 2)), last):
        yield x[begin : begin + window]


def features(x: np.ndarray) -> np.ndarray:
    """What is known of a window: numbers of each channel, missing ones left out.

    Mean, standard deviation, minimum, quartiles, maximum, the mean square, and the mean and the
    standard deviation of the distances from step to step.

    >>> features(np.array([[1.0], [3.0]])).tolist()
    [2.0, 1.0, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 2.0, 0.0]
    """
    if x.ndim > 2:
        return thumbnail(np.asarray(x, np.float64).mean(axis=0)).ravel()
    x = np.asarray(x, np.float64)
    x = np.where(np.isnan(x).all(axis=0), 0.0, x)  # of a channel that is missing throughout: 0
    steps = np.abs(np.diff(x, axis=0)) if len(x) > 1 else np.zeros_like(x)
    steps = np.where(np.isnan(steps).all(axis=0), 0.0, steps)
    # Much slower where NaN is to be looked for, which most data has none of.
    quantiles = np.nanpercentile if np.isnan(x).any() else np.percentile
    rows = [
        np.nanmean(x, axis=0),
        np.nanstd(x, axis=0),
        *quantiles(x, (0, 25, 50, 75, 100), axis=0),
        np.nanmean(x**2, axis=0),
        np.nanmean(steps, axis=0),
        np.nanstd(steps, axis=0),
    ]
    return np.concatenate(rows)


def _features_of(x, rows, window):
    """Statistics of all windows of some sequences, and of which sequence each is."""
    found, owners = [], []
    for owner, row in enumerate(rows):
        for of_one in windows(x[row], window):
            found.append(features(of_one))
            owners.append(owner)
    return np.array(found), np.array(owners)
