"""What `rnnzoo predict` says of files of series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo.tasks.forecasting.chart import LEVELS, Fan, draw, unusual
from rnnzoo.tasks.forecasting.frames import lines_of

if TYPE_CHECKING:
    from rnnzoo.tasks.forecasting.model import ForecastModel

# How a table of series is read, and what is asked of it.
OPTIONS = (
    "time", "target", "id", "known", "past", "static", "combine", "encoding", "horizon", "surprise",
)  # fmt: skip
FORECAST = ("time", "mean", *(f"q{level:g}" for level in LEVELS))
SURPRISE = ("time", "target", "surprise", "expected")
HISTORY = 4  # horizons that are drawn before a forecast


def fans(
    model: ForecastModel,
    path: str,
    horizon: int | None = None,
    surprise: bool = False,
    **reading: Any,
) -> Iterator[tuple[Fan, np.ndarray]]:
    """Each series of a file with its forecast, and the mean (steps,); or with its surprises.

    Args:
        model: a forecaster.
        path: of the file.
        horizon: steps to forecast.
        surprise: whether to tell what was a surprise, and no forecast.
        **reading: how the file is read where it isn't as in training.
    """
    model.require_ready()
    lines = lines_of(path, {**model.preprocessor.read_by, **reading})
    if surprise:
        for line in lines:
            told = model.told(line)
            nothing = np.zeros((0, len(LEVELS)))
            yield Fan(line, line.stamps[:0], nothing, told["surprise"]), told["expected"]
        return
    drawn = model.samples(lines, horizon)
    for line, of_one in zip(lines, drawn, strict=True):
        stamps = model.to_come(line, drawn.shape[-1]).astype("datetime64[s]")
        yield Fan(line, stamps, np.quantile(of_one, LEVELS, axis=0).T), of_one.mean(axis=0)


def forecast_lines(model: ForecastModel, path: str, **how: Any) -> Iterator[str]:
    """The answers to a file for people: of each step the median, and the band of 80 %."""
    for fan, _ in fans(model, path, **how):
        name = f"{path}: {fan.line.id}" if fan.line.id else path
        if fan.surprise is not None and not np.isfinite(fan.surprise).any():
            steps, enough = len(fan.line), model.preprocessor.enough
            yield f"{name}: nothing is told of {steps:,} steps, as {enough} must come before"
            continue
        if fan.surprise is not None:
            yield f"{name}: of {len(fan.line):,} steps the most surprising"
            for begin, end in unusual(fan.surprise):
                nats = np.nanmax(fan.surprise[begin:end])
                first, last = _shown(fan.line.stamps[begin]), _shown(fan.line.stamps[end - 1])
                span = first if end == begin + 1 else f"{first} to {last}"
                values = ", ".join(f"{value:.6g}" for value in fan.line.target[begin:end][:4])
                yield f"  {span}: {values}  ({nats:.3g} nats)"
            continue
        yield f"{name}: median, and the middle 80 %"
        for stamp, (low, *_, median, _, high) in zip(fan.stamps, fan.quantiles, strict=True):
            yield f"  {_shown(stamp)}: {median:.6g}  ({low:.6g} to {high:.6g})"


def forecast_rows(
    model: ForecastModel, path: str, answered: Mapping[str, int], **how: Any
) -> Iterator[list[list[str]]]:
    """The answers to a file for a table: a series' rows together, its name first.

    Args:
        model, path: as for `fans`.
        answered: by name of a series how many rows it has already.
        **how: as for `fans`.
    """
    for fan, mean in fans(model, path, **how):
        if fan.surprise is not None:
            stamps = fan.line.stamps[: len(fan.line)]
            values = np.stack([fan.line.target, fan.surprise, mean], axis=1)
        else:
            stamps, values = fan.stamps, np.column_stack([mean, fan.quantiles])
        rows = [
            [fan.line.id, _shown(stamp), *("" if np.isnan(v) else f"{v:.7g}" for v in row)]
            for stamp, row in zip(stamps, values, strict=True)
        ]
        if left := rows[answered.get(fan.line.id, 0) :]:
            yield left


def write_chart(model: ForecastModel, path: str, chart: Path, **how: Any) -> Path:
    """Write a fan chart of a file's forecasts, or of its surprises, as a PNG."""
    found = [fan for fan, _ in fans(model, path, **how)]
    known = model.preprocessor
    history = max(known.context, HISTORY * (how.get("horizon") or known.horizon))
    return draw(chart, found, known.target, history)


def _shown(stamp: np.datetime64) -> str:
    """A stamp without a time of day, where that is midnight."""
    return str(stamp).removesuffix("T00:00:00").replace("T", " ")
