"""Tables of recordings in any of the forms that people have them in, read by one reader.

`read_tables` is the door: `opened` opens a table by its kind, `columns` finds out what its columns
are, `rows` gathers its rows by recording on disk, and `cutting` makes recordings of them. `layouts`
reads the forms in which a line is a recording. No module of it imports TensorFlow.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnnzoo.data.readers.tables.columns import Finder
from rnnzoo.data.readers.tables.cutting import recordings_of
from rnnzoo.data.readers.tables.folders import File, beside, files_in, kind_of_file
from rnnzoo.data.readers.tables.har import read_har
from rnnzoo.data.readers.tables.layouts import read_lines
from rnnzoo.data.readers.tables.opened import is_frame, open_file, open_frame
from rnnzoo.data.readers.tables.recordings import Notes, Recordings
from rnnzoo.data.readers.tables.roles import Options
from rnnzoo.data.readers.tables.rows import Gathered
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
        gathered = Gathered(Finder(table, options, wanted=labelled).roles(), table.notes)
        gathered.add(table)
        return recordings_of(gathered, table.name, 0, options, labelled)
    path, notes = Path(source), Notes()
    if path.is_dir():
        if (found := read_har(path)) is not None:
            return found
        files = files_in(path, notes)
    else:
        files = beside(path) if labelled else [File(path, path.name)]
        if len(files) > 1:
            notes.facts["splits"] = f"{files[0].name} to train on, {files[1].name} to test on"
    of_lines = kind_of_file(files[0].path) in (".ts", ".arff")
    if of_lines and (found := read_lines(files, notes)) is not None:
        return found
    return _read_files(path, files, options, notes, labelled)


def _read_files(path, files, options, notes, labelled):
    """Tables of one kind, whose columns are those of the first."""
    one = len(files) == 1
    gathered = roles = None
    for file in files:
        table = open_file(file.path, options.encoding)
        if gathered is None:
            roles = Finder(table, options, wanted=labelled, told=file.label is not None).roles()
            first = table
            notes.layout = (
                table.notes.layout if one else f"{len(files)} files, each {table.notes.layout}"
            )
            gathered = Gathered(roles, notes)
        else:
            table = _like(table, first, roles)
        for key, value in table.notes.facts.items():
            notes.facts.setdefault(key, value)
        for line in table.notes.left_out:
            notes.without(line)
        for line in table.notes.warnings:
            notes.odd(line)
        gathered.add(table, None if one else file.name, file.group, file.label, file.split)
    return recordings_of(gathered, str(path), len(files), options, labelled)


def _like(table, first, roles):
    """A table with the columns of the first one, whatever their order."""
    needed = roles.kinds()
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
