r"""How good forecasts are, from samples of them, at rolling origins.

A forecast of a step is a set of samples x_1 ... x_S; y is what came. A value that is missing is
left out. Quantiles are those of the samples, the median is the answer where one number is wanted.

============================  ======================================================================
CRPS                          mean |x_i - y| - mean |x_i - x_j| / 2, the mean over steps: the
                              integral over z of (P(x <= z) - [y <= z])^2, in units of the series;
                              of samples that all agree the absolute error
scaled CRPS                   that, divided by the mean error of the seasonal naive forecast, a step
                              ahead, before the part that is measured, for each series
MASE                          the absolute error of the median, divided by the same
sMAPE                         200 |y - m| / (|y| + |m|), the mean, in %
weighted quantile loss        the mean over q = 0.1 ... 0.9 of the sum over steps of
                              2 (q - [y < x_q]) (y - x_q), divided by the sum of |y|
coverage of 50 %, 80 %        share of y from the quantile (1 - p) / 2 up to that of (1 + p) / 2
Brier score of a wet step     mean (P(x > 0) - [y > 0])^2
============================  ======================================================================

Sources: Hyndman & Koehler 2006, Another look at measures of forecast accuracy (MASE); Makridakis
1993 (sMAPE); Gneiting & Raftery 2007, Strictly proper scoring rules (CRPS); Salinas et al. 2020,
DeepAR (weighted quantile loss); Brier 1950.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Self

import numpy as np

from rnnzoo.data.forecasting.panel import Line, Lines, Panel
from rnnzoo.evaluation.measure import Measure

LEVELS = np.arange(1, 10) / 10
BANDS = (0.5, 0.8)
_AT_ONCE = 2_000_000  # samples


@dataclass(frozen=True, eq=False)
class Questions:
    """What is to be forecast: the next steps of lines, from rolling origins on.

    Attributes:
        part: the lines, and from where on they are to be forecast.
        origins: (line, step) of each forecast: targets from that step on are not known.
        horizon: steps that are forecast.
        season: steps of the chief season.
        kind: of the values, as `Panel` has it.
    """

    part: Lines
    origins: tuple[tuple[int, int], ...]
    horizon: int
    season: int
    kind: str

    @classmethod
    def of(
        cls, panel: Panel, split: str, horizon: int | None = None, every: int | None = None
    ) -> Self:
        """Those of a split of a panel.

        Args:
            panel: the data.
            split: "train", "validation" or "test".
            horizon: steps that are forecast; None: the panel's.
            every: steps from an origin to the next one; None: the horizon.
        """
        part: Lines = getattr(panel, split)
        horizon = horizon or panel.horizon
        origins = tuple(part.origins(horizon, every))
        return cls(part, origins, horizon, panel.season, panel.kind)

    def __len__(self) -> int:
        return len(self.origins)

    def line(self, i: int) -> Line:
        """What is known when a forecast is made: later targets are gone."""
        number, origin = self.origins[i]
        return self.part.lines[number].until(origin, ahead=self.horizon)

    @functools.cached_property
    def truth(self) -> np.ndarray:
        """What came, float64 (forecasts, horizon); NaN where it is missing."""
        lines = self.part.lines
        rows = [lines[number].target[at : at + self.horizon] for number, at in self.origins]
        return np.array(rows).reshape(len(rows), self.horizon)

    @functools.cached_property
    def scales(self) -> np.ndarray:
        """Of each forecast the mean error of the seasonal naive forecast before the part, float64.

        Of a line whose part begins with it, before the origin. Where the season came again exactly,
        that of the naive forecast; NaN where a line never changed, but 1 if none of them did.
        """
        lines, starts = self.part.lines, self.part.starts
        ends = [
            (number, starts[number] if starts[number] > self.season else origin)
            for number, origin in self.origins
        ]
        errors = {
            (number, end): _naive_error(lines[number].target[:end], self.season)
            for number, end in set(ends)
        }
        scales = np.array([errors[end] for end in ends])
        return scales if np.isfinite(scales).any() else np.ones(len(ends))


def _naive_error(target: np.ndarray, season: int) -> float:
    """The mean error of the seasonal naive forecast, or else of the naive one, unless it is 0."""
    for apart in (season, 1):
        errors = np.abs(target[apart:] - target[:-apart])
        errors = errors[np.isfinite(errors)]
        if len(errors) and errors.mean() > 0:
            return float(errors.mean())
    return np.nan


def measures(questions: Questions, samples: np.ndarray) -> list[Measure]:
    """How good forecasts are; of amounts beside zeros by CRPS and Brier score, else also by error.

    Of amounts no absolute error is given: always to say zero has the least. Each measure's sums are
    over forecasts, which are drawn for its interval.

    Args:
        questions: with one forecast at least.
        samples: (forecasts, samples, horizon).

    Example:
        >>> nothing = np.zeros((4, 0), np.float32)
        >>> stamps = np.arange(4).astype("datetime64[s]")
        >>> line = Line("", stamps, np.array([1.0, 2.0, 4.0, 3.0]), nothing, nothing)
        >>> questions = Questions(Lines((line,), (2,)), ((0, 2),), 2, 1, "real")
        >>> found = measures(questions, np.array([[[4.0, 4.0], [2.0, 2.0], [3.0, 3.0]]]))
        >>> [(each.name, round(each.value, 3)) for each in found[:3]]
        [('scaled CRPS', 0.389), ('MASE', 0.5), ('sMAPE', 14.286)]
    """
    y = questions.truth
    samples = np.sort(np.asarray(samples, np.float64), axis=1)
    if samples.shape[::2] != y.shape:
        raise ValueError(f"samples {samples.shape} of {y.shape[0]} forecasts of {y.shape[1]} steps")
    quantiles = np.quantile(samples, [*LEVELS, 0.25, 0.75], axis=1)
    score, there = crps(samples, y), np.isfinite(y)
    covered = [(quantiles[low] <= y) & (y <= quantiles[high]) for low, high in ((-2, -1), (0, 8))]
    bands = [
        _mean(f"coverage of {band:.0%}", inside, there)
        for band, inside in zip(BANDS, covered, strict=True)
    ]
    if questions.kind == "wet":
        wet = (samples > 0).mean(axis=1)
        brier = _mean("Brier score of a wet step", (wet - (y > 0)) ** 2, there, lower=True)
        return [_mean("CRPS", score, there, lower=True), brier, *bands]
    scales, median = questions.scales[:, None], quantiles[4]
    error = np.abs(y - median)
    scaled = there & np.isfinite(scales)
    sizes = np.abs(y) + np.abs(median)
    percent = 200 * np.divide(error, sizes, out=np.zeros_like(error), where=sizes > 0)
    losses = 2 * (LEVELS[:, None, None] - (y < quantiles[:9])) * (y - quantiles[:9])
    sums = np.where(there, [losses.mean(axis=0), np.abs(y)], 0).sum(axis=-1).T
    return [
        _mean("scaled CRPS", score / scales, scaled, lower=True),
        _mean("MASE", error / scales, scaled, lower=True),
        _mean("sMAPE", percent, there, lower=True),
        Measure("weighted quantile loss", sums, _ratio, higher_is_better=False),
        *bands,
    ]


def crps(samples: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The CRPS of each step, float64 (forecasts, horizon), NaN where the truth is.

    ``mean |x_i - y| - mean |x_i - x_j| / 2``, where of samples in order the second is
    ``sum over i of (2 i - S - 1) x_i / S^2``.

    Args:
        samples: (forecasts, samples, horizon), rising along the second.
        truth: (forecasts, horizon).

    >>> crps(np.array([[[0.0], [2.0]]]), np.array([[1.0]]))
    array([[0.5]])
    """
    count = samples.shape[1]
    weights = (2 * np.arange(1, count + 1) - count - 1) / count**2
    found = np.empty(truth.shape)
    size = max(1, _AT_ONCE // max(1, count * truth.shape[1]))
    for begin in range(0, len(truth), size):
        part = slice(begin, begin + size)
        apart = np.abs(samples[part] - truth[part, None]).mean(axis=1)
        found[part] = apart - np.tensordot(samples[part], weights, axes=(1, 0))
    return found


def _ratio(sums):
    return sums[0] / sums[1] if sums[1] else np.nan


def _mean(name: str, values: np.ndarray, there: np.ndarray, lower: bool = False) -> Measure:
    """The mean over all steps that are there."""
    sums = np.stack([np.where(there, values, 0).sum(axis=1), there.sum(axis=1)], axis=1)
    return Measure(name, sums, _ratio, higher_is_better=not lower)
