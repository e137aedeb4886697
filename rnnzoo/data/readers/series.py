"""Sequences of measurements in the user's files: .npz, .npy, .csv, and folders of CSV files."""

from __future__ import annotations

import array
import os
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rnnzoo.data.readers.arrays import Npz, read_npy
from rnnzoo.errors import DataError


def read_recordings(path: str | os.PathLike) -> Sequence:
    """The sequences of a file without labels, arrays (time, ...).

    Args:
        path: as `rnnzoo.load_series` tells, a ``.csv`` file of one, or an ``.npz`` file with ``x``
            and, as needed, ``lengths``; or an ``.npy`` file of one (time, channels) or several
            (examples, time, channels).

    Raises:
        ValueError: the file holds something else.
        FileNotFoundError: there is none.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    if path.suffix.lower() == ".csv":
        return _CsvFiles([path])
    if path.suffix.lower() == ".npy":
        x = read_npy(path)
        if x.dtype.kind not in "fiu" or x.ndim < 2:
            raise DataError(
                f"{path} holds an array of shape {x.shape} and type {x.dtype}; expected numbers "
                "(time, channels) or (examples, time, channels)",
                path,
            )
        return _Rows(x[None] if x.ndim in (2, 4) else x)
    if path.suffix.lower() == ".npz":
        arrays = _arrays(path, needed={"x"})
        return _pieces(path, arrays["x"], arrays.get("lengths"))
    raise DataError(f"{path}: expected a file whose name ends in .csv, .npy or .npz", path)


def read_folder(folder: Path) -> tuple[Sequence, np.ndarray, None]:
    """The sequences of a folder with a folder of CSV files for each class, and their labels.

    Raises:
        ValueError: there are none, or a file holds something else.
    """
    classes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    files = {
        of_class: sorted(file for file in of_class.iterdir() if file.suffix.lower() == ".csv")
        for of_class in classes
    }
    paths = [file for of_class in files.values() for file in of_class]
    if paths and not all(files.values()):
        empty = ", ".join(of_class.name for of_class, found in files.items() if not found)
        raise DataError(f"{folder} holds no CSV files of the class {empty}", folder)
    if not paths:
        raise DataError(
            f"{folder} holds no folder of CSV files; expected one for each class, named after it",
            folder,
        )
    return _CsvFiles(paths), np.array([path.parent.name for path in paths]), None


def read_npz(path: Path) -> tuple[Sequence, np.ndarray, np.ndarray | None]:
    """The sequences of a file, their labels, and whose they are, if that is known.

    Raises:
        ValueError: the file holds something else.
    """
    arrays = _arrays(path, needed={"x", "y"})
    y, subjects = _decoded(path, "y", arrays["y"]), arrays.get("subject")
    if y.ndim != 1 or y.dtype.kind not in "iuU" or not len(y):
        raise DataError(
            f"{path}: y has shape {y.shape} and type {y.dtype}; expected (examples,) of ints or "
            "strings",
            path,
        )
    if subjects is not None:
        if subjects.shape != y.shape:
            raise DataError(f"{path}: subject has shape {subjects.shape}, y {y.shape}", path)
        subjects = _decoded(path, "subject", subjects).astype(str)
    x = _pieces(path, arrays["x"], arrays.get("lengths"))
    if len(x) != len(y):
        raise DataError(
            f"{path}: x and lengths make {len(x)} examples, y has shape {y.shape}", path
        )
    return x, y, subjects


# --- sequences that are read when they are asked for ----------------------------------------------


class _Pieces(Sequence):
    """Consecutive pieces of an array (total steps, ...)."""

    def __init__(self, steps, ends):
        self._steps = steps
        self._ends = ends

    def __len__(self):
        return len(self._ends)

    def __getitem__(self, i):
        begin = self._ends[i - 1] if i else 0
        return _as_numbers(self._steps[begin : self._ends[i]])


class _Rows(Sequence):
    """The entries of an array (examples, time, ...)."""

    def __init__(self, x):
        self._x = x

    def __len__(self):
        return len(self._x)

    def __getitem__(self, i):
        return _as_numbers(self._x[i])


class _CsvFiles(_Pieces):
    """Files, each parsed once, to where it is on disk, gone when nobody maps it any more."""

    def __init__(self, paths):
        ends, columns = [0], None
        with tempfile.TemporaryFile() as file:
            for path in paths:
                x = _read_csv(path)
                columns = columns or x.shape[1]
                if x.shape[1] != columns:
                    raise DataError(
                        f"{path} has {x.shape[1]} columns, the files before it {columns}", path
                    )
                file.write(x)
                ends.append(ends[-1] + len(x))
            file.flush()
            steps = np.memmap(file, np.float32, "r", shape=(ends[-1], columns))
        super().__init__(steps, ends[1:])
        self._paths = paths

    def where(self, i):
        return str(self._paths[i])


# --- one file -------------------------------------------------------------------------------------


def _read_csv(path):
    """(time, channels) of a file."""
    numbers, columns = array.array("f"), None
    with path.open(encoding="utf-8-sig", errors="replace") as lines:  # names may be in any encoding
        for number, line in enumerate(lines, 1):
            cells = line.strip().split(",")
            if cells == [""]:
                continue
            try:
                row = [float(cell) for cell in cells]
            except ValueError as error:
                if number == 1:
                    continue  # names
                raise DataError(f"{path}, line {number}: {error}", path, number) from None
            columns = columns or len(row)
            if len(row) != columns:
                raise DataError(
                    f"{path}, line {number}: {len(row)} columns, the lines before {columns}",
                    path,
                    number,
                )
            numbers.extend(row)
    if not numbers:
        raise DataError(f"{path} holds no line of numbers", path)
    return np.frombuffer(numbers, np.float32).reshape(-1, columns)


def _arrays(path, needed):
    arrays = Npz(path)
    if missing := needed - arrays.keys():
        names = textwrap.shorten(", ".join(sorted(arrays)), 200, placeholder="...") or "none"
        raise DataError(
            f"{path} holds the arrays {names}, no "
            f"{' and no '.join(sorted(missing))}; "
            "expected x, y and, as needed, lengths and subject",
            path,
        )
    return arrays


def _pieces(path, x, lengths):
    """The sequences that x (examples, time, ...), or (total steps, ...) with lengths, holds."""
    if x.dtype.kind not in "fiu":
        raise DataError(f"{path}: x has type {x.dtype}; expected numbers", path)
    if lengths is None:
        if x.ndim < 3:
            raise DataError(
                f"{path}: x has shape {x.shape}; expected (examples, time, channels), or (total "
                "steps, channels) with lengths (examples,)",
                path,
            )
        return _Rows(x)
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        raise DataError(
            f"{path}: lengths has shape {lengths.shape} and type {lengths.dtype}; expected "
            "(examples,) of ints",
            path,
        )
    if x.ndim < 2 or lengths.min() < 1 or lengths.max() > len(x) or lengths.sum() != len(x):
        raise DataError(
            f"{path}: x has shape {x.shape}, lengths shape {lengths.shape} and sum "
            f"{lengths.sum()}; expected lengths (examples,) above 0 that add up to the time steps "
            "of x (total steps, channels)",
            path,
        )
    return _Pieces(x, np.cumsum(lengths))


def _decoded(path, name, labels):
    """Bytes as strings; all else as it is."""
    if labels.dtype.kind == "S":
        return np.char.decode(labels, "utf-8", "backslashreplace")
    if labels.dtype.kind == "U":
        try:
            "".join(labels.flat).encode()
        except ValueError as error:  # four bytes each, of which not all stand for a character
            raise DataError(f"{path}: {name} holds what is no text: {error}", path) from None
    return labels


def _as_numbers(x):
    """As the models read them: bytes of pictures as they are, all else as float32."""
    if x.dtype == np.uint8:
        return np.asarray(x)
    with np.errstate(over="ignore", invalid="ignore"):  # the infinite is found and named later
        return np.asarray(x, np.float32)
