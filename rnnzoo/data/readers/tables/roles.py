"""What the columns of a table are: as a user says, and as it was found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from rnnzoo.data.readers.tables.stamps import Stamps
from rnnzoo.data.readers.tables.table import NO_NUMBER, as_numbers
from rnnzoo.errors import WrongValue

MAX_WORDS = 64  # different ones in a column of categories


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a user says about a table; None: it is found out, "none": there is none.

    Attributes:
        time, id, label, group: a column's name, or its number from 1.
        features: those of the channels; a string may hold several, parted by commas.
        interval: seconds between steps, to which is resampled.
        encoding: of text.
        labels: "step": a class at each step; "recording": one for each recording, which is cut
            where it changes.
    """

    time: str | int | None = None
    id: str | int | None = None
    label: str | int | None = None
    features: str | Sequence[str | int] | None = None
    group: str | int | None = None
    interval: float | None = None
    encoding: str | None = None
    labels: str | None = None

    def __post_init__(self) -> None:
        if self.labels not in (None, "step", "recording"):
            raise WrongValue(f"labels={self.labels!r}: expected 'step' or 'recording'")
        if self.interval is None:
            return
        try:
            given = float(self.interval)
        except (TypeError, ValueError):
            given = 0.0
        if not 0 < given < float("inf"):
            raise WrongValue(f"interval={self.interval!r}: expected seconds, more than 0")
        object.__setattr__(self, "interval", given)


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Columns by what they are.

    Attributes:
        time, id, label, group: a column's name; None where there is none.
        date: of the column that holds the date where `time` holds the time of day.
        stamps: how `time` is read.
        time_kind: of its values, as `Table.batches` takes it.
        channels: the names of the features.
        words: those of them that hold words.
    """

    time: str | None
    date: str | None
    stamps: Stamps | None
    time_kind: str
    id: str | None
    label: str | None
    group: str | None
    channels: tuple[str, ...]
    words: frozenset[str]

    def kinds(self) -> dict[str, str]:
        """By column, how `Table.batches` is to read it."""
        kinds = {name: "word" if name in self.words else "number" for name in self.channels}
        kinds |= {name: "word" for name in (self.id, self.label, self.group) if name}
        return (
            kinds
            | {name: "stamp" for name in (self.date,) if name}
            | ({self.time: self.time_kind} if self.time else {})
        )


def stamps_of(frame: pl.DataFrame, time: str, date: str | None) -> pl.Series:
    """The stamps of a table: a column, or two, of the date and of the time of day."""
    if date is None:
        return frame[time]
    return (frame[date].str.strip_chars() + " " + frame[time].str.strip_chars()).alias(time)


def numbers_of(values: pl.Series) -> pl.Series:
    """A column of numbers as such: whole ones stay whole."""
    if values.dtype != pl.String:
        return values.cast(pl.Int8) if values.dtype == pl.Boolean else values
    text = values.str.strip_chars()
    text = text.set(text.is_in(NO_NUMBER), None)
    whole = text.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == text.null_count() else as_numbers(text)
