"""A table, opened: its columns, a sample to find them out by, and its rows in batches."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import polars as pl

from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.errors import DataError

# What stands for a value that is missing.
MISSING = ["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "NaT", "?"]
# The same, where a column holds numbers.
NO_NUMBER = [*MISSING, "None", "none", "-", "--", "-nan", "<NA>"]

BATCH = 5_000_000  # cells
Text = TypeVar("Text", pl.Series, pl.Expr)
TYPES = {"number": pl.Float32, "whole": pl.Int64, "real": pl.Float64}


class Table:
    """Columns of one source.

    Attributes:
        name: of the source, for errors.
        names: of its columns; ``column 1`` and so on where none are given.
        headed: whether the names are the source's own.
        sample: its first rows.
        notes: what was found out about it.
        told: by role, a column that the source itself tells to be it.
        declared: by column, the words that the source itself tells it to hold.
    """

    name: str
    names: tuple[str, ...]
    headed = True
    sample: pl.DataFrame
    notes: Notes
    told: Mapping[str, str] = {}
    declared: Mapping[str, Collection[str]] = {}

    def call(self, names: Sequence[str]) -> None:
        """Give the columns other names, in their order."""
        self.names = tuple(names)
        self.sample.columns = list(names)

    def batches(self, kinds: Mapping[str, str]) -> Iterator[tuple[int, pl.DataFrame]]:
        """The columns asked for, by rows: the number of rows before, and a frame.

        Args:
            kinds: by a column's name, how it is read: "number" (float32), "whole" (int64, where
                all are), "real" (float64), "word" or "stamp" (as it is).

        Raises:
            ValueError: something in it is not of that kind.
        """
        raise NotImplementedError

    def words(self, name: str, values: pl.Series) -> pl.Series:
        """Values of a column as text without blanks around it; null where they are missing.

        What a source declares is there, such as a class called NA.
        """
        text = values.cast(pl.String).str.strip_chars()
        declared = self.declared.get(name, ())
        return text.set(text.is_in([word for word in MISSING if word not in declared]), None)

    def at(self, row: int) -> tuple[str, int | None]:
        """The place of a row, in words, and its line."""
        return f"{self.name}, row {row + 1}", None

    def fault(self, row: int, said: str) -> DataError:
        """The error to raise about a row."""
        place, line = self.at(row)
        return DataError(f"{place}: {said}", self.name, line)

    def check_finite(self, before: int, x: np.ndarray, names: Sequence[str]) -> None:
        """Raise a `DataError` if a number is infinite, which is none, or too large for float32.

        Args:
            before: rows that came before.
            x: the next ones, (rows, columns).
            names: of the columns.
        """
        if (infinite := np.isinf(x)).any():
            row, place = (int(i[0]) for i in np.nonzero(infinite))
            raise self.fault(
                before + row,
                f"column {names[place]!r} holds a number that is none, or too large for float32; "
                "mend it, or leave it empty",
            )


def kind_of(values: pl.Series) -> str:
    """What a column holds, by its type, or, where that is text, by its words.

    That is "number", "word", "stamp" (no number), "mixed", "nested" or "empty".
    """
    dtype = values.dtype
    if dtype.is_temporal():
        return "stamp"
    if dtype.is_numeric() or dtype == pl.Boolean:
        return "number"
    if dtype == pl.Null:
        return "empty"
    if dtype not in (pl.String, pl.Categorical, pl.Enum):
        return "nested"
    text = values.cast(pl.String).str.strip_chars()
    text = text.filter(~text.is_in(MISSING)).drop_nulls()
    if not len(text):
        return "empty"
    numbers = text.filter(~text.is_in(NO_NUMBER))
    share = as_numbers(numbers).is_not_null().mean() if len(numbers) else 0.0
    if share == 1:
        return "number"
    from rnnzoo.data.readers.tables.stamps import of_text

    if of_text(text) is not None:
        return "stamp"
    return "mixed" if share >= 0.5 else "word"  # type: ignore[operator]


def as_numbers(text: Text) -> Text:
    """Float64 of text with a decimal point or comma; null where it is none."""
    # What Python would read otherwise: 1_000 and 0x10 are no numbers of a table.
    points = text.str.strip_chars().str.replace(r"^([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)$", "$1.$2")
    return points.cast(pl.Float64, strict=False)


def kinds_of(frame: pl.DataFrame) -> dict[str, str]:
    """By column what it holds, as `kind_of` tells; numbers in text all at once.

    Of a wide table there are thousands of columns.
    """
    text = pl.col([name for name, dtype in frame.schema.items() if dtype == pl.String])
    filled = text.is_not_null() & ~text.str.strip_chars().is_in(NO_NUMBER)
    count = frame.select((filled & as_numbers(text).is_not_null()).sum())
    wrong = frame.select((filled & as_numbers(text).is_null()).sum())
    numbers = {name for name in count.columns if count[name][0] and not wrong[name][0]}
    return {name: "number" if name in numbers else kind_of(frame[name]) for name in frame.columns}


class FrameTable(Table):
    """A frame at hand, or a file that polars reads by rows (Parquet, Arrow)."""

    def __init__(self, frame: pl.LazyFrame, rows: int, name: str, layout: str) -> None:
        self._frame, self._rows = frame, rows
        self.name, self.notes = name, Notes(layout)
        with understood(name):
            self._own = tuple(frame.collect_schema().names())
            self.names = self._own
            self.sample = frame.head(10_000).collect()

    def batches(self, kinds: Mapping[str, str]) -> Iterator[tuple[int, pl.DataFrame]]:
        size = max(1, BATCH // len(kinds))
        for begin in range(0, self._rows, size):
            with understood(self.name):
                rows = self._frame.slice(begin, size)
                rows = rows.rename(dict(zip(self._own, self.names, strict=True)))
                frame = rows.select(list(kinds)).collect()
            columns = [self._as(frame[name], kind, begin) for name, kind in kinds.items()]
            yield begin, frame.with_columns(columns)

    def _as(self, values, kind, begin):
        if kind in ("word", "stamp"):
            return values
        if values.dtype.is_numeric() or values.dtype == pl.Boolean:
            return values.cast(pl.Float32) if kind == "number" else values
        try:
            text = values.cast(pl.String)
        except pl.exceptions.PolarsError:
            raise DataError(
                f"{self.name}: column {values.name!r} holds {values.dtype}, neither numbers nor "
                "words; leave it out, or unfold it",
                self.name,
            ) from None
        return typed(text, kind, lambda row, said: self.fault(begin + row, said))


def typed(text: pl.Series, kind: str, fault: Any) -> pl.Series:
    """Text as it is asked for; what is no number where one is expected is told of."""
    if kind not in TYPES:
        return text
    text = text.str.strip_chars()
    numbers = as_numbers(text)
    wrong = (numbers.is_null() & text.is_not_null() & ~text.is_in(NO_NUMBER)).fill_null(False)
    if wrong.any():
        row = int(np.argmax(wrong.to_numpy()))
        raise fault(
            row,
            f"could not convert {shown(text[row])} in column {text.name!r} to a number; mend it, "
            "or name the columns to read (features)",
        )
    if kind == "whole":
        whole = text.cast(pl.Int64, strict=False)
        return whole if whole.null_count() == numbers.null_count() else numbers
    return numbers.cast(TYPES[kind])


def shown(cell: str) -> str:
    """A cell as an error shows it."""
    return repr(cell if len(cell) <= 60 else f"{cell[:57]}...")


@contextlib.contextmanager
def understood(name: str) -> Iterator[None]:
    """Within, what polars raises of a damaged file becomes one of our errors."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, UnicodeError) as error:
        said = " ".join(str(error).split())[:200]
        raise DataError(f"{name} can't be read as a table: {said}", name) from None
    except OSError as error:
        if error.errno is not None:
            raise
        said = " ".join(str(error).split())[:200]
        raise DataError(f"{name} can't be read as a table: {said}", name) from None


def renamed(names: Sequence[str], notes: Notes) -> tuple[str, ...]:
    """Names without blanks around them, of which no two are the same."""
    found: list[str] = []
    for place, given in enumerate(names, 1):
        name = given.strip() or f"column {place}"
        if name in found:
            other = next(f"{name} ({i})" for i in range(2, len(names) + 3)
                         if f"{name} ({i})" not in (*found, *names))  # fmt: skip
            notes.odd(f"two columns are called {name!r}, the second is read as {other!r}")
            name = other
        found.append(name)
    return tuple(found)
