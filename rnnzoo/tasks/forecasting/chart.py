"""Forecasts and surprises as pictures: fan charts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.forecasting.panel import Line
from rnnzoo.files import picture

MOST = 6  # series in a picture
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
UNUSUAL = 0.01  # share of the steps that are marked


@dataclass(frozen=True, eq=False)
class Fan:
    """A series, and what is said of it.

    Attributes:
        line: the series.
        stamps: datetime64 (steps,) of what is forecast; empty where nothing is.
        quantiles: (steps, levels) at `LEVELS`.
        surprise: of each step of the line in nats, (time,); None where it is not asked for.
    """

    line: Line
    stamps: np.ndarray
    quantiles: np.ndarray
    surprise: np.ndarray | None = None


def unusual(surprise: np.ndarray, share: float = UNUSUAL) -> list[tuple[int, int]]:
    """The steps of most surprise, as stretches from one step to behind another one.

    Args:
        surprise: in nats (time,), NaN where there is none.
        share: of the steps that are marked, one at least.

    >>> unusual(np.array([0.0, 9.0, 8.0, np.nan, 0.1, 7.0]), share=0.6)
    [(1, 3), (5, 6)]
    """
    known = surprise[np.isfinite(surprise)]
    if not len(known):
        return []
    least = np.sort(known)[-max(1, round(share * len(known)))]
    marked = np.concatenate([[False], np.nan_to_num(surprise, nan=-np.inf) >= least, [False]])
    edges = np.flatnonzero(np.diff(marked))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def draw(path: str | os.PathLike[str], fans: Sequence[Fan], target: str, history: int) -> Path:
    """Write a PNG of the first `MOST` series: history, median, bands of 50 and 80 %.

    Args:
        path: of the picture.
        fans: what is drawn.
        target: the name of the values.
        history: steps of the past that are drawn beside a forecast; with surprises, all.
    """
    some = fans[:MOST]
    with picture(Path(path), figsize=(8, 1 + 2.2 * len(some))) as figure:
        for axes, fan in zip(figure.subplots(len(some), squeeze=False)[:, 0], some, strict=True):
            _draw_one(axes, fan, history)
            axes.set_ylabel(fan.line.id or target)
        if any(fan.line.id for fan in some):
            figure.suptitle(target)
        shown = axes.get_legend_handles_labels()
        figure.legend(*shown, loc="outside lower center", ncols=len(shown[0]), fontsize="small")
    return Path(path)


def _draw_one(axes: Any, fan: Fan, history: int) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    line = fan.line
    begin = 0 if fan.surprise is not None else max(0, len(line) - history)
    stamps = line.stamps[: len(line)]
    axes.plot(stamps[begin:], line.target[begin:], color="black", linewidth=0.9, label="observed")
    if fan.surprise is not None:
        for i, (first, end) in enumerate(unusual(fan.surprise)):
            last = stamps[min(end, len(stamps) - 1)]
            label = "most surprising" if i == 0 else None
            axes.axvspan(stamps[first], last, color="tab:red", alpha=0.3, label=label)
    if len(fan.stamps):
        low, lower, median, upper, high = fan.quantiles.T
        axes.fill_between(fan.stamps, low, high, color="tab:blue", alpha=0.2, label="80 %")
        axes.fill_between(fan.stamps, lower, upper, color="tab:blue", alpha=0.4, label="50 %")
        axes.plot(fan.stamps, median, color="tab:blue", label="median")
    # What all dates share stands once: whole ones would be written over each other.
    locator = AutoDateLocator(maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
