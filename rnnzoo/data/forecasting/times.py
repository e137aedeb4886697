"""Which columns tell the time of a row, and what stamp that is."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from rnnzoo.data.readers.tables.columns import Columns, plain
from rnnzoo.data.readers.tables.roles import numbers_of, stamps_of
from rnnzoo.data.readers.tables.stamps import Stamps, seconds
from rnnzoo.data.readers.tables.timing import find_time, stamps_in
from rnnzoo.errors import DataError

_PARTS = ("month", "quarter")  # beside a year
# Months, quarters and days as tables of statistics write them, none of which is a clock's stamp.
_TEXT = re.compile(
    r"[A-Za-z]{3,9}[ -]\d{1,2},?[ -]\d{4}|\d{4}[-/M]\d{1,2}|[A-Za-z]{3,9}[ -]\d{4}"
    r"|\d{4}[ -]?[Qq][1-4]|[Qq][1-4][ -/]?\d{4}|\d{4}[ -]?[Ww]\d{1,2}"
)
_MONTH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
EARLIEST, LATEST = 1000, 3000  # years


@dataclass(frozen=True)
class Times:
    """How the time of a row is read.

    Attributes:
        columns: one; or the year and the month or quarter; or the date and the time of day.
        stamps: how stamps are read; None for numbers and words of the calendar.
        said: the same in words.
    """

    columns: tuple[str, ...]
    stamps: Stamps | None
    said: str

    def read(self, frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray | None]:
        """Stamps of rows, datetime64[s] (rows,), NaT where there is none; and those of the clock.

        Where stamps are in zones, the first ones are in UTC, and the second ones what the clocks
        there show; else the second is None.
        """
        if self.stamps is None:
            return self._calendar(frame), None
        time, *date = self.columns
        values = stamps_of(frame, time, date[0] if date else None)
        found = _whole(seconds(values, self.stamps, 0)[0])
        zoned = getattr(values.dtype, "time_zone", None) is not None
        if values.dtype == pl.String and "zones" in self.stamps.said:
            zoned, values = True, values.str.strip_chars().str.replace(_ZONE, "")
        elif zoned:
            values = values.dt.replace_time_zone(None)
        return found, _whole(seconds(values, self.stamps, 0)[0]) if zoned else None

    def _calendar(self, frame):
        numbers = []
        for name in self.columns:
            values = frame[name]
            numbers.append(
                np.array([_numbers_in(one) for one in values], float).T
                if values.dtype == pl.String
                else _digits(numbers_of(values).cast(pl.Float64).to_numpy())
            )
        years, months, days = numbers[0]
        if len(numbers) > 1:
            months = numbers[1][0] * (3 if plain(self.columns[1]) == "quarter" else 1)
            months -= 2 * (plain(self.columns[1]) == "quarter")
        good = np.isfinite(years) & (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
        y, m, d = (np.where(good, of, 1).astype(int) for of in (years, months, days))
        found = (y * 12 + m - 1 - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
        return np.where(good, found + (d - 1), np.datetime64("NaT")).astype("datetime64[s]")


_ZONE = r"\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)$"


def _whole(found):
    """Seconds since 1970 as stamps."""
    there = np.isfinite(found)
    whole = np.floor(np.where(there, found, 0) + 1e-6).astype(np.int64).astype("datetime64[s]")
    return np.where(there, whole, np.datetime64("NaT"))


def _digits(numbers):
    """Years, months and days of numbers such as 1958, 195803 or 19580329."""
    long, middle = numbers >= 1e7, (numbers >= 1e5) & (numbers < 1e7)
    days = np.where(long, numbers % 100, 1)
    rest = np.where(long, numbers // 100, numbers)
    months = np.where(long | middle, rest % 100, 1)
    return np.where(long | middle, rest // 100, rest), months, days


def _numbers_in(word):
    """Year, month and day of a word such as 1998Q1, 1998-W05, 1998-03, Mar 1998 or Jan-1-1995."""
    if word is None:
        return np.nan, np.nan, np.nan
    year = re.search(r"\d{4}", word)
    if year is None:
        return np.nan, np.nan, np.nan
    if quarter := re.search(r"[Qq]([1-4])", word):
        return float(year[0]), 3.0 * int(quarter[1]) - 2, 1.0
    if week := re.search(r"[Ww](\d{1,2})", word):
        try:  # its Monday, ISO 8601
            monday = datetime.date.fromisocalendar(int(year[0]), int(week[1]), 1)
        except ValueError:
            return np.nan, np.nan, np.nan
        return float(monday.year), float(monday.month), float(monday.day)
    rest = word.replace(year[0], " ", 1)
    day = re.search(r"\d{1,2}", rest)
    if name := re.search(r"[A-Za-z]{3}", rest):
        month = _MONTH.index(name[0].lower()) + 1.0 if name[0].lower() in _MONTH else np.nan
        return float(year[0]), month, float(day[0]) if day else 1.0
    return float(year[0]), float(day[0]) if day else 1.0, 1.0


def find_times(columns: Columns) -> Times:
    """Which columns tell the time, as told or by their names and what they hold.

    Raises:
        ValueError: none does, or several could.
    """
    table, date = columns.table, None
    given = columns.given("time")
    if isinstance(given, str) and given not in table.names and "," in given:
        given = [one.strip() for one in given.split(",")]
    if given is not None and not isinstance(given, (str, int)):
        return _two(columns, [columns.called(one, "time") for one in given])
    name = columns.told("time")
    if given is None:
        if (found := _by_parts(columns)) is not None:
            return found
        words = [n for n in table.names if n not in columns.taken and _is_text(table.sample[n])]
        name, date = (words[0], None) if len(words) == 1 else find_time(columns, ())
    if name is None:
        raise DataError(
            f"{table.name} has no column of time stamps that is found: name it (time=, --time); "
            f"its columns are {', '.join(map(repr, table.names[:30]))}",
            table.name,
        )
    if date is not None:
        return _two(columns, [date, name])
    columns.taken.add(name)
    values = table.sample[name]
    if _is_text(values):
        return Times((name,), None, f"column {name!r}")
    if columns.kinds[name] == "number" and _counts_days(values):
        return Times((name,), None, f"column {name!r}")
    stamps, _ = stamps_in(columns, name, date)
    if stamps is None or stamps.clock:
        raise DataError(
            f"{table.name}: column {name!r} tells the time of day alone; name the column of the "
            "date and time (time=, --time)",
            table.name,
        )
    return Times((name,), stamps, f"column {name!r}, {stamps.said}")


def _two(columns, names):
    """The year and its part, or the date and the time of day, in either order."""
    table = columns.table
    columns.taken |= set(names)
    said = " and ".join(map(repr, names))
    if len(names) == 2 and columns.kinds[names[0]] == "number":
        return Times(tuple(names), None, f"columns {said}")
    if len(names) == 2:
        time, date = sorted(names, key=lambda n: not table.sample[n].drop_nulls()[0].count(":"))
        stamps, _ = stamps_in(columns, time, date)
        if stamps is not None and not stamps.clock:
            return Times((time, date), stamps, f"columns {said}, {stamps.said}")
    raise DataError(
        f"{table.name}: time={names}: expected one column, a date and a time of day, or a year and "
        "a month or quarter",
        table.name,
    )


def _by_parts(columns):
    """A column of the year, alone or beside one of the month or the quarter."""
    table = columns.table
    kinds = {
        plain(name): name
        for name in table.names
        if columns.kinds[name] == "number" and name not in columns.taken
    }
    if "year" not in kinds or not _counts_days(table.sample[kinds["year"]]):
        return None
    if columns.named("time"):
        return None
    year, *part = [kinds["year"], *(kinds[part] for part in _PARTS if part in kinds)][:2]
    if part:
        return _two(columns, [year, *part])
    columns.taken.add(year)
    return Times((year,), None, f"column {year!r}")


def _is_text(values):
    """Whether words are of the calendar, such as 1998Q1 or Mar 1998."""
    if values.dtype != pl.String:
        return False
    text = values.drop_nulls().head(200).str.strip_chars()
    text = text.filter(text != "")
    return bool(len(text)) and bool(text.str.contains(f"^({_TEXT.pattern})$").all())


def _counts_days(values):
    """Whether whole numbers are years, or days and months such as 19580329."""
    numbers = numbers_of(values).drop_nulls()
    if not len(numbers) or not numbers.dtype.is_numeric():
        return False
    x = numbers.cast(pl.Float64).to_numpy()
    if (x != np.round(x)).any():
        return False
    years, months, days = _digits(x)
    return bool(
        ((years >= EARLIEST) & (years <= LATEST)).all()
        and ((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all()
    )
