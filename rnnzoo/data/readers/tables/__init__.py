"""Tables of recordings in any of the forms that people have them in, read by one reader.

`read_tables` is the door: `opened` opens a table by its kind, `finding` tells what its columns are,
`rows` gathers its rows by recording on disk, and `cutting` makes recordings of them. `lines` reads
the forms in which a line is a recording, `wide` the tables in which a row is one. No module of it
imports TensorFlow.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from rnnzoo.data.readers.tables.columns import Columns
from rnnzoo.data.readers.tables.cutting import recordings_of
from rnnzoo.data.readers.tables.finding import find_roles
from rnnzoo.data.readers.tables.folders import File, beside, files_in, kind_of_file
from rnnzoo.data.readers.tables.har import read_har
from rnnzoo.data.readers.tables.lines import read_lines
from rnnzoo.data.readers.tables.opened import is_frame, open_file, open_frame
from rnnzoo.data.readers.tables.recordings import Notes, Recordings
from rnnzoo.data.readers.tables.roles import Options
from rnnzoo.data.readers.tables.rows import Gathered
from rnnzoo.data.readers.tables.wide import HINT, find_wide
from rnnzoo.data.readers.tables.wide_rows import WideRows
from rnnzoo.errors import DataError

__all__ = ["Options", "Recordings", "is_frame", "read_tables"]


def read_tables(source: Any, options: Options, *, labelled: bool = True) -> Recordings:
    """The recordings of a table, or of a folder of them.

    Args:
        source: a path, or a frame of polars or pandas, or a table of pyarrow.
        options: what the user says of it.
        labelled: whether recordings are cut where their class changes, and a file that is one split
            is read with the others; False: a file is taken as it is.

    Raises:
        ValueError: it is none, is damaged, or can be read in several ways.
        OSError: it can't be opened.
    """
    if is_frame(source):
        table = open_frame(source)
        return _read([(table, None)], table.name, 0, options, table.notes, labelled)
    path, notes = Path(source), Notes()
    if path.is_dir():
        if (found := read_har(path, options)) is not None:
            return found
        files = files_in(path, notes)
    else:
        files = beside(path) if labelled else [File(path, path.name)]
        if len(files) > 1:
            notes.facts["splits"] = f"{files[0].name} to train on, {files[1].name} to test on"
    of_lines = kind_of_file(files[0].path) in (".ts", ".arff")
    if of_lines and (found := read_lines(files, options, notes, labelled)) is not None:
        return found
    encoding = options.encoding or options.known.get("encoding")
    tables = ((open_file(file.path, encoding), file) for file in files)
    return _read(tables, str(path), len(files), options, notes, labelled)


def _read(tables, source, count, options, notes, labelled):
    """Tables of one kind, whose columns are those of the first; in error, how to say what it is."""
    first = rows = None
    try:
        for table, file in tables:
            if first is None:
                first = table
                rows, kinds, finish = _gatherer(table, file, options, notes, labelled)
                layout = table.notes.layout
                notes.layout = layout if count < 2 else f"{count} files, each {layout}"
            else:
                table = _like(table, first, kinds)
            _join(notes, table.notes)
            if file is None:
                rows.add(table)
            else:
                name = file.name if count > 1 else None
                rows.add(table, name, file.group, file.label, file.split)
        return finish(source, count)
    except DataError as error:
        if first is None or HINT not in first.notes.warnings:
            raise
        raise DataError(f"{error}; or, {HINT}", error.file, error.line) from None


def _gatherer(table, file, options, notes, labelled):
    """What takes the rows of tables like the first one, their kinds, and what makes recordings."""
    columns = Columns(table, options, file is not None and file.label is not None)
    if (wide := find_wide(columns)) is not None:
        rows = WideRows(wide, notes, labelled, options.interval)
        return rows, wide.kinds(), rows.recordings
    gathered = Gathered(find_roles(columns, labelled), notes)
    finish = partial(recordings_of, gathered, options=options, by_label=labelled)
    return gathered, gathered.roles.kinds(), finish


def _join(notes, more):
    """Join the notes of a table to those of all."""
    for key, value in more.facts.items():
        notes.facts.setdefault(key, value)
    for line in more.left_out:
        notes.without(line)
    for line in more.warnings:
        notes.odd(line)


def _like(table, first, needed):
    """A table with the columns of the first one, whatever their order."""
    if table.headed != first.headed or not table.headed:
        if len(table.names) != len(first.names):
            raise DataError(
                f"{table.name} has {len(table.names)} columns, the files before it "
                f"{len(first.names)}",
                table.name,
            )
        if table.headed != first.headed:
            table.notes.odd("some files have a line of names, some have none: read by their order")
        table.call(first.names)
        return table
    if missing := [name for name in needed if name not in table.names]:
        raise DataError(
            f"{table.name} has no column {', '.join(map(repr, missing))}, which {first.name} has; "
            f"its columns are {', '.join(map(repr, table.names[:30]))}",
            table.name,
        )
    if more := [name for name in table.names if name not in first.names]:
        table.notes.without(f"column(s) {', '.join(map(repr, more))}, which {first.name} lacks")
    if table.names != first.names:
        table.notes.facts["columns"] = "not in the same order in all files; read by their names"
    return table
