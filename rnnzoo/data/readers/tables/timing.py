"""Which column is the time, and how its stamps are read."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from rnnzoo.data.readers.tables.columns import Columns, plain
from rnnzoo.data.readers.tables.roles import numbers_of, stamps_of
from rnnzoo.data.readers.tables.stamps import Stamps, of_numbers, of_text
from rnnzoo.errors import DataError


def find_time(columns: Columns, chosen: Collection[str]) -> tuple[str | None, str | None]:
    """The columns of the time, and of the date where it is on its own; None where there is none.

    Args:
        columns: of which it is one; those that are found are taken.
        chosen: those of them that are features.

    Raises:
        ValueError: several could be it.
    """
    table, kinds, notes = columns.table, columns.kinds, columns.table.notes
    named = columns.named("time", chosen)
    free = [name for name in table.names if name not in (*columns.taken, *chosen)]
    candidates = named or [name for name in free if kinds[name] == "stamp"]
    if not candidates:
        epochs = [n for n in table.names if n not in columns.taken and columns.counts_time(n)]
        if epochs and not set(epochs) & set(chosen):
            notes.odd(f"column {epochs[0]!r} counts seconds since 1970 by its size")
            candidates = epochs[:1]
    if len(candidates) == 2:
        pair = {plain(name).split()[0]: name for name in candidates}
        if pair.keys() == {"date", "time"} and all(
            table.sample[n].dtype == pl.String and kinds[n] == "stamp" for n in candidates
        ):
            columns.taken |= set(candidates)
            return pair["time"], pair["date"]
        if len(kept := [name for name in candidates if kinds[name] == "stamp"]) == 1:
            other = next(name for name in candidates if name not in kept)
            if columns.counts_time(other):
                columns.taken.add(other)
                notes.without(f"column {other!r}, a second stamp")
                candidates = kept
    return columns.only(candidates, "time"), None


def stamps_in(columns: Columns, time: str | None, date: str | None) -> tuple[Stamps | None, str]:
    """How the stamps of a column are read, and the kind of its values for `Table.batches`.

    Raises:
        ValueError: it holds none that are known.
    """
    if time is None:
        return None, "stamp"
    table, kind = columns.table, columns.kinds[time]
    values = stamps_of(table.sample, time, date)
    if kind == "number":
        numbers = numbers_of(values)
        return of_numbers(time, numbers), "whole" if numbers.dtype.is_integer() else "real"
    if kind == "stamp" and values.dtype.is_temporal():
        if values.dtype == pl.Time:
            return Stamps(said="times of day", clock=True), "stamp"
        return Stamps(said="dates and times"), "stamp"
    if kind == "stamp" and (found := of_text(values.drop_nulls())):
        if found.odd:
            table.notes.odd(found.odd)
        return found, "stamp"
    first = next(iter(values.drop_nulls()), "")
    raise DataError(
        f"{table.name}: column {time!r} holds no time stamps that are known, such as "
        f"{str(first)[:40]!r}; expected numbers, or 2024-05-31 14:02:10.5; name another (time=, "
        "--time), or none (time='none')",
        table.name,
    )
