"""The user's UTF-8 text: files and folders, and lines."""

from __future__ import annotations

import os
from pathlib import Path

from rnnzoo.errors import DataError


def read_text(path: Path) -> tuple[str, int]:
    """The text of a file, or of all files of a folder, joined by newlines; and their number.

    Raises:
        ValueError: there is none, or a file is not UTF-8.
    """
    paths = _files_of(path)
    text = "\n".join(_read_utf8(file) for file in paths)
    if not text.strip():
        raise DataError(f"{path} holds no text; expected UTF-8 text", path)
    return text, len(paths)


def _files_of(path):
    if not path.is_dir():
        return [path]
    found = [
        file
        for file in path.rglob("*")
        if file.is_file() and not any(p.startswith(".") for p in file.relative_to(path).parts)
    ]
    if not found:
        raise DataError(f"the folder {path} holds no files; expected UTF-8 text files", path)
    return sorted(found, key=lambda file: file.relative_to(path).parts)


def _read_utf8(path):
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8 text: byte {data[error.start]:#04x} at offset {error.start} "
            f"({error.reason}); convert it to UTF-8 or leave it out",
            path,
        ) from None
    # As Python's text mode has it: one kind of line end; and no mark of the byte order.
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def decoded(text: bytes, name: str | os.PathLike) -> str:
    """UTF-8 text, with or without a BOM; `name` says in an error whose it is.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = text.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{name}, line {number}: not UTF-8 ({error.reason}); save the file as UTF-8",
            name,
            number,
        ) from None


def lines_of(text: bytes, name: str | os.PathLike) -> list[str]:
    r"""The lines of what `decoded` takes.

    Lines end at newlines alone: a sentence may hold others of those that Unicode knows.

    >>> lines_of(b"one\r\n\ntwo\n", "a.txt")
    ['one', '', 'two']
    """
    lines = decoded(text, name).removesuffix("\n").split("\n")
    return [line.removesuffix("\r") for line in lines]
