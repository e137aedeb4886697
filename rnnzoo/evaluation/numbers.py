"""Predictions of numbers, each as quantiles: how far off they are, and how sure.

Predictions are float (examples, levels), the quantiles at `LEVELS`, of which the middle one is what
is predicted; or, at each step, a list of (time, levels). Truths are float (examples,), or arrays
(time,) as entries, NaN where there is none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.step_labels import are_by_step
from rnnzoo.evaluation.measure import Measure
from rnnzoo.files import picture

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
BAND = LEVELS[-1] - LEVELS[0]
MIDDLE = len(LEVELS) // 2
_FEW = 0.05  # of the truths' deviation, that of predictions below which they are alike
_OFF = 0.1  # by which a band may hold more or less than it should
_DRAWN = 2000  # points in a picture, at most


def measures(predictions: Any, truths: np.ndarray) -> list[Measure]:
    """Mean absolute error, root mean square error, R^2, mean pinball loss over the levels, and the
    share of numbers within the band of 80 %.

    Twice the pinball loss is about the continuous ranked probability score (CRPS). By recordings,
    which are drawn for intervals; where each step is answered, over all steps.

    Sources: Koenker and Bassett 1978, Regression quantiles; Gneiting and Raftery 2007, Strictly
    proper scoring rules, prediction, and estimation.

    >>> found = measures(np.arange(9.0)[None] + [[0], [1]], np.array([4.0, 7.0]))
    >>> {measure.name: round(measure.value, 3) for measure in found}["MAE"]
    1.0
    """
    per_step, sums = are_by_step(truths), []
    center = _one_by_one(predictions, truths)[1].mean()  # without the cancelling of large squares
    for q, y in zip(predictions, truths, strict=True):
        q, y = np.asarray(q, np.float64).reshape(-1, len(LEVELS)), np.ravel(y).astype(np.float64)
        there = ~np.isnan(y)
        sums.append(_sums(q[there], y[there], y[there] - center))
    statistics = np.array(sums)[:, :, None]
    away, squares, pinball, inside, y, y_squared, count = statistics.swapaxes(0, 1)

    def mean_of(name, values, **how):
        return Measure(name, np.hstack([values, count]), lambda s: s[0] / s[1], **how)

    def r_squared(s):
        return 1 - s[0] / max(s[2] - s[1] ** 2 / s[3], 1e-12)

    return [
        mean_of("MAE", away, higher_is_better=False),
        Measure("RMSE", np.hstack([squares, count]), lambda s: np.sqrt(s[0] / s[1]), False),
        Measure("R^2", np.hstack([squares, y, y_squared, count]), r_squared),
        mean_of("pinball loss", pinball, higher_is_better=False),
        mean_of("within the band of 80 %", inside, share=not per_step),
    ]


def _sums(q, y, centred):
    """What quantiles (n, levels) add to the sums, of numbers y (n,)."""
    away = y[:, None] - q
    levels = np.array(LEVELS)
    middle = away[:, MIDDLE]
    return [
        np.abs(middle).sum(),
        (middle**2).sum(),
        np.maximum(levels * away, (levels - 1) * away).mean(axis=1).sum(),
        ((q[:, 0] <= y) & (y <= q[:, -1])).sum(),
        centred.sum(),
        (centred**2).sum(),
        len(y),
    ]


def odd(predictions: Any, truths: np.ndarray) -> list[str]:
    """Whether predictions are all alike, or bands too narrow or too wide."""
    q, y = _one_by_one(predictions, truths)
    said = []
    if np.std(q[:, MIDDLE]) < _FEW * np.std(y):
        said.append(
            f"predictions are nearly all alike: from {q[:, MIDDLE].min():.4g} to "
            f"{q[:, MIDDLE].max():.4g}, where there is {y.min():.4g} to {y.max():.4g}"
        )
    inside = np.mean((q[:, 0] <= y) & (y <= q[:, -1]))
    if abs(inside - BAND) > max(_OFF, 2 * np.sqrt(BAND * (1 - BAND) / len(y))):
        kind = "narrow" if inside < BAND else "wide"
        said.append(f"bands are too {kind}: those of {BAND:.0%} hold {inside:.0%}")
    return said


def draw(folder: Path, target: str, predictions: Any, truths: np.ndarray, split: str) -> None:
    """Write ``predicted.png``: predictions, with their bands of 80 %, against the truth."""
    q, y = _one_by_one(predictions, truths)
    if len(y) > _DRAWN:
        some = np.sort(np.random.default_rng(0).choice(len(y), _DRAWN, replace=False))
        q, y = q[some], y[some]
    ends = [min(y.min(), q[:, MIDDLE].min()), max(y.max(), q[:, MIDDLE].max())]
    with picture(folder / "predicted.png", figsize=(5, 5)) as figure:
        axes = figure.add_subplot()
        axes.plot(ends, ends, color="0.6", linewidth=1, zorder=0)
        middle = q[:, MIDDLE]
        around = np.maximum(0, [middle - q[:, 0], q[:, -1] - middle])
        axes.errorbar(y, middle, around, fmt=".", markersize=4, elinewidth=0.6, alpha=0.6)
        axes.set(xlabel=f"{target or 'y'}, {split}", ylabel="predicted, with the band of 80 %")


def _one_by_one(predictions, truths):
    """Quantiles (n, levels) and numbers (n,), of examples, or of all steps with a number."""
    q = np.asarray(predictions, np.float64) if not are_by_step(truths) else None
    q = np.concatenate(predictions).astype(np.float64) if q is None else q
    y = np.concatenate(truths) if are_by_step(truths) else np.asarray(truths)
    there = ~np.isnan(y)
    return q[there], y[there].astype(np.float64)
