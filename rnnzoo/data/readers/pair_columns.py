"""Pairs in columns: what stands between them, whether they have names, and which two are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnzoo.data.readers import rows
from rnnzoo.data.readers.languages import WORDS, is_language
from rnnzoo.errors import DataError

_SOURCES = ("source", "src", "source_text", "input", "sentence1")
_TARGETS = ("target", "tgt", "trg", "target_text", "translation", "output", "sentence2")
_SEPARATORS = ("\t", " ||| ", ";", ",")
# What is said of who wrote a sentence, as in the files of Anki.
_ATTRIBUTION = re.compile(r"CC[- ]BY|tatoeba", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """Which columns of a file hold the pairs.

    Attributes:
        separator: what stands between columns.
        at: the places of source and target.
        width: how many columns there are.
        header: whether the first line names them.
        languages: those that it names, if it does.
        quoted: whether there are quotes around cells between tabs.
        facts: what to say of the choice.
    """

    separator: str
    at: tuple[int, int]
    width: int
    header: bool
    languages: tuple[str, str] | None
    quoted: bool = False
    facts: dict[str, str] = field(default_factory=dict)

    def halves(
        self, lines: Iterable[str], path: Any, left_out: rows.LeftOut
    ) -> Iterator[tuple[int, str, str]]:
        """Source and target of each line, with its number."""
        blanks: list[int] = []
        header = self.header
        for number, row in rows.cells_of(lines, self.separator, path, self.quoted):
            if not any(map(str.strip, row)) and len(row) < 2:
                blanks.append(number)  # those at the end are nothing
                continue
            if header:
                header, blanks = False, []
                continue
            for blank in blanks:
                left_out.add(rows.BLANK, blank)
            blanks = []
            if len(row) != self.width:
                no_tab = self.separator == "\t" and len(row) == 1
                what = "without a tab" if no_tab else f"not of {self.width} columns"
                left_out.add(f"lines {what}", number)
                continue
            yield number, row[self.at[0]], row[self.at[1]]


def columns_of(head: Sequence[str], path: Any, asked: Sequence[str] | None) -> Columns:
    """The columns of a file by its first lines.

    Args:
        head: these.
        path: of the file.
        asked: the columns of source and target, if they were asked for.

    Raises:
        ValueError: it can't be told which two are meant.
    """
    separator = separator_of(head, asked)
    table = rows.head_cells(head, separator)
    widths = [len(row) for row in table]
    width = max(widths, key=widths.count)
    names = names_of(table, asked)
    body = [row for row in table[bool(names) :] if len(row) == width] or table
    if rows.numbers_share(body) > 0.9:
        raise DataError(
            f"{path} looks like a table of numbers, as load_series reads, and not like pairs of "
            "sentences",
            path,
        )
    if asked:
        source, target = (rows.place_of(one, names, body[0], path) for one in asked)
    elif names:
        source, target = two_of(names, body[0], path)
    else:
        source, target = _texts(body, width, path)
    languages = languages_of(names[source], names[target]) if names else None
    facts = {}
    if not languages and (names or width > 2 or asked):
        facts["columns"] = f"{_name(names, source)} to {_name(names, target)}, of {width}"
    quoted = separator == "\t" and rows.are_quoted(head)
    return Columns(separator, (source, target), width, bool(names), languages, quoted, facts)


def two_of(names: Sequence[str], row: Sequence[str], path: Any) -> tuple[int, int]:
    """The places of source and target among columns with names."""
    plain = [name.strip().lower() for name in names]
    sources = [i for i, name in enumerate(plain) if name in _SOURCES]
    targets = [i for i, name in enumerate(plain) if name in _TARGETS]
    if len(sources) == len(targets) == 1:
        return sources[0], targets[0]
    told = [i for i, name in enumerate(plain) if is_language(name)]
    if len(told) != 2:
        told = [i for i, cell in enumerate(row) if not rows.NUMBER.fullmatch(cell.strip())]
    if len(told) != 2:
        raise _undecided(path, names, row)
    return told[0], told[1]


def _undecided(path, names, row):
    """What to raise where several columns may be source or target."""
    two = ("en", "fr") if names else (1, 2)
    return DataError(
        f"{path}: which column is the source, and which the target? It has "
        f"{rows.listed(names, row)}. Say it: --columns {two[0]},{two[1]}, in Python columns={two}",
        path,
    )


def languages_of(*names: str) -> tuple[str, str] | None:
    """Two names, if both are those of languages."""
    plain = [name.strip() for name in names]
    if not all(is_language(name.lower()) for name in plain):
        return None
    return plain[0], plain[1]


def _name(names, place):
    return repr(names[place]) if names else str(place + 1)


def separator_of(head: Sequence[str], asked: Sequence[str] | None = None) -> str:
    """What stands between columns; tabs, unless others plainly do."""
    filled = [line for line in head if line.strip()]
    for separator in _SEPARATORS:
        table = rows.head_cells(filled, separator)
        if not table:
            continue
        several = sum(len(row) > 1 for row in table) > 0.5 * len(table)
        # In sentences there are commas, too: only names or quotes make them columns.
        if separator in ";,":
            quoted = sum('"' in line for line in filled) > 0.5 * len(filled)
            alike = len({len(row) for row in table}) == 1
            plain = alike and (quoted or bool(names_of(table, asked)) or bool(asked))
            several = several and plain
        if several:
            return separator
    return "\t"


def names_of(
    table: Sequence[Sequence[str]], asked: Sequence[str] | None = None
) -> list[str] | None:
    """The names of columns, if the first line is made of them."""
    first = [cell.strip() for cell in table[0]]
    plain = [cell.lower() for cell in first]
    if len(table) < 2 or len(first) < 2 or len(set(plain)) < len(plain):
        return None
    if asked and all(one.lower() in plain for one in asked):
        return first
    known = [
        name in (*_SOURCES, *_TARGETS, "id", "score", "attribution") or is_language(name)
        for name in plain
    ]
    told = sum(known) > 1 and sum(known) >= len(plain) - 1 and not WORDS.issuperset(plain)
    return first if told else None


def _texts(body: list[list[str]], width: int, path: Any) -> tuple[int, int]:
    """The places of the two columns that are neither numbers nor attributions."""
    if width < 2:
        line = next(iter(body[0]), "")
        raise DataError(
            f"{path}, line 1: {line[:40]!r} has no tab; expected source<TAB>target, "
            "or CSV with a first line of names (without: --columns 1,2)",
            path,
            1,
        )
    rest = []
    for place in range(width):
        cells = [row[place] for row in body]
        numbers = sum(bool(rows.NUMBER.fullmatch(cell.strip())) for cell in cells)
        attributed = sum(bool(_ATTRIBUTION.search(cell)) for cell in cells)
        if width == 2 or max(numbers, attributed) < 0.9 * len(cells):
            rest.append(place)
    if len(rest) != 2:
        raise _undecided(path, None, body[0])
    return rest[0], rest[1]
