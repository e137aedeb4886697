"""Arrays in .npy and .npz files, mapped into memory rather than read.

What a file says of itself (shapes, types, sizes, places) is held against what is in it before
anything of that size is made.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import struct
import tempfile
import textwrap
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from rnnzoo.data.readers.opening import DAMAGED
from rnnzoo.errors import DataError, WrongValue

_HEAD = 2**14  # bytes that hold any header: NumPy reads none of more than 10,000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of np.savez and of np.savez_compressed


def read_npy(path: Path) -> np.ndarray:
    """The array of an ``.npy`` file, of numbers or strings.

    Raises:
        ValueError: the file is something else, or damaged.
        OSError: it can't be opened.
    """
    with path.open("rb") as file, _named(path):
        return _mapped(file, 0, os.fstat(file.fileno()).st_size)


class Npz(Mapping[str, np.ndarray]):
    """The arrays of an ``.npz`` file by their names, each mapped when it is asked for.

    A member is read through once, to check its sum, and unpacked to the disk if it is compressed.

    Raises:
        ValueError: the file is something else, or damaged; this may be found only when an array is
            asked for.
        OSError: it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._opened() as (archive, _):
            names = [name for name in archive.namelist() if name.endswith(".npy")]
        self._names = dict.fromkeys(name.removesuffix(".npy") for name in names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names:
            raise KeyError(name)
        with self._opened() as (archive, file):
            try:
                return _member(archive, file, archive.getinfo(f"{name}.npy"))
            except DAMAGED as error:
                raise WrongValue(f"{name}: {error}") from None

    @contextlib.contextmanager
    def _opened(self):
        with (
            self._path.open("rb") as file,
            _named(self._path),
            zipfile.ZipFile(file) as archive,
        ):
            yield archive, file


@contextlib.contextmanager
def _named(path):
    """Tells of damage in one kind of error, with the file's path."""
    try:
        yield
    except DAMAGED as error:
        # In short: zipfile quotes what it takes for a name, which may be the whole file.
        reason = textwrap.shorten(str(error), 200, placeholder=" ...") or type(error).__name__
        raise DataError(f"{path} can't be read as an {path.suffix} file: {reason}", path) from None


def _member(archive, file, info):
    if info.compress_type not in _METHODS:
        raise WrongValue(
            f"it is packed by method {info.compress_type}; expected a file of np.savez or "
            "np.savez_compressed"
        )
    stored = info.compress_type == zipfile.ZIP_STORED
    size = 0
    with archive.open(info) as member, tempfile.TemporaryFile() as unpacked:
        while block := member.read(2**20):  # to its end, where zipfile checks the sum
            size += len(block)
            if not stored:
                unpacked.write(block)
        if stored:
            return _mapped(file, _begin_of(info, file), size)
        unpacked.flush()
        return _mapped(unpacked, 0, size)  # gone from the disk when nobody maps it any more


def _begin_of(info, file):
    """Where a stored member's bytes begin in its archive, behind a header with two open lengths."""
    file.seek(info.header_offset + 26)
    name, extra = struct.unpack("<2H", file.read(4))
    return info.header_offset + 30 + name + extra


def _mapped(file, begin, size):
    """The array in that many bytes of a file."""
    file.seek(begin)
    head = io.BytesIO(file.read(min(size, _HEAD)))
    shape, order, dtype = _header(head)
    needed, left = math.prod(shape) * dtype.itemsize, size - head.tell()
    if needed != left:
        raise WrongValue(f"shape {shape} of {dtype} needs {needed:,} bytes, and {left:,} are there")
    if not needed:
        raise WrongValue(f"it is empty: shape {shape} of {dtype}")
    return np.memmap(file, dtype, "r", begin + head.tell(), shape, order)


def _header(head):
    """Shape, order and type of the array whose header these bytes begin with."""
    try:
        major, _ = np.lib.format.read_magic(head)
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        shape, in_fortrans_order, dtype = read[major](head)
    except Exception:  # NumPy parses it as Python, which fails of a damaged one in any way
        raise WrongValue("the header is not one that NumPy writes for numbers or strings") from None
    if dtype.hasobject:
        raise WrongValue(
            "it holds Python objects, which are not read, as they could run code; expected an "
            "array of numbers, or of strings"
        )
    if dtype.kind not in "biufcmMSU" or min(shape, default=1) < 0:
        raise WrongValue(f"it has shape {shape} and type {dtype}; expected numbers or strings")
    order = "F" if in_fortrans_order else "C"
    return tuple(map(int, shape)), order, dtype  # ints, as True is one in Python, too
