"""Sequences of measurements in the user's files: .npz, .npy, .csv, and folders of CSV files."""

from __future__ import annotations

import array
import os
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

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
    if path.suffix == ".csv":
        return _CsvFiles([path])
    if path.suffix == ".npy":
        try:
            x = np.lib.format.open_memmap(path, mode="r")
        except ValueError as error:
            raise DataError(f"{path} is not an .npy file of numbers: {error}", path) from None
        if x.dtype.kind not in "fiu" or x.ndim < 2:
            raise DataError(
                f"{path} holds an array of shape {x.shape} and type {x.dtype}; expected numbers "
                "(time, channels) or (examples, time, channels)",
                path,
            )
        return _Rows(x[None] if x.ndim in (2, 4) else x)
    if path.suffix == ".npz":
        arrays = _arrays(path, needed={"x"})
        return _pieces(path, arrays["x"], arrays.get("lengths"))
    raise DataError(f"{path}: expected a file whose name ends in .csv, .npy or .npz", path)


def read_folder(folder: Path) -> tuple[Sequence, np.ndarray, None]:
    """The sequences of a folder with a folder of CSV files for each class, and their labels.

    Raises:
        ValueError: there are none, or a file holds something else.
    """
    classes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    paths = [file for of_class in classes for file in sorted(of_class.glob("*.csv"))]
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
    y, subjects = _decoded(arrays["y"]), arrays.get("subject")
    if y.ndim != 1 or y.dtype.kind not in "iuU" or not len(y):
        raise DataError(
            f"{path}: y has shape {y.shape} and type {y.dtype}; expected (examples,) of ints or "
            "strings",
            path,
        )
    if subjects is not None:
        if subjects.shape != y.shape:
            raise DataError(f"{path}: subject has shape {subjects.shape}, y {y.shape}", path)
        subjects = _decoded(subjects).astype(str)
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
    try:
        with zipfile.ZipFile(path) as archive:
            names = {
                name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")
            }
            if missing := needed - names:
                raise DataError(
                    f"{path} holds the arrays {', '.join(sorted(names)) or 'none'}, no "
                    f"{' and no '.join(sorted(missing))}; expected x, y and, as needed, lengths "
                    "and subject",
                    path,
                )
            return {
                name: _array(archive, path, name)
                for name in names & {"x", "y", "lengths", "subject"}
            }
    except (zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} is not an .npz file: {error}", path) from None


def _pieces(path, x, lengths):
    """The sequences that x (examples, time, ...), or (total steps, ...) with lengths, holds."""
    if x.dtype.kind not in "fiu":
        raise DataError(f"{path}: x has type {x.dtype}; expected numbers", path)
    if lengths is None:
        if x.ndim < 3 or x.shape[1] == 0:
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
    if x.ndim < 2 or not len(lengths) or lengths.min() < 1 or int(lengths.sum()) != len(x):
        raise DataError(
            f"{path}: x has shape {x.shape}, lengths shape {lengths.shape} and sum "
            f"{lengths.sum()}; expected lengths (examples,) above 0 that add up to the time steps "
            "of x (total steps, channels)",
            path,
        )
    return _Pieces(x, np.cumsum(lengths))


def _array(archive, path, name):
    """An array of an archive, mapped into memory rather than read."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
        shape, fortran_order, dtype = read_header(member)
        if dtype.hasobject:
            raise DataError(
                f"{path}: {name} holds Python objects, which are not read, as they could run code; "
                "expected an array of numbers, or of strings",
                path,
            )
        order = "F" if fortran_order else "C"
        if not all(shape):
            return np.zeros(shape, dtype)
        offset = member.tell()
        if info.compress_type == zipfile.ZIP_STORED:
            file, offset = path.open("rb"), offset + _begin_of(info, path)
        else:
            # Unpacked to where it is on disk, gone when nobody maps it any more.
            file, offset = tempfile.TemporaryFile(), 0  # noqa: SIM115  closed below
            while block := member.read(2**20):
                file.write(block)
            file.flush()
    with file:
        return np.memmap(file, dtype, "r", offset, shape, order)


def _begin_of(info, path):
    """Where a stored member's bytes begin in its archive, behind a header with two open lengths."""
    with path.open("rb") as file:
        file.seek(info.header_offset + 26)
        name, extra = np.frombuffer(file.read(4), "<u2").tolist()
    return info.header_offset + 30 + name + extra


def _decoded(labels):
    """Bytes as strings; all else as it is."""
    return (
        np.char.decode(labels, "utf-8", "backslashreplace") if labels.dtype.kind == "S" else labels
    )


def _as_numbers(x):
    """As the models read them: bytes of pictures as they are, all else as float32."""
    return np.asarray(x) if x.dtype == np.uint8 else np.asarray(x, np.float32)
