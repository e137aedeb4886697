"""Rows of text: tables with a first line of names, JSON lines, and which column is which."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError, WrongValue

BLANK = "blank lines"
HEAD = 2000  # lines by which a layout is told

NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)


class LeftOut:
    """What is left out of a file: how much of each kind, and the first line of it.

    >>> left_out = LeftOut()
    >>> left_out.add("blank lines", 7)
    >>> left_out.add("blank lines", 9)
    >>> left_out.said()
    ['2 blank lines, the first is line 7']
    """

    def __init__(self) -> None:
        self._kinds: dict[str, list[int]] = {}

    def add(self, what: str, line: int) -> None:
        count, first = self._kinds.get(what, (0, line))
        self._kinds[what] = [count + 1, first]

    def said(self) -> list[str]:
        return [
            f"{count:,} {what}, the first is line {line}"
            for what, (count, line) in self._kinds.items()
        ]

    def check(self, path: Any, kept: int, expected: str) -> None:
        """Raise a DataError if more than a tenth is left out, blank lines apart: no accident."""
        kinds = {what: of for what, of in self._kinds.items() if what != BLANK}
        lost = sum(count for count, _ in kinds.values())
        if lost > (kept + lost) / 10:
            line = min(line for _, line in kinds.values())
            raise DataError(
                f"{path}, line {line}: {'; '.join(self.said())}, of {kept + lost:,}; {expected}",
                path,
                line,
            )


def merged(readings: dict[str, Reading]) -> Reading:
    """One reading of several files, by their names; of one file its own."""
    of_all = list(readings.values())
    if len(of_all) == 1:
        return of_all[0]
    counts = {"files": sum(reading.counts.get("files", 1) for reading in of_all)}
    facts: dict[str, str] = {}
    for reading in of_all:
        for name, count in reading.counts.items():
            if name != "files":
                counts[name] = counts.get(name, 0) + count
        for name, fact in reading.facts.items():
            if fact not in facts.setdefault(name, fact):
                facts[name] += f"; {fact}"
    return Reading(
        layout=" and ".join(dict.fromkeys(reading.layout for reading in of_all)),
        counts=counts,
        facts=facts,
        left_out=[f"{name}: {one}" for name, each in readings.items() for one in each.left_out],
        warnings=[f"{name}: {one}" for name, each in readings.items() for one in each.warnings],
        examples=of_all[0].examples,
    )


def with_more(reading: Reading, **more: Any) -> Reading:
    """A reading with further facts, lines of what is left out, or warnings."""
    changed: dict[str, Any] = {}
    for name, value in more.items():
        before = getattr(reading, name)
        changed[name] = {**before, **value} if isinstance(before, dict) else [*before, *value]
    return dataclasses.replace(reading, **changed)


# --- rows -----------------------------------------------------------------------------------------


def json_keys(head: Sequence[str]) -> list[str] | None:
    """The keys of JSON lines by their first one; None if these are none."""
    first = next((line for line in head if line.strip()), "")
    if not first.lstrip().startswith("{"):
        return None
    try:
        return list(json.loads(first))
    except (ValueError, RecursionError):
        return None


def json_entries(lines: Iterable[str], head: Sequence[str]) -> list[str] | None:
    """The entries of a JSON array of objects as JSON lines; None if it is none.

    Args:
        lines: of the file, which are read only if it begins as an array does.
        head: the first of them.

    >>> json_entries(["[", '{"a": 1},', '{"a": 2}]'], ["["])
    ['{"a": 1}', '{"a": 2}']
    """
    first = next((line for line in head if line.strip()), "")
    if not first.lstrip().startswith("["):
        return None
    try:
        entries = json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(entry, dict) for entry in entries):
        return None
    return [json.dumps(entry) for entry in entries]


def json_rows(lines: Iterable[str], path: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of JSON lines with their lines' numbers; blank lines are none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            said = " ".join(str(error).split())
            raise DataError(f"{path}, line {number}: no JSON: {said}", path, number) from None
        if not isinstance(row, dict):
            raise DataError(f"{path}, line {number}: expected a JSON object", path, number)
        yield number, row


def cells_of(
    lines: Iterable[str], separator: str, path: Any = "", quoted: bool = False
) -> Iterator[tuple[int, list[str]]]:
    r"""The cells of each line, with its number; a quoted one may hold separators and newlines.

    Cells between tabs have no quotes, as a word may be one, unless `quoted` says so.

    >>> list(cells_of(['a,"b,', 'c"', "d"], ","))
    [(2, ['a', 'b,\nc']), (3, ['d'])]
    """
    if len(separator) > 1 or (separator == "\t" and not quoted):
        for number, line in enumerate(lines, 1):
            yield number, line.split(separator)
        return
    rows = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        number = rows.line_num
        raise DataError(f"{path}, line {number}: {error}", path, number) from None


def of_width(
    table: Iterable[tuple[int, list[str]]], width: int, left_out: LeftOut
) -> Iterator[tuple[int, list[str]]]:
    """The rows of so many cells, with their lines' numbers; others are left out, and counted.

    Of a row that is longer, as commas in a text make it, nobody knows which cell is which; empty
    cells at its end are none.

    >>> left_out = LeftOut()
    >>> list(of_width([(2, ["a", "x"]), (3, ["b", " c", "x"]), (4, ["d", "x", ""])], 2, left_out))
    [(2, ['a', 'x']), (4, ['d', 'x'])]
    >>> left_out.said()
    ['1 rows of more or fewer than 2 columns, the first is line 3']
    """
    for number, row in table:
        if row in ([], [""]):
            left_out.add(BLANK, number)
        elif len(row) < width or any(map(str.strip, row[width:])):
            left_out.add(f"rows of more or fewer than {width} columns", number)
        else:
            yield number, row[:width]


QUOTES = "put quotes around what holds the character between columns"


def are_quoted(head: Iterable[str], separator: str = "\t") -> bool:
    r"""Whether quotes around cells are no signs of theirs, as R and spreadsheets write tables.

    That is so where they stand around half of the words, or where those within are doubled; and
    nowhere else.

    >>> are_quoted(['"en"\t"fr"', '"Go!"\t"Va !"']), are_quoted(['"Go!" he said\t"Va !"'])
    (True, False)
    """
    cells = [cell.strip() for line in head for cell in line.split(separator)]
    within = [cell[1:-1] for cell in cells if len(cell) > 1 and cell[0] == cell[-1] == '"']
    if len(within) < sum('"' in cell for cell in cells):
        return False
    if any('"' in cell.replace('""', "") for cell in within):
        return False
    words = sum(bool(cell) and not NUMBER.fullmatch(cell) for cell in cells)
    return bool(within) and (2 * len(within) >= words or any('""' in cell for cell in within))


def head_cells(head: Sequence[str], separator: str) -> list[list[str]]:
    """The cells of a file's first lines, as far as these are whole."""
    rows = []
    try:
        for _, row in cells_of(head, separator, quoted=are_quoted(head, separator)):
            rows.append(row)
    except DataError:  # the head ends within quotes, or something is wrong, which is told later
        pass
    return [row for row in rows if any(map(str.strip, row))]


def numbers_share(rows: Sequence[Sequence[str]]) -> float:
    """The share of numbers among cells."""
    cells = [cell.strip() for row in rows for cell in row if cell.strip()]
    return sum(bool(NUMBER.fullmatch(cell)) for cell in cells) / max(1, len(cells))


# --- which column ---------------------------------------------------------------------------------


def wanted(
    columns: str | Sequence[str | int] | None, such_as: str, *counts: int
) -> list[str] | None:
    """The columns that were asked for, in words, as many as may be.

    Args:
        columns: names or numbers from 1; None where none were asked for.
        such_as: an example, in words.
        counts: how many there may be.

    >>> wanted("word, 4", "word,tag or 1,4", 2)
    ['word', '4']
    """
    if columns is None:
        return None
    given = columns.split(",") if isinstance(columns, str) else columns
    try:
        asked = [str(column).strip() for column in given]
    except TypeError:
        asked = []
    if len(asked) not in counts or not all(asked) or len({*asked}) < len(asked):
        many = "column" if counts == (1,) else "columns, each once"
        raise WrongValue(
            f"columns={columns!r}: expected {' or '.join(map(str, counts))} {many}, by name or "
            f"number from 1, such as {such_as}"
        )
    return asked


def place_of(asked: str, names: Sequence[str] | None, row: Sequence[Any], path: Any) -> int:
    """Where the column is that was asked for by its name or number.

    Raises:
        ValueError: there is none; it lists those that there are.
    """
    plain = [name.strip().lower() for name in names or ()]
    if asked.lower() in plain:
        return plain.index(asked.lower())
    if asked.isdecimal() and 1 <= int(asked) <= max(len(plain), len(row)):
        return int(asked) - 1
    raise DataError(
        f"{path} has no column {asked}; expected one of {listed(names, row)}, by name or number",
        path,
    )


def place_called(
    among: Sequence[str], names: Sequence[str] | None, row: Sequence[Any], path: Any, say: str
) -> int:
    """Where the column is that is called by one of some names, of which the first ones are taken.

    Args:
        among: names that it may have, in lower case and with a blank for each "_".
        names: of the columns; None where they have none.
        row: of the table.
        path: of the file.
        say: how to say which it is, in words.

    Raises:
        ValueError: none is; it lists those that there are.
    """
    plain_names = [plain(name) for name in names or ()]
    for name in among:
        if name in plain_names:
            return plain_names.index(name)
    raise DataError(
        f"{path} has no column called {', '.join(among)}, but {listed(names, row)}. Say {say}", path
    )


def plain(name: str) -> str:
    """A column's name in lower case, with a blank for each "_".

    >>> plain(" First_Name")
    'first name'
    """
    return name.strip().lower().replace("_", " ")


def listed(names: Sequence[str] | None, row: Sequence[Any]) -> str:
    """Columns by their numbers and names, each with an example.

    >>> listed(["Word", "POS"], ["Zoo", "NN"])
    "1 Word ('Zoo'), 2 POS ('NN')"
    """
    pairs = itertools.zip_longest(names or [""] * len(row), row, fillvalue="")
    return ", ".join(
        " ".join(filter(None, (str(i), name, f"({str(cell)[:30]!r})")))
        for i, (name, cell) in itertools.islice(enumerate(pairs, 1), 20)
    )
