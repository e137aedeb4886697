"""What a time stamp says of the day, the week and the year, computed in the graph.

Stamps are int64 seconds since 1970-01-01T00:00, as `datetime64[s]` counts them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnzoo.platform import tf

DAY = 86_400  # seconds
HARMONICS = 3  # of a day, and of a year

# By name: seconds of a period, and how many numbers tell the place in it.
PARTS = {
    "day": (DAY, 2 * HARMONICS),
    "week": (7 * DAY, 7),
    "month": (30.44 * DAY, 2),
    "year": (365.25 * DAY, 2 * HARMONICS),
    "months": (365.25 * DAY, 12),
}


def parts_for(step: float, span: float) -> tuple[str, ...]:
    """The parts of the calendar that say something of series.

    A period is told where steps are shorter than half of it, so that they fall at several places in
    it, and where training spans two of it at least: of one alone nothing says that it comes again.

    Args:
        step: seconds from one step to the next, about.
        span: seconds from the first step of training to the last.

    >>> parts_for(step=3600.0, span=30.0 * DAY)
    ('day', 'week')
    >>> parts_for(step=30.4 * DAY, span=3650.0 * DAY)
    ('months',)
    """
    told = [
        name
        for name, (period, _) in PARTS.items()
        if name != "months" and 2 * step < period and span >= 2 * period
    ]
    if step > 27 * DAY and "year" in told:
        told[told.index("year")] = "months"  # a number for each: they are not smooth
    return tuple(told)


def size(parts: Sequence[str]) -> int:
    """How many numbers `places` gives."""
    return sum(PARTS[part][1] for part in parts)


def places(stamps: tf.Tensor, parts: Sequence[str]) -> tf.Tensor:
    """The places of stamps in the periods: float32 (..., size(parts)).

    Args:
        stamps: int64 (...).
        parts: some of `PARTS`.

    >>> stamps = tf.constant([10 * 3600], tf.int64)  # a Thursday
    >>> places(stamps, ["week"]).numpy().astype(int).tolist()
    [[0, 0, 0, 1, 0, 0, 0]]
    """
    days = stamps // DAY
    year, month, day = civil(days)
    of_year = tf.cast(days - days_before(year), tf.float32) / 365.25
    told = [tf.zeros(tf.concat([tf.shape(stamps), [0]], axis=0))]
    for part in parts:
        if part == "day":
            told.append(_waves(tf.cast(stamps % DAY, tf.float32) / DAY, HARMONICS))
        elif part == "week":
            told.append(tf.one_hot((days + 3) % 7, 7))
        elif part == "month":
            told.append(_waves(tf.cast(day - 1, tf.float32) / 31, 1))
        elif part == "year":
            told.append(_waves(of_year, HARMONICS))
        else:
            told.append(tf.one_hot(month - 1, 12))
    return tf.concat(told, axis=-1)


def _waves(place, harmonics):
    """Sine and cosine of 1, 2, ... waves to a period, in which `place` goes from 0 to 1."""
    angles = 2 * math.pi * place[..., None] * tf.range(1, harmonics + 1, dtype=tf.float32)
    return tf.concat([tf.sin(angles), tf.cos(angles)], axis=-1)


def civil(days: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Year, month (1 to 12) and day (1 to 31) of days since 1970-01-01, all int64.

    An era is 400 years, whose years begin in March, so that a leap day is their last.
    Source: Hinnant 2013, chrono-compatible low-level date algorithms.

    >>> [int(part) for part in civil(tf.constant(19_782, tf.int64))]
    [2024, 2, 29]
    """
    days = days + 719_468
    era = days // 146_097
    of_era = days - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153  # from March on
    day = of_year - (153 * month + 2) // 5 + 1
    month = tf.where(month < 10, month + 3, month - 9)
    return year + era * 400 + tf.cast(month <= 2, days.dtype), month, day


def days_before(year: tf.Tensor) -> tf.Tensor:
    """Days from 1970-01-01 to the first of January of a year, int64.

    >>> int(days_before(tf.constant(2024, tf.int64)))
    19723
    """
    before = year - 1
    return 365 * (year - 1970) + before // 4 - before // 100 + before // 400 - 477
