"""Of series to be forecast: the last value, the last season, a straight line, and the climate.

Each answers with samples, so that bands are measured, too: the naive forecasts with those of a
normal distribution whose deviation is that of their own errors before the origin, and grows with
the horizon as it does where these errors have nothing to do with each other (Hyndman &
Athanasopoulos 2021, Forecasting: principles and practice, 5.5).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from rnnzoo.baselines.base import Baseline
from rnnzoo.data.forecasting.panel import Line, Panel
from rnnzoo.evaluation.forecasts import Questions

SAMPLES = 100
_FEWEST = 3  # errors that tell their deviation
_DAYS = 7  # either side of a day of the year
_DAY = np.timedelta64(1, "D")


class NaiveForecast(Baseline):
    """A point forecast with normal bands.

    A subclass defines `errors` and `forecast`. Where a line has too few errors of its own, they
    are taken to be as large, beside its values, as those of the lines that were fitted.
    """

    def fit(self, data: Panel) -> Self:
        self.season, self.kind = data.season, data.kind
        shares = []
        for line in data.train.lines:
            y = line.target[np.isfinite(line.target)]
            errors = self.errors(line.target)
            if len(errors) >= _FEWEST and np.abs(y).mean() > 0:
                shares.append(_size(errors) / np.abs(y).mean())
        self.share = float(np.median(shares)) if shares else 0.0
        return self

    def answers(self, part: Questions) -> np.ndarray:
        """Samples (forecasts, samples, horizon), at equally likely places of the distribution."""
        from scipy.stats import norm

        z = norm.ppf((np.arange(SAMPLES) + 0.5) / SAMPLES)[:, None]
        found = np.empty((len(part), SAMPLES, part.horizon))
        for i in range(len(part)):
            y = part.line(i).target
            errors = self.errors(y)
            own = y[np.isfinite(y)]
            sigma = _size(errors) if len(errors) >= _FEWEST else self.share * np.abs(own).mean()
            mean, growth = self.forecast(y, part.horizon)
            found[i] = mean + sigma * growth * z
        return found if self.kind == "real" else np.maximum(found, 0)

    def errors(self, y: np.ndarray) -> np.ndarray:
        """Its errors a step (or a season) ahead on what came, those that are there.

        Args:
            y: (time,), NaN is missing.
        """
        raise NotImplementedError

    def forecast(self, y: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        """The forecasts after y, and how many times those errors they may be off; (horizon,)."""
        raise NotImplementedError


def _size(errors):
    return float(np.sqrt(np.mean(errors**2)))


class Naive(NaiveForecast):
    """The last value, for ever: y_{t+k} = y_t, off by sigma sqrt(k)."""

    name = "naive forecast (the last value)"

    def errors(self, y: np.ndarray) -> np.ndarray:
        return _there(np.diff(y))

    def forecast(self, y: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        steps = np.arange(1, horizon + 1)
        return np.full(horizon, _there(y)[-1]), np.sqrt(steps)


class SeasonalNaive(NaiveForecast):
    """The last season again: y_{t+k} = y_{t+k-jm}, off by sigma sqrt(j), in the j-th season."""

    name = "seasonal naive forecast (the last season)"

    def errors(self, y: np.ndarray) -> np.ndarray:
        return _there(y[self.season :] - y[: -self.season]) if len(y) > self.season else y[:0]

    def forecast(self, y: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        m, steps = self.season, np.arange(horizon)
        last = np.full(m, _there(y)[-1])  # of a place in the season that never came
        for place in range(m):
            if len(came := _there(y[(len(y) + place) % m :: m])):
                last[place] = came[-1]
        return last[steps % m], np.sqrt(steps // m + 1)


class Drift(NaiveForecast):
    """A straight line through the first and the last value: y_{t+k} = y_t + k (y_t - y_1)/(t - 1).

    Off by sigma sqrt(k (1 + k / (t - 1))).
    """

    name = "drift (a line through the first and the last value)"

    def errors(self, y: np.ndarray) -> np.ndarray:
        slope, _ = _slope(y)
        return _there(np.diff(y)) - slope

    def forecast(self, y: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        slope, count = _slope(y)
        steps = np.arange(1, horizon + 1)
        growth = np.sqrt(steps * (1 + steps / max(1, count)))
        return _there(y)[-1] + steps * slope, growth


def _slope(y):
    places = np.flatnonzero(np.isfinite(y))
    count = int(places[-1] - places[0]) if len(places) else 0
    return ((y[places[-1]] - y[places[0]]) / count if count else 0.0), count


def _there(values):
    return values[np.isfinite(values)]


class Climatology(Baseline):
    """What came before the origin in the fifteen days around a date, in all years.

    Of steps within a day, at the same time of day. Where nothing came then, all that came counts.
    """

    name = "climatology (the fifteen days around the date)"

    def fit(self, data: Panel) -> Self:
        return self

    def answers(self, part: Questions) -> np.ndarray:
        """Samples (forecasts, samples, horizon), at equally likely places of what came."""
        places = (np.arange(SAMPLES) + 0.5) / SAMPLES
        found = np.empty((len(part), SAMPLES, part.horizon))
        for i, (number, origin) in enumerate(part.origins):
            line: Line = part.part.lines[number]
            y = line.target[:origin]
            there = np.isfinite(y)
            days, times = _of_year(line.stamps[: origin + part.horizon])
            for k in range(part.horizon):
                at = origin + k
                apart = np.abs(days[:origin] - days[at])
                near = np.minimum(apart, 365.25 - apart) < _DAYS + 0.5
                came = y[there & near & (times[:origin] == times[at])]
                came = came if len(came) else y[there]
                found[i, :, k] = np.quantile(came, places, method="inverted_cdf")
        return found


def _of_year(stamps: np.ndarray) -> tuple[Any, Any]:
    """Days since the year began, and seconds since the day did."""
    days = stamps.astype("datetime64[D]")
    return (days - stamps.astype("datetime64[Y]").astype("datetime64[D]")) / _DAY, stamps - days


def baselines_of(data: Panel) -> list[Baseline]:
    """The simple things to be better than, fitted: those for the kind of a panel's values.

    Of amounts beside zeros the climate, and what comes at a step like the last; of others the
    naive forecasts.
    """
    found: list[Baseline] = [Naive(), Drift()]
    if data.season > 1:
        found.insert(0, SeasonalNaive())
    if data.kind == "wet":
        found = [Climatology(), Naive()]
    return [each.fit(data) for each in found]
