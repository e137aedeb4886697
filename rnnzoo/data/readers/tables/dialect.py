"""How a text file separates its columns: found out by its first lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.data.readers.tables.table import MISSING
from rnnzoo.errors import DataError

_SEPARATORS = {",": "','", ";": "';'", "\t": "tabs", "|": "'|'", " ": "blanks"}
_NUMBER = re.compile(
    r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?|[+-]?\d{1,3}([.,]\d{3})+[.,]\d+|[+-]?inf(inity)?|true|false",
    re.I,
)
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
_CLOCK = r"\d{1,2}:\d\d(:\d\d([.,]\d+)?)?( ?[AP]M)?( ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_STAMP = re.compile(
    rf"\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}([T ]{_CLOCK})?|{_CLOCK}|\d{{8}}T\d{{4,6}}\S*", re.I
)
_PARTS = re.compile(r"[,;\t|]")


@dataclass(frozen=True)
class Dialect:
    """How a text file is laid out.

    Attributes:
        separator: one character; a blank stands for any number of blanks and tabs.
        comma: whether numbers are written with a decimal comma.
        names: of the columns, as they stand there; None if none do.
        columns: how many there are.
        skip: lines before the first row.
    """

    separator: str
    comma: bool
    names: tuple[str, ...] | None
    columns: int
    skip: int

    def __str__(self) -> str:
        one = self.columns == 1
        parts = ["one column" if one else f"separated by {_SEPARATORS[self.separator]}"]
        parts += ["decimal comma"] if self.comma else []
        parts += [] if self.names else ["no line of names"]
        return ", ".join(parts)


def _cells_of(line: str, separator: str) -> list[str]:
    """The cells of a line, without quotes, and blanks around them."""
    if separator == " ":
        line, separator = re.sub(r"[ \t]+", " ", line.strip()), " "
    try:
        row = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        row = line.split(separator)
    return [cell.strip() for cell in row]


def find(lines: Sequence[str], name: str, notes: Notes) -> Dialect:
    """How a file is laid out.

    Args:
        lines: its first ones.
        name: of the file.
        notes: take what is not certain.

    Raises:
        ValueError: there are no rows, or their first one is neither names nor numbers.
    """
    skip, given = 0, ""
    while skip < len(lines) and (not lines[skip].strip() or lines[skip].lstrip().startswith("#")):
        skip += 1
    comments = [line for line in lines[:skip] if line.strip()]
    if skip < len(lines) and re.fullmatch(r'"?sep=(.)"?', lines[skip].strip()):
        given = lines[skip].strip().strip('"')[4:]
        skip += 1
    rows = [line for line in lines[skip:] if line.strip()][:300]
    if not rows:
        raise DataError(f"{name} holds no line of numbers", name)
    separator = given if given in _SEPARATORS else _separator(rows, notes)
    cells = [_cells_of(row, separator) for row in rows]
    names = _names(cells, name, notes)
    if comments and names is None:
        commented = _cells_of(comments[-1].lstrip().lstrip("#"), separator)
        if len(commented) == len(cells[0]) and not any(map(_is_value, commented)):
            names = commented  # as numpy.savetxt writes them
            comments = comments[:-1]
    elif names is not None:
        skip += next(i for i, line in enumerate(lines[skip:], 1) if line.strip())
        cells = cells[1:]
    if comments:
        notes.without(f"{len(comments)} line(s) of comments")
    if not cells:
        raise DataError(f"{name} holds no line of numbers, only names of columns", name)
    columns = len(names or cells[0])
    flat = [cell for row in cells for cell in row]
    commas, points = list(filter(_COMMA.fullmatch, flat)), any(map(_POINT.fullmatch, flat))
    if commas and points and all(map(_THOUSANDS.fullmatch, commas)):
        notes.odd(
            f"{commas[0]!r} is taken for a number with a decimal comma, though others have a point;"
            " if it is a thousand, write it without the comma"
        )
    comma = bool(commas) and not points
    return Dialect(separator, comma, names and tuple(names), columns, skip)


def _separator(rows, notes):
    """By which one the rows fall into equally many cells that are numbers, stamps or words."""
    if _is_one_column_of_commas(rows, notes):
        return ";"
    best, found = (False, 0.0, 0.0, False, 0), ","
    for separator in _SEPARATORS:
        cells = [_cells_of(row, separator) for row in rows]
        widths = [len(row) for row in cells]
        width = max(set(widths), key=widths.count)
        if width < 2:
            continue
        body = [cell for row in cells[1:] or cells for cell in row]
        alike = widths.count(width) / len(widths)
        clean = sum(_is_value(cell) or not _PARTS.search(cell) for cell in body) / len(body)
        # Blanks stand in words, too.
        rank = (widths[0] == width, round(alike, 1), round(clean, 2), separator != " ", width)
        if rank > best:
            best, found = rank, separator
    return found


def _is_one_column_of_commas(rows, notes):
    """Whether 9,81 is one number. Only a line of names, or the figures themselves, can tell."""
    first, body = rows[0].strip(), [row.strip() for row in rows]
    names = not re.match(r"[-+\d,.]", first)
    body = body[1:] if names else body
    if not body or not all(re.fullmatch(r"[+-]?\d*,\d+", row) for row in body):
        return False
    if names:
        return "," not in first
    ends = [row.partition(",")[2] for row in body]
    decimal = any(len(end) > 1 and end[0] == "0" for end in ends)
    decimal |= any(row.startswith(("-0,", "+0,")) for row in body)
    decimal |= len(ends) > 1 and len(ends[0]) > 1 and len({len(end) for end in ends}) == 1
    taken = "one number with a decimal comma" if decimal else "two columns"
    other = "two columns" if decimal else "one number"
    notes.odd(f"{body[0]!r} is taken for {taken}; if it is {other}, write a line of names above it")
    return decimal


def _is_value(cell):
    return cell in MISSING or bool(_NUMBER.fullmatch(cell) or _STAMP.fullmatch(cell))


def _names(cells, name, notes):
    """The first row, if it is names; None if it is values."""
    first, body = cells[0], cells[1:]
    words = [place for place, cell in enumerate(first) if not _is_value(cell)]
    counting = [str(i) for i in range(len(first))]
    if not words:
        inner = first[1:] if first[0] == "" else first
        if len(inner) > 1 and inner == counting[: len(inner)] and body:
            if all(re.fullmatch(r"\d+", cell) for row in body for cell in row[-len(inner) :]):
                notes.odd("the first line counts 0, 1, ...: it is taken for a row, not for names")
                return None
            notes.odd("the first line counts 0, 1, ...: it is taken for names, not for a row")
            return [*(first[:1] if first[0] == "" else []), *inner]
        return None
    # What holds values below a word is named by it, and words among words are names if none of
    # them comes again.
    below = {
        place: [row[place] for row in body if place < len(row) and row[place] not in MISSING]
        for place in range(len(first))
    }
    over_values = [
        p for p in words if below[p] and sum(map(_is_value, below[p])) * 2 > len(below[p])
    ]
    others = [place for place in range(len(first)) if place not in words and first[place]]
    whole = all(re.fullmatch(r"\d+", first[place]) for place in others)
    steps = [int(first[place]) for place in others] if whole else []
    counting = len(steps) > 2 and steps in (list(range(len(steps))), list(range(1, len(steps) + 1)))
    if counting and not any(first[place] in below[place] for place in words):
        return first  # label, 0, 1, 2, ...
    if over_values:
        if others and not whole:
            raise DataError(
                f"{name}, line 1: {first[over_values[0]]!r} is no number, as those below it are, "
                f"and {first[others[0]]!r} is no name; mend the line",
                name,
                1,
            )
        return first
    if others or any(first[place] in below[place] for place in words):
        return None
    return first if len(set(first)) == len(first) else None
