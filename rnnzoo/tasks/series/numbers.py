"""What a regressor knows of the numbers that it predicts, and how it reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.regression import as_numbers, rounded
from rnnzoo.data.series import unlearnable
from rnnzoo.data.step_labels import entries, numbers_in
from rnnzoo.errors import WrongValue
from rnnzoo.notices import warn
from rnnzoo.tasks.series.channels import holds_names
from rnnzoo.tasks.series.preprocessor import SeriesPreprocessor


@dataclass(frozen=True)
class NumbersPreprocessor(SeriesPreprocessor):
    """How a sequence regressor reads: what a time step is, and what is predicted.

    Attributes:
        target: what the number is called; "" as long as it has no name.
        center, scale: mean and standard deviation of the training targets; None as long as they
            are not known.
    """

    target: str = ""
    center: float | None = None
    scale: float | None = None

    def outcomes(
        self, pairs: Mapping[str, tuple[Any, Any]], read: Mapping[str, list[np.ndarray]]
    ) -> tuple[dict[str, data.Examples], dict[str, Any]]:
        found = {
            split: data.Examples(x, numbers_of(pairs[split][1], list(map(len, x))))
            for split, x in read.items()
        }
        return found, {"target": self.target}

    def forgotten(self) -> NumbersPreprocessor:
        return replace(self, target="", center=None, scale=None)

    def knowing(self, series: data.Series, vocabulary: str) -> NumbersPreprocessor:
        target = self.target or series.target
        if self.center is not None:
            return replace(self, target=target)
        numbers = numbers_in(self.with_own_labels(series.train).labels)
        if lacks := unlearnable(numbers):
            raise WrongValue(f"{series.name}: {lacks}")
        center, scale = numbers.mean(), numbers.std()
        return replace(self, target=target, center=float(center), scale=float(scale))

    def targets(self, series: data.Series, examples: data.Examples) -> np.ndarray:
        """The numbers to be predicted, float32, as `data.Examples` has them."""
        one = examples.labels[0] if examples.by_step else examples.labels
        if one.dtype.kind != "f" and len(one):
            raise WrongValue(
                f"{series.name} holds classes, where the model predicts a number: train a "
                "classifier, such as activity_conv_gru"
            )
        return examples.labels

    def with_own_labels(self, examples: data.Examples) -> data.Examples:
        if examples.by_step and not self.per_step:
            raise WrongValue(
                f"a number at each step, and the model predicts one in all (answer="
                f"{self.answer!r}): make it with answer='each' (--set answer=each)"
            )
        return super().with_own_labels(examples)

    def _recordings(self, x, **how):
        if holds_names(x) and not isinstance(x, data.Recordings):
            how = {"numbers": True, "multi_label": False, **how}
        return super()._recordings(x, **how)


def numbers_of(y: Any, lengths: list[int]) -> np.ndarray:
    """Numbers of examples, float32, or of their steps, as `rnnzoo.data.step_labels` has them.

    Args:
        y: a number for each example, or a sequence of one for each of its steps; None or NaN where
            there is none.
        lengths: steps of each example.

    Raises:
        ValueError: there are not as many, or they are something else.

    Example:
        >>> numbers_of([1, 2.5], [9, 9]).tolist(), numbers_of([[1, None]], [2])[0].tolist()
        ([1.0, 2.5], [1.0, nan])
    """
    count = len(lengths)
    if y is None:
        raise WrongValue("y is missing: expected a number for each example of x")
    by_step = len(y) and np.ndim(y[0] if isinstance(y, (list, tuple)) else np.asarray(y)[0]) > 0
    if len(y) != count or not count:
        raise WrongValue(f"y of {len(y)} entries: expected a number for each of {count} examples")
    if not by_step:
        numbers = _float(y, "for each example")
        missing = int(np.isnan(numbers).sum())
        if missing == count:
            raise WrongValue("y holds no number: expected some that are not NaN")
        if missing:
            warn(f"{missing:,} of {count:,} examples have no number to be predicted: left out")
        return _in_float32(numbers)
    found = []
    for place, (of_one, length) in enumerate(zip(y, lengths, strict=True)):
        numbers = _float(of_one, "for each step")
        if numbers.shape != (length,):
            raise WrongValue(
                f"y holds numbers of shape {numbers.shape} at {place}: expected one for each of "
                f"the {length} steps of that example, NaN where there is none"
            )
        found.append(numbers)
    if all(np.isnan(of_one).all() for of_one in found):
        raise WrongValue("y holds no number: expected some that are not NaN")
    return _in_float32(entries(found))


def _in_float32(numbers):
    if said := rounded(numbers):
        warn(said)
    return as_numbers(numbers)


def _float(y, where):
    y = np.asarray(y)
    if y.dtype.kind == "O":
        wrong = [one for one in y.ravel() if isinstance(one, (str, bytes))]
        y = y if wrong else y.astype(np.float64)
    if y.dtype.kind not in "iuf":
        raise WrongValue(
            f"y holds {y.ravel()[0]!r} and the like, of type {y.dtype}: expected a number {where}; "
            "of classes, make a classifier, such as activity_conv_gru"
        )
    with np.errstate(over="ignore"):
        infinite = np.isinf(y.astype(np.float32))
    if infinite.any():
        raise WrongValue(
            f"y holds a number that is none in float32 (infinite, or too large) {where}; where it "
            "is missing, give NaN"
        )
    return y
