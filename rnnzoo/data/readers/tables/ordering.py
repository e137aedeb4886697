"""Gathered rows in the order of their stamps, and which columns may tell recordings apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rnnzoo.data.readers.tables.rows import Gathered, likely_ids
from rnnzoo.data.readers.tables.sampling import Moved, Piece
from rnnzoo.errors import DataError

_DAY = 86400.0  # seconds


def ordered(gathered: Gathered, source: str) -> Iterator[tuple[Piece, Any, Any]]:
    """A piece for each recording, in the order of its stamps, of which none comes twice.

    Beside each are arrays by row, its label ids and its stamps; None where there are none.

    Raises:
        ValueError: the stamps of one begin anew, as those of several recordings do.
    """
    x = gathered.x.mapped()
    times = gathered.times.mapped() if gathered.times else None
    labels = gathered.label_ids.mapped() if gathered.label_ids else None
    unsorted = again = midnights = 0
    clock = gathered.roles.stamps is not None and gathered.roles.stamps.clock
    moved = Moved(gathered)
    for rows in gathered.recordings:
        if not rows.segments:
            continue
        begin, end = rows.segments[0]
        piece = Piece(rows.name, x, begin, end, times, rows.label, rows.group, rows.split)
        stamps: Any = None if times is None else _joined(times, rows.segments)
        if clock:
            stamps, passed = past_midnight(stamps)
            midnights += passed
        steps: Any = None if stamps is None else np.diff(stamps)
        if len(rows.segments) == 1 and (steps is None or (steps > 0).all()):
            yield piece, None if labels is None else labels[begin:end], stamps
            continue
        order = np.arange(sum(end - begin for begin, end in rows.segments))
        if stamps is not None and (steps <= 0).any():
            backwards = np.flatnonzero(steps < 0)
            order = np.argsort(stamps, kind="stable")
            first = np.append(True, np.diff(stamps[order]) > 0)
            if len(backwards) and not gathered.roles.id and first.mean() < 0.7:
                raise DataError(
                    f"{source}: the stamps of recording {rows.name} begin anew after "
                    f"{int(backwards[0]) + 1:,} rows: several recordings in one? Name the column "
                    "that tells them apart (id=, --id)" + likely_ids(gathered),
                    source,
                )
            unsorted += bool(len(backwards))
            again += int((~first).sum())
            order = order[first]
        own = _joined(x, rows.segments)[order]
        own_labels = None if labels is None else _joined(labels, rows.segments)[order]
        stamps = None if stamps is None else stamps[order]
        begin, end = moved.add(own)
        yield replace(piece, x=moved, begin=begin, end=end), own_labels, stamps
    if midnights:
        gathered.notes.facts["midnight"] = (
            f"passed {midnights:,} time(s) within recordings; what follows is a day later"
        )
    if unsorted:
        gathered.notes.odd(
            f"the stamps of {unsorted:,} recording(s) were not in order, and are now"
        )
    if again:
        gathered.notes.odd(f"{again:,} row(s) repeat a stamp: the first of each counts")


def _joined(rows, segments):
    parts = [rows[begin:end] for begin, end in segments]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def past_midnight(stamps: np.ndarray) -> tuple[np.ndarray, int]:
    """Times of day on one axis, and how often midnight is passed: where they fall by half a day.

    Where the newest comes first, that is counted from the last row on.

    Args:
        stamps: (rows,), seconds.

    >>> past_midnight(np.array([86398.0, 86399.0, 0.0]))
    (array([86398., 86399., 86400.]), 1)
    >>> past_midnight(np.array([0.0, 86399.0, 86398.0]))
    (array([86400., 86399., 86398.]), 1)
    """
    # A step over midnight is a short one the same way as its neighbours.
    steps = (np.diff(stamps) + _DAY / 2) % _DAY - _DAY / 2
    way = -1 if (steps < 0).sum() > (steps > 0).sum() else 1
    days = np.append(0, np.cumsum(np.diff(stamps[::way]) < -_DAY / 2))
    return stamps + _DAY * days[::way], int(days[-1])
