"""Of labelled pictures: the most frequent class, and linear models of pixels."""

from __future__ import annotations

from typing import Self

import numpy as np

from rnnzoo.baselines.base import SIDE, Baseline, some, thumbnail
from rnnzoo.baselines.series import MostFrequentClass, fitted
from rnnzoo.data import Examples, PictureData
from rnnzoo.data.readers.picture_sizes import scaled

_MOST_NUMBERS = 2e6  # of all features, which is some seconds to fit
_STRENGTHS = (0.01, 0.1, 1.0)  # C, of which validation chooses
_WIDTHS = (1, 3)  # pixels to each side of the window around one, of which validation chooses


class _Linear(Baseline):
    """Logistic regression on features, of which validation chooses by how many are right.

    A subclass defines ``features(picture, option)``, rows of numbers; each has a label, or none.
    """

    options: tuple = ()

    def fit(self, data: PictureData) -> Self:
        self.count = len(data.classes)
        labels = _rows_of(data.train.labels)
        there = np.flatnonzero(labels >= 0)
        size = self.features(data.train.x[0], self.options[-1]).shape[1]
        rows = there[some(len(there), int(_MOST_NUMBERS / size))]
        self.only = labels[rows[0]] if len(set(labels[rows].tolist())) < 2 else None
        if self.only is not None:
            return self
        most = -1
        for option in self.options if len(data.validation) else self.options[-1:]:
            x = np.concatenate([self.features(picture, option) for picture in data.train.x])[rows]
            model = fitted(x, labels[rows], self.strength(option))
            right = 0
            if len(data.validation):
                truth = _rows_of(data.validation.labels)
                p = np.concatenate([self._p(model, one, option) for one in data.validation.x])
                right = (p.argmax(axis=1) == truth).sum()
            if right > most:
                most, self.option, self.model = right, option, model
        return self

    def features(self, picture: np.ndarray, option: float) -> np.ndarray:
        """What is known of a picture, or of each of its pixels: a row each."""
        raise NotImplementedError

    def strength(self, option: float) -> float:
        """Scikit-learn's C."""
        return option

    def _p(self, model, picture, option):
        x = self.features(picture, option)
        if model is None:
            return np.tile(np.eye(self.count)[self.only], (len(x), 1))
        p = np.zeros((len(x), self.count))
        p[:, model.classes_] = model.predict_proba(x)
        return p

    def _answers(self, picture):
        if self.only is not None:
            return self._p(None, picture, self.options[-1])
        return self._p(self.model, picture, self.option)


class Pixels(_Linear):
    """Logistic regression on the pixels, where training has pictures of one small size, to which
    others are brought; else on those of a thumbnail.
    """

    name = "logistic regression on pixels"
    options = _STRENGTHS

    def fit(self, data: PictureData) -> Self:
        self.size = data.train.x[0].shape[:2]
        one_size = len({picture.shape for picture in data.train.x}) == 1
        self.whole = one_size and max(self.size) <= 2 * SIDE
        return super().fit(data)

    def features(self, picture: np.ndarray, option: float) -> np.ndarray:
        """(1, numbers)."""
        if not self.whole:
            picture = thumbnail(picture.astype(float))
        elif picture.shape[:2] != self.size:
            picture = scaled(picture, self.size)
        return picture.reshape(1, -1) / 255

    def answers(self, part: Examples) -> np.ndarray:
        """Probabilities (pictures, classes)."""
        return np.concatenate([self._answers(picture) for picture in part.x])


class MostFrequentClassOfPixels(Baseline):
    """Gives each class the share of the training pixels that have it."""

    name = MostFrequentClass.name

    def fit(self, data: PictureData) -> Self:
        labels = _rows_of(data.train.labels)
        counts = np.bincount(labels[labels >= 0], minlength=len(data.classes))
        self.shares = counts / counts.sum()
        return self

    def answers(self, part: Examples) -> list[np.ndarray]:
        """Probabilities (height, width, classes) of each picture."""
        return [np.tile(self.shares, (*picture.shape[:2], 1)) for picture in part.x]


class Around(_Linear):
    """Logistic regression, at each pixel, on those around it, on the means of the four rectangles
    between it and the picture's corners, and on its place, with squares.

    The window is chosen on the validation part.
    """

    name = "logistic regression on the pixels around each, and its place"
    options = _WIDTHS

    def strength(self, option: float) -> float:
        return 0.1

    def features(self, picture: np.ndarray, option: float) -> np.ndarray:
        """(pixels, numbers)."""
        width = int(option)
        x = picture.astype(float) / 255
        height, columns = x.shape[:2]
        padded = np.pad(x, ((width, width), (width, width), (0, 0)))
        steps = range(2 * width + 1)
        around = [padded[i : i + height, j : j + columns] for i in steps for j in steps]
        grey = x.mean(axis=-1)
        corners = []
        for down in (1, -1):
            for right in (1, -1):
                sums = grey[::down, ::right].cumsum(axis=0).cumsum(axis=1)
                areas = np.multiply.outer(np.arange(height) + 1, np.arange(columns) + 1)
                corners.append((sums / areas)[::down, ::right])
        i, j = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, columns), indexing="ij")
        found = [*around, *(one[..., None] for one in (*corners, i, j, i * i, j * j, i * j))]
        return np.concatenate(found, axis=-1).reshape(height * columns, -1)

    def answers(self, part: Examples) -> list[np.ndarray]:
        """Probabilities (height, width, classes) of each picture."""
        return [self._answers(one).reshape(*one.shape[:2], self.count) for one in part.x]


def _rows_of(labels):
    """Label ids as one row of them, of pictures or of all their pixels."""
    return np.concatenate([np.ravel(of_one) for of_one in labels])
