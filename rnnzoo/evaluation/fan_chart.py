"""A fan chart: what came, and bands of what may come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.files import picture

MOST = 9  # series in one picture
_COLUMNS = 3
_HISTORY = 4  # horizons before the forecast, at most


@dataclass(frozen=True, eq=False)
class Fan:
    """A forecast of one series, as it is drawn.

    Attributes:
        name: of the series, the title; may be empty.
        past: stamps of what came, datetime64 (time,).
        came: its values, (time,), NaN where one is missing.
        stamps: of what is forecast, datetime64 (horizon,).
        levels: of the quantiles, rising; those as far from 0.5 on both sides are a band.
        quantiles: (horizon, levels).
        truth: what came then, (horizon,); None if that is not known.
    """

    name: str
    past: np.ndarray
    came: np.ndarray
    stamps: np.ndarray
    levels: Sequence[float]
    quantiles: np.ndarray
    truth: np.ndarray | None = None


def bands_of(levels: Sequence[float]) -> list[tuple[int, int]]:
    """Places of the levels that are as far from 0.5 on both sides, the widest first.

    >>> bands_of([0.1, 0.25, 0.5, 0.75, 0.9])
    [(0, 4), (1, 3)]
    """
    places = {round(level, 6): place for place, level in enumerate(levels)}
    low = sorted(level for level in places if level < 0.5)
    return [(places[q], places[round(1 - q, 6)]) for q in low if round(1 - q, 6) in places]


def draw_fans(path: Path, fans: Sequence[Fan], title: str = "") -> None:
    """Write fans as one PNG picture, of many the first nine.

    The history that is shown is four horizons long at most. The share that a band holds is in the
    legend.

    Args:
        path: of the file.
        fans: one at least.
        title: of the picture.

    Raises:
        ValueError: there is none, or its arrays don't fit each other.

    Example:
        >>> import tempfile
        >>> days = np.arange("2024-01-01", "2024-01-21", dtype="datetime64[D]")
        >>> y = np.arange(20.0)
        >>> quantiles = y[10:, None] + np.array([-2.0, 0.0, 2.0])
        >>> fan = Fan("a", days[:10], y[:10], days[10:], (0.1, 0.5, 0.9), quantiles, y[10:] + 1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     draw_fans(Path(folder) / "fan.png", [fan])
        ...     (Path(folder) / "fan.png").stat().st_size > 5000
        True
    """
    if not fans:
        raise WrongValue("no forecast to draw; expected one at least")
    shown = fans[:MOST]
    columns = min(_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    size = (8, 4) if len(shown) == 1 else (4.2 * columns, 2.8 * rows + 0.6)
    with picture(path, figsize=size) as figure:
        for place, fan in enumerate(shown, 1):
            axes = figure.add_subplot(rows, columns, place)
            _draw(axes, fan)
            if place == 1:
                figure.legend(
                    *axes.get_legend_handles_labels(), loc="outside lower center", ncols=5
                )
        more = f" ({len(shown)} of {len(fans):,} series)" if len(fans) > len(shown) else ""
        if title or more:
            figure.suptitle(f"{title}{more}".strip())


def _draw(axes, fan):
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    horizon = len(fan.stamps)
    if np.shape(fan.quantiles) != (horizon, len(fan.levels)) or len(fan.past) != len(fan.came):
        raise WrongValue(
            f"quantiles of shape {np.shape(fan.quantiles)} for {horizon} stamps and "
            f"{len(fan.levels)} levels, {len(fan.came)} values for {len(fan.past)} stamps"
        )
    past, came = fan.past[-_HISTORY * horizon :], fan.came[-_HISTORY * horizon :]
    axes.plot(past, came, color="0.25", linewidth=1, label="came")
    # From the last value on, so that nothing stands between.
    stamps, quantiles = fan.stamps, np.asarray(fan.quantiles, float)
    if len(came) and np.isfinite(came[-1]):
        stamps = np.concatenate([past[-1:], stamps])
        quantiles = np.concatenate([np.full((1, len(fan.levels)), came[-1]), quantiles])
    for number, (low, high) in enumerate(bands_of(fan.levels)):
        share = round(100 * (fan.levels[high] - fan.levels[low]), 1)
        axes.fill_between(
            stamps,
            quantiles[:, low],
            quantiles[:, high],
            color="C0",
            alpha=0.2 + 0.15 * number,
            linewidth=0,
            label=f"{share:g} %",
        )
    middle = np.flatnonzero(np.isclose(fan.levels, 0.5))
    if len(middle):
        axes.plot(stamps, quantiles[:, middle[0]], color="C0", linewidth=1.5, label="median")
    if fan.truth is not None:
        axes.plot(fan.stamps, fan.truth, color="C3", linewidth=1, label="came then")
    axes.set_title(fan.name, fontsize="medium")
    locator = AutoDateLocator(minticks=3, maxticks=6)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
