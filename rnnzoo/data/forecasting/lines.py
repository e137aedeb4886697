"""Lines out of a table: its rows by series, regular in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from rnnzoo.data.forecasting.frequency import Frequency
from rnnzoo.data.forecasting.panel import Line
from rnnzoo.data.forecasting.regular import clock_of, on_grid, spread
from rnnzoo.data.forecasting.roles import COLUMNS, Told, find_roles, frame_of, ids_of, settle
from rnnzoo.data.readers.tables import Options, is_frame
from rnnzoo.data.readers.tables.columns import Columns
from rnnzoo.data.readers.tables.label_columns import as_digits
from rnnzoo.data.readers.tables.opened import open_file, open_frame
from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.errors import DataError


@dataclass(frozen=True, kw_only=True)
class ReadLines:
    """What a table holds.

    Attributes:
        lines: none of which begins or ends with a missing target.
        frequency: of all.
        target: its name; of a wide table "value".
        known, past, static: names of the covariates.
        read_by: what another table is to be read by as this one was.
        notes: what was found out.
        unused: covariates that are told to be known up to now only, but reach ahead.
    """

    lines: tuple[Line, ...]
    frequency: Frequency
    target: str
    known: tuple[str, ...]
    past: tuple[str, ...]
    static: tuple[str, ...]
    read_by: Mapping[str, Any]
    notes: Notes
    unused: tuple[str, ...] = ()


def read_lines(
    source: Any,
    told: Told,
    frequency: str | None = None,
    combine: str | None = None,
    encoding: str | None = None,
) -> ReadLines:
    """The series of a file or a frame.

    Args:
        source: a path, or a frame of polars or pandas, or a table of pyarrow.
        told: what is said of its columns.
        frequency, combine: see `rnnzoo.load_panel`.
        encoding: of text; None: it is found out.

    Raises:
        ValueError: it is none, or can be read in several ways.
        OSError: it can't be opened.
    """
    table = open_frame(source) if is_frame(source) else open_file(Path(source), encoding)
    notes, columns = table.notes, Columns(table, Options(time=told.time))  # type: ignore[arg-type]
    roles = find_roles(columns, told)
    frame = frame_of(table, columns, roles)
    notes.facts["time"] = roles.times.said
    stamps = clock_of(*roles.times.read(frame), notes)
    frame, stamps = _with_stamps(table.name, frame, stamps, notes)
    ids = roles.id or (ids_of(columns, roles, frame, stamps) if told.id is None else ())
    line, names = _numbered(frame, ids)
    more, static = settle(columns, roles, ids, frame, line)
    covariates = (*roles.known, *roles.past, *more)
    words = _words(table.name, frame, line, names, static)
    values = frame.select(_numbers(frame[name], table) for name in roles.target + covariates)
    values = values.to_numpy()
    _check_finite(table.name, roles.target + covariates, stamps, values)
    if roles.wide:
        line, names, stamps, values = _molten(line, names, roles.target, stamps, values)
        words, static = [()] * len(names), ()
    grid, found = on_grid(table.name, names, line, stamps, values, frequency, combine, notes)
    known, unused, lines = _lines(grid, found, names, words, roles, covariates, notes)
    if not lines:
        raise DataError(f"{table.name} holds no series with two values", table.name)
    past = tuple(name for name in covariates if name not in known)
    _say(notes, roles, ids, known, past, static, lines, found)
    return ReadLines(
        lines=lines,
        frequency=found,
        target="value" if roles.wide else roles.target[0],
        known=known,
        past=past,
        static=static,
        read_by={
            "time": _one_or_all(roles.times.columns),
            "target": COLUMNS if roles.everything else _one_or_all(roles.target),
            **{
                role: list(of) or "none"
                for role, of in zip(
                    ("id", "known", "past", "static"), (ids, known, past, static), strict=True
                )
            },
            "frequency": str(found),
            **({"combine": combine} if combine else {}),
            **({"encoding": encoding} if encoding else {}),
        },
        notes=notes,
        unused=unused,
    )


def _one_or_all(names):
    return names[0] if len(names) == 1 else list(names)


def _with_stamps(name, frame, stamps, notes):
    """Rows that have a stamp; the others are noted."""
    there = ~np.isnat(stamps)
    if not there.any():
        raise DataError(f"{name}: no row has a time stamp that is known", name)
    if not there.all():
        first = int(np.flatnonzero(~there)[0])
        notes.without(f"{(~there).sum():,} row(s) without a stamp, the first is row {first + 1}")
        frame, stamps = frame.filter(pl.Series(there)), stamps[there]
    return frame, stamps


def _numbered(frame, ids):
    """For each row the number of its series, in the order of the source, and all their names."""
    if not ids:
        return np.zeros(frame.height, np.int64), [""]
    each = [
        pl.col(name).cast(pl.Int64, strict=False).cast(pl.String)
        if frame[name].dtype.is_float() and (frame[name].drop_nulls() % 1 == 0).all()
        else pl.col(name).cast(pl.String)
        for name in ids
    ]
    names = frame.select(pl.concat_str([one.fill_null("") for one in each], separator="/"))
    order, line = np.unique(names.to_series().to_numpy(), return_inverse=True)
    first = np.full(len(order), len(line))
    np.minimum.at(first, line, np.arange(len(line)))
    rank = np.empty(len(order), np.int64)
    rank[np.argsort(first)] = np.arange(len(order))
    return rank[line], [str(one) for one in order[np.argsort(first)]]


def _numbers(values, table):
    """A column as numbers: of yes and no 1 and 0."""
    if values.dtype != pl.String:
        return values.cast(pl.Float64)
    words = table.words(values.name, values)
    digits = as_digits(words)
    if (wrong := digits.is_null() & words.is_not_null()).any():
        raise DataError(
            f"{table.name}: column {values.name!r} holds {words.filter(wrong)[0]!r} beside yes and "
            "no; expected 1 or 0, true or false, yes or no",
            table.name,
        )
    return digits.cast(pl.Float64)


def _words(name, frame, line, names, static):
    """For each series its static words."""
    found = []
    for column in static:
        words = pl.DataFrame({"line": line, "word": frame[column].cast(pl.String).fill_null("")})
        words = words.unique(maintain_order=True).sort("line", maintain_order=True)
        if (again := words["line"].is_duplicated()).any():
            first, second = words.filter(again)["word"][:2]
            raise DataError(
                f"{name}: column {column!r} is {first!r} and {second!r} in one series, "
                f"{names[words.filter(again)['line'][0]]!r}: no static column; leave it out "
                "(static=, --static)",
                name,
            )
        found.append(words["word"].to_list())
    return list(zip(*found, strict=True)) if found else [()] * len(names)


def _check_finite(name, columns, stamps, values):
    if (wrong := np.isinf(values)).any():
        row, place = (int(one[0]) for one in np.nonzero(wrong))
        raise DataError(
            f"{name}: column {columns[place]!r} holds a number that is none at {stamps[row]}; mend "
            "it, or leave it empty",
            name,
        )


def _molten(line, names, targets, stamps, values):
    """Columns of a wide table below each other, each of them a series."""
    count = len(targets)
    called = [f"{name}/{of}" if name else of for of in targets for name in names]
    line = np.concatenate([line + of * len(names) for of in range(count)])
    return line, called, np.tile(stamps, count), values.T.reshape(-1, 1)


def _lines(grid, frequency, names, words, roles, covariates, notes):
    """Which covariates are known of the future, which reach there unused, and the lines."""
    ends = np.flatnonzero(np.diff(grid.line)) + 1
    parts = zip(np.split(grid.line, ends), np.split(grid.place, ends),
                np.split(grid.values, ends), strict=True)  # fmt: skip
    found, empty, ahead = [], [], np.zeros(len(covariates), bool)
    for line, place, values in parts:
        full = spread(place, values)
        there = np.flatnonzero(np.isfinite(full[:, 0]))
        if len(there) < 2:
            empty.append(names[line[0]])
            continue
        first, last = int(there[0]), int(there[-1]) + 1
        ahead |= np.isfinite(full[last:, 1:]).any(axis=0)
        found.append((int(line[0]), int(place[0]) + first, full[first:], last - first))
    if empty:
        shown = ", ".join(map(repr, empty[:5])) + (" and so on" if len(empty) > 5 else "")
        notes.without(f"{len(empty):,} series with less than two values: {shown}")
    if "known" in roles.found:
        told_past = set(roles.past)
        is_known = [a and name not in told_past for a, name in zip(ahead, covariates, strict=True)]
    else:
        is_known = [name in roles.known for name in covariates]
    known = np.array(is_known, bool)
    lines = []
    for number, place, full, length in found:
        later = np.flatnonzero(np.isfinite(full[:, 1:][:, known]).any(axis=1))
        total = max(length, int(later[-1]) + 1 if len(later) else 0)
        lines.append(
            Line(
                id=names[number],
                stamps=frequency.stamps(place + np.arange(total)),
                target=full[:length, 0],
                known=full[:total, 1:][:, known].astype(np.float32),
                past=full[:length, 1:][:, ~known].astype(np.float32),
                static=tuple(words[number]),
            )
        )
    covariates = np.array(covariates, str)
    unused = tuple(covariates[ahead & ~known].tolist())
    return tuple(covariates[known].tolist()), unused, tuple(lines)


def _say(notes, roles, ids, known, past, static, lines, frequency):
    """Note what was found, in words."""
    wide = f"{len(roles.target):,} columns, each a series"
    notes.facts["target"] = wide if roles.wide else repr(roles.target[0])
    flags = [name for name in (*known, *past) if name in roles.flags]
    for role, names in (("id", ids), ("known ahead", known), ("known up to now", past),
                        ("static", static), ("yes or no, as 1 and 0", flags)):  # fmt: skip
        if names:
            notes.facts[role] = ", ".join(map(repr, names))
    notes.facts["frequency"] = f"{frequency} ({frequency.words})"
    missing = [int(np.isnan(line.target).sum()) for line in lines]
    if any(missing):
        of = sum(map(bool, missing))
        notes.facts["missing"] = f"{sum(missing):,} steps within {of:,} series, left missing"
    last = max(line.stamps[len(line) - 1] for line in lines)
    early = sum(line.stamps[len(line) - 1] < last for line in lines)
    if early:
        notes.facts["ends"] = f"{early:,} of {len(lines):,} series end before the last one"
    still = [line for line in lines if np.nanmin(line.target) == np.nanmax(line.target)]
    if still:
        such = f", such as {still[0].id!r}" if still[0].id else ""
        notes.odd(f"{len(still):,} series never change{such}")
