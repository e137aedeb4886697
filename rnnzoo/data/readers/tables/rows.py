"""The rows of tables, gathered by recording on disk."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from rnnzoo.data.readers.tables.label_columns import digits_of
from rnnzoo.data.readers.tables.recordings import Notes, Store
from rnnzoo.data.readers.tables.roles import MAX_WORDS, Roles, numbers_of, stamps_of
from rnnzoo.data.readers.tables.stamps import seconds
from rnnzoo.data.readers.tables.table import Table, shown
from rnnzoo.errors import DataError


@dataclass
class Rows:
    """The rows of one recording.

    Attributes:
        name: of the recording.
        group, label, split: what is known of all of it; None if nothing is.
        segments: begin and end in the store, in their order.
    """

    name: str
    group: str | None
    label: str | None
    split: str | None
    segments: list[tuple[int, int]] = field(default_factory=list)

    def add(self, begin: int, end: int) -> None:
        """More rows of it, which become one with those right before them."""
        if self.segments and self.segments[-1][1] == begin:
            self.segments[-1] = self.segments[-1][0], end
        else:
            self.segments.append((begin, end))


class Gathered:
    """The rows of tables, one after the other, sorted by recording within each batch.

    What the rows are is the same for all tables: `roles` of the first one.

    Attributes:
        recordings: in the order in which they begin.
        labels: the words that `label` ids index; likewise `words` by channel.
        x, times, label_ids: on disk, float32 (rows, channels), float64 and int32 (rows,).
        missing: values by channel.
    """

    def __init__(self, roles: Roles, notes: Notes) -> None:
        self.roles, self.notes = roles, notes
        self.recordings: list[Rows] = []
        self.labels: dict[str, int] = {}
        self.words: dict[str, dict[str, int]] = {name: {} for name in roles.channels
                                                 if name in roles.words}  # fmt: skip
        self.x = Store(np.float32, len(roles.channels))
        self.times = Store(np.float64) if roles.time else None
        self.label_ids = Store(np.int32) if roles.label or roles.labels else None
        self.missing = np.zeros(len(roles.channels), np.int64)
        self.without_stamp = self.without_id = 0
        self._known: dict[tuple, int] = {}
        self._origin: float | int | None = None

    def add(
        self,
        table: Table,
        name: str | None = None,
        group: str | None = None,
        label: str | None = None,
        split: str | None = None,
    ) -> None:
        """All rows of a table.

        Args:
            table: has the columns of the roles.
            name: of the recording that it is; of its part, where it holds several.
            group, label, split: of all of it, where they are told from outside.

        Raises:
            ValueError: something in the table is not as the first rows are.
        """
        for before, frame in table.batches(self.roles.kinds()):
            self._add(table, before, frame, (name, group, label, split))

    def _add(self, table, before, frame, told):
        roles = self.roles
        kept = np.ones(frame.height, bool)
        times = None
        if roles.time:
            times = self._times(table, before, frame)
            kept &= np.isfinite(times)
            self.without_stamp += int((~kept).sum())
        if roles.id:
            named = _ids(table, frame[roles.id], {}) >= 0
            self.without_id += int((kept & ~named).sum())
            kept &= named
        keys = self._keys(table, frame, told)
        rows = np.flatnonzero(kept)
        if np.any(keys[rows][1:] < keys[rows][:-1]) or len(rows) < len(kept):
            rows = rows[np.argsort(keys[rows], kind="stable")]
            keys = keys[rows]
        else:
            rows = slice(None)
        x = self._numbers(table, before, frame)[rows]
        if not np.isfinite(x).all():
            self.missing += np.isnan(x).sum(axis=0)
        begin = self.x.rows
        self.x.add(x)
        if times is not None:
            self.times.add(times[rows])
        if self.label_ids is not None:
            several = roles.labels and digits_of(table, before, frame, roles.labels)
            words = frame[roles.label] if roles.label else several
            self.label_ids.add(_ids(table, words, self.labels)[rows])
        cuts = [0, *(np.flatnonzero(np.diff(keys)) + 1), len(keys)]
        for first, end in zip(cuts, cuts[1:], strict=False):
            if end > first:
                self.recordings[keys[first]].add(begin + int(first), begin + int(end))

    def _times(self, table, before, frame):
        values = stamps_of(frame, self.roles.time, self.roles.date)
        stamps = self.roles.stamps
        if values.dtype == pl.String and stamps.unit is not None:
            values = numbers_of(values)
        times, self._origin = seconds(values, stamps, self._origin)
        if values.dtype == pl.String:
            wrong = np.isnan(times) & values.str.strip_chars().ne("").fill_null(False).to_numpy()
            wrong &= (
                ~values.is_in(["NA", "NaN", "nan", "NaT", "null", "?"]).fill_null(False).to_numpy()
            )
            if wrong.any():
                row = int(np.argmax(wrong))
                raise table.fault(
                    before + row,
                    f"{shown(values[row])} in column {self.roles.time!r} is no time stamp like "
                    "those before it",
                )
        return times

    def _keys(self, table, frame, told):
        """By row its recording's place in `recordings`."""
        roles, (name, group, label, split) = self.roles, told
        by = [column for column in (roles.group, roles.id) if column]
        if not by:
            return np.full(frame.height, self._recording(name, group, label, split, ()), np.int64)
        begins = np.unique(np.concatenate([runs_of(frame[column])[1] for column in by]))
        columns = [table.words(column, frame[column][begins]) for column in by]
        keys = np.empty(len(begins), np.int64)
        for i, key in enumerate(zip(*columns, strict=True)):
            of = dict(zip(by, key, strict=True))
            keys[i] = self._recording(name, of.get(roles.group, group), label, split, key)
        return np.repeat(keys, np.diff(begins, append=frame.height))

    def _recording(self, name, group, label, split, key):
        at = (name, split, *key)
        if at not in self._known:
            self._known[at] = len(self.recordings)
            called = "/".join(str(part) for part in (name, *key) if part is not None) or "0"
            self.recordings.append(Rows(called, group, label, split))
        return self._known[at]

    def _numbers(self, table, before, frame):
        x = np.empty((frame.height, len(self.roles.channels)), np.float32)
        for place, name in enumerate(self.roles.channels):
            values = frame[name]
            if name in self.words:
                ids = _ids(table, values, self.words[name]).astype(np.float32)
                x[:, place] = np.where(ids < 0, np.nan, ids)
                if len(self.words[name]) > MAX_WORDS:
                    raise DataError(
                        f"{table.name}: column {name!r} holds more than {MAX_WORDS} different "
                        "words, too many for categories: if it tells recordings apart, say so "
                        "(id=, --id), or name the columns to read (features=, --features)",
                        table.name,
                    )
            else:
                x[:, place] = values.to_numpy()
        table.check_finite(before, x, self.roles.channels)
        return x


def runs_of(values: pl.Series) -> tuple[pl.Series, np.ndarray]:
    """The values of a column without those that repeat the one before, and where each begins."""
    runs = values.rle().struct.unnest()
    return runs["value"], np.append(0, np.cumsum(runs["len"].to_numpy())[:-1]).astype(np.int64)


def _ids(table, words, known):
    """The places of words among those that are known, which new ones join; -1 where there is none.

    A whole number is a word as text has it.
    """
    values, begins = runs_of(words)
    values = table.words(words.name, values)
    for word in values.drop_nulls().unique(maintain_order=True):
        known.setdefault(word, len(known))
    if not known:
        return np.full(len(words), -1, np.int32)
    ids = values.replace_strict(
        list(known), list(known.values()), default=-1, return_dtype=pl.Int32
    )
    return np.repeat(ids.fill_null(-1).to_numpy(), np.diff(begins, append=len(words)))


def likely_ids(gathered: Gathered) -> str:
    """Words that name the columns whose values repeat in stretches, as a recording's name does."""
    x, roles = gathered.x.mapped(), gathered.roles
    runs = {name: _runs(x[:, place]) for place, name in enumerate(roles.channels)}
    runs = {name: found for name, found in runs.items() if found}
    # A name stands in one stretch; what comes back, such as a switch, may be one of several.
    sure = [*roles.set_aside, *(name for name, found in runs.items() if found == 1)]
    if not (names := sure or list(runs)):
        return ""
    return f"; likely {' or '.join(map(repr, names[:5]))}, whose values repeat in stretches"


def _runs(values):
    """How many stretches a value has, if there are several of whole values; else 0."""
    begins = np.append(0, np.flatnonzero(np.diff(values)) + 1)
    distinct = len(np.unique(values[begins]))
    if distinct < 2 or len(begins) * 2 > len(values) or (values[begins] % 1).any():
        return 0
    return len(begins) / distinct
