"""Sequences with numbers to be predicted in batches."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.regression import MeanTarget, RidgeAround, RidgeOnStatistics
from rnnzoo.evaluation import numbers
from rnnzoo.evaluation.measure import Measure
from rnnzoo.tasks.series.feed import SeriesFeed

if TYPE_CHECKING:
    from rnnzoo.tasks.series.numbers import NumbersPreprocessor
    from rnnzoo.tasks.series.regressor import SequenceRegressor


class NumbersFeed(SeriesFeed):
    """What a sequence regressor is trained on: windows of sequences, by step.

    Training changes nothing of them unless it is asked for: what makes a recording another may
    make its number another, as a stronger signal does where strength is what is predicted.
    """

    load = staticmethod(data.load_regression)
    monitor = "mae"
    unit = "sequences"
    drawn = "recordings"

    def __init__(
        self, data: data.Series, preprocessor: NumbersPreprocessor, *sizes: Any, **how: Any
    ):
        if how.get("augment") is None:
            how["augment"] = 0.0
        super().__init__(data, preprocessor, *sizes, **how)

    def measures(self, split: str, answers: Any) -> list[Measure]:
        return numbers.measures(answers, self._examples(split).labels)

    def odd(self, split: str, answers: Any) -> list[str]:
        return numbers.odd(answers, self._examples(split).labels)

    def baselines(self) -> list[Baseline]:
        ridge = RidgeAround if self.preprocessor.per_step else RidgeOnStatistics
        known = dataclasses.replace(
            self.data, train=self._examples("train"), validation=self._examples("validation")
        )
        return [baseline().fit(known) for baseline in (MeanTarget, ridge)]

    def key(self) -> Any:
        return self.data.digest(self.data.train), self.preprocessor.target

    def outcomes(self) -> str:
        name = self.preprocessor.target or "a number"
        return f"{name} (mean {self.preprocessor.center:.4g}, sd {self.preprocessor.scale:.4g})"

    def report(
        self, model: SequenceRegressor, folder: Path, split: str, replies: Any
    ) -> dict[str, Any]:
        """Write ``predicted.png``, what was predicted of a split against what was there."""
        numbers.draw(folder, model.target, replies, self._examples(split).labels, split)
        return {}
