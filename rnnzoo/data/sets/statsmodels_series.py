"""`co2`, `sunspots` and their kin: single series, and one panel, that statsmodels carries.

Its tables are read, and it is never imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import Panel


class _Set(NamedTuple):
    """A table, how it is read, and what is forecast."""

    file: str
    told: dict[str, Any]
    how: dict[str, Any]
    description: str
    source: str
    shares: tuple[float, float] = (0.15, 0.15)


_SETS = {
    "co2": _Set(
        "co2/co2.csv",
        dict(time="date", target="co2"),
        dict(season=52, horizon=26),
        "carbon dioxide in the air of Mauna Loa, 2,284 weeks with gaps",
        "Keeling & Whorf 2004, Atmospheric CO2 concentrations derived from flask air samples",
    ),
    "sunspots": _Set(
        "sunspots/sunspots.csv",
        dict(time="YEAR", target="SUNACTIVITY"),
        dict(season=11, horizon=11),
        "sunspots of 309 years, with a cycle of about eleven",
        "National Geophysical Data Center",
    ),
    "elnino": _Set(
        "elnino/elnino.csv",
        dict(time="month", target="temperature"),
        dict(horizon=12),
        "temperature of the Pacific off Peru, 732 months",
        "National Oceanic and Atmospheric Administration, ERSST.V3B, Nino 1+2",
    ),
    "nile": _Set(
        "nile/nile.csv",
        dict(time="year", target="volume"),
        dict(horizon=5),
        "flow of the Nile at Aswan, 100 years",
        "Cobb 1978, The problem of the Nile: conditional solution to a changepoint problem",
        (0.2, 0.2),
    ),
    "us_macro": _Set(
        "macrodata/macrodata.csv",
        dict(time="year,quarter", target="columns"),
        dict(horizon=8),
        "12 series of the economy of the United States, 203 quarters",
        "Federal Reserve Bank of St. Louis; Bureau of Labor Statistics",
        (0.2, 0.2),
    ),
    "electrical_equipment": _Set(
        "elec_equip/elec_equip.csv",
        dict(time="DATE"),
        dict(horizon=12),
        "turnover of makers of electrical equipment in Europe, 257 months",
        "Eurostat, total turnover index of NACE 26-27",
        (0.2, 0.2),
    ),
}


def load(name: str) -> Panel:
    """Load one of them."""
    from rnnzoo.data.forecasting.lines import read_lines
    from rnnzoo.data.forecasting.loading import panel_of
    from rnnzoo.data.forecasting.roles import Told
    from rnnzoo.data.sets.packages import carried_by

    one = _SETS[name]
    path: Any = carried_by("statsmodels", name, "forecasting") / "datasets" / one.file
    source = _by_month(path) if name == "elnino" else path
    metadata = {"source": one.source, "license": "public domain"}
    validation, test = one.shares
    read = read_lines(source, Told(**one.told))
    return panel_of(name, read, metadata, validation=validation, test=test, **one.how)


def _by_month(path):
    """A table with a row a year and a column a month as one with a row a month."""
    import polars as pl

    table = pl.read_csv(path)
    months = {name: place for place, name in enumerate(table.columns[1:], 1)}
    long = table.unpivot(index="YEAR", variable_name="name", value_name="temperature")
    return long.select(
        pl.date("YEAR", pl.col("name").replace_strict(months), 1).alias("month"), "temperature"
    ).sort("month")


for _name, _one in _SETS.items():
    register_dataset(
        _name,
        task="forecasting",
        description=_one.description,
        extra="forecasting",
        license="public domain",
        size="made here",
        url="https://www.statsmodels.org/stable/datasets/",
        citation=_one.source,
    )(load)
