r"""Weka's .arff files, in which a row is a recording or a time step.

They are read here, as no other reader reads them all. SciPy's refuses text columns, classes beyond
ASCII, and quotes that only some rows have; it takes no notice of values too many in a relation.
liac-arff's has no relations, dates, or tabs between values. Tests compare with both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from rnnzoo.data.readers.tables.head import read_head, stacked
from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.data.readers.tables.table import FrameTable, renamed
from rnnzoo.errors import DataError

_STEP = re.compile(r"(.*?)_?(\d+)")
_STEMS = {"att", "attribute", "t", "time", "step"}  # of steps; others may be channels
_NAME = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(.*)""")
_CELL = re.compile(
    r"""\s*(?:'([^'\\]*(?:\\.[^'\\]*)*)'|"([^"\\]*(?:\\.[^"\\]*)*)"|(?!['"])([^,\t]*))\s*([,\t]|$)"""
)


@dataclass
class _Columns:
    """Names and kinds of a file's columns; `inner` are those of a relation, the channels' steps."""

    names: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    inner: int = 0

    def is_class(self, place: int) -> bool:
        return self.kinds[place].startswith("{") or self.kinds[place].lower() == "string"


def recordings_in(
    path: Path, notes: Notes, encoding: str | None
) -> tuple[Sequence[str], Iterator[tuple[np.ndarray, str | None]]] | None:
    """No names of channels, and of each line the recording (time, channels) and its label.

    None if a row is a time step: then it is a table, see `open_steps`.

    Raises:
        ValueError: it is no such file, or is damaged.
        OSError: it can't be opened.
    """
    columns, rows = _opened(path, encoding)
    if not _is_of_series(columns):
        return None
    return (), _recordings(columns, rows, path)


def open_steps(path: Path, encoding: str | None) -> FrameTable:
    """A file in which a row is a time step, as a table.

    Raises:
        ValueError: it is no such file, or is damaged.
        OSError: it can't be opened.
    """
    columns, rows = _opened(path, encoding)
    notes = Notes(".arff, a row a time step")
    names = renamed(columns.names, notes)
    cells = [cells for _, cells in rows]
    if not cells:
        raise DataError(f"{path} holds no row", path)
    frame = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")
    table = FrameTable(frame.lazy(), frame.height, str(path), notes.layout)
    table.notes = notes
    table.declared = _declared(names, columns.kinds, path)
    return table


def _opened(path, encoding):
    """The columns, and of each row its line's number and its cells, without quotes."""
    head, lines = read_head(path, encoding)
    columns, relation = _Columns(), False
    for word, rest in head:
        if word == "attribute" and (match := _NAME.match(rest)):
            name, kind = match[1].strip("'\""), match[2].strip()
            if relation:
                columns.inner += 1
                continue
            relation = kind.lower() == "relational"
            columns.names.append(name)
            columns.kinds.append(kind)
        elif word == "end":
            relation = False
    return columns, _rows(columns, lines, path)


def _rows(columns, lines, path):
    relational = [kind.lower() == "relational" for kind in columns.kinds]
    declared = _declared(range(len(columns.kinds)), columns.kinds, path)
    for number, line in lines:
        if line[0] == "{":
            raise DataError(f"{path}, line {number}: sparse rows are not read", path, number)
        cells = _cells(line, path, number)
        if len(cells) != len(columns.names):
            raise DataError(
                f"{path}, line {number}: {len(cells)} values, expected {len(columns.names)}",
                path,
                number,
            )
        if "\\" in line:
            cells = [c if r else _plain(c) for c, r in zip(cells, relational, strict=True)]
        for place, values in declared.items():
            if cells[place] not in values | {"?"}:
                raise DataError(
                    f"{path}, line {number}: {cells[place][:60]!r} is none of the values that "
                    f"{columns.names[place]!r} is declared to have",
                    path,
                    number,
                )
        yield number, cells


def _declared(names, kinds, path):
    """By column the values that it may have, where the head tells them."""
    return {
        name: frozenset(_plain(cell) for cell in _cells(kind.strip()[1:-1], path, None)) - {"?"}
        for name, kind in zip(names, kinds, strict=True)
        if kind.startswith("{")
    }


def _cells(line, path, number):
    """The values of a row, without quotes around them."""
    if not re.search("['\"\t]", line):
        return [cell.strip() for cell in line.split(",")]
    cells, at = [], 0
    while match := _CELL.match(line, at):
        cells.append(next(group for group in match.groups() if group is not None).strip())
        at = match.end()
        if not match[4]:
            return cells
    raise DataError(
        f"{path}{'' if number is None else f', line {number}'}: a quote that is not closed, or "
        f"stands within a value: {line[at : at + 40]!r}",
        path,
        number,
    )


def _plain(cell):
    return re.sub(r"\\(.)", r"\1", cell)


def _is_of_series(columns):
    """Whether a line is a recording: its channels are a relation, or numbered steps by name."""
    if columns.inner:
        return True
    steps = [
        _STEP.fullmatch(name)
        for place, name in enumerate(columns.names)
        if not columns.is_class(place)
    ]
    stems = {match[1].lower() if match else None for match in steps}
    return len(steps) >= 8 and len(stems) == 1 and bool(_STEMS & stems)


def _recordings(columns, rows, path):
    labelled = bool(columns.names) and columns.is_class(len(columns.names) - 1)
    for number, cells in rows:
        label = cells.pop() if labelled else None
        dimensions = [cells]
        if columns.inner:
            dimensions = [part.split(",") for part in re.split(r"\\n|\n", cells[0])]
            if any(len(cells) != columns.inner for cells in dimensions):
                raise DataError(
                    f"{path}, line {number}: a channel has not as many values as the relation, "
                    f"{columns.inner}",
                    path,
                    number,
                )
        yield stacked(dimensions, path, number), None if label == "?" else label
