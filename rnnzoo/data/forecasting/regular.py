"""Rows in any order made lines that are regular in time; what was done is noted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from rnnzoo.data.forecasting.frequency import Frequency, infer
from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.data.readers.tables.stamps import readable
from rnnzoo.errors import DataError, WrongValue

COMBINE = ("mean", "sum", "first", "last", "max", "min")
_FEW = 0.01  # of the rows, whose stamps may come twice
_WOBBLE = 0.25  # of a step, by which stamps may be off
_MOST_GAPS = 20  # times as many steps as there are rows


@dataclass(frozen=True)
class Grid:
    """Rows as steps of lines, in the order of lines and steps, of which none comes twice.

    Attributes:
        line: the number of each row's line, (rows,).
        place: the step in time of each row, as `Frequency.places` counts, (rows,).
        values: float64 (rows, columns).
    """

    line: np.ndarray
    place: np.ndarray
    values: np.ndarray


def clock_of(stamps: np.ndarray, local: np.ndarray | None, notes: Notes) -> np.ndarray:
    """Stamps without zones: of days what the clocks there show, of shorter steps UTC."""
    if local is None:
        return stamps
    of_day = (local - local.astype("datetime64[D]"))[~np.isnat(local)]
    if len(np.unique(of_day)) == 1:
        notes.facts["zone"] = "days as the clocks there show them"
        return local
    notes.facts["zone"] = "stamps have zones, and are read in UTC"
    return stamps


def on_grid(
    name: str,
    names: list[str],
    line: np.ndarray,
    stamps: np.ndarray,
    values: np.ndarray,
    frequency: str | None,
    combine: str | None,
    notes: Notes,
) -> tuple[Grid, Frequency]:
    """Rows on the steps of a frequency, the told one or the one that is found.

    Args:
        name: of the source, for errors.
        names: of the lines.
        line: of each row the number of its line.
        stamps: of each row, datetime64[s], none missing.
        values: float64 (rows, columns).
        frequency: what pandas calls it; None: it is found.
        combine: what several rows of a step make, of `COMBINE`; None: the mean of a few, and an
            error of many.

    Raises:
        ValueError: no frequency is found, or stamps don't fit it; many of a line are the same.
    """
    if combine not in (None, *COMBINE):
        raise WrongValue(f"combine={combine!r}: expected one of {', '.join(COMBINE)}")
    order = np.lexsort((stamps, line))
    backwards = (np.diff(stamps) < np.timedelta64(0)) & (np.diff(line) == 0)
    if backwards.any():
        count = len(np.unique(line[1:][backwards]))
        notes.facts["order"] = f"rows of {count:,} series were not in that of time, and are now"
    line, stamps, values = line[order], stamps[order], values[order]
    _refuse_same(name, names, line, stamps, combine, notes)
    of_lines = [np.unique(part) for part in np.split(stamps, np.flatnonzero(np.diff(line)) + 1)]
    found = Frequency.of(frequency) if frequency else infer(of_lines)
    if found is None:
        raise DataError(
            f"{name}: no series has two stamps, so no frequency is found; tell it (frequency='D', "
            "--frequency D)",
            name,
        )
    place = _placed(name, found, line, stamps, bool(frequency), notes)
    same = np.flatnonzero((np.diff(place) == 0) & (np.diff(line) == 0))
    if len(same):
        line, place, values = combined(line, place, values, combine or "mean")
    spans = [np.ptp(part) + 1 for part in np.split(place, np.flatnonzero(np.diff(line)) + 1)]
    if sum(spans) > _MOST_GAPS * len(place) + 100:
        raise DataError(
            f"{name}: {len(place):,} rows over {sum(spans):,} steps of {found.words}: mostly gaps; "
            "tell the frequency (frequency='D', --frequency D), or what tells series apart (id=, "
            "--id)",
            name,
        )
    return Grid(line, place, values), found


def _refuse_same(name, names, line, stamps, combine, notes):
    """Raise an error of many rows of one line that have the same stamp; note a few."""
    again = (np.diff(stamps) == np.timedelta64(0)) & (np.diff(line) == 0)
    count = int(again.sum())
    if not count:
        return
    first = int(np.flatnonzero(again)[0])
    where = f"{stamps[first]}" + (f" of {names[line[first]]!r}" if names[line[first]] else "")
    if combine is None and count > max(3, _FEW * len(stamps)):
        raise DataError(
            f"{name}: {count:,} of {len(stamps):,} rows repeat a stamp (of whole seconds) of their "
            f"series, such as {where}: name what tells series apart (id=, --id), or what several "
            "rows of a step make (combine='sum' or 'mean', --combine sum)",
            name,
        )
    said = f"the {combine or 'mean'} counts, such as at {where}"
    notes.odd(f"{count:,} row(s) repeat a stamp: {said}")


def _placed(name, frequency, line, stamps, told, notes):
    """The step of each stamp; those that are off their steps a little are put to the nearest."""
    place, behind = frequency.places(stamps)
    if not behind.any():
        return place
    usual = int(np.median(behind))
    if told or (behind == usual).all() or not _collide(line, place):
        if (behind == usual).all() and usual:
            notes.facts["steps"] = f"stamps stand {readable(usual)} behind the beginning of a step"
        elif told:
            notes.facts["steps"] = "rows are put together by the step in which they are"
        else:
            notes.facts["steps"] = "stamps are put to the beginning of their step"
        return place
    size = frequency.seconds
    values, counts = np.unique(behind, return_counts=True)
    off = (behind - values[counts.argmax()] + size // 2) % size - size // 2
    nearest, _ = frequency.places(stamps - off.astype("timedelta64[s]"))
    if np.quantile(np.abs(off), 0.99) > _WOBBLE * size or _collide(line, nearest):
        apart = np.diff(stamps).astype(np.int64)[np.diff(line) == 0]
        low, high = np.quantile(apart, [0.01, 0.99])
        raise DataError(
            f"{name}: steps are of {readable(low)} to {readable(high)}, mostly "
            f"{readable(frequency.seconds)}, which is no frequency; tell one, and rows of a step "
            "are put together (frequency='h', combine='mean', --frequency h --combine mean)",
            name,
        )
    notes.facts["steps"] = f"stamps are up to {readable(np.abs(off).max())} off their step"
    return nearest


def _collide(line, place):
    return bool(((np.diff(place) == 0) & (np.diff(line) == 0)).any())


def combined(
    line: np.ndarray, place: np.ndarray, values: np.ndarray, how: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of which those of one step are one; missing values don't count.

    >>> rows = np.array([0, 0]), np.array([7, 7]), np.array([[1.0], [np.nan]])
    >>> combined(*rows, "sum")[2].tolist()
    [[1.0]]
    """
    columns = {f"{i}": column for i, column in enumerate(values.T)}
    frame = pl.DataFrame({"line": line, "place": place, **columns}, nan_to_null=True)
    each = [pl.col(name).drop_nulls() for name in columns]
    found = [getattr(column, how)() for column in each]
    if how == "sum":  # of nothing it is missing
        found = [pl.when(c.len() > 0).then(s) for c, s in zip(each, found, strict=True)]
    found = [one.alias(name) for one, name in zip(found, columns, strict=True)]
    frame = frame.group_by("line", "place", maintain_order=True).agg(found)
    numbers = frame.select(pl.col(list(columns)).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    return frame["line"].to_numpy(), frame["place"].to_numpy(), numbers


def spread(place: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values of one line at every step from its first to its last; NaN where there is no row."""
    full = np.full((int(place[-1] - place[0]) + 1, values.shape[1]), np.nan)
    full[place - place[0]] = values
    return full
