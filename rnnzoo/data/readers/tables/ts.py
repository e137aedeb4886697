"""The .ts files of sktime and aeon: a line a recording, channels and class parted by colons.

They are read here, as sktime brings pandas and writes all classes in lower case. Tests compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from rnnzoo.data.readers.tables.head import read_head, stacked
from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.data.readers.tables.roles import numbers_of
from rnnzoo.data.readers.tables.stamps import Stamps, of_text, seconds
from rnnzoo.data.readers.tables.table import MISSING, NO_NUMBER, FrameTable
from rnnzoo.errors import DataError

_COLON = re.compile(r":(?![^(]*\))")  # outside of brackets
_BETWEEN = re.compile(r"\)\s*,\s*\(")  # stamped values


def recordings_in(
    path: Path, notes: Notes, encoding: str | None, numbers: bool = False
) -> tuple[Sequence[str], Iterator[tuple[np.ndarray, str | None]]] | None:
    """The channels' names, and of each line the recording (time, channels) and its label.

    None if its values are stamped: then it is a table, see `open_stamped`. With ``numbers``, the
    label is a number to be predicted.

    Raises:
        ValueError: it is no such file, is damaged, or its targets are numbers, and not wanted.
        OSError: it can't be opened.
    """
    head, lines = _opened(path, encoding, numbers)
    if _is_true(head, "timestamps"):
        return None
    # The format has no names: they are numbered, but for those that the head tells as an extra.
    channels = head.get("channels", "").split()
    rows = _rows(head, lines, path, notes)
    recordings = (
        (stacked([part.split(",") for part in parts], path, number), label)
        for number, parts, label in rows
    )
    return channels, recordings


def open_stamped(path: Path, encoding: str | None) -> FrameTable:
    """A file whose values have stamps, as (2024-05-31 14:02:10,1.5), as a table: a row a stamp.

    Raises:
        ValueError: it is no such file, or is damaged.
        OSError: it can't be opened.
    """
    head, lines = _opened(path, encoding)
    notes = Notes(".ts with time stamps (a line a recording)")
    columns: dict[str, list] = {"id": [], "time": [], "class": []}
    channels: list[list[str | None]] = []
    form: Stamps | None = None
    for count, (number, parts, label) in enumerate(_rows(head, lines, path, notes)):
        dimensions = [_stamped(part, path, number) for part in parts]
        channels = channels or [[] for _ in dimensions]
        if len(dimensions) != len(channels):
            raise DataError(
                f"{path}, line {number}: {len(dimensions)} channels, the lines before "
                f"{len(channels)}",
                path,
                number,
            )
        stamps, form = _all_stamps(dimensions, form)
        columns["id"] += [str(count)] * len(stamps)
        columns["time"] += stamps
        columns["class"] += [label] * len(stamps)
        for values, dimension in zip(channels, dimensions, strict=True):
            known = dict(reversed(dimension))  # the first of a stamp counts
            values += [known.get(stamp) for stamp in stamps]
    names = head.get("channels", "").split()
    if len(names) != len(channels) or set(names) & set(columns):
        names = [f"dim {place}" for place in range(len(channels))]
    if not _is_true(head, "classlabel"):
        del columns["class"]
    columns |= dict(zip(names, channels, strict=True))
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    if not frame.height:
        raise DataError(f"{path} holds no recording", path)
    table = FrameTable(frame.lazy(), frame.height, str(path), notes.layout)
    table.notes = notes
    table.declared = {"class": frozenset(_declared(head))}
    table.told = {"id": "id", "time": "time"} | ({"label": "class"} if "class" in columns else {})
    return table


def _opened(path, encoding, numbers=False):
    pairs, lines = read_head(path, encoding)
    head = dict(pairs)
    if _is_true(head, "targetlabel") and not numbers:
        raise DataError(
            f"{path} holds targets that are numbers (@targetLabel), not classes: train a "
            "regressor, such as regress_gru",
            path,
        )
    return head, lines


def _is_true(head, word):
    return head.get(word, "false").lower().startswith("true")


def _declared(head):
    """The classes that the head tells."""
    return head.get("classlabel", "").split()[1:]


def _rows(head, lines, path, notes):
    """Of each line its number, the text of each channel, and the label."""
    what = "target" if _is_true(head, "targetlabel") else "class"
    labelled = what == "target" or _is_true(head, "classlabel")
    declared = _declared(head)
    for number, line in lines:
        parts = _COLON.split(line) if "(" in line else line.split(":")
        label = parts.pop().strip() if labelled else None
        if labelled and (not parts or not label):
            raise DataError(
                f"{path}, line {number}: no {what} at its end, behind ':'", path, number
            )
        missing = label in MISSING and label not in declared
        if label and declared and not missing and label not in declared:
            notes.odd(f"class {label!r} is none of those that the file declares")
        yield number, parts, None if missing else label


def _stamped(part, path, number):
    """The stamps and values of a channel."""
    part = part.strip()
    if part in NO_NUMBER:
        return []
    pairs = [pair.rpartition(",") for pair in _BETWEEN.split(part[1:-1])]
    if part[0] + part[-1] != "()" or not all(
        stamp.strip() and not re.search("[()]", stamp + value) for stamp, _, value in pairs
    ):
        raise DataError(
            f"{path}, line {number}: {part[:40]!r} are no values with stamps, such as (0,1.5),"
            "(1,2.5)",
            path,
            number,
        )
    return [(stamp.strip(), value.strip()) for stamp, _, value in pairs]


def _all_stamps(dimensions, form):
    """The stamps of all channels, in order if they are not the same; and how they are read.

    That is the form of the recordings before, if all of them are of it: to find one takes long.
    """
    own = [[stamp for stamp, _ in dimension] for dimension in dimensions]
    if all(stamps == own[0] for stamps in own):
        return own[0], form
    every = pl.Series([stamp for stamps in own for stamp in stamps]).unique(maintain_order=True)
    times = seconds(every, form, None)[0] if form else np.full(1, np.nan)
    if np.isnan(times).any():
        form = of_text(every)
        if form:
            times, _ = seconds(every, form, None)
        else:
            times = numbers_of(every).cast(pl.Float64).to_numpy()
    return every.gather(np.argsort(times, kind="stable")).to_list(), form
