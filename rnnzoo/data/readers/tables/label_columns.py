"""The labels of recordings: one each, or any number, in a column for each or several in a cell."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from rnnzoo.data.readers.label_sets import LabelMatrix, look_parted, of_words, parted
from rnnzoo.data.readers.tables import table as tables
from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.data.readers.tables.table import MISSING, Table, shown
from rnnzoo.data.step_labels import are_by_step, occurring
from rnnzoo.errors import DataError


class Labels(NamedTuple):
    """The labels of all recordings, and the names of their columns, as `Recordings` has them.

    Attributes:
        values, names: as ``labels`` and ``label_names`` there.
        shown: of each in words; None where it has none.
    """

    values: np.ndarray | None
    names: tuple[str | int, ...] = ()
    shown: Sequence[str | None] = ()

    def counts(self) -> dict[str, int]:
        """How many there are, as a `Reading` says it."""
        if self.values is None:
            return {}
        if self.values.ndim == 2:
            return {"labels": len(self.names)}
        one = self.values[0] if are_by_step(self.values) else self.values
        return {} if one.dtype.kind == "f" else {"classes": len(occurring(self.values))}


REGRESSOR = (
    "a number is predicted by a regressor, such as regress_gru (`rnnzoo data --task regression "
    "--label COLUMN` reads it so)"
)
OTHER_TASKS = f"{REGRESSOR}, and names are for `--task names`"  # that a table may be for
_YES = ("1", "1.0", "true", "yes", "y", "t", "x")
_NO = ("0", "0.0", "false", "no", "n", "f")
_DIGITS = dict.fromkeys(_YES, "1") | dict.fromkeys(_NO, "0")


def as_digits(words: pl.Series) -> pl.Series:
    """Of words that say yes 1, that say no 0; null of others.

    >>> as_digits(pl.Series(["Yes", "off", "false"])).to_list()
    ['1', None, '0']
    """
    return words.str.to_lowercase().replace_strict(_DIGITS, default=None, return_dtype=pl.String)


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
        found = as_digits(words)
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


def hold_several(words: Iterable[str], columns: Sequence[str], told: bool | None) -> bool:
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


def labels_of(
    words: Sequence[str | None],
    columns: Sequence[str],
    several: bool,
    told: bool | None,
    notes: Notes,
    source: str,
    there: bool,
    numbers: bool = False,
) -> Labels:
    """The labels of all recordings.

    Args:
        words: as for `matrix_of_words`; of each its class, where it has one.
        columns, told: as for `hold_several`, which tells whether there are `several`.
        notes: take what is found.
        source: for errors.
        there: whether several are told at all; without, a recording with none is not known to be
            one.
        numbers: whether they are numbers, and no classes.

    Raises:
        ValueError: the classes are numbers with fractions, or the numbers are none.
    """
    if several and there:
        matrix = matrix_of_words(words, columns, notes)
        tell_of_spellings(matrix.names, notes)
        said = [" | ".join(map(str, of_one)) or "(none)" for of_one in matrix.sets()]
        return Labels(matrix.has, matrix.names, said)
    if several:
        return Labels(None, shown=words)
    if told is None and (odd := [word for word in words if word and len(parted(word)) > 1]):
        notes.odd(
            f"classes such as {odd[0]!r} are taken as they are; if that is several labels, say so "
            "(multi_label=True)"
        )
    if not numbers:
        tell_of_spellings(words, notes)
    if not there:  # then they may as well be numbers
        with contextlib.suppress(DataError):
            return Labels(as_labels(words, source), shown=words)
        return Labels(None, shown=words)
    return Labels(as_numbers(words, source) if numbers else as_labels(words, source), shown=words)


def tell_of_spellings(classes: Iterable[Any], notes: Notes) -> None:
    """Say which classes are the same but for their spelling."""
    spellings: dict[str, set[str]] = {}
    for word in classes:
        if isinstance(word, str):
            spellings.setdefault(" ".join(word.casefold().split()), set()).add(word)
    if alike := [sorted(of_one) for of_one in spellings.values() if len(of_one) > 1]:
        some = ", ".join(" and ".join(map(repr, of_one[:3])) for of_one in alike[:3])
        notes.odd(f"classes that differ in case or blanks only are not the same: {some}")


def as_labels(labels: Sequence[str | None], source: str) -> np.ndarray | None:
    """Whole numbers as such, all else as text; None if some have no label."""
    known = [label for label in labels if label is not None]
    if len(known) < len(labels):
        return None
    if all(re.fullmatch(r"-?(0|[1-9]\d{0,17})(\.0+)?", label) for label in known):
        return np.array([int(label.partition(".")[0]) for label in known])
    if all(re.fullmatch(r"-?\d\.\d+e[+-]\d\d", label) for label in known) and all(
        float(label).is_integer()
        for label in known  # as numpy.savetxt writes them
    ):
        return np.array([int(float(label)) for label in known])
    numbers = all(re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", label) for label in known)
    if numbers and any("." in label for label in known):
        raise DataError(
            f"{source}: the classes are numbers with fractions, such as "
            f"{next(label for label in known if '.' in label)}; expected names or whole "
            f"numbers: a class each; {REGRESSOR}",
            source,
        )
    return np.array(known)


def as_numbers(words: Sequence[str | None], source: str) -> np.ndarray | None:
    """Numbers to be predicted, float64, of words, with a decimal point or comma; None if some have
    none.

    Raises:
        ValueError: one is no number, or too large for float32.
    """
    if any(word is None for word in words):
        return None
    found = tables.as_numbers(pl.Series(words, dtype=pl.String)).cast(pl.Float64).to_numpy()
    with np.errstate(over="ignore"):
        wrong = ~np.isfinite(found.astype(np.float32))
    if wrong.any():
        word = words[int(np.argmax(wrong))]
        raise DataError(
            f"{source}: the column of what is to be predicted holds {shown(str(word))}, which is "
            "no number that float32 has; name another (label=, --target), or, of a class, train a "
            "classifier, such as activity_conv_gru",
            source,
        )
    return found
