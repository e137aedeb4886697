"""Of sequences with a class at each step: the most frequent one, and a linear model of windows."""

from __future__ import annotations

from typing import Self

import numpy as np

from rnnzoo.baselines.base import Baseline, some
from rnnzoo.baselines.series import MostFrequentClass, fitted
from rnnzoo.data import Examples, Series

WIDTHS = (4, 16, 64)  # steps to either side of a window, of which validation chooses
_MOST_NUMBERS = 1e6  # of all steps' features, which is some seconds to fit
_STRENGTH = 0.1


class MostFrequentClassOfSteps(Baseline):
    """Gives each class the share of the training steps that have it."""

    name = MostFrequentClass.name

    def fit(self, data: Series) -> Self:
        labels = np.concatenate(data.train.labels)
        counts = np.bincount(labels[labels >= 0], minlength=len(data.classes))
        self.shares = counts / counts.sum()
        return self

    def answers(self, part: Examples) -> list[np.ndarray]:
        """Probabilities (time, classes) of each example."""
        return [np.tile(self.shares, (len(x), 1)) for x in part.x]


class StatisticsAround(Baseline):
    """Logistic regression, at each step, on its values, and on the mean and the standard deviation
    of each channel in a window around it.

    The window is chosen on the validation part.
    """

    name = "logistic regression on windows around each step"

    def fit(self, data: Series) -> Self:
        self.count = len(data.classes)
        train, validation = data.train, data.validation
        labels = np.concatenate(train.labels)
        size = 3 * np.asarray(train.x[0]).shape[-1]
        there = np.flatnonzero(labels >= 0)
        rows = there[some(len(there), int(_MOST_NUMBERS / size))]
        self.only = labels[rows[0]] if len(set(labels[rows].tolist())) < 2 else None
        if self.only is not None:
            return self
        most = -1
        for width in WIDTHS if len(validation) else WIDTHS[1:2]:
            x = np.concatenate([around(each, width) for each in train.x])[rows]
            model = fitted(x, labels[rows], _STRENGTH)
            right = sum(
                (self._probabilities(model, x, width).argmax(axis=1) == truth).sum()
                for x, truth in zip(validation.x, validation.labels, strict=True)
            )
            if right > most:
                most, self.width, self.model = right, width, model
        return self

    def answers(self, part: Examples) -> list[np.ndarray]:
        """Probabilities (time, classes) of each example."""
        if self.only is not None:
            return [np.tile(np.eye(self.count)[self.only], (len(x), 1)) for x in part.x]
        return [self._probabilities(self.model, x, self.width) for x in part.x]

    def _probabilities(self, model, x, width):
        p = np.zeros((len(x), self.count))
        p[:, model.classes_] = model.predict_proba(around(x, width))
        return p


def around(x: np.ndarray, width: int) -> np.ndarray:
    """Of each step its values, and mean and standard deviation of those at most `width` steps away.

    What is missing is left out; where nothing is there, all is 0.

    >>> around(np.array([[1.0], [3.0], [5.0]]), 1).tolist()
    [[1.0, 2.0, 1.0], [3.0, 3.0, 1.632993161855452], [5.0, 4.0, 1.0]]
    """
    x = np.asarray(x, np.float64).reshape(len(x), -1)
    there = ~np.isnan(x)
    count = np.maximum(1, there.sum(axis=0))
    middle = np.where(there, x, 0).sum(axis=0) / count  # without the cancelling of large squares
    centred = np.where(there, x - middle, 0)
    ends = np.minimum(np.arange(len(x)) + width + 1, len(x))
    begins = np.maximum(np.arange(len(x)) - width, 0)

    def sums(values):
        total = np.concatenate([np.zeros((1, x.shape[1])), np.cumsum(values, axis=0)])
        return total[ends] - total[begins]

    n = np.maximum(1, sums(there))
    mean = sums(centred) / n
    std = np.sqrt(np.maximum(0, sums(centred**2) / n - mean**2))
    there_at_all = there.any(axis=0)
    mean = np.where(there_at_all, mean + middle, 0)
    return np.concatenate([np.where(there, x, mean), mean, std], axis=1)
