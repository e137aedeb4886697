"""The user's names: a file with one a line, or a table with a column of them."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from pathlib import Path

from rnnzoo.data.readers import rows
from rnnzoo.data.readers.files import kind_of
from rnnzoo.data.readers.opening import read_text
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError

LONGEST = 256  # characters of a name; what is longer is a text
_WORDS = 6  # of half of the names, at most

# What the column is called that holds them, in lower case and with a blank for each "_".
NAME_NAMES = (
    "name", "names", "word", "words", "identifier", "title", "text", "first name", "firstname",
    "given name", "forename", "last name", "lastname", "family name", "surname",
)  # fmt: skip
MISSING = {"", "-", "?", "na", "n/a", "nan", "nil", "none", "null", "unknown"}  # no number is there


def read_names(
    path: str | os.PathLike[str],
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
) -> tuple[list[str], Reading]:
    """The distinct names of a file, in its order.

    Args:
        path: of a file.
        columns: the one column, by name or number from 1; None: that of a table (.csv, .tsv, JSON
            lines) which is called "name", "first name", "word" or the like, and of other files each
            line. The first line of a table names columns if one is so called, or is a word over
            numbers.
        encoding: see `rnnzoo.data.readers.opening.read_text`.

    Raises:
        ValueError: there is no name, one is too long or holds a control character, or no column can
            be told.
        OSError: the file can't be opened.

    Example:
        ``names, reading = read_names("names.txt")``
    """
    path = Path(path)
    text, facts = read_text(path, encoding)
    names: dict[str, None] = {}
    left_out = rows.LeftOut()
    layout, numbered, more = _cells(text, path, rows.wanted(columns, "name or 2", 1), left_out)
    for number, cell in numbered:
        name = " ".join(str("" if cell is None else cell).split())
        if not name:
            left_out.add(rows.BLANK, number)
        elif len(name) > LONGEST:
            raise DataError(
                f"{path}, line {number}: {len(name):,} characters, expected a name of at most "
                f"{LONGEST}; models of text (char_lstm) take longer ones",
                path,
                number,
            )
        elif odd := control_character(name):
            raise DataError(
                f"{path}, line {number}: {name!r} holds the control character {odd!r}; expected a "
                "name that can be read: take it away",
                path,
                number,
            )
        elif name in names:
            left_out.add("names that were there before", number)
        else:
            names[name] = None
    if not names:
        raise DataError(f"{path} holds no names; expected one a line", path)
    return list(names), Reading(
        layout=layout,
        counts={"names": len(names)},
        facts={**facts, **more},
        left_out=left_out.said(),
        warnings=_doubts(names),
        examples=[{"name": name} for name in list(names)[:3]],
    )


def _doubts(names):
    """Why these are hardly names, in words."""
    words = statistics.median(len(name.split()) for name in names)
    if words <= _WORDS:
        return []
    return [
        f"half of the lines have more than {words:.0f} words: that is text, of which models of "
        "characters are made (char_lstm)"
    ]


def control_character(name: str) -> str | None:
    """The first control character of a name; None if there is none."""
    return next((character for character in name if character < " "), None)


def _cells(text, path, asked, left_out):
    """The layout, the cells that hold names with their lines' numbers, and further facts."""
    lines = text.removesuffix("\n").split("\n")
    entries = rows.json_entries([text], lines[: rows.HEAD])
    keys = rows.json_keys(entries or lines[: rows.HEAD])
    if keys is not None:
        table = list(rows.json_rows(entries or lines, path))
        key = keys[_place(asked, keys, list(table[0][1].values()), path)]
        return f"JSON lines, of which {key!r} is the name", [(n, r.get(key)) for n, r in table], {}
    if kind_of(path) not in (".csv", ".tsv") and asked is None:
        return "a name a line", enumerate(lines, 1), {}
    separator = max(",\t;" if kind_of(path) == ".csv" else "\t,;", key=lines[0].count)
    table = list(rows.cells_of(lines, separator, path, rows.are_quoted(lines[: rows.HEAD])))
    first = table[0][1]
    known = {*map(rows.plain, first)} & {*NAME_NAMES}
    named = bool(known) or (asked is not None and not asked[0].isdecimal())
    if len(first) < 2 and asked is None:
        at = 0
        table = [(number, [separator.join(row)]) for number, row in table]  # of names with commas
    else:
        at = _place(asked, first if named else None, first, path)
        named = named or _is_over_numbers([row for _, row in table], at)
    body = table[1:] if named else table
    what = f"the column {first[at]!r}" if named else f"column {at + 1}"
    facts = {} if named else {"line 1": "a name, as nothing says that it names columns"}
    whole = list(rows.of_width(body, max(1, len(first)), left_out))
    left_out.check(path, len(whole), rows.QUOTES)
    cells = [(number, row[at]) for number, row in whole]
    return f"a table, of which {what} is the name", cells, facts


def _is_over_numbers(table, at):
    """Whether a cell of the first row, beside that of the names, is a word over numbers alone."""
    first, *body = table
    for place, cell in enumerate(map(str.strip, first)):
        under = {row[place].strip() for row in body if len(row) > place}
        under = {one for one in under if one.lower() not in MISSING}
        word = any(map(str.isalpha, cell)) and cell.lower() not in MISSING and not _is_number(cell)
        if place != at and word and under and all(map(_is_number, under)):
            return True
    return False


def _is_number(cell):
    return bool(rows.NUMBER.fullmatch(cell))


def _place(asked, names, row, path):
    """Where the column of names is, of the columns' own names, None where they have none."""
    if asked is not None:
        return rows.place_of(asked[0], names, row, path)
    say = "which holds the names, by number or name: --columns 1, in Python columns='1'"
    return rows.place_called(NAME_NAMES, names, row, path, say)
