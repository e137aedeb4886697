"""What the columns of a table are: as a user says, and as it was found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from rnnzoo.data.readers.tables.stamps import Stamps
from rnnzoo.data.readers.tables.table import NO_NUMBER, as_numbers
from rnnzoo.errors import WrongValue

MAX_WORDS = 64  # different ones in a column of categories
ROLES = ("time", "id", "label", "group")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a user says about a table; None: it is found out, "none": there is none.

    Attributes:
        time, id, label, group: a column's name, or its number from 1. The time may be "columns":
            a row is a recording, and its columns are the steps. The label may be several columns,
            each of which tells whether a recording has the label of its name.
        multi_label: whether a recording has any number of labels, in one column parted by "|" or
            ";"; None: it is found out.
        features: those of the channels; a string may hold several, parted by commas.
        interval: seconds between steps, to which is resampled.
        encoding: of text.
        labels: "step": a class at each step; "recording": one for each recording, which is cut
            where it changes.
        numbers: whether the label is a number, which is to be predicted, and no class.
        known: how an earlier table was read, see `Roles.read_by`: taken where nothing else is told,
            and where the columns are there.
    """

    time: str | int | None = None
    id: str | int | None = None
    label: str | int | Sequence[str | int] | None = None
    features: str | Sequence[str | int] | None = None
    group: str | int | None = None
    interval: float | None = None
    encoding: str | None = None
    labels: str | None = None
    multi_label: bool | None = None
    numbers: bool = False
    known: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        """What the user says of columns and text, by name."""
        names = ("time", "id", "label", "features", "group", "encoding")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def __post_init__(self) -> None:
        if self.labels not in (None, "step", "recording"):
            raise WrongValue(f"labels={self.labels!r}: expected 'step' or 'recording'")
        if isinstance(self.label, Sequence) and not isinstance(self.label, str):
            if len(self.label) < 2:
                raise WrongValue(f"label={self.label!r}: expected the name of a column, or several")
            if self.multi_label is False:
                raise WrongValue(
                    f"label={self.label!r}: several columns are several labels, which the model "
                    "does not have: make it with multi_label=True (--set multi_label=True), or "
                    "name one column"
                )
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
        labels: the columns of which each tells whether a recording has a label; then `label` is
            None.
        date: of the column that holds the date where `time` holds the time of day.
        stamps: how `time` is read.
        time_kind: of its values, as `Table.batches` takes it.
        channels: the names of the features.
        words: those of them that hold words.
        set_aside: columns that are none of it, and whose values repeat in stretches.
        read_by: what another table is to be read by as this one was, by the name of `Options`: the
            columns, "none" where the user said so, and as told features and encoding.
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
    labels: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    read_by: Mapping[str, Any] = field(default_factory=dict)

    def kinds(self) -> dict[str, str]:
        """By column, how `Table.batches` is to read it."""
        kinds = {name: "word" if name in self.words else "number" for name in self.channels}
        kinds |= {name: "word" for name in (self.id, self.label, self.group, *self.labels) if name}
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
