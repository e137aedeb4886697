"""How a calendar steps: every so many seconds, weekdays or months, as pandas writes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.errors import WrongValue

DAY = 86_400
_SIZES = {"s": 1, "min": 60, "h": 3600, "D": DAY, "W": 7 * DAY}
_MONTHS = {"M": 1, "Q": 3, "Y": 12}
_WEEKDAYS = ("THU", "FRI", "SAT", "SUN", "MON", "TUE", "WED")  # from 1970-01-01 on
_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_OLD = {"H": "h", "T": "min", "S": "s", "M": "ME", "Q": "QE", "Y": "YE", "A": "YE", "AS": "YS"}
_FORM = re.compile(r"(\d*)(min|[sSTHhDBWMQYA][SE]?)(?:-([A-Z]{3}))?")
_WORDS = {
    "s": "second", "min": "minute", "h": "hour", "D": "day", "B": "weekday", "W": "week",
    "M": "month", "Q": "quarter", "Y": "year",
}  # fmt: skip
# The usual seasons, in steps, of every first one: the chief one comes first.
_SEASONS = {
    "s": (60, 3600), "min": (60, 1440), "h": (24, 168), "D": (7, 365), "B": (5, 261), "W": (52,),
    "M": (12,), "Q": (4,), "Y": (),
}  # fmt: skip
# Steps that people usually forecast.
_HORIZONS = {"s": 60, "min": 60, "h": 24, "D": 14, "B": 10, "W": 8, "M": 12, "Q": 8, "Y": 4}


@dataclass(frozen=True)
class Frequency:
    """Steps of a calendar.

    Attributes:
        every: so many units are a step.
        unit: "s", "min", "h", "D", "B" (Monday to Friday), "W", "M", "Q" or "Y".
        ends: whether a month's stamp is its last day, not its first.
        anchor: the weekday of a week's stamp, or the month that a quarter or a year begins with or,
            if it `ends`, ends with; empty for what is usual.

    Example:
        >>> monthly = Frequency.of("MS")
        >>> monthly.after(np.datetime64("2024-01-01", "s"), 2).astype(str).tolist()
        ['2024-02-01T00:00:00', '2024-03-01T00:00:00']
        >>> monthly.words, monthly.seasons
        ('every month', (12,))
    """

    every: int = 1
    unit: str = "D"
    ends: bool = False
    anchor: str = ""

    @classmethod
    def of(cls, alias: str | Frequency) -> Frequency:
        """What pandas calls so, such as "D", "B", "W-SUN", "MS", "QE-DEC", "15min".

        Raises:
            ValueError: nothing is called so.
        """
        if isinstance(alias, Frequency):
            return alias
        match = _FORM.fullmatch(str(alias).strip())
        every, name, anchor = match.groups() if match else ("0", "", None)
        name = _OLD.get(name, name)
        unit = name if name in _WORDS else name[:-1]
        months = unit in _MONTHS
        good = unit in _WORDS and months == (name != unit) and every != "0"
        anchors = _WEEKDAYS if unit == "W" else _NAMES if unit in ("Q", "Y") else ()
        if not good or not (anchor is None or anchor in anchors):
            raise WrongValue(
                f"frequency={alias!r}: expected how pandas calls one: 'D' (days), 'B' (Monday to "
                "Friday), 'W', 'MS' (months), 'QS', 'YS', 'h', 'min', 's', with a number before it "
                "if it is several, such as '15min'"
            )
        return cls(int(every or 1), unit, name.endswith("E"), anchor or "")

    def __str__(self) -> str:
        name = self.unit + ("E" if self.ends else "S" if self.unit in _MONTHS else "")
        anchor = f"-{self.anchor}" if self.anchor else ""
        return f"{self.every if self.every > 1 else ''}{name}{anchor}"

    @property
    def words(self) -> str:
        """Such as "every 15 minutes"."""
        one = _WORDS[self.unit]
        return f"every {one}" if self.every == 1 else f"every {self.every} {one}s"

    @property
    def months(self) -> int:
        """Months in a step; 0 where it is none of whole months."""
        return self.every * _MONTHS.get(self.unit, 0)

    @property
    def seconds(self) -> int:
        """Seconds in a step, of months and weekdays the usual number."""
        if self.months:
            return self.months * 2_629_746  # of a mean year
        return self.every * _SIZES.get(self.unit, DAY)

    @property
    def seasons(self) -> tuple[int, ...]:
        """Usual seasons in steps, the chief one first."""
        unit = self.unit
        whole = [one // self.every for one in _SEASONS[unit] if one % self.every == 0]
        if unit in ("min", "s") and self.every > 1:  # of what is slower than a second or a minute
            whole = [period // self.seconds for period in (DAY, 7 * DAY)]
        return tuple(one for one in whole if one > 1)

    @property
    def horizon(self) -> int:
        """Steps that people usually forecast."""
        return max(1, _HORIZONS[self.unit] // (self.every if self.unit != "min" else 1))

    # --- stamps and their places ------------------------------------------------------------------

    def places(self, stamps: Any) -> tuple[np.ndarray, np.ndarray]:
        """Which step each stamp is of, and seconds by which it is behind its step's own stamp.

        Args:
            stamps: datetime64, (n,).

        Returns:
            int64 (n,), numbers that rise by 1 from step to step, and int64 (n,).
        """
        stamps = np.asarray(stamps, "datetime64[s]")
        if self.months:
            months = stamps.astype("datetime64[M]").astype(np.int64)
            places = (months - self._phase) // self.months
        elif self.unit == "B":
            days = np.busday_offset(stamps.astype("datetime64[D]"), 0, roll="backward")
            places = np.busday_count(np.datetime64("1970-01-01"), days) // self.every
        else:
            places = (stamps.astype(np.int64) - self._phase) // self.seconds
        return places, (stamps - self.stamps(places)).astype(np.int64)

    def stamps(self, places: Any) -> np.ndarray:
        """The stamps of steps, datetime64[s] (n,), the inverse of `places`."""
        places = np.asarray(places, np.int64)
        if self.months:
            first = places * self.months + self._phase
            if self.ends:
                days = (first + self.months).astype("datetime64[M]").astype("datetime64[D]") - 1
            else:
                days = first.astype("datetime64[M]").astype("datetime64[D]")
            return days.astype("datetime64[s]")
        if self.unit == "B":
            days = np.busday_offset("1970-01-01", places * self.every, roll="forward")
            return np.asarray(days).astype("datetime64[s]")
        return (places * self.seconds + self._phase).astype("datetime64[s]")

    def after(self, stamp: np.datetime64, count: int) -> np.ndarray:
        """The stamps of the next steps, datetime64[s] (count,)."""
        place = self.places(np.asarray([stamp]))[0][0]
        return self.stamps(place + 1 + np.arange(count))

    @property
    def _phase(self) -> int:
        """Where the first step since 1970 begins: in seconds, or in months."""
        if self.unit in ("Q", "Y"):
            month = _NAMES.index(self.anchor) if self.anchor else (11 if self.ends else 0)
            return (month + self.ends) % self.months
        return _WEEKDAYS.index(self.anchor or "SUN") * DAY if self.unit == "W" else 0


def infer(of_lines: Sequence[np.ndarray]) -> Frequency | None:
    """The frequency of stamps, told by their most frequent step; None of a single one.

    Args:
        of_lines: by line datetime64[s] (n,), rising, none twice.
    """
    steps = [np.diff(stamps).astype(np.int64) for stamps in of_lines if len(stamps) > 1]
    if not steps:
        return None
    every = np.concatenate(steps)
    stamps = np.unique(np.concatenate(of_lines))
    days = stamps.astype("datetime64[D]")
    of_day = np.unique((stamps - days).astype(np.int64))
    step = _usual(every)
    if len(of_day) > 1 or of_day[0] or step % DAY:
        wobbles = (every == step).mean() < 0.5
        return _of_seconds(_nice(float(np.median(every))) or step if wobbles else step)
    if (every % (7 * DAY)).any() and np.median(every) >= 27 * DAY:
        months = [line.astype("datetime64[M]").astype(int) for line in of_lines]
        apart = np.concatenate([np.diff(of_line) for of_line in months])
        if apart.all():  # never two in one month
            first = days.astype("datetime64[M]")
            last = ((first + 1).astype("datetime64[D]") - 1 == days).all()
            return _of_months(_usual(apart), bool(last), first[0])
    weekday = days.astype(int) % 7  # 0 is a Thursday
    weekend = np.isin(weekday, (2, 3)).any()
    if step == DAY and not weekend and (every == 3 * DAY).any():
        return Frequency(1, "B")
    if step % (7 * DAY) == 0:
        return Frequency(step // (7 * DAY), "W", anchor=_WEEKDAYS[_usual(weekday)])
    return Frequency(step // DAY, "D")


def _usual(values: np.ndarray) -> int:
    """The most frequent whole number, the smallest of several."""
    found, counts = np.unique(values, return_counts=True)
    return int(found[counts.argmax()])


def _nice(step: float) -> int | None:
    """The step of a clock's face that is nearest, within a twentieth; None if none is."""
    parts = {1: (1, 2, 5, 10, 15, 20, 30), 60: (1, 2, 5, 10, 15, 20, 30),
             3600: (1, 2, 3, 4, 6, 8, 12), DAY: (1, 2, 7)}  # fmt: skip
    steps = [unit * count for unit, counts in parts.items() for count in counts]
    nearest = min(steps, key=lambda one: abs(one - step))
    return nearest if abs(nearest - step) <= nearest / 20 else None


def _of_seconds(step: int) -> Frequency:
    unit = next(unit for unit in ("D", "h", "min", "s") if step % _SIZES[unit] == 0)
    return Frequency(step // _SIZES[unit], unit)


def _of_months(count: int, ends: bool, first: np.datetime64) -> Frequency:
    month = int(first.astype(int)) % 12
    if count % 3 or count % 12 not in (0, 3):
        return Frequency(count, "M", ends)
    unit, size = ("Y", 12) if count % 12 == 0 else ("Q", 3)
    usual = (11 if ends else 0) % size
    name = _NAMES[month] if unit == "Y" else _NAMES[month % 3 if not ends else month % 3 + 9]
    return Frequency(count // size, unit, ends, "" if month % size == usual else name)
