"""`rnnzoo predict --out`: a table of answers, a row each, which goes on where it was broken off."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnzoo.errors import RnnzooError, WrongValue
from rnnzoo.files import write_text
from rnnzoo.plugins import natural_key

if TYPE_CHECKING:
    from rnnzoo.tasks import Task


class AnswerTable:
    """A CSV file of answers, written as they come.

    Each batch of rows is written at once. Of a row that was cut off by a kill, nothing stays.
    Beside the file, ``NAME.model`` holds the sum of the model's weights.

    Args:
        path: of the file; what an earlier run wrote there stays.
        columns: what is known of each answer, behind its file and id.
        weights: of the model.

    Attributes:
        mark: the file of that sum.
        answered: by file the ids of the rows that are there, and how many there are of each.

    Raises:
        ValueError: the file is none of this model's.
    """

    def __init__(self, path: Path, columns: Sequence[str], weights: Iterable[Any]) -> None:
        self.path = path
        self.answered: dict[str, Counter[str]] = {}
        self.mark = path.with_name(f"{path.name}.model")
        header = ["file", "id", *columns]
        digest = hashlib.sha256()
        for weight in weights:
            digest.update(weight.tobytes())
        model = digest.hexdigest()
        if not path.exists():
            write_text(self.mark, model)
            write_text(path, _lines([header]))
            return
        rows = _rows_of(path)
        known = self.mark.read_text() if self.mark.is_file() else None
        if known != model or rows[:1] != [_cells(header)]:
            raise WrongValue(
                f"{path} holds something else than answers of this model: choose another --out, or "
                "remove it"
            )
        for file, name, *_ in rows[1:]:
            self.answered.setdefault(file, Counter())[name] += 1

    def __len__(self) -> int:
        return sum(map(Counter.total, self.answered.values()))

    def add(self, file: str, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of id and answer of a file."""
        with self.path.open("ab", buffering=0) as table:
            table.write(_lines((file, *row) for row in rows).encode())
            os.fsync(table.fileno())
        ids = Counter(_cells(row)[0] for row in rows)
        self.answered.setdefault(_cells([file])[0], Counter()).update(ids)

    def ids(self, file: str) -> Counter[str]:
        """Those of a file's rows that are there, and how many there are of each."""
        return self.answered.get(_cells([file])[0], Counter())


def _cells(row):
    """As they stand in the file: a row is a line."""
    return [" ".join(str(cell).split()) for cell in row]


def _lines(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(_cells, rows))
    return text.getvalue()


def _rows_of(path):
    """The rows of a file, of which what was cut off is removed."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return list(csv.reader(whole.decode(errors="replace").splitlines()))


def files_in(path: str) -> Iterator[str]:
    """A file itself; of a folder all files in it, in natural order, but hidden ones."""
    if not Path(path).is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted((f for f in folders if not f.startswith(".")), key=natural_key)
        for file in sorted((f for f in files if not f.startswith(".")), key=natural_key):
            yield str(Path(folder) / file)


def write_answers(
    model: Task, paths: Sequence[str], out: Path, columns: Mapping[str, str]
) -> Iterator[str]:
    """Write what a model answers to files and folders; gives lines that say how far it is.

    Args:
        model: a task that has `answer_rows`.
        paths: of the files and folders.
        out: the table's.
        columns: what the user says of a table of recordings.

    Raises:
        ValueError: `out` is none of this model's, or no file could be read.
    """
    table = AnswerTable(out, model.answer_columns, model.get_weights())
    if len(table):
        yield f"{out} goes on behind {len(table):,} rows"
    own = (out.resolve(), table.mark.resolve())
    files = [f for path in paths for f in files_in(path) if Path(f).resolve() not in own]
    unreadable = new = 0
    for file in files:
        try:
            for rows in model.answer_rows(file, table.ids(file), **columns):
                table.add(file, rows)
                new += len(rows)
        except (RnnzooError, OSError) as error:
            unreadable += 1
            print(f"rnnzoo: skipped {file}: {' '.join(str(error).split())}", file=sys.stderr)
    if unreadable == len(files):
        raise WrongValue(f"none of {len(files):,} files could be read")
    skipped = f", {unreadable:,} of {len(files):,} files skipped" if unreadable else ""
    yield f"{out}: {len(table):,} rows, {new:,} of them new{skipped}"
