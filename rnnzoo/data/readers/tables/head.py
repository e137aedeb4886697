"""What .ts and .arff files begin with: lines with an @, and then @data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rnnzoo.data.readers.opening import Lines
from rnnzoo.data.readers.tables.table import NO_NUMBER
from rnnzoo.errors import DataError


def read_head(
    path: Path, encoding: str | None
) -> tuple[list[tuple[str, str]], Iterator[tuple[int, str]]]:
    """The words behind each @ and what follows them, and the lines behind @data, with numbers.

    Comments and blank lines are in neither.

    Raises:
        ValueError: there is no line @data.
        OSError: the file can't be opened.
    """
    lines = (
        (number, line.strip())
        for number, line in enumerate(Lines(path, encoding), 1)
        if line.strip() and line.strip()[0] not in "#%"
    )
    head: list[tuple[str, str]] = []
    for _, line in lines:
        if not line.startswith("@"):
            break
        word, _, rest = line[1:].replace("\t", " ").partition(" ")
        if word.lower().startswith("data") and not rest.strip():
            return head, lines
        head.append((word.lower(), rest.strip()))
    raise DataError(f"{path} holds no line @data; expected a .ts or an .arff file", path)


def stacked(dimensions: Sequence[Sequence[str]], path: Path, number: int) -> np.ndarray:
    """(time, channels) of the cells of each channel; shorter ones end in missing values.

    Raises:
        ValueError: a cell holds no number.
    """
    longest = max(map(len, dimensions))
    x = np.full((longest, len(dimensions)), np.nan, np.float32)
    for place, cells in enumerate(dimensions):
        try:
            with np.errstate(over="ignore"):
                x[: len(cells), place] = np.array(
                    ["nan" if cell.strip() in NO_NUMBER else cell for cell in cells], np.float64
                )
        except ValueError as error:
            said = " ".join(str(error).split())[:100]
            raise DataError(f"{path}, line {number}: {said}", path, number) from None
    if np.isinf(x).any():
        raise DataError(
            f"{path}, line {number}: a number that is none, or too large for float32", path, number
        )
    return x
