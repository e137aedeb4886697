"""Recordings with a step in each interval: jitter, gaps, and uneven sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnzoo.data.readers.tables.recordings import Store
from rnnzoo.data.readers.tables.rows import Gathered, likely_ids
from rnnzoo.data.readers.tables.stamps import readable
from rnnzoo.data.step_labels import NONE
from rnnzoo.errors import DataError

JITTER = 0.25  # of a step, up to which sampling counts as even
MAX_MISSING = 0.5  # share of a channel's values, above which it is refused
_LONGER = 2.5  # steps, from which on a pause is a gap that nothing is put in for


@dataclass(frozen=True)
class Piece:
    """Rows that become one recording: where they are, and what is known of them."""

    name: str
    x: Any  # an array (rows, channels), or what is sliced like one
    begin: int
    end: int
    times: Any  # (rows,), seconds; None without stamps
    label: str | None
    group: str | None
    split: str | None
    labels: np.ndarray | None = None  # ids at the rows, where each has its own


# --- what is missing ------------------------------------------------------------------------------


def check_missing(shares: np.ndarray, channels: Sequence[str], source: str) -> None:
    """Refuse channels that lack too much.

    Args:
        shares: of each channel's values, what is missing.
        channels: what to call them.
        source: for the error.

    Raises:
        ValueError: a share is more than `MAX_MISSING`.
    """
    if (bad := np.flatnonzero(shares > MAX_MISSING)).size:
        said = ", ".join(f"{channels[i]} ({shares[i]:.0%})" for i in bad[:10])
        raise DataError(
            f"{source}: more than {MAX_MISSING:.0%} of the values of {said} are missing; name the "
            "columns to read without it (features=, --features), or fill it before",
            source,
        )


def said_of_missing(missing: np.ndarray, rows: int, channels: Sequence[str]) -> str:
    """How much is missing, in words, of how many values are, by channel.

    >>> said_of_missing(np.array([0, 3]), 10, ["x", "y"])
    '3 values, at most 30.0% of a channel (y)'
    """
    worst = int(missing.argmax())
    return (
        f"{missing.sum():,} values, at most {missing[worst] / max(1, rows):.1%} of a channel "
        f"({channels[worst]})"
    )


# --- where steps are ------------------------------------------------------------------------------


class Moved:
    """Rows written anew, mapped again when more have come."""

    def __init__(self, gathered: Gathered) -> None:
        self.store = Store(np.float32, len(gathered.roles.channels))
        self.mapped: np.ndarray | None = None

    def add(self, rows: np.ndarray) -> tuple[int, int]:
        """Write rows; returned is where they are."""
        begin = self.store.rows
        self.store.add(rows)
        return begin, self.store.rows

    def __getitem__(self, part: slice) -> np.ndarray:
        if self.mapped is None or len(self.mapped) < self.store.rows:
            self.mapped = self.store.mapped()
        return self.mapped[part]


def even(
    pieces: list[Piece], gathered: Gathered, source: str, interval: float | None
) -> tuple[list[Piece], float | None]:
    """Pieces whose steps are equally far apart, and how far.

    Raises:
        ValueError: they are not, and no interval is told; or most of them would be gaps.
    """
    notes, roles = gathered.notes, gathered.roles
    if roles.time is None:
        if interval is not None:
            notes.facts["interval"] = f"{readable(interval)}, as told; there is no time column"
        return pieces, interval
    medians = np.array(
        [np.median(np.diff(p.times)) if len(p.times) > 1 else np.nan for p in pieces]
    )
    found = f"column {roles.time!r}" + (f" with {roles.date!r}" if roles.date else "")
    found += f", {roles.stamps.said}" if roles.stamps else ""
    if np.isnan(medians).all():
        notes.facts["time"] = found
        return pieces, interval
    usual = float(f"{np.nanmedian(medians):.9g}")  # 0.02, not 0.019999999999999997
    target = usual if interval is None else interval
    jitter = max((_jitter(p.times, target) for p in pieces), default=0.0)
    uneven = jitter > JITTER or bool((np.abs(medians / target - 1) > JITTER).any())
    if uneven and interval is None:
        steps = np.concatenate([np.diff(p.times) for p in pieces[:1000]])
        low, high = np.quantile(steps, [0.01, 0.99])
        raise DataError(
            f"{source}: sampled unevenly: steps of {readable(low)} to {readable(high)}, mostly "
            f"{readable(usual)}; to resample, tell the interval in seconds (interval={usual:.4g}, "
            f"--interval {usual:.4g}), or take rows as steps (time='none')",
            source,
        )
    words = frozenset(roles.channels.index(name) for name in roles.words)
    store, done, gaps, filled = Moved(gathered), [], 0, 0
    for piece in pieces:
        steps = np.diff(piece.times)
        if not uneven and (steps < target * (1 + JITTER)).all():
            done.append(piece)
            continue
        own = _with_labels(np.asarray(piece.x[piece.begin : piece.end]), piece.labels)
        count = round((piece.times[-1] - piece.times[0]) / target) + 1
        if count > 100 * len(own) + 1000:
            raise DataError(
                f"{source}: {piece.name} holds {len(own):,} rows over "
                f"{readable(piece.times[-1] - piece.times[0])}: {count:,} steps of "
                f"{readable(target)} would be mostly gaps; tell a longer interval (interval=, "
                "--interval), or what parts recordings (id=, --id; group=, --group, of which each "
                "has ids of its own)",
                source,
            )
        if uneven:
            held = words if piece.labels is None else words | {own.shape[1] - 1}
            rows, long = resampled(own, piece.times, target, held)
            gaps += long
        else:
            rows, inserted = spread(own, piece.times, target)
            gaps, filled = gaps + int((steps > target * (1 + JITTER)).sum()), filled + inserted
        rows, labels = _without_labels(rows, piece.labels)
        begin, end = store.add(rows)
        done.append(replace(piece, x=store, begin=begin, end=end, labels=labels))
    if uneven:
        notes.facts["resampled"] = (
            f"to a step every {readable(target)}, by straight lines between steps that were "
            f"{readable(usual)} apart"
        )
    if gaps:
        put = f", {filled:,} steps put in as missing" if filled else ", left missing"
        notes.facts["gaps"] = f"{gaps:,}{put}"
    wobble = f", up to {jitter:.0%} of a step off" if 0.01 < jitter <= JITTER else ""
    notes.facts["time"] = f"{found}, every {readable(target)}{wobble}"
    _check_filled(filled, pieces, gathered, source)
    return done, target


def _with_labels(rows: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    """Rows (time, channels) with one more, of the ids of labels; NaN where there is none."""
    if labels is None:
        return rows
    column = np.where(labels < 0, np.nan, labels).astype(np.float32)
    return np.concatenate([rows, column[:, None]], axis=1)


def _without_labels(rows: np.ndarray, labels: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows without that channel, and what it holds."""
    if labels is None:
        return rows, None
    ids = np.where(np.isnan(rows[:, -1]), NONE, rows[:, -1]).astype(np.int32)
    return rows[:, :-1], ids


def _check_filled(filled, pieces, gathered, source):
    rows = sum(piece.end - piece.begin for piece in pieces)
    if filled > MAX_MISSING * (filled + rows):
        raise DataError(
            f"{source}: gaps between the stamps are longer than what is there ({filled:,} steps "
            f"are missing, {rows:,} are not); tell what parts recordings (id=, --id), or a longer "
            "interval (interval=, --interval), or take rows as steps (time='none')"
            + likely_ids(gathered),
            source,
        )


def _jitter(times, step):
    """How far steps are from whole multiples of one, at most, in steps."""
    apart = np.diff(times) / step
    apart = apart[apart < _LONGER] if len(apart) else apart
    return float(np.abs(apart - np.maximum(1, np.round(apart))).max(initial=0.0))


def spread(rows: np.ndarray, times: np.ndarray, step: float) -> tuple[np.ndarray, int]:
    """Rows a step apart, with missing ones where a gap is, and how many those are."""
    places = np.append(0, np.cumsum(np.maximum(1, np.round(np.diff(times) / step)))).astype(int)
    full = np.full((places[-1] + 1, rows.shape[1]), np.nan, np.float32)
    full[places] = rows
    return full, len(full) - len(rows)


def resampled(
    rows: np.ndarray, times: np.ndarray, step: float, words: frozenset[int] = frozenset()
) -> tuple[np.ndarray, int]:
    """Rows a step apart, on straight lines between those that are there, and the number of gaps.

    Args:
        rows: (time, channels); NaN is missing.
        times: of the rows, in seconds, rising.
        step: between those that are returned.
        words: channels of which the latest value counts instead.
    """
    grid = times[0] + step * np.arange(int(np.floor((times[-1] - times[0]) / step + 1e-6)) + 1)
    usual = float(np.median(np.diff(times))) if len(times) > 1 else step
    longest = _LONGER * max(usual, step)
    after = np.clip(np.searchsorted(times, grid), 0, len(times) - 1)
    before = np.clip(np.searchsorted(times, grid, side="right") - 1, 0, len(times) - 1)
    lost = times[after] - times[before] > longest
    full = np.empty((len(grid), rows.shape[1]), np.float32)
    for channel in range(rows.shape[1]):
        values = rows[:, channel]
        if channel in words:
            full[:, channel] = values[before]
            continue
        low, high = values[before].astype(float), values[after].astype(float)
        width = np.where(after > before, times[after] - times[before], 1.0)
        full[:, channel] = low + (high - low) * (grid - times[before]) / width
    full[lost] = np.nan
    return full, int((np.diff(times) > longest).sum())
