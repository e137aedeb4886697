"""A user's file, opened: unpacked and decoded by what its bytes say, not by what its name does."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import struct
import textwrap
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from rnnzoo.data.readers.encodings import HEAD, encoding_of, encoding_of_file
from rnnzoo.errors import DataError

# What the packers' modules raise of a damaged or encrypted archive.
DAMAGED = (
    ValueError, OSError, OverflowError, RuntimeError, EOFError, struct.error, zlib.error,
    lzma.LZMAError, zipfile.BadZipFile,
)  # fmt: skip

_PACKED = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bzip2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "zip": re.compile(rb"PK(\x03\x04|\x05\x06)"),
}


# --- bytes ----------------------------------------------------------------------------------------


def open_binary(path: str | os.PathLike[str]) -> BinaryIO:
    """The bytes of a file, unpacked if they are gzip, bzip2, xz, zstd or a zip of one file.

    Raises:
        ValueError: an archive of several files, or one that can't be unpacked; damage may be found
            only on reading on.
        OSError: it can't be opened.
    """
    file = open(path, "rb")  # noqa: SIM115 (who called closes it)
    packing = _packing(file.peek(10)[:10])
    if packing is None:
        return file
    try:
        return io.BufferedReader(_Unpacked(file, path, packing), 2**17)
    except DAMAGED as error:
        file.close()
        raise _damaged(path, packing, error) from None


def _packing(head):
    return next((name for name, magic in _PACKED.items() if magic.match(head)), None)


class _Unpacked(io.RawIOBase):
    """What is in an archive; whatever its module raises of damage becomes one kind of error."""

    def __init__(self, file, path, packing):
        self._path, self._packing = path, packing
        self._outer = file
        self._file = _UNPACK[packing](file, path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._file.read(len(buffer))
        except DAMAGED as error:
            raise _damaged(self._path, self._packing, error) from None
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._outer.close()
        super().close()


def _damaged(path, packing, error):
    if isinstance(error, DataError):
        return error
    reason = textwrap.shorten(str(error), 200, placeholder=" ...") or type(error).__name__
    return DataError(f"{path} is packed by {packing}, and can't be unpacked: {reason}", path)


def _zip_member(file, path):
    archive = zipfile.ZipFile(file if file.seekable() else io.BytesIO(file.read()))
    # macOS lays a folder of its own beside what it packs.
    names = [
        name
        for name in archive.namelist()
        if not name.endswith("/") and not name.startswith(("__MACOSX/", "."))
    ]
    if len(names) != 1:
        found = textwrap.shorten(", ".join(map(ascii, names)), 120, placeholder=" ...") or "none"
        raise DataError(
            f"{path} is a zip of {len(names)} files ({found}); expected one: unpack it, and give "
            "what is to be read",
            path,
        )
    return archive.open(names[0])


def _zstd(file, path):
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise DataError(
            f"{path} is packed by zstd, which is unpacked by pyarrow; install that, or unpack it",
            path,
        ) from None
    return pyarrow.input_stream(pyarrow.PythonFile(file, "r"), compression="zstd")


_UNPACK: dict[str, Any] = {
    "gzip": lambda file, path: gzip.GzipFile(fileobj=file),
    "bzip2": lambda file, path: bz2.BZ2File(file),
    "xz": lambda file, path: lzma.LZMAFile(file),  # noqa: SIM115
    "zstd": _zstd,
    "zip": _zip_member,
}


# --- text -----------------------------------------------------------------------------------------


def read_text(
    path: str | os.PathLike[str], encoding: str | None = None
) -> tuple[str, dict[str, str]]:
    r"""The text of a file, packed or not, and what was found out about it.

    All line ends are ``\n``, and a byte order mark is taken off. Text is UTF-8, with or without a
    mark, or UTF-16 or UTF-32, with or without one; of other text the encoding is guessed by
    charset-normalizer, which the facts tell.

    Args:
        path: of a file.
        encoding: of the text, such as ``"cp1252"``, instead of what it looks like.

    Returns:
        The text, and facts for a `Reading`: ``packed`` and ``encoding``, each only where it is not
        the usual one.

    Raises:
        ValueError: it is no text, or not in that encoding; the archive is damaged; there is no such
            encoding.
        OSError: it can't be opened.
    """
    with open_binary(path) as file:
        data = file.read()
    text, facts = decode(data, path, encoding)
    return text, _packed(path) | facts


def decode(
    data: bytes, name: str | os.PathLike[str], encoding: str | None = None
) -> tuple[str, dict[str, str]]:
    r"""As `read_text`, of bytes at hand; `name` says in an error whose they are.

    >>> decode("naïve\r\n".encode("utf-16"), "a.txt")
    ('naïve\n', {'encoding': 'UTF-16'})
    """
    codec, facts = encoding_of(data, name, encoding)
    try:
        text = data.decode(codec)
    except UnicodeError as error:
        raise _undecodable(error, name, codec, facts, 0) from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Where files were put together, marks stand at the begin of others, too.
    return text.removeprefix("\ufeff").replace("\n\ufeff", "\n"), facts


class Lines:
    r"""The lines of a file without their ends, read as they are asked for, each time anew.

    Lines end at newlines alone: a sentence may hold others of those that Unicode knows. In a file
    without any, they end at ``\r``, as they did once.

    Args:
        path, encoding: as `read_text` takes them.

    Attributes:
        facts: as `read_text` returns them.

    Raises:
        ValueError, OSError: as `read_text` does, and on reading on, with the line.
    """

    def __init__(self, path: str | os.PathLike[str], encoding: str | None = None) -> None:
        self.path = Path(path)
        with open_binary(path) as file:
            self._codec, facts = encoding_of_file(file, path, encoding)
        self.facts = _packed(path) | facts
        with open_binary(path) as file:
            head = file.read(HEAD).decode(self._codec, "ignore")
        self._end = "\r" if "\r" in head and "\n" not in head else "\n"

    def __iter__(self) -> Iterator[str]:
        number = 0
        with (
            open_binary(self.path) as file,
            io.TextIOWrapper(file, self._codec, newline=self._end) as lines,
        ):
            try:
                for line in lines:
                    number += 1
                    yield line.rstrip("\r\n").removeprefix("\ufeff")
            except UnicodeError as error:
                raise _undecodable(error, self.path, self._codec, self.facts, number) from None


def _packed(path):
    with open(path, "rb") as file:
        packing = _packing(file.read(10)) if file.seekable() else None
    return {"packed": packing} if packing else {}


def _undecodable(error, name, codec, facts, lines_before):
    """What to raise of bytes that are not as they were taken for."""
    number, found = lines_before + 1, str(error)
    if isinstance(error, UnicodeDecodeError):
        number += error.object[: error.start].decode(codec, "ignore").count("\n")
        found = f"byte {error.object[error.start]:#04x}, {error.reason}"
    said = facts.get("encoding", "UTF-8")
    return DataError(
        f"{name}, line {number}: not {said} ({found}); save the file as UTF-8, or name its "
        "encoding (--encoding, in Python encoding=)",
        name,
        number,
    )
