"""Numbers with a sign between their thousands, such as 1.049,12 or 1,049.12."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import polars as pl

from rnnzoo.data.readers.tables.table import NO_NUMBER, shown


def _number(sign):
    """Patterns of a number that may have such a sign, and of one in which it is nothing else."""
    between, point = map(re.escape, (sign, "," if sign == "." else "."))
    whole = rf"\d{{1,3}}(?:{between}\d{{3}})"
    return (
        rf"^[+-]?(?:{whole}+|\d+)(?:{point}\d+)?$",
        rf"^[+-]?(?:{whole}+{point}\d+|{whole}{{2,}})$",
    )


_PATTERNS = {sign: _number(sign) for sign in ".,"}


def sign_between(cells: Iterable[str]) -> str | None:
    """The sign between thousands in a column of numbers; None unless a cell leaves no doubt.

    >>> sign_between(["999,50", "2.000", "1.049,12"]), sign_between(["2.000", "1.049"])
    ('.', None)
    """
    filled = [cell for cell in cells if cell not in NO_NUMBER]
    for sign, (may_be, surely) in _PATTERNS.items():
        numbers = all(re.match(may_be, cell) for cell in filled)
        if numbers and any(re.match(surely, cell) for cell in filled):
            return sign
    return None


def without_sign(text: pl.Series, sign: str, fault: Any) -> pl.Series:
    """A column's cells without the sign between thousands.

    Args:
        text: without blanks around it.
        sign: of the column.
        fault: the error to raise about a row, of its number and words.
    """
    wrong = ~(text.str.contains(_PATTERNS[sign][0]) | text.is_in(NO_NUMBER))
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise fault(
            row,
            f"{shown(text[row])} in column {text.name!r} is no number, as thousands are parted by "
            f"{sign!r} there; mend it",
        )
    return text.str.replace_all(sign, "", literal=True)
