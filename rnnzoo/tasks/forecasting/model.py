"""What every forecaster answers: quantiles and samples of what comes, and what was a surprise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.forecasting.panel import Line
from rnnzoo.errors import WrongValue
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.forecasting.answering import (
    FORECAST,
    OPTIONS,
    SURPRISE,
    forecast_lines,
    forecast_rows,
    write_chart,
)
from rnnzoo.tasks.forecasting.endpoints import LEVELS, forecast_endpoints
from rnnzoo.tasks.forecasting.feed import ForecastFeed
from rnnzoo.tasks.forecasting.frames import forecast_columns, frame_like, lines_of
from rnnzoo.tasks.forecasting.likelihood import NegativeLogLikelihood
from rnnzoo.tasks.forecasting.preprocessor import ForecastPreprocessor
from rnnzoo.tasks.task import Task

ROWS = 64  # series that are read at a time
SAMPLES = 200


class ForecastModel(Task):
    """A model of p(y_t, y_{t+1}, ... | y_1 ... y_{t-1}, what is known), whatever it is made of.

    `fit` and `evaluate` take a `rnnzoo.data.forecasting.Panel`, or a table of series: a frame of
    pandas or polars, or a path, as `rnnzoo.data.forecasting.load_panel` reads it. A table is
    trained on to its end; of a panel that is split in time `fit` takes what comes first, and
    `evaluate` what comes last.
    """

    task = "forecasting"
    default_dataset = "us_employment"
    feed_class = ForecastFeed
    knows = "series"
    has_targets = False
    preprocessor: ForecastPreprocessor

    def make_loss(self):
        return NegativeLogLikelihood(self.preprocessor.family.name)

    @property
    def loss_of_density(self) -> bool:
        return True

    @property
    def chance_loss(self) -> float:
        # In nats per unit of the target: about those of values as far apart as they are.
        return 3.0 + abs(math.log(self.preprocessor.size))

    # --- answers ----------------------------------------------------------------------------------

    def predict(  # type: ignore[override]
        self,
        x: Any,
        horizon: int | None = None,
        levels: Sequence[float] = LEVELS,
        samples: int = SAMPLES,
        seed: int = 0,
    ) -> Any:
        """The next steps of each series, as quantiles.

        Args:
            x: a panel, of which all is history; or a table, as `fit` takes it, whose rows behind
                the last target hold the covariates that are known ahead, if there are such.
            horizon: steps to forecast; None: those that the model was made for.
            levels: of the quantiles, above 0 and below 1.
            samples: of which the quantiles are.
            seed: of the samples; the same seed gives the same forecast.

        Returns:
            A frame, of pandas if x is one and else of polars, with a row for each series and step:
            ``id``, ``time``, ``mean`` and a column for each level, such as ``q0.5``.
        """
        self.require_ready()
        lines = lines_of(x, self.preprocessor.read_by)
        levels = checked_levels(levels)
        stamps = np.array([self.to_come(line, horizon) for line in lines])
        drawn = self.samples(lines, horizon, samples, seed)
        quantiles = np.moveaxis(np.quantile(drawn, levels, axis=1), 0, -1)
        return frame_like(x, forecast_columns(lines, stamps, quantiles, drawn.mean(axis=1), levels))

    def to_come(self, line: Line, horizon: int | None = None) -> np.ndarray:
        """The stamps of the steps after a line, int64 (horizon,), seconds."""
        steps = self.preprocessor.steps.after(
            line.stamps[len(line) - 1], horizon or self.preprocessor.horizon
        )
        return steps.astype(np.int64)

    def samples(
        self,
        x: Any,
        horizon: int | None = None,
        samples: int = SAMPLES,
        seed: int = 0,
    ) -> np.ndarray:
        """Samples of the next steps: float32 (series, samples, horizon).

        Args:
            x, horizon, seed: as for `predict`; those of a series depend on its place among all.
            samples: how many.
        """
        self.require_ready()
        lines, known = lines_of(x, self.preprocessor.read_by), self.preprocessor
        horizon = whole_number(known.horizon if horizon is None else horizon, "horizon", minimum=1)
        samples = whole_number(samples, "samples", minimum=1)
        seed = whole_number(seed, "seed", minimum=0)
        seeds = np.random.SeedSequence(seed).generate_state(len(lines), np.uint64) >> 1
        parts = [np.zeros((0, samples, horizon), np.float32)]
        for i in range(0, len(lines), ROWS):
            found = self.endpoints["serve"](
                **known.tensors(lines[i : i + ROWS], horizon),
                samples=tf.constant(samples),
                seeds=tf.constant(seeds[i : i + ROWS].astype(np.int64)),
            )
            parts.append(found["samples"].numpy())
        return np.concatenate(parts)

    def surprise(self, x: Any) -> Any:
        """How little each step was expected from those before it: -log p, in nats.

        Args:
            x: a panel, or a table, as for `predict`.

        Returns:
            A frame, as of `predict`, with a row for each series and step: ``id``, ``time``,
            ``target``, ``surprise``, NaN where the target is missing or too few came before it to
            tell, and ``expected``, the mean of what was expected.
        """
        self.require_ready()
        lines, known = lines_of(x, self.preprocessor.read_by), self.preprocessor
        found = [self.told(line) for line in lines]
        names = ("surprise", "expected")
        columns = {
            "id": np.repeat([line.id for line in lines], list(map(len, lines))),
            "time": np.concatenate([line.stamps[: len(line)] for line in lines]),
            known.target: np.concatenate([line.target for line in lines]),
            **{name: np.concatenate([one[name] for one in found]) for name in names},
        }
        return frame_like(x, columns)

    def told(self, line: Line) -> dict[str, np.ndarray]:
        """Of each step of a line its ``surprise``, and what those before it ``expected``."""
        given = self.preprocessor.whole(line)
        state = self.endpoints["init"](tf.constant(1))
        answer = self.endpoints["read"](**given, state=state)
        there = np.isfinite(line.target)
        before = np.cumsum(there) - there
        told = there & (before >= self.preprocessor.enough)
        return {
            "surprise": np.where(told, answer["surprise"][0], np.nan),
            "expected": np.where(before > 0, answer["expected"][0], np.nan),
        }

    # --- of the command line ----------------------------------------------------------------------

    answer_options = OPTIONS

    def answer_columns(self, reading: Mapping[str, Any]) -> tuple[str, ...]:
        """Of a table of answers, for `rnnzoo predict --out`."""
        return SURPRISE if reading.get("surprise") else FORECAST

    def answer_lines(self, path: str, color: bool = False, **reading: Any) -> Iterator[str]:
        """For `rnnzoo predict`: the next steps of each series of a file, or its surprises."""
        return forecast_lines(self, path, **reading)

    def answer_rows(
        self, path: str, answered: Mapping[str, int], **reading: Any
    ) -> Iterator[list[list[str]]]:
        """For `rnnzoo predict --out`: the same as rows, in batches."""
        return forecast_rows(self, path, answered, **reading)

    def write_chart(self, path: str, chart: Path, **reading: Any) -> Path:
        """For `rnnzoo predict --chart`: the same as a picture."""
        return write_chart(self, path, chart, **reading)

    @property
    def reading(self):
        known = self.preprocessor
        if known.frequency is not None:
            return {"kind": known.kind, "horizon": known.horizon}
        return {"horizon": known.horizon} if "horizon" in known.given else {}

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        self.require_ready()
        return forecast_endpoints(self)


def checked_levels(levels: Sequence[float]) -> tuple[float, ...]:
    """Levels of quantiles in order.

    Raises:
        ValueError: one is none.

    >>> checked_levels([0.9, 0.5])
    (0.5, 0.9)
    """
    given = tuple(sorted(float(level) for level in levels))
    if not given or not 0 < given[0] <= given[-1] < 1:
        raise WrongValue(f"levels={levels!r}: expected numbers above 0 and below 1")
    return given
