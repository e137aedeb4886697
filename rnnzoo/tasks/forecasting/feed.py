"""Series in time in batches."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.forecasting import baselines_of
from rnnzoo.data.forecasting.loading import load_panel
from rnnzoo.data.forecasting.panel import Panel
from rnnzoo.errors import WrongValue
from rnnzoo.evaluation.forecasts import Questions, measures
from rnnzoo.evaluation.measure import Measure
from rnnzoo.files import write_table
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.forecasting.windows import Windows
from rnnzoo.tasks.recipes import Recipe, budget

if TYPE_CHECKING:
    from rnnzoo.tasks.forecasting.model import ForecastModel
    from rnnzoo.tasks.forecasting.preprocessor import ForecastPreprocessor


def recipe_for(
    steps: int, series: int, batch_size: int | None = None, window: int | None = None
) -> Recipe:
    """How to train a forecaster.

    Args:
        steps: of all series.
        series: how many there are.
        batch_size, window: that are given.

    >>> recipe_for(steps=140, series=1, window=48).steps
    600
    >>> recipe_for(steps=1_000_000, series=1000, window=56).steps
    2000
    """
    # Few steps are learned by heart: smaller batches and fewer of them.
    batch_size = batch_size or (8 if steps < 10_000 else 32)
    per_pass = steps / (batch_size * (window or 1))
    taken = budget(per_pass, passes=100, least=600, most=2000)
    why = f"{taken:,} steps, as there are {series:,} series of {steps:,} steps to train on"
    return Recipe(batch_size=batch_size, steps=taken, patience=10, window=window, why=why)


class ForecastFeed(Feed):
    """What a forecaster is trained on: windows that end anywhere in the series, by step.

    Each has steps to read and a horizon behind them, and each of its steps is to be told by those
    before it.
    """

    load = staticmethod(load_panel)
    monitor = "loss"
    unit = "steps"
    drawn = "forecasts"
    weighs_examples = False
    hold_nothing_out: ClassVar = {"validation": 0.0, "test": 0.0}
    data: Panel
    preprocessor: ForecastPreprocessor
    window: int

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        known = self.preprocessor
        lengths = [len(line) for line in self.data.train.lines]
        window = window or known.context + known.horizon
        return recipe_for(sum(lengths), len(lengths), batch_size, window)

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        steps = sum(len(line) for line in self.data.train.lines)
        return max(1, round(steps / (self.batch_size * self.window)))

    def windows(self, split: str) -> Windows:
        """Those of a split."""
        known, lines = self.preprocessor, getattr(self.data, split).lines
        return Windows(lines, self.window, known.ahead, known.static_ids(lines))

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        known, windows = self.preprocessor, self.windows("train")
        lengths = np.array([len(line) for line in self.data.train.lines])
        # A line counts by its steps that can be told.
        counts = np.maximum(lengths - known.enough, 0)
        ends = np.cumsum(counts)
        if not ends[-1]:
            raise WrongValue(
                f"{self.data.name}: no series has more than {known.enough} steps, which must come "
                "before one that can be trained on"
            )

        def batch(step):
            random = np.random.default_rng((self.seed, int(step)))
            place = random.integers(ends[-1], size=self.batch_size)
            lines = np.searchsorted(ends, place, side="right")
            # A window's last horizon is what is told, as at the end of the series.
            end = place - (ends - counts)[lines] + known.enough + 1
            end += random.integers(known.horizon, size=len(lines))
            found = windows.at(lines, np.minimum(end, lengths[lines]))
            # Of what is to be told, no covariate of the past is known when it is forecast.
            found["past"][:, self.window - known.horizon :] = np.nan
            return found

        return self.parts(self._batches(tf.data.Dataset.counter(start_step), batch))

    def evaluation(self, split: str) -> tf.data.Dataset:
        """All steps of a split that are to be forecast, each once, behind a context."""
        part = getattr(self.data, split)
        windows = self.windows(split)
        horizon = self.preprocessor.horizon
        places = [
            (place, min(end, len(line)), begin)
            for place, (line, start) in enumerate(zip(part.lines, part.starts, strict=True))
            for begin in range(start, len(line), horizon)
            for end in (begin + horizon,)
        ]
        rows = np.array(places).reshape(-1, 3)
        size = self.batch_size

        def batch(step):
            lines, ends, begins = rows[int(step) * size : (int(step) + 1) * size].T
            found = windows.at(lines, ends)
            steps = ends[:, None] - self.window + np.arange(self.window)
            found["truth"][steps < begins[:, None]] = np.nan
            return found

        return self.parts(self._batches(tf.data.Dataset.range(-(-len(rows) // size)), batch))

    def _batches(self, steps, batch):
        """Datasets of x, y and weights."""
        names = ("target", "past", "stamps", "known", "static", "truth")
        kinds = (tf.float32, tf.float32, tf.int64, tf.float32, tf.int32, tf.float32)
        known = self.preprocessor
        further = self.window + known.ahead - 1
        shapes = (
            (self.window,),
            (self.window, len(known.past)),
            (further,),
            (further, len(known.known)),
            (1 + len(known.static),),
            (self.window, known.ahead),
        )

        def made(step):
            found = batch(step)
            return [found[name] for name in names]

        def tensors(step):
            *x, y = tf.numpy_function(made, [step], kinds)
            for tensor, shape in zip((*x, y), shapes, strict=True):
                tensor.set_shape((None, *shape))
            there = tf.cast(tf.math.is_finite(x[0]), tf.int32)
            before = tf.cumsum(there, axis=1, exclusive=True)[..., None]
            weight = tf.cast(tf.math.is_finite(y) & (before >= known.enough), tf.float32)
            return dict(zip(names, x, strict=False)), y, weight

        return in_parts(steps.map(tensors, num_parallel_calls=2), self.replicas).prefetch(2)

    def questions(self, split: str) -> Questions:
        return Questions.of(self.data, split, self.preprocessor.horizon)

    def replies(self, model: ForecastModel, split: str) -> np.ndarray:
        """Samples (forecasts, samples, horizon) from rolling origins on."""
        questions = self.questions(split)
        return model.samples([questions.line(i) for i in range(len(questions))])

    def measures(self, split: str, answers: np.ndarray) -> list[Measure]:
        return measures(self.questions(split), answers)

    def baselines(self) -> list[Baseline]:
        return baselines_of(self.data)

    def report(
        self, model: ForecastModel, folder: Path, split: str, replies: np.ndarray
    ) -> dict[str, Any]:
        """Write ``forecasts.csv``: of each forecast and step its quantiles, and what came."""
        questions = self.questions(split)
        levels = (0.1, 0.25, 0.5, 0.75, 0.9)
        quantiles = np.moveaxis(np.quantile(replies, levels, axis=1), 0, -1)
        rows = (
            (line.id, str(line.stamps[step]), step - origin + 1, truth, *row)
            for (place, origin), of_one, came in zip(
                questions.origins, quantiles, questions.truth, strict=True
            )
            for line in (questions.part.lines[place],)
            for step, (row, truth) in enumerate(zip(of_one, came, strict=True), start=origin)
        )
        columns = ("id", "time", "ahead", "target", *(f"q{level:g}" for level in levels))
        write_table(folder / "forecasts.csv", columns, rows)
        return {}

    def size(self, part: Any) -> int:
        starts = part.starts if part is not self.data.train else [0] * len(part.lines)
        return sum(len(line) - start for line, start in zip(part.lines, starts, strict=True))

    def key(self) -> Any:
        return self.data.digest(self.data.train)

    def __str__(self) -> str:
        return f"{super().__str__()} of {len(self.data.lines):,} series"
