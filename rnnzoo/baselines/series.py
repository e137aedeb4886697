"""Of labelled sequences: the most frequent class, and a linear model of statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np

from rnnzoo.baselines.base import Baseline, some
from rnnzoo.data import Examples, Series

WINDOW = 256  # time steps; a longer sequence is answered by the mean over its windows
_MOST_NUMBERS = 2e6  # of all windows' statistics, which is some seconds to fit
_STRENGTHS = (0.01, 0.1, 1.0)  # C, of which validation chooses
_ITERATIONS = 300
_SIDE = 16  # pixels that a video's mean frame is shrunk to


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
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self.count = len(data.classes)
        self.window = data.window or WINDOW
        train = data.train
        size = len(features(next(windows(train.x[0], self.window))))
        rows = some(len(train), int(_MOST_NUMBERS / size))
        x, owners = _features_of(train.x, rows, self.window)
        chosen = some(len(x), int(_MOST_NUMBERS / size))
        labels = train.labels[rows][owners[chosen]]
        self.model = None
        self.only = labels[0]
        if len(set(labels.tolist())) < 2:
            return self
        right = -1.0
        for strength in _STRENGTHS if len(data.validation) else (1.0,):
            before, self.model = (
                self.model,
                make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000)),
            )
            self.model.fit(x[chosen], labels)
            if len(data.validation):
                answers = self.answers(data.validation).argmax(axis=1)
                if (now := (answers == data.validation.labels).mean()) <= right:
                    self.model = before
                else:
                    right = now
        return self

    def answers(self, part: Examples) -> np.ndarray:
        """Probabilities (examples, classes), the mean over the windows of each example."""
        result = np.zeros((len(part), self.count))
        if self.model is None:
            result[:, self.only] = 1
            return result
        x, owners = _features_of(part.x, range(len(part)), self.window)
        found = self.model.predict_proba(x)
        sums = np.stack([np.bincount(owners, p, len(part)) for p in found.T], axis=1)
        result[:, self.model.classes_] = sums / np.bincount(owners, minlength=len(part))[:, None]
        return result


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
        return _shrunk(np.asarray(x, np.float64).mean(axis=0)).ravel()
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


def _shrunk(frame):
    """Means of blocks of a frame (height, width, ...)."""
    rows, columns = (np.linspace(0, n, min(n, _SIDE) + 1).astype(int)[:-1] for n in frame.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(frame, rows, axis=0), columns, axis=1)
    heights, widths = np.diff([*rows, frame.shape[0]]), np.diff([*columns, frame.shape[1]])
    return sums / (heights[:, None] * widths)[..., None]
