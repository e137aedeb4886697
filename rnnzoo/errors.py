"""What rnnzoo raises where the user can mend it: settings, options, files, packages to install.

Each is a Python error, too, so that ``except ValueError`` and its likes go on to work::

    RnnzooError
        WrongValue       a ValueError: an argument, option or setting out of what is expected
            DataError    in the user's file: which, and the line
                MissingColumn    a table has no such column
        WrongType        a TypeError: an argument of another kind
        MissingPackage   an ImportError: what to install

A plain ValueError or TypeError out of rnnzoo is a fault of rnnzoo, and so the command line shows
it. Where the system is at fault (no such file, no network, no memory), errors stay Python's own:
OSError, MemoryError, and FloatingPointError where a loss diverges.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any


class RnnzooError(Exception):
    """What the user can mend; its words say what was given, what was expected, what to do.

    Example:
        >>> import rnnzoo
        >>> try:
        ...     rnnzoo.create_model("nothing")
        ... except rnnzoo.RnnzooError as error:
        ...     print(error)
        No model is named 'nothing'; rnnzoo.list_models() or `rnnzoo list` shows all.
    """


class WrongValue(RnnzooError, ValueError):
    """An argument, option or setting out of what is expected."""


class WrongType(RnnzooError, TypeError):
    """An argument of another kind than is expected."""


class DataError(WrongValue):
    """A file of the user's, or something in it, is not as a reader expects.

    Args:
        said: the whole message, file and line in it.
        file: where the fault is.
        line: its number, from 1; None where the file has no lines, or all of it is meant.

    Example:
        >>> error = DataError("bank.conllu, line 3: the tag is empty", "bank.conllu", 3)
        >>> error.file, error.line
        ('bank.conllu', 3)
    """

    def __init__(self, said: str, file: str | os.PathLike[str], line: int | None = None) -> None:
        super().__init__(said, file, line)  # all of them, to be pickled
        self.file = os.fspath(file)
        self.line = line

    def __str__(self) -> str:
        return str(self.args[0])


class MissingColumn(DataError):
    """A table lacks a column that was told, or that training had."""


class MissingPackage(RnnzooError, ImportError):
    """A package is not installed that an extra of rnnzoo brings.

    Args:
        why: what needs which package.
        extra: of rnnzoo's, that installs it.

    Example:
        >>> print(MissingPackage("videos are read by PyAV (av missing)", "video"))
        videos are read by PyAV (av missing): pip install 'rnnzoo[video]'
    """

    def __init__(self, why: str, extra: str) -> None:
        super().__init__(why, extra)
        self.extra = extra

    def __str__(self) -> str:
        why, extra = self.args
        return f"{why}: pip install 'rnnzoo[{extra}]'"


@contextlib.contextmanager
def caused_by(what: str, without: Callable[[], Any]) -> Iterator[None]:
    """Within, a ValueError or TypeError is put down to what the user gave, and says so.

    For calls that a user's values are passed to as they are, such as a builder of another package.

    Args:
        what: the user gave, in words.
        without: does the same without it. Where it fails, too, its own error is raised: that is no
            mistake of the user's.

    Example:
        >>> with caused_by("units='many'", without=lambda: int("8")):
        ...     int("many")
        Traceback (most recent call last):
        rnnzoo.errors.WrongValue: units='many': invalid literal for int() with base 10: 'many'
    """
    try:
        yield
    except RnnzooError:
        raise
    except (TypeError, ValueError) as error:
        without()
        kind = WrongType if isinstance(error, TypeError) else WrongValue
        raise kind(f"{what}: {error}") from error
