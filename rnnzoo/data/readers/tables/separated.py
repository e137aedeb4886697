"""Tables in text files, such as CSV: read by blocks, so that memory does not grow with the file."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from rnnzoo.data.readers.encodings import encoding_of
from rnnzoo.data.readers.opening import open_binary
from rnnzoo.data.readers.tables.dialect import find
from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.data.readers.tables.table import MISSING, TYPES, Table, renamed, typed
from rnnzoo.data.readers.tables.thousands import sign_between, without_sign
from rnnzoo.errors import DataError

_HEAD = 2**18  # bytes that a layout is found out by
_BLOCK = 2**23
_LONGEST = 2**26  # bytes of a line, or of what a quote opens


class SeparatedTable(Table):
    """A text file of rows, a line each, with or without a line of names.

    Args:
        path: of the file, which may be packed.
        encoding: of its text; None: it is found out.

    Raises:
        ValueError: it is no text, holds no rows, or can't be unpacked.
        OSError: it can't be opened.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.name, self._path, self.notes = str(path), path, Notes()
        with open_binary(path) as file:
            head = file.read(_HEAD)
        cut = max(head.rfind(b"\n"), head.rfind(b"\r"))
        whole = head if len(head) < _HEAD or cut < 0 else head[: cut + 1]
        self._codec, facts = encoding_of(whole, path, encoding)
        self.notes.facts.update(facts)
        text = codecs.getincrementaldecoder(self._codec)("replace").decode(whole)
        text = text.removeprefix("\ufeff")
        self._lone_cr = "\r" in text and "\n" not in text
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._dialect = dialect = find(lines, self.name, self.notes)
        self.headed = dialect.names is not None
        names = dialect.names or [f"column {place}" for place in range(1, dialect.columns + 1)]
        self.names = renamed(names, self.notes)
        self.notes.layout = f"a table, {dialect}"
        sample = "\n".join(lines[dialect.skip :][:2000])
        rows = []
        with contextlib.suppress(csv.Error):  # what is wrong is told when it is read
            rows += [_wide(row, len(self.names)) for _, row in _cells(sample, dialect.separator)]
        if len(rows) > 1 and (len(head) == _HEAD or len(lines) > 2000):
            rows.pop()  # may be cut
        columns = dict(zip(self.names, zip(*rows, strict=True), strict=True))
        signs = {name: sign_between(column) for name, column in columns.items()}
        self._signs = {name: sign for name, sign in signs.items() if sign}
        if self._signs:
            said = [f"{name!r} by {sign!r}" for name, sign in self._signs.items()]
            self.notes.facts["thousands"] = f"parted in column {', '.join(said)}"
        self.sample = pl.DataFrame(
            [self._plain(pl.Series(name, columns[name], pl.String)) for name in self.names]
        )

    def at(self, row: int) -> tuple[str, int | None]:
        before = 0
        for block, first_line in self._blocks():
            for line, _ in self._rows(block, first_line):
                if before == row:
                    return f"{self.name}, line {line}", line
                before += 1
        return super().at(row)

    def batches(self, kinds: Mapping[str, str]) -> Iterator[tuple[int, pl.DataFrame]]:
        before = 0
        for block, first_line in self._blocks():
            frame = self._parsed(block, first_line, kinds)
            if frame.height:
                yield before, frame
            before += frame.height

    def _blocks(self) -> Iterator[tuple[bytes, int]]:
        """Whole lines in UTF-8, and the number of the first of them."""
        decoder = None
        if self._codec not in ("utf-8", "utf-8-sig", "ascii"):
            decoder = codecs.getincrementaldecoder(self._codec)()
        line, rest, skip = 1, b"", self._dialect.skip
        with open_binary(self._path) as file:
            while True:
                chunk = file.read(_BLOCK)
                ended = not chunk
                if decoder:
                    try:
                        chunk = decoder.decode(chunk, ended).encode("utf-8", "replace")
                    except UnicodeDecodeError as error:
                        raise DataError(
                            f"{self.name}: not {self._codec} from line {line} on ({error.reason}); "
                            "save the file as UTF-8",
                            self.name,
                            line,
                        ) from None
                block = rest + chunk
                if line == 1:
                    block = block.removeprefix(codecs.BOM_UTF8)
                if self._lone_cr:
                    block = block.replace(b"\r", b"\n")
                cut = len(block) if ended else _end_of_lines(block)
                if cut == 0 and len(block) > _LONGEST:
                    raise DataError(
                        f"{self.name}, line {line}: a line of more than {_LONGEST:,} bytes, or a "
                        "quote that is never closed",
                        self.name,
                        line,
                    )
                rest, block = block[cut:], block[:cut]
                first = line
                line += block.count(b"\n")
                while skip and block:
                    block = block.partition(b"\n")[2]
                    skip, first = skip - 1, first + 1
                if block:
                    if b"\r" in block:
                        block = block.replace(b"\r\n", b"\n").removesuffix(b"\r")
                    yield block, first
                if ended:
                    return

    def _parsed(self, block, first_line, kinds):
        """A block's rows, its numbers and words as asked for."""
        plain = block
        if self._dialect.separator == " ":
            plain = re.sub(rb"(?m)^ | $", b"", re.sub(rb"[ \t]+", b" ", plain))
        if b"\n\n" in plain or plain[:1] == b"\n":
            plain = re.sub(rb"\n{2,}", b"\n", plain).removeprefix(b"\n")
        if not plain or plain.isspace():
            return pl.DataFrame()
        if self._signs.keys() & kinds.keys():
            return self._loosely(block, plain, first_line, kinds).select(list(kinds))
        try:
            frame = self._read(plain, kinds)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            frame = self._loosely(block, plain, first_line, kinds)
        else:
            # polars fills up rows that are too short.
            of_columns = len(self.names), self._dialect.separator
            if frame[self.names[-1]].null_count() and not _all_are_wide(block, *of_columns):
                for _ in self._rows(block, first_line):
                    pass
        return frame.select(list(kinds))

    def _read(self, block, kinds):
        """What polars makes of a block: the columns asked for, and the last one."""
        own = {f"column_{place}": name for place, name in enumerate(self.names, 1)}
        wanted = {*kinds, self.names[-1]}
        frame = pl.read_csv(
            block,
            has_header=False,
            separator=self._dialect.separator,
            decimal_comma=self._dialect.comma and self._dialect.separator != ",",
            schema={
                key: TYPES.get(kinds.get(name, "word"), pl.String) for key, name in own.items()
            },
            columns=[key for key, name in own.items() if name in wanted],
            null_values=MISSING,
        )
        return frame.rename({key: own[key] for key in frame.columns})

    def _loosely(self, block, plain, first_line, kinds):
        """As `_parsed`, cell by cell: of what has blanks around it, or to find what is wrong."""
        rows = [row for _, row in self._rows(block, first_line)]
        columns = list(zip(*rows, strict=True)) or [[]] * len(self.names)
        lines = None

        def fault(row, said):
            nonlocal lines
            lines = lines or [line for line, _ in self._rows(block, first_line)]
            return DataError(f"{self.name}, line {lines[row]}: {said}", self.name, lines[row])

        return pl.DataFrame(
            [typed(self._plain(cells, fault), kinds.get(cells.name, "word"), fault)
             for cells in map(pl.Series, self.names, columns, [pl.String] * len(columns))]
        )  # fmt: skip

    def _plain(self, text, fault=None):
        """A column's cells without signs between thousands."""
        sign = self._signs.get(text.name)
        return text if sign is None else without_sign(text, sign, fault)

    def _rows(self, block, first_line):
        """Line number and cells of each row of a block, which has as many as there are columns."""
        columns, line = len(self.names), first_line
        try:
            for before, row in _cells(block.decode("utf-8", "replace"), self._dialect.separator):
                line = first_line + before
                if len(row) != columns:
                    raise DataError(
                        f"{self.name}, line {line}: {len(row)} columns, the lines before {columns}",
                        self.name,
                        line,
                    )
                yield line, row
        except csv.Error as error:
            raise DataError(f"{self.name}, after line {line}: {error}", self.name, line) from None


def _cells(text, separator):
    """The number of lines before each row that is not blank, and its cells."""
    if separator == " ":
        text = re.sub(r"(?m)^ | $", "", re.sub(r"[ \t]+", " ", text))
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator)
    before = 0
    for row in reader:
        if len(row) > 1 or any(map(str.strip, row)):
            yield before, [cell.strip() for cell in row]
        before = reader.line_num


def _end_of_lines(block):
    """Where the last whole line ends that no quote reaches over."""
    cut = block.rfind(b"\n") + 1
    while cut and block.count(b'"', 0, cut) % 2:
        cut = block.rfind(b"\n", 0, block.rfind(b'"', 0, cut)) + 1
    return cut


def _all_are_wide(block, columns, separator):
    """Whether each line has as many separators as it takes; of quoted cells that is not known."""
    if b'"' in block or separator == " " or b"\n\n" in block or block[:1] == b"\n":
        return False
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == 10)
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    found = np.flatnonzero(data == ord(separator))
    counts = np.diff(np.searchsorted(found, ends), prepend=0)
    return bool((counts == columns - 1).all())


def _wide(row, columns):
    """A row cut or filled to so many cells: what is wrong about it is told when it is read."""
    return (*row[:columns], *[""] * (columns - len(row)))
