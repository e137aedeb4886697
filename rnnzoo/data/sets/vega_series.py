"""`seattle_rain`, `city_temperatures`, `us_employment`: series that vega-datasets carries.

Its tables are read, and it is never imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from pathlib import Path

    from rnnzoo.data import Panel

_EXTRA = "forecasting"
_KNOWN = dict(
    task="forecasting",
    extra=_EXTRA,
    license="public domain",
    size="made here",
    url="https://github.com/vega/vega-datasets",
)
_NOAA = "National Oceanic and Atmospheric Administration"
_BLS = "Bureau of Labor Statistics, Current Employment Statistics"


@register_dataset(
    "seattle_rain",
    description="rain in Seattle, 1,461 days, beside temperature and wind",
    citation=_NOAA,
    **_KNOWN,
)
def load_rain(name: str) -> Panel:
    """Load it; the last year is to test on, and the one before to validate on."""
    told = dict(time="date", target="precipitation", past=["temp_max", "temp_min", "wind"])
    cuts = ("2014-01-01", "2015-01-01")
    return _load(name, _folder(name) / "seattle-weather.csv", told, _NOAA, horizon=7, cuts=cuts)


@register_dataset(
    "city_temperatures",
    description="temperature in Seattle and in San Francisco, a year of hours",
    citation=_NOAA,
    **_KNOWN,
)
def load_temperatures(name: str) -> Panel:
    """Load it; November is to validate on, December to test on."""
    import polars as pl

    cities = {"Seattle": "seattle-temps.csv", "San Francisco": "sf-temps.csv"}
    hours = pl.col("date").str.head(16).str.to_datetime("%Y/%m/%d %H:%M")
    frame = pl.concat(
        pl.read_csv(_folder(name) / file).select(
            hours.alias("time"), pl.lit(city).alias("city"), "temp"
        )
        for city, file in cities.items()
    )
    told = dict(time="time", target="temp", id="city")
    cuts = ("2010-11-01", "2010-12-01")
    return _load(name, frame, told, _NOAA, horizon=24, cuts=cuts)


@register_dataset(
    "us_employment",
    description="people employed in 22 groups of industries of the United States, 120 months, "
    "seasonally adjusted",
    citation=_BLS,
    **_KNOWN,
)
def load_employment(name: str) -> Panel:
    """Load it, without the column that is computed of others; the last year is to test on."""
    import polars as pl

    frame = pl.read_csv(_folder(name) / "us-employment.csv").drop("nonfarm_change")
    cuts = ("2014-01-01", "2015-01-01")
    told = dict(time="month", target="columns")
    return _load(name, frame, told, _BLS, horizon=12, cuts=cuts)


def _folder(name: str) -> Path:
    from rnnzoo.data.sets.packages import carried_by

    return carried_by("vega_datasets", name, _EXTRA) / "_data"


def _load(name: str, source: Any, told: dict[str, Any], made_by: str, **how: Any) -> Panel:
    from rnnzoo.data.forecasting.lines import read_lines
    from rnnzoo.data.forecasting.loading import panel_of
    from rnnzoo.data.forecasting.roles import Told

    metadata = {"source": made_by, "license": "public domain"}
    return panel_of(name, read_lines(source, Told(**told)), metadata, **how)
