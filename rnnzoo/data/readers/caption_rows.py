"""What files of captions say: rows of a picture, a caption and a split, and the names of these."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.data.pipelines.splits import SPLIT_NAMES
from rnnzoo.errors import DataError, WrongValue

# What a column, or a key, of names of pictures is called, and one of captions.
NAMES = (
    "image", "file_name", "filename", "file", "image_name", "image_path", "filepath", "file_path",
    "path", "picture", "photo", "img", "video", "video_path", "video_id", "image_id",
)  # fmt: skip
CAPTIONS = ("caption", "captions", "text", "description", "sentence", "comment", "sentences", "raw")
_SPLITS = {**SPLIT_NAMES, "restval": "train"}  # Karpathy's, of pictures to train on, too


class Row(NamedTuple):
    """What a file says of one picture; the split is None where it doesn't."""

    line: int
    name: str
    caption: str
    split: str | None


def fault(file: Path, line: int, said: str) -> DataError:
    """What to raise of a line."""
    return DataError(f"{file}, line {line}: {said}", file, line)


def split_of(file: Path, line: int, split: Any) -> str | None:
    """The split that is meant; None where there is none."""
    if split is None:
        return None
    if not isinstance(split, str) or split.strip().lower() not in _SPLITS:
        expected = ", ".join(SPLIT_NAMES)
        raise fault(file, line, f"the split {split!r}; expected one of {expected}")
    return _SPLITS[split.strip().lower()]


def chosen(
    file: Path, line: int, header: Sequence[str], columns: str | Sequence[str | int] | None
) -> list[str]:
    """The names of the columns of picture and caption."""
    if columns is not None:
        given = columns.split(",") if isinstance(columns, str) else columns
        wanted = [str(one).strip() for one in given]
        found = [
            header[int(one) - 1] if one.isdecimal() and 0 < int(one) <= len(header) else one
            for one in wanted
        ]
        if len(found) == 2 and set(found) <= set(header):
            return found
        raise WrongValue(
            f"columns={columns!r}: expected two of {', '.join(map(str, header))}, the picture's "
            "and the caption's"
        )
    lower = {str(name).strip().lower(): name for name in reversed(header)}
    found = [lower[one] for one in NAMES if one in lower][:1]
    found += [lower[one] for one in CAPTIONS if one in lower][:1]
    if len(found) < 2:
        raise fault(
            file,
            line,
            f"which of {', '.join(map(str, header))} are the picture and its caption? name them "
            "(--columns PICTURE,CAPTION)",
        )
    return found


def is_header(cells: list[str]) -> bool:
    """Whether cells, in lower case, name the columns of pictures and captions."""
    return bool({*cells} & {*NAMES}) and bool({*cells} & {*CAPTIONS})


def csv_rows(
    file: Path, text: str, separator: str, quoted: bool
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that are not blank, each with its line's number, and no blanks around.

    Args:
        file: of it, for errors.
        text: that it holds.
        separator: of its cells.
        quoted: whether quotes are around cells, and no signs like others.
    """
    rows = csv.reader(
        io.StringIO(text, newline=""),
        strict=True,
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise fault(file, rows.line_num, str(error)) from None
