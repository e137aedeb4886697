"""Which column is what where a row is a time step: as told, or by their names."""

from __future__ import annotations

import re
from collections.abc import Collection

from rnnzoo.data.readers.tables.columns import Columns, listed, plain
from rnnzoo.data.readers.tables.roles import MAX_WORDS, ROLES, Roles, numbers_of
from rnnzoo.data.readers.tables.timing import find_time, stamps_in
from rnnzoo.errors import DataError

_COUNTS = re.compile(r"(unnamed 0|index|row|row id|line|nr|no|column 1)?")
_IDENTIFIES = re.compile(r"(.* )?(id|uuid|guid)")


def find_roles(columns: Columns, wanted: bool = True) -> Roles:
    """The roles of all columns of the first table of a source; its notes say what was found.

    Args:
        columns: of it.
        wanted: whether a class is looked for.

    Raises:
        ValueError: a column that was named is not there or can't be what it was named for; several
            could be what is looked for; there are no features.
    """
    # What was told is not found for another.
    labels = columns.labels_told()
    found = {role: columns.told(role) for role in ROLES}
    chosen, date = columns.chosen(), None
    for role in ("id", "label", "group"):
        if columns.given(role) is None:
            found[role] = _found(columns, role, chosen or (), wanted)
    if columns.given("time") is None:
        found["time"], date = find_time(columns, chosen or ())
    stamps, time_kind = stamps_in(columns, found["time"], date)
    channels, set_aside = (chosen, []) if chosen is not None else _features(columns)
    table = columns.table
    if not channels:
        raise DataError(
            f"{table.name} holds no column of numbers beside "
            f"{listed(sorted(columns.taken)) or 'none'}: its columns are {listed(table.names)}",
            table.name,
        )
    return Roles(
        **found,
        date=date,
        stamps=stamps,
        time_kind=time_kind,
        channels=tuple(channels),
        words=frozenset(name for name in channels if columns.kinds[name] in ("word", "stamp")),
        labels=labels,
        set_aside=tuple(set_aside),
        # A date and a clock in two columns are found again.
        read_by=columns.read_by(found if date is None else found | {"time": None}, chosen),
    )


def _found(columns: Columns, role: str, chosen: Collection[str], wanted: bool) -> str | None:
    """The column that is it by its name; None if none is."""
    told = columns.class_told
    notes, named = columns.table.notes, columns.named(role, chosen)
    if role == "label":
        is_axis = not wanted or told
        named = [n for n in named if plain(n) != "y" or not (is_axis or _is_axis(columns, n))]
    if role == "label" and told:
        for name in named:
            columns.taken.add(name)
            notes.without(f"column {name!r}, as the folders' names tell the class")
        return None
    if role == "id":
        for name in [name for name in named if columns.differs_in_each_row(name)]:
            named.remove(name)
            columns.taken.add(name)
            notes.without(f"column {name!r}, another value in each row")
    return columns.only(named, role)


def _is_axis(columns, name):
    """Whether y is a channel: beside x or z, or with fractions."""
    table = columns.table
    if {"x", "z"} & set(map(plain, table.names)):
        return True
    return columns.kinds[name] == "number" and not numbers_of(table.sample[name]).dtype.is_integer()


def _features(columns):
    """All columns of numbers that are nothing else, and those of few different words.

    Also those set aside whose values repeat in stretches, as names of recordings do.
    """
    table, notes = columns.table, columns.table.notes
    channels, set_aside = [], []
    for name in table.names:
        if name in columns.taken:
            continue
        kind, values = columns.kinds[name], table.sample[name]
        if kind == "empty":
            notes.without(f"column {name!r}, which is empty")
        elif kind == "stamp":
            notes.without(f"column {name!r}, which holds stamps")
        elif kind == "nested":
            notes.without(f"column {name!r}, which holds {values.dtype}")
        elif kind == "number" and _only_names(columns, name):
            notes.without(f"column {name!r}, which counts or names rows")
            set_aside.append(name)
        elif kind == "number" and columns.counts_time(name):
            notes.without(f"column {name!r}, which holds stamps by its size")
        elif kind == "word" and values.n_unique() > min(MAX_WORDS, max(2, len(values) / 2)):
            notes.without(f"column {name!r}, which holds too many different words")
            set_aside.append(name)
        else:
            if kind == "number" and columns.counts_rows(name):
                notes.odd(f"column {name!r} counts the rows, and is read as a channel")
            channels.append(name)
    return channels, [name for name in set_aside if _repeats(table.sample[name])]


def _only_names(columns, name):
    """Whether numbers are an index or an identifier, by their column's name and themselves."""
    if _IDENTIFIES.fullmatch(plain(name)):
        return True
    unnamed = name == "column 1" and columns.table.headed
    index = unnamed or (name != "column 1" and _COUNTS.fullmatch(plain(name)))
    return bool(index) and columns.counts_rows(name)


def _repeats(values):
    """Whether values, several of them, each stand in one stretch of rows."""
    runs, distinct = len(values.rle_id().unique()), values.n_unique()
    return 1 < distinct == runs <= len(values) / 2
