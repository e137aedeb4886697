"""Text to answer: of a file, or of the standard input."""

from __future__ import annotations

import sys

from rnnzoo.data.readers.opening import decode, read_text
from rnnzoo.notices import warn


def read_given(path: str) -> str:
    """The text of a file, packed or not, or of the standard input for ``-``.

    Raises:
        ValueError: it is no text.
        OSError: the file can't be opened.

    Warns:
        UserWarning: its encoding is a guess.

    Example:
        ``read_given("sentences.txt.gz").splitlines()``
    """
    name = "the standard input" if path == "-" else path
    text, facts = decode(sys.stdin.buffer.read(), name) if path == "-" else read_text(path)
    encoding, guess, _ = facts.get("encoding", "").partition(", a guess")
    if guess:
        warn(f"{name} is not UTF-8, and is read as {encoding}, a guess; save it as UTF-8 if wrong")
    return text
