"""Of labelled sequences: the most frequent class, and a linear model of statistics."""

from __future__ import annotations

import collections
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np

from rnnzoo.baselines.base import Baseline, some, thumbnail
from rnnzoo.data import Examples, Series

_MOST_NUMBERS = 2e6  # of all windows' statistics, which is some seconds to fit
_STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # C, of which validation chooses
_ITERATIONS = 300
_AT_ONCE = 256  # windows whose statistics are computed together
_PARTS = 8  # of a window, whose means are statistics
_BANDS = 2.0 ** -np.arange(6, -1, -1)  # up to which shares of the highest frequency they reach


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


class MostFrequentLabels(MostFrequentClass):
    """Gives each label the share of training examples that have it, where they have any number."""

    name = "most frequent labels"

    def fit(self, data: Series) -> Self:
        self.shares = data.train.labels.mean(axis=0)
        return self


class Statistics(Baseline):
    """Logistic regression on statistics of each channel in windows; of videos on the mean frame.

    Where examples have any number of labels, one for each label. The windows are those that a model
    reads by default. The strength of the regularization is chosen on the validation part: by how
    many are right, and, as often several have as many right, by the likelihood of the labels.
    """

    name = "logistic regression on statistics"

    def fit(self, data: Series) -> Self:
        from rnnzoo.tasks.recipes import of_series  # beside which the tasks stand, with this

        self.count = len(data.classes)
        train = data.train
        lengths = [len(x) for x in train.x]
        self.window: int = of_series(lengths, window=data.window).window or max(lengths)
        size = features(next(windows(train.x[0], self.window))[None]).shape[1]
        several = train.labels.ndim == 2
        most = int(_MOST_NUMBERS / size / (self.count if several else 1))
        rows = some(len(train), most)
        x, owners = features_of(train.x, rows, self.window)
        chosen = some(len(x), most)
        labels = train.labels[rows][owners[chosen]]
        self.only = labels[0] if not several and len(np.unique(labels)) < 2 else None
        if self.only is not None:
            return self
        if not len(data.validation):
            self.model = fitted(x[chosen], labels, _STRENGTHS[-1])
            return self
        held_out = features_of(data.validation.x, range(len(data.validation)), self.window)

        def right(model):
            p = self._of_features(model, *held_out)
            truth = data.validation.labels
            if several:
                of_truth = np.where(truth, p, 1 - p)
                hits = ((p > 0.5) == truth).all(axis=1).sum()
            else:
                of_truth = p[np.arange(len(p)), truth]
                hits = (p.argmax(axis=1) == truth).sum()
            return hits, np.log(np.maximum(of_truth, 1e-6)).sum()

        self.model = max((fitted(x[chosen], labels, c) for c in _STRENGTHS), key=right)
        return self

    def answers(self, part: Examples) -> np.ndarray:
        """Probabilities (examples, classes), the mean over the windows of each example."""
        if self.only is not None:
            return np.tile(np.eye(self.count)[self.only], (len(part), 1))
        found = features_of(part.x, range(len(part)), self.window)
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
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = LogisticRegression(C=strength, max_iter=_ITERATIONS)
    if labels.ndim == 2:
        regression = OneVsRestClassifier(regression)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it stops early, and may
        warnings.filterwarnings("ignore", "Label .* is present in all")  # or in none
        return make_pipeline(StandardScaler(), regression).fit(x, labels)


def windows(x: np.ndarray, window: int) -> Iterator[np.ndarray]:
    """Windows of a sequence that overlap by half, the last one at its end."""
    last = max(0, len(x) - window)
    for begin in (*range(0, last, max(1, window // 2)), last):
        yield x[begin : begin + window]


def features(x: np.ndarray) -> np.ndarray:
    """What is known of windows: numbers of each channel, missing ones left out.

    Mean, standard deviation, minimum, quartiles, maximum, the mean square, the mean and the
    standard deviation of the distances from step to step, the mean of each eighth of the window,
    and the logarithm of the power in each of seven octaves of frequencies.

    Args:
        x: (windows, time, channels), or pictures (windows, time, height, width, colors).

    Returns:
        (windows, numbers).

    >>> features(np.array([[[1.0], [3.0]]]))[0, :18].tolist()
    [2.0, 1.0, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 2.0, 0.0, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0]
    """
    x = np.asarray(x, np.float64)
    if x.ndim > 3:
        return np.stack([thumbnail(frame).ravel() for frame in x.mean(axis=1)])
    missing = np.isnan(x)
    # Much slower where NaN is to be looked for, which most data has none of.
    mean, std, quantiles = np.mean, np.std, np.percentile
    if missing.any():
        x = np.where(missing.all(axis=1, keepdims=True), 0.0, x)
        mean, std, quantiles = np.nanmean, np.nanstd, np.nanpercentile
    steps = np.abs(np.diff(x, axis=1)) if x.shape[1] > 1 else np.zeros_like(x)
    steps = np.where(np.isnan(steps).all(axis=1, keepdims=True), 0.0, steps)
    level = mean(x, axis=1, keepdims=True)
    apart = np.where(missing & np.isnan(x), 0.0, x - level)
    found = [
        level[:, 0],
        std(x, axis=1),
        *quantiles(x, (0, 25, 50, 75, 100), axis=1),
        mean(x**2, axis=1),
        mean(steps, axis=1),
        std(steps, axis=1),
        *(level[:, 0] + of_part for of_part in _means_of_parts(apart)),
        *_power(apart),
    ]
    return np.concatenate(found, axis=1)


def _means_of_parts(x):
    """Of each eighth of the steps; of fewer than eight, some steps come again."""
    begins = np.arange(_PARTS) * x.shape[1] // _PARTS
    ends = np.maximum(begins + 1, np.arange(1, _PARTS + 1) * x.shape[1] // _PARTS)
    return [x[:, begin:end].mean(axis=1) for begin, end in zip(begins, ends, strict=True)]


def _power(apart):
    """The logarithm of the power in each band, for deviations (windows, time, channels)."""
    power = np.abs(np.fft.rfft(apart, axis=1)) ** 2 / apart.shape[1] ** 2
    # Of no power in a band a floor, by the whole of it.
    floor = 1e-4 * power.sum(axis=1) + 1e-30
    ends = np.ceil(_BANDS * power.shape[1]).astype(int)
    begins = [0, *ends[:-1]]
    return [
        np.log(power[:, begin:end].sum(axis=1) + floor)
        for begin, end in zip(begins, ends, strict=True)
    ]


def features_of(x: Sequence, rows: Sequence[int] | np.ndarray, window: int):
    """Statistics of all windows of some sequences, and of which sequence each is."""
    owners: list[int] = []
    found: dict[int, np.ndarray] = {}
    waiting: dict[tuple, dict[int, np.ndarray]] = collections.defaultdict(dict)

    def work_off(some):
        found.update(zip(some, features(np.stack(list(some.values()))), strict=True))
        some.clear()

    for owner, row in enumerate(rows):
        for one in windows(x[row], window):
            together = waiting[one.shape]
            together[len(owners)] = one
            owners.append(owner)
            if len(together) == _AT_ONCE or one.ndim > 2:
                work_off(together)
    for together in waiting.values():
        if together:
            work_off(together)
    return np.array([found[i] for i in range(len(owners))]), np.array(owners)
