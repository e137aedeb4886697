"""`rnnzoo predict --out`: a table of answers, a row each, which goes on where it was broken off."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rnnzoo.errors import RnnzooError, WrongValue
from rnnzoo.files import write_text
from rnnzoo.plugins import natural_key

if TYPE_CHECKING:
    from rnnzoo.tasks import Task

T = TypeVar("T")


class Skipped:
    """Files that could not be read: each is named on stderr, and the others are read.

    Attributes:
        files: their paths.
    """

    def __init__(self) -> None:
        self.files: list[str] = []

    def where_unreadable(self, file: str, answer: Callable[[], Iterable[T]]) -> Iterator[T]:
        """The answers to a file, up to an error that the user can mend: it is this file's alone.

        What goes wrong where they are taken, such as a full disk, is no fault of the file's.
        """
        try:
            yield from answer()
        except (RnnzooError, OSError) as error:
            self.files.append(file)
            print(f"rnnzoo: skipped {file}: {' '.join(str(error).split())}", file=sys.stderr)

    def check(self, files: Sequence[str]) -> None:
        """Raise a ValueError if that is all of the files."""
        if files and len(self.files) == len(files):
            raise WrongValue(f"none of {len(files):,} files could be read")


class AnswerTable:
    """A CSV file of answers, written as they come.

    Each batch of rows is written at once, the first one with the line of names. Of a batch that the
    disk has no room for, and of a row that was cut off by a kill, nothing stays. Beside the
    file, ``NAME.model`` holds what tells the model.

    Args:
        path: of the file; what an earlier run wrote there stays.
        columns: what is known of each answer, behind its file and id. With the first one's name
            "group", group and id together tell the answers to a file apart.
        model: what tells the model and how it reads, see `mark_of`.

    Attributes:
        mark: the file of that.
        answered: by file the names of what has a row, "group/id" or id, and how many rows each has.

    Raises:
        ValueError: the file is none of this model's.
        FileNotFoundError: there is no folder to write it to.
    """

    def __init__(self, path: Path, columns: Sequence[str], model: str) -> None:
        self.path = path
        self.answered: dict[str, Counter[str]] = {}
        self.mark = path.with_name(f"{path.name}.model")
        self._model = model
        self._header = ["file", "id", *columns]
        if not path.parent.is_dir():
            raise FileNotFoundError(f"{path.parent}: there is no such folder to write to")
        if not path.exists():
            return
        content = path.read_bytes()
        whole = content[: _end_of_rows(content)]
        rows = _rows_of(whole)
        known = self.mark.read_text() if self.mark.is_file() else None
        if known != model or rows[:1] != [self._header]:
            raise WrongValue(
                f"{path} holds something else than answers of this model, read in this way: choose "
                "another --out, or remove it"
            )
        if len(whole) < len(content):
            os.truncate(path, len(whole))
        for file, *row in rows[1:]:
            self.answered.setdefault(file, Counter())[self._name(row)] += 1

    def __len__(self) -> int:
        return sum(map(Counter.total, self.answered.values()))

    def begin(self) -> None:
        """Write the line of names, unless it is there."""
        if not self.path.exists():
            with self._unwritable():
                write_text(self.mark, self._model)
                write_text(self.path, _lines([self._header]))

    def add(self, file: str, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of id and answer of a file.

        Raises:
            OSError: they can't be written, such as to a full disk; none of them is.
        """
        self.begin()
        left = memoryview(_lines((file, *row) for row in rows).encode(errors="surrogateescape"))
        with self._unwritable(), self.path.open("ab", buffering=0) as table:
            end = table.tell()
            try:
                while left:  # the system may write a part, and tell the error by the next
                    left = left[table.write(left) :]
                os.fsync(table.fileno())
            except OSError:
                table.truncate(end)
                raise
        self.answered.setdefault(file, Counter()).update(map(self._name, rows))

    @contextmanager
    def _unwritable(self) -> Iterator[None]:
        """Have an error name the table, and say what to do."""
        try:
            yield
        except OSError as error:
            why = f"{error.strerror}; mended, the same command goes on behind the last row"
            raise OSError(error.errno, why, str(self.path)) from error

    def _name(self, row):
        """What tells a row of a file, [id, ...], from the others."""
        group = row[1] if self._header[2:3] == ["group"] else ""
        return "/".join(filter(None, (group, str(row[0]))))


def mark_of(model: Task, columns: Mapping[str, Any]) -> str:
    """What differs where answers may: a sum of the model's weights and settings, and of columns.

    Args:
        model: the names of its layers do not count, which Keras numbers anew in each process.
        columns: what the user says of a table of recordings.
    """
    settings = [_without_names(model.get_config()), dict(columns)]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    for weight in model.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()


def _without_names(config):
    """A config without the names of layers."""
    if isinstance(config, dict):
        layer = "trainable" in config
        return {k: _without_names(v) for k, v in config.items() if k != "name" or not layer}
    return [_without_names(v) for v in config] if isinstance(config, list) else config


def _lines(rows):
    """Rows as CSV: what is in quotes stands there as it is."""
    return "".join(",".join(_cell(str(cell)) for cell in row) + "\n" for row in rows)


def _cell(text):
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]|^\s|\s$', text) else text


def _end_of_rows(content):
    """Where the last whole row ends: at a line's end that is not within quotes."""
    end = len(content)
    while (end := content.rfind(b"\n", 0, end)) >= 0:
        if content.count(b'"', 0, end) % 2 == 0:
            return end + 1
    return 0


def _rows_of(content):
    text = content.decode(errors="surrogateescape")
    return list(csv.reader(io.StringIO(text, newline="")))


def files_in(path: str) -> Iterator[str]:
    """A file itself; of a folder all files in it, in natural order, but hidden ones."""
    if not os.path.isdir(path):  # of a long sentence, which is no path, Path would raise an error
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted((f for f in folders if not f.startswith(".")), key=natural_key)
        for file in sorted((f for f in files if not f.startswith(".")), key=natural_key):
            yield str(Path(folder) / file)


def write_answers(
    model: Task, paths: Sequence[str], out: Path, reading: Mapping[str, Any], skipped: Skipped
) -> Iterator[str]:
    """Write what a model answers to files and folders; gives lines that say how far it is.

    Args:
        model: a task that has `answer_rows`.
        paths: of the files and folders.
        out: the table's. Nothing is written before the first answer.
        reading: how files are read, as `answer_rows` takes it.
        skipped: what can't be read joins it.

    Raises:
        ValueError: `out` is none of this model's, or no file could be read.
        FileNotFoundError: there is no folder to write it to.
        OSError: it can't be written, such as to a full disk.
    """
    columns = model.answer_columns
    columns = columns(reading) if callable(columns) else columns
    table = AnswerTable(out, columns, mark_of(model, reading))
    if there := len(table):
        yield f"{out} goes on behind {there:,} rows"
    own = (out.resolve(), table.mark.resolve())
    files = [f for path in paths for f in files_in(path) if Path(f).resolve() not in own]
    for file in files:
        answered = table.answered.get(file, Counter())
        answer = partial(model.answer_rows, file, answered, **reading)
        for rows in skipped.where_unreadable(file, answer):
            table.add(file, rows)
    skipped.check(files)
    table.begin()  # also where nothing was asked
    unread = len(skipped.files)
    left_out = f", {unread:,} of {len(files):,} files skipped" if unread else ""
    yield f"{out}: {len(table):,} rows, {len(table) - there:,} of them new{left_out}"
