"""Labels of which a recording has any number: a column for each, or several in one cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from rnnzoo.data.readers.label_sets import LabelMatrix, look_parted, of_words
from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.data.readers.tables.table import MISSING, Table, shown

_YES = ("1", "1.0", "true", "yes", "y", "t", "x")
_NO = ("0", "0.0", "false", "no", "n", "f")
_DIGITS = dict.fromkeys(_YES, "1") | dict.fromkeys(_NO, "0")


def digits_of(table: Table, before: int, frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Of each row a digit for each column, such as "010"; null where all cells are empty.

    An empty cell beside others is a 0, as where only what holds is marked.

    Args:
        table: for errors.
        before: rows of it that came before.
        frame: its next rows.
        columns: of 1 and 0, true and false, or yes and no.

    Raises:
        ValueError: a cell holds something else.
    """
    digits = []
    for name in columns:
        words = frame[name].cast(pl.String).str.strip_chars()
        words = words.set(words.is_in(MISSING), None)
        found = words.str.to_lowercase().replace_strict(
            _DIGITS, default=None, return_dtype=pl.String
        )
        if (wrong := found.is_null() & words.is_not_null()).any():
            row = int(np.argmax(wrong.to_numpy()))
            raise table.fault(
                before + row,
                f"{shown(words[row])} in column {name!r} says neither yes nor no; expected 1 or 0, "
                "true or false, yes or no in the column of a label (label=, --label)",
            )
        digits.append(found)
    empty = pl.DataFrame(digits).select(pl.all_horizontal(pl.all().is_null())).to_series()
    joined = pl.DataFrame(digits).select(pl.concat_str(pl.all().fill_null("0"))).to_series()
    return joined.set(empty, None)


def several_each(words: Iterable[str], columns: Sequence[str], told: bool | None) -> bool:
    """Whether a recording has any number of labels.

    Args:
        words: all that there are.
        columns: one for each label, if there are such.
        told: what the user says; None: it is found out.
    """
    return bool(columns) or (look_parted(words) if told is None else told)


def matrix_of_words(
    words: Sequence[str | None], columns: Sequence[str], notes: Notes
) -> LabelMatrix:
    """The labels of all recordings.

    Args:
        words: of each what `digits_of` gives, where there are columns; else labels, parted.
        columns: one for each label, if there are such.
        notes: take how often each is there.
    """
    if columns:
        has = [[int(digit) for digit in word or "0" * len(columns)] for word in words]
        found = LabelMatrix(tuple(columns), np.array(has, np.int32).reshape(-1, len(columns)))
    else:
        found = of_words(words)
    counts = found.has.sum(axis=0)
    said = [f"{name} {count:,}" for name, count in zip(found.names, counts, strict=True)]
    more = f" and {len(said) - 20} more" if len(said) > 20 else ""
    none = int((found.has.sum(axis=1) == 0).sum())
    notes.facts["labels"] = (
        f"any number for a recording: {', '.join(said[:20])}{more}; none of them {none:,}"
    )
    if never := [name for name, count in zip(found.names, counts, strict=True) if not count]:
        notes.odd(f"no recording has the label {', '.join(map(repr, never))}")
    return found
