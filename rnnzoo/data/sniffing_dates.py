"""Whether a table holds series to be forecast: dates, and no class."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DATE = re.compile(
    r"\d{4}[-/]\d\d?([-/]\d\d?)?([T ].*)?|\d\d?[./]\d\d?[./]\d{2,4}\b.*|\d{4} ?Q[1-4]"
)
_FINE = re.compile(r":\d\d[.,]\d*[1-9]")  # of a second
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_CLASSES = {"label", "labels", "class", "classes", "activity"}


def dates_without_class(
    header: Sequence[str], body: Sequence[Sequence[str]], words: Sequence[Sequence[str]]
) -> str:
    """The column of dates, at steps of a second at least; "" where there is none, or a class is.

    Args:
        header: names of the columns.
        body: rows of cells.
        words: those of the columns that hold no numbers.

    >>> dates_without_class(["day", "y"], [["2024-01-01", "2"]], [("2024-01-01",)])
    'day'
    """
    columns = dict(zip(header, zip(*body, strict=False), strict=False))
    of_words = {name for name, cells in columns.items() if cells in words}
    if {name.lower() for name in columns} & _CLASSES or {"y", "target"} & of_words:
        return ""
    for name, cells in columns.items():
        if name in of_words and all(map(_DATE.fullmatch, cells)):
            return "" if any(map(_FINE.search, cells)) else name
    return "" if of_words else next((n for n, cells in columns.items() if _are_years(cells)), "")


def _are_years(cells):
    """Whether whole numbers are years that follow each other."""
    if len(cells) < 4 or not all(map(_YEAR.fullmatch, cells)):
        return False
    return all(int(b) - int(a) == 1 for a, b in zip(cells, cells[1:], strict=False))
