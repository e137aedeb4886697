"""What a target is like: whether it has a season, and of which kind its values are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_SURE = 1.645  # standard errors, that is 90 % of both sides
_SHARE = 1 / 3  # of the series, of which by chance alone a twentieth would show it
_ZEROS = 0.1  # of the values at least, for amounts beside zeros
_LARGE = 100.0  # counts whose median is larger are read as real numbers


def season_of(targets: Sequence[np.ndarray], usual: Sequence[int]) -> int:
    r"""The first of the usual seasons that a third of the series show; 1 if they show none.

    A series shows a season of m steps if the autocorrelation at m of what a straight line leaves is
    more than chance, by Bartlett's formula, and is not that of a slow swing, of which half a season
    would have it, too: ``r_m > 1.645 sqrt((1 + 2 (r_1^2 + ... + r_{m-1}^2)) / n)`` and
    ``r_m > r_{m/2}``. The first of it is how the M4 competition tells a season (Makridakis et al.
    2020). A series of less than three seasons tells nothing.

    Args:
        targets: each (time,), NaN is missing.
        usual: seasons in steps, the chief one first.

    >>> wave = np.sin(np.arange(60) * 2 * np.pi / 12)
    >>> season_of([wave], [12]), season_of([wave], [7])
    (12, 1)
    """
    for season in usual:
        told = [shows(y, season) for y in targets if len(y) >= 3 * season]
        if told and np.mean(told) > _SHARE:
            return season
    return 1


def shows(target: np.ndarray, season: int) -> bool:
    """Whether a series shows a season, see `season_of`."""
    steps = np.arange(len(target))
    there = np.isfinite(target)
    if there.sum() < 3 * season or np.ptp(target[there]) == 0:
        return False
    rest = np.zeros(len(target))
    line = np.polyfit(steps[there], target[there], 1)
    rest[there] = target[there] - np.polyval(line, steps[there])
    power = np.abs(np.fft.rfft(rest, 2 * len(rest))) ** 2
    r = np.fft.irfft(power)[: season + 1]
    if r[0] <= 1e-12 * there.sum() * np.ptp(target[there]) ** 2:  # a straight line
        return False
    r = r / r[0]
    chance = np.sqrt((1 + 2 * np.sum(r[1:season] ** 2)) / there.sum())
    return bool(r[season] > _SURE * chance and r[season] > r[season // 2])


def kind_of(targets: Sequence[np.ndarray]) -> tuple[str, str]:
    """The kind of a target's values, one of `rnnzoo.data.forecasting.panel.KINDS`, and why.

    Args:
        targets: each (time,), NaN is missing.

    >>> kind_of([np.array([0.0, 2.0, 1.0])])
    ('counts', 'counts, as all are small whole numbers')
    """
    values = np.concatenate(targets)
    values = values[np.isfinite(values)]
    if not len(values) or values.min() < 0:
        return "real", "real numbers"
    if (values == np.round(values)).all() and np.median(values) <= _LARGE:
        return "counts", "counts, as all are small whole numbers"
    zeros = float((values == 0).mean())
    if _ZEROS <= zeros < 1:
        return "wet", f"zeros and amounts, as {zeros:.0%} are 0 and none is below"
    return "positive", "numbers of which none is below 0, and so are the forecasts"
