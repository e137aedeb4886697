"""Time stamps: what a column of them counts, and seconds from it, never rounded to float32."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

NANOSECONDS = 1e9
_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_WORDS = {
    "ns": "nanoseconds", "us": "microseconds", "ms": "milliseconds", "s": "seconds",
    "min": "minutes", "h": "hours",
}  # fmt: skip
_SIZES = {"d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6}
# Since 1970, of stamps from 1985 to 2128.
_EPOCHS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}

_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d")
_CLOCKS = ("%H:%M:%S%.f", "%H:%M", "%I:%M:%S%.f %p", "%I:%M %p", "%H%M%S")
_UNIT_AT_END = re.compile(
    r"(?:[_\s\[(/]|^)(ns|us|µs|ms|msec|s|secs?|seconds?|millis(?:econds)?|min|h)[\])]?$"
)
# In both the year is known by its four figures, day and month only by their size.
_EITHER = {"%d/%m/%Y": "day/month/year", "%m/%d/%Y": "month/day/year"}


@dataclass(frozen=True)
class Stamps:
    """How a column of stamps is read.

    Attributes:
        unit: of numbers, such as ``"ms"``; None for dates and clocks.
        form: of text, as `polars.Expr.str.to_datetime` takes it; empty for what is a date already.
        said: the same in words.
        odd: what is not certain about it, in words; else empty.
        clock: whether it tells the time of day alone.
    """

    unit: str | None = None
    form: str = ""
    said: str = ""
    odd: str = ""
    clock: bool = False


def epoch_unit(values: pl.Series) -> str | None:
    """The unit in which numbers count from 1970 on, if they look like that.

    >>> epoch_unit(pl.Series([1.7e12, 1.7e12 + 20]))
    'ms'
    """
    numbers = values.drop_nulls()
    if not len(numbers) or not numbers.dtype.is_numeric():
        return None
    low, high = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]
    for unit, scale in _EPOCHS.items():
        if 4.7e8 * scale <= low and high <= 5e9 * scale:
            return unit
    return None


def unit_in(name: str) -> str | None:
    """The unit that a column's name ends in, such as ``"ms"`` of ``"time [ms]"``."""
    ends = _UNIT_AT_END.search(name.strip().lower())
    if not ends:
        return None
    found = ends[1].replace("µs", "us")
    if found.startswith(("msec", "milli")):
        return "ms"
    return "s" if found.startswith("s") else found


def of_numbers(name: str, sample: pl.Series) -> Stamps:
    """How a column of numbers is read as stamps."""
    if epoch := epoch_unit(sample):
        return Stamps(unit=epoch, said=f"{_WORDS[epoch]} since 1970")
    if unit := unit_in(name):
        return Stamps(unit=unit, said=_WORDS[unit])
    return Stamps(unit="s", said="taken for seconds, as it names no unit")


def of_text(sample: pl.Series) -> Stamps | None:
    """How a column of text is read as stamps; None if it holds none."""
    values = sample.drop_nulls().unique(maintain_order=True).head(2000)
    values = values.filter(values.str.strip_chars() != "")
    if not len(values) or not values.str.contains(r"^\s*\d{1,4}[-/.:]?\d").mean() > 0.5:  # type: ignore[operator]
        return None
    values = values.str.strip_chars()
    best, form = 0.5, None
    forms = [
        date + between + clock for date in _DATES for between in ("T", " ") for clock in _CLOCKS
    ]
    fits = []
    for form in (*forms, *_DATES[:6], *_CLOCKS[:4]):
        share = 1 - _parsed(values.head(100), form).null_count() / min(100, len(values))
        if share > best:
            best, fits = share, [form]
        elif share == best and share > 0.5:
            fits.append(form)
    if not fits:
        return None
    both = [form for form in fits if form[:8] in _EITHER]
    if len(both) > 1:  # by what no month can be, among all of the sample
        parsed = [_parsed(values, form) for form in both]
        shares = [stamps.null_count() for stamps in parsed]
        if shares[0] == shares[1]:
            uneven = [*map(_unevenness, parsed)]
            if 4 * uneven[1] < uneven[0]:  # the first of each month: days in the other order
                both.reverse()
            said, other = (_EITHER[form[:8]] for form in both)
            odd = f"stamps are taken for {said}; could be {other}"
            return Stamps(form=both[0], said=said, odd=odd)
        fits = [both[int(np.argmin(shares))]]
    if not fits[0].startswith(("%d", "%Y", "%m")):
        return Stamps(form=fits[0], said="times of day", clock=True)
    zones = values.head(100).str.contains(r"(Z|UTC|[+-]\d\d:?\d\d)$").mean()
    return Stamps(form=fits[0], said=f"dates and times{' with zones' if zones else ''}")


def seconds(
    values: pl.Series, stamps: Stamps, origin: float | int | None
) -> tuple[np.ndarray, float | int]:
    """Seconds from an origin, float64, NaN where there is no stamp; and that origin.

    Args:
        values: stamps as the column holds them.
        stamps: how they are read.
        origin: nanoseconds, or for numbers their unit; None: the first of the values.
    """
    if stamps.unit is None:
        if values.dtype == pl.String:
            values = _parsed(values.str.strip_chars(), stamps.form)
        elif values.dtype == pl.Duration:
            values = values.dt.cast_time_unit("ns")
        elif values.dtype == pl.Time:
            values = values.cast(pl.Int64)
        else:
            values = values.cast(pl.Datetime("ns", getattr(values.dtype, "time_zone", None)))
        values, scale = values.to_physical().cast(pl.Int64), 1 / NANOSECONDS
    else:
        scale = _UNITS[stamps.unit]
        if not values.dtype.is_integer():
            values = values.cast(pl.Float64).fill_nan(None)
    if origin is None:
        first = values.drop_nulls()
        origin = first[0] if len(first) else 0
    # Whole numbers are subtracted before they become float64, which holds no more than 53 bits.
    return (values - origin).cast(pl.Float64).to_numpy() * scale, origin


def _unevenness(stamps):
    """How many times as long as the usual step between stamps the longest one is."""
    steps = np.diff(np.unique(stamps.drop_nulls().to_numpy()))
    return float(steps.max() / np.median(steps)) if len(steps) else 1.0


def _parsed(values, form):
    """Nanoseconds since 1970, or of the day; null where text is not of the form."""
    if form.startswith("%H") or form.startswith("%I"):
        values, form = "1970-01-01 " + values, "%Y-%m-%d " + form
    plain = values.str.to_datetime(form, time_unit="ns", strict=False, exact=True)
    if plain.null_count() == values.null_count():
        return plain
    zoned = values.str.replace(r"\s*(Z|UTC|GMT)$", "+00:00").str.replace(
        r"\s+([+-]\d\d:?\d\d)$", "$1"
    )
    zoned = zoned.str.to_datetime(
        form + "%#z", time_unit="ns", time_zone="UTC", strict=False, exact=True
    )
    zoned = zoned.dt.replace_time_zone(None)
    return zoned if zoned.null_count() < plain.null_count() else plain


def readable(duration: float) -> str:
    """A duration in the unit that suits it.

    >>> readable(0.02), readable(90.0)
    ('20 ms', '1.5 min')
    """
    for unit, size in _SIZES.items():
        if duration >= size * (1 - 1e-9) and (unit != "min" or duration >= 90):
            return f"{duration / size:.4g} {unit}"
    return f"{duration:.4g} s"
