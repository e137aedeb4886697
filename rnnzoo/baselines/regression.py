"""Of sequences with numbers: the mean of all, and ridge regression on statistics.

Each answers as a regressor does, by quantiles at `rnnzoo.evaluation.numbers.LEVELS`: those of what
was left over, on the validation part where there is one, about what it predicts.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from rnnzoo.baselines.base import Baseline, some
from rnnzoo.baselines.series import features_of
from rnnzoo.baselines.series_steps import WIDTHS, around
from rnnzoo.data import Examples, Series
from rnnzoo.data.step_labels import are_by_step
from rnnzoo.evaluation.numbers import LEVELS

_MOST_NUMBERS = 2e6  # of all statistics, which is a second to fit
_STRENGTHS = tuple(10.0 ** np.arange(-3, 5))  # of which validation chooses


class MeanTarget(Baseline):
    """Predicts the mean of the training targets, with their quantiles about it."""

    name = "mean of the training targets"

    def fit(self, data: Series) -> Self:
        y = _flat(data.train.labels)
        self.per_step, self.quantiles = data.train.by_step, _about(y.mean(), y - y.mean())
        return self

    def answers(self, part: Examples) -> Any:
        """Quantiles (examples, levels), or of steps a list of (time, levels)."""
        if self.per_step:
            return [np.tile(self.quantiles, (len(x), 1)) for x in part.x]
        return np.tile(self.quantiles, (len(part), 1))


class RidgeOnStatistics(Baseline):
    """Ridge regression on statistics of each channel in windows, the mean over a recording's.

    The statistics and the windows are those of `rnnzoo.baselines.series.Statistics`; the strength
    of the regularization is chosen on the validation part by the mean absolute error.
    """

    name = "ridge regression on statistics"

    def fit(self, data: Series) -> Self:
        from rnnzoo.tasks.recipes import of_series  # beside which the tasks stand, with this

        train = _with_numbers(data.train)
        lengths = [len(x) for x in train.x]
        self.window: int = of_series(lengths, window=data.window).window or max(lengths)
        size = features_of(train.x, [0], self.window)[0].shape[1]
        rows = some(len(train), int(_MOST_NUMBERS / size))
        x, owners = features_of(train.x, rows, self.window)
        chosen = some(len(x), int(_MOST_NUMBERS / size))
        y = train.labels[rows][owners[chosen]]
        held_out = _with_numbers(data.validation) if len(data.validation) else train
        found = features_of(held_out.x, range(len(held_out)), self.window)

        def left(model):
            return held_out.labels - self._means(model, *found)

        self.model, residuals = _best(x[chosen], y, left)
        self.apart = _about(0.0, residuals)
        return self

    def answers(self, part: Examples) -> np.ndarray:
        """Quantiles (examples, levels)."""
        found = features_of(part.x, range(len(part)), self.window)
        return self._means(self.model, *found)[:, None] + self.apart

    def _means(self, model, x, owners):
        return np.bincount(owners, model.predict(x)) / np.bincount(owners)


class RidgeAround(Baseline):
    """Ridge regression, at each step, on its values, and on the mean and the standard deviation of
    each channel in a window around it.

    Window and strength are chosen on the validation part by the mean absolute error.
    """

    name = "ridge regression on windows around each step"

    def fit(self, data: Series) -> Self:
        train = data.train
        held_out = data.validation if len(data.validation) else train
        labels, truths = np.concatenate(train.labels), np.concatenate(held_out.labels)
        there = np.flatnonzero(~np.isnan(labels))
        size = 3 * np.asarray(train.x[0]).reshape(len(train.x[0]), -1).shape[1]
        rows = there[some(len(there), int(_MOST_NUMBERS / size))]
        least = np.inf
        for width in WIDTHS:
            x = np.concatenate([around(each, width) for each in train.x])[rows]
            others = np.concatenate([around(each, width) for each in held_out.x])
            known = ~np.isnan(truths)

            def left(model, others=others, known=known):
                return (truths - model.predict(others))[known]

            model, residuals = _best(x, labels[rows], left)
            if (error := np.abs(residuals).mean()) < least:
                least, self.width, self.model = error, width, model
                self.apart = _about(0.0, residuals)
        return self

    def answers(self, part: Examples) -> list[np.ndarray]:
        """Of each example quantiles (time, levels)."""
        return [self.model.predict(around(x, self.width))[:, None] + self.apart for x in part.x]


def _best(x, y, left):
    """The ridge regression of the best strength, and what it leaves over; `left` tells it."""
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    models = [make_pipeline(StandardScaler(), Ridge(alpha)).fit(x, y) for alpha in _STRENGTHS]
    residuals = [left(model) for model in models]
    best = int(np.argmin([np.abs(of_one).mean() for of_one in residuals]))
    return models[best], residuals[best]


def _about(middle, residuals):
    """What is predicted, as the middle one, and about it quantiles of residuals, (levels,)."""
    apart, m = np.quantile(residuals, LEVELS), len(LEVELS) // 2
    return middle + np.concatenate([np.minimum(apart[:m], 0), [0], np.maximum(apart[m + 1 :], 0)])


def _flat(labels):
    y = np.concatenate(labels) if are_by_step(labels) else labels
    return y[~np.isnan(y)].astype(np.float64)


def _with_numbers(examples):
    return examples.at(np.flatnonzero(~np.isnan(examples.labels)))
