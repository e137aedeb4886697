"""What every forecaster answers: quantiles and samples of what comes, and what was a surprise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.data.forecasting.panel import Line
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.forecasting.endpoints import forecast_endpoints
from rnnzoo.tasks.forecasting.feed import ForecastFeed
from rnnzoo.tasks.forecasting.likelihood import NegativeLogLikelihood
from rnnzoo.tasks.forecasting.preprocessor import ForecastPreprocessor
from rnnzoo.tasks.task import Task

ROWS = 64  # series that are read at a time


class ForecastModel(Task):
    """A model of p(y_t, y_{t+1}, ... | y_1 ... y_{t-1}, what is known), whatever it is made of.

    `fit` and `evaluate` take a `rnnzoo.data.forecasting.Panel`.
    """

    task = "forecasting"
    default_dataset = "co2"
    feed_class = ForecastFeed
    knows = "series"
    has_targets = False
    preprocessor: ForecastPreprocessor

    def make_loss(self):
        return NegativeLogLikelihood(self.preprocessor.family.name)

    @property
    def chance_loss(self) -> float:
        # In nats per unit of the target: of a series as it goes up and down.
        return 3.0 + abs(math.log(self.preprocessor.size))

    # --- answers ----------------------------------------------------------------------------------

    def samples(
        self,
        lines: Sequence[Line],
        horizon: int | None = None,
        samples: int = 200,
        seed: int = 0,
    ) -> np.ndarray:
        """Samples of what comes after some lines: float32 (lines, samples, horizon).

        Args:
            lines: each with known covariates of the horizon, where there are such.
            horizon: steps to forecast; None: what the model was made for.
            samples: how many.
            seed: same seed, same samples; those of a line depend on its place among the lines.
        """
        self.require_ready()
        known = self.preprocessor
        horizon = whole_number(known.horizon if horizon is None else horizon, "horizon", minimum=1)
        samples = whole_number(samples, "samples", minimum=1)
        seeds = np.random.SeedSequence(seed).generate_state(len(lines), np.uint64) >> 1
        parts = [np.zeros((0, samples, horizon), np.float32)]
        for i in range(0, len(lines), ROWS):
            some = lines[i : i + ROWS]
            given = known.tensors(some, horizon)
            found = self.endpoints["serve"](
                **given,
                samples=tf.constant(samples),
                seeds=tf.constant(seeds[i : i + ROWS].astype(np.int64)),
            )
            parts.append(found["samples"].numpy())
        return np.concatenate(parts)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        return forecast_endpoints(self, xla)
