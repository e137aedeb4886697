"""What commands refuse before they import TensorFlow: missing files, numbers out of range."""

from __future__ import annotations

import argparse
import errno
from collections.abc import Callable
from pathlib import Path


def must_exist(path: str) -> None:
    """Raise a FileNotFoundError if there is neither a file nor a folder."""
    if not Path(path).exists():
        raise FileNotFoundError(errno.ENOENT, "there is no such file or folder", path)


def number(
    kind: type, expected: str, holds: Callable[[float], bool]
) -> Callable[[str], int | float]:
    """The type of an argument: a number for which something holds.

    >>> number(int, "a whole number of at least 0", lambda n: n >= 0)("7")
    7
    """

    def read(text: str) -> int | float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not holds(value):
            raise argparse.ArgumentTypeError(f"{text}: expected {expected}")
        return value

    return read
