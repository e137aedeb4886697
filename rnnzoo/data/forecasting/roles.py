"""Which column is what in a table of series to be forecast: as told, or found out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from rnnzoo.data.forecasting.times import Times, find_times
from rnnzoo.data.readers.tables.columns import Columns, listed, plain
from rnnzoo.data.readers.tables.label_columns import as_digits
from rnnzoo.data.readers.tables.roles import MAX_WORDS
from rnnzoo.data.readers.tables.table import Table, shown
from rnnzoo.errors import DataError, WrongValue

COLUMNS = "columns"  # as a target: each column of numbers is a series
_TARGET = re.compile(
    "target|y|value|values|sales|demand|count|amount|quantity|qty|price|close|volume|load|units"
)
_ID = re.compile(
    "(.* )?(id|ids|key|code|name|series|item|store|shop|product|sku|region|state|country|city|"
    "station|sensor|symbol|ticker|currency|customer|brand|category|location|site|type|department)"
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a user says of the columns; None: it is found out. "none" says that there is none.

    Attributes:
        time: a column's name, or its number from 1; or two of them.
        target: a column; several, or "columns" for all of numbers: each is a series.
        id: what tells series apart: one or several columns.
        known, past, static: covariates that are known of the future, too; up to now only; words
            that a series has at all times.
    """

    time: str | int | Sequence[str | int] | None = None
    target: str | int | Sequence[str | int] | None = None
    id: str | int | Sequence[str | int] | None = None
    known: str | int | Sequence[str | int] | None = None
    past: str | int | Sequence[str | int] | None = None
    static: str | int | Sequence[str | int] | None = None


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Columns by what they are; those that tell the time are in `times`.

    Attributes:
        wide: whether each of the targets is a series.
        everything: whether those are all columns of numbers, whatever these are called.
        found: which of `known`, `past` and `static` were found out, not told.
        flags: columns of yes and no, true and false, which are numbers as covariates.
    """

    times: Times
    target: tuple[str, ...]
    id: tuple[str, ...]
    known: tuple[str, ...]
    past: tuple[str, ...]
    static: tuple[str, ...]
    wide: bool
    everything: bool
    found: frozenset[str]
    flags: frozenset[str]


def frame_of(table: Table, columns: Columns, roles: Roles) -> pl.DataFrame:
    """All rows of a table, each column as it is found to be; nested and empty ones are left out.

    Raises:
        ValueError: there is a word among the numbers of a column that is to hold numbers.
    """
    how = {"number": "real", "word": "word", "stamp": "stamp", "mixed": "word"}
    kinds = {name: how[kind] for name, kind in columns.kinds.items() if kind in how}
    kinds |= dict.fromkeys((*roles.id, *roles.static), "word")
    numbers = {*roles.target, *roles.known, *roles.past} - roles.flags
    kinds |= dict.fromkeys(numbers, "real")
    return pl.concat([rows for _, rows in table.batches(kinds)])


def find_roles(columns: Columns, told: Told) -> Roles:
    """The roles of a table's columns, but for those that take the rows to tell: see `settle`."""
    ids = _named(columns, told.id, "id")
    target = told.target
    everything = str(target).lower() == COLUMNS and target not in columns.table.names
    targets = () if everything else _named(columns, target, "target")
    others = {
        role: _named(columns, getattr(told, role), role) for role in ("known", "past", "static")
    }
    times = find_times(columns)
    columns.taken |= set(times.columns)
    free = _numbers(columns) or _numbers(columns, "mixed")
    if not targets:
        targets = tuple(free) if everything else (_target(columns, free),)
    if not targets:
        raise DataError(
            f"{columns.table.name} has no column of numbers beside the time", columns.table.name
        )
    columns.taken |= set(targets)
    told_beside = (*others["known"], *others["past"])
    flags = _flags(columns, told_beside)
    for name in (*targets, *told_beside):
        if columns.kinds[name] not in ("number", "mixed") and name not in flags:
            raise DataError(
                f"{columns.table.name}: column {name!r} holds no numbers, such as "
                f"{_first(columns.table.sample[name])}; a column of words can be "
                "what tells series apart (id=, --id) or a static one (static=, --static)",
                columns.table.name,
            )
    found = {role for role in others if getattr(told, role) is None}
    return Roles(
        times=times,
        target=targets,
        id=ids,
        wide=everything or len(targets) > 1,
        everything=everything,
        found=frozenset(found),
        flags=flags,
        **others,
    )


def _named(columns: Columns, given: Any, role: str) -> tuple[str, ...]:
    """The columns that are told to be something."""
    names = columns.table.names
    if given is None or (str(given).lower() == "none" and given not in names):
        return ()
    if isinstance(given, str) and given not in names and "," in given:
        given = given.split(",")
    each = [given] if isinstance(given, (str, int)) else list(given)
    found = [columns.called(one.strip() if isinstance(one, str) else one, role) for one in each]
    twice = {name for name in found if found.count(name) > 1} | (columns.taken & set(found))
    if twice:
        raise WrongValue(f"{role}: {listed(sorted(twice))} named twice, as more than one thing")
    columns.taken |= set(found)
    return tuple(found)


def _numbers(columns, kind="number"):
    """The columns of numbers that are nothing else, and don't just count the rows."""
    found = []
    for name in columns.table.names:
        if name in columns.taken or columns.kinds[name] != kind:
            continue
        index = not columns.table.headed or name.startswith("column 1") or plain(name) in (
            "index", "row", "unnamed 0", "nr", "no", "line",
        )  # fmt: skip
        if index and columns.counts_rows(name):
            columns.table.notes.without(f"column {name!r}, which counts the rows")
        else:
            found.append(name)
    return found


def _flags(columns, told):
    """The columns of both yes and no; of those that are told to be covariates, of one of them."""
    found = set()
    for name in columns.table.names:
        if columns.kinds[name] == "word" and (name in told or name not in columns.taken):
            words = columns.table.words(name, columns.table.sample[name]).drop_nulls()
            digits = {*as_digits(words.unique())}
            if digits == {"0", "1"} or (name in told and digits <= {"0", "1"}):
                found.add(name)
    return frozenset(found)


def _target(columns, free):
    """The one column that is to be forecast."""
    table = columns.table
    named = [name for name in free if _TARGET.fullmatch(plain(name))]
    likely = [name for name in free if not _ID.fullmatch(plain(name))]
    for some in (named, likely, free):
        if len(some) == 1:
            return some[0]
    if not free:
        held = [f"{name!r} with {_first(table.sample[name])}" for name in table.names[:10]]
        raise DataError(
            f"{table.name} has no column of numbers to be forecast (which have no unit behind "
            f"them): its columns are {listed(held)}",
            table.name,
        )
    raise DataError(
        f"{table.name}: {listed(named or likely or free)} could each be what is to be forecast; "
        "name it (target=, --target), and the others are what is known beside it; or, if each is a "
        f"series of its own, say so (target='{COLUMNS}', --target {COLUMNS})",
        table.name,
    )


def ids_of(
    columns: Columns, roles: Roles, frame: pl.DataFrame, stamps: np.ndarray
) -> tuple[str, ...]:
    """The columns that tell series apart: without them stamps come several times.

    One alone is tried first, of those that are called like it, then all columns of words together.

    Args:
        columns, roles: of the table.
        frame, stamps: all of its rows.
    """
    rows = pl.DataFrame({"": stamps.astype(np.int64)})
    if not rows[""].is_duplicated().any():
        return ()
    words = [n for n in columns.table.names if columns.kinds[n] == "word"]
    codes = [n for n in _numbers(columns) if _ID.fullmatch(plain(n))]
    free = [n for n in (*words, *codes) if n not in columns.taken and frame[n].n_unique() > 1]
    free.sort(key=lambda name: _ID.fullmatch(plain(name)) is None)
    few = [n for n in free if frame[n].n_unique() <= frame.height / 2]
    several: list[tuple[str, ...]] = [(one,) for one in free]
    several += list(itertools.combinations(few, 2))
    several += [tuple(few)] if len(few) > 2 else []
    for names in several:
        together = rows.with_columns(frame[name] for name in names)
        if together.is_duplicated().mean() < 0.01:  # type: ignore[operator]
            columns.taken |= set(names)
            return names
    return ()


def settle(
    columns: Columns,
    roles: Roles,
    ids: Sequence[str],
    frame: pl.DataFrame,
    line_of: np.ndarray,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which further columns are covariates of numbers, and which words that a series has always.

    Args:
        columns, roles: of the table.
        ids: the columns that tell series apart; of several each is a static one.
        frame: all of its rows.
        line_of: the number of each row's series.
    """
    notes = columns.table.notes
    covariates = [] if roles.wide or "past" not in roles.found else _numbers(columns)
    static = [*roles.static, *(ids if len(ids) > 1 and "static" in roles.found else ())]
    rest = [n for n in columns.table.names if n not in columns.taken and n not in covariates]
    for name in rest:
        kind = columns.kinds[name]
        if kind == "word" and "static" in roles.found and not roles.wide and name in frame.columns:
            pairs = pl.DataFrame({"line": line_of, "word": frame[name]}).unique()
            if 1 < frame[name].n_unique() <= MAX_WORDS and pairs["line"].is_unique().all():
                static.append(name)
                continue
        if name in roles.flags and "past" in roles.found and not roles.wide:
            covariates.append(name)
            continue
        holds = {"word": "words", "stamp": "stamps", "empty": "nothing", "nested": "lists"}
        why = f"which holds {holds[kind]}" if kind in holds else "which is not asked for"
        notes.without(f"column {name!r}, {why}")
    return tuple(covariates), tuple(static)


def _first(values):
    """The first cell that is not empty, for an error."""
    filled = values.cast(pl.String).drop_nulls()
    return shown(next((cell for cell in filled if cell.strip()), ""))
