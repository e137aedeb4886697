"""What may have been meant by a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def near_misses(word: str, choices: Iterable[str]) -> str:
    """The choices most like a word, three at most, to end the error about it with.

    Returns:
        The end of a sentence; empty if no choice is like the word.

    Example:
        >>> near_misses("char_gruu", ["char_gru", "char_lstm"])
        "; did you mean 'char_gru'?"
        >>> near_misses("zebra", ["char_gru", "char_lstm"])
        ''
    """
    near = difflib.get_close_matches(word, list(choices), n=3)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
