"""A folder of the user's media, and the file that says what is to be seen on each."""

from __future__ import annotations

import collections
import csv
import io
import os
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from rnnzoo.data.pipelines.splits import SPLIT_NAMES
from rnnzoo.data.readers.media import UNREADABLE, check_packages, kind
from rnnzoo.data.readers.opening import read_text
from rnnzoo.errors import DataError


@dataclass
class Medium:
    """What the file of captions says of one path; the split is None where it doesn't."""

    path: Path
    name: str
    captions: list[str] = field(default_factory=list)
    split: str | None = None


def read_captions(folder: Path) -> tuple[Path, list[Medium], bool]:
    """What `rnnzoo.load_captions` reads of a folder.

    Returns:
        The file of captions, the media that it names and that can be read, in its order, and
        whether these are sequences of frames.

    Raises:
        ValueError: the file is malformed, or nothing can be read.
        MissingPackage: what reads videos is not installed.

    Warns:
        UserWarning: media that are missing or unreadable, which are left out.
    """
    file = _captions_file(folder)
    media, lost = _listed(folder, file)
    check_packages(medium.path for medium in media)
    kinds, readable = [], []
    for medium in media:
        try:
            kinds.append(kind(medium.path))
            readable.append(medium)
        except UNREADABLE as error:
            lost[medium.name] = str(error)
    if lost:
        some = ", ".join(list(lost)[:5]) + ", ..." * (len(lost) > 5)
        words = f"{file}: {len(lost)} of the media it names are missing or can't be read: {some}"
        why = next(iter(lost.values()))
        if not readable:
            raise DataError(f"{words}; nothing is left. Of the first: {why}", file)
        warnings.warn(f"{words}; they are left out. Of the first: {why}", stacklevel=3)
    of_kind = collections.Counter(kinds)
    if len(of_kind) > 1:
        found = ", ".join(f"{count} {words}" for (words, _), count in of_kind.items())
        raise DataError(f"{folder} holds media of several kinds ({found}); expected one", folder)
    ((_, video),) = of_kind
    return file, readable, video


def _captions_file(folder):
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in (".txt", ".csv", ".tsv", ".token") and path.is_file()
    )
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise DataError(
            f"{folder} holds these files of captions: {names}; expected exactly one .txt, .csv, "
            ".tsv or .token file, and the media beside it or in a folder",
            folder,
        )
    return found[0]


def _listed(folder, file):
    """What the file says of each path; by name of what there is not, that."""
    paths = _paths_by_name(folder)
    media, lost = {}, {}
    for line, name, caption, split in _lines(file):
        if not name or not caption:
            missing = "caption" if name else "name"
            raise DataError(
                f"{file}, line {line}: the {missing} is empty; fill it or delete it", file, line
            )
        found = paths.get(name, ())
        if len(found) > 1:
            raise DataError(
                f"{file}, line {line}: {name} may be {found[0]} or {found[1]}; expected the path "
                f"from {folder}",
                file,
                line,
            )
        if not found:
            lost[name] = "there is no such file or folder"
            continue
        medium = media.setdefault(found[0], Medium(found[0], name, split=split))
        if medium.split != split:
            raise DataError(
                f"{file}, line {line}: {name} is in the split {split}, and above in {medium.split}",
                file,
                line,
            )
        medium.captions.append(caption)
    if not media and not lost:
        raise DataError(
            f"{file} holds no caption; expected a line for each, name<TAB>caption", file
        )
    return list(media.values()), lost


def _paths_by_name(folder):
    """What is in a folder, by its name, or, which goes before, its path from there."""
    by_name, by_path = collections.defaultdict(list), {}
    for within, folders, files in os.walk(folder, followlinks=True):
        for name in folders + files:
            path = Path(within, name)
            by_name[name].append(path)
            by_path[path.relative_to(folder).as_posix()] = [path]
    return {**by_name, **by_path}


def _lines(file):
    """Line number, name, caption and split, None where that is not said."""
    lines = io.StringIO(read_text(file)[0], newline="")
    first = [cell.strip(' "\r\n').lower() for cell in lines.readline().split(",")]
    if {"image", "caption"} <= set(first):
        yield from _csv_lines(file, lines, first)
        return
    lines.seek(0)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, tab, caption = line.partition("\t")
        if not tab:
            raise DataError(
                f"{file}, line {number}: {line.strip()[:40]!r} has no tab; expected "
                "name<TAB>caption, or CSV, whose first line is image,caption",
                file,
                number,
            )
        # Flickr8k numbers the captions of a picture.
        yield number, re.sub(r"#\d+$", "", name.strip()), caption.strip(), None


def _csv_lines(file, lines, columns):
    rows = csv.reader(lines, strict=True)
    try:
        for row in rows:
            number = rows.line_num + 1  # the line of names is read
            if not row:
                continue
            if len(row) != len(columns):
                raise DataError(
                    f"{file}, line {number}: {len(row)} columns; expected {','.join(columns)}, "
                    "with quotes around a caption that holds a comma",
                    file,
                    number,
                )
            cells = {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
            split = cells.get("split")
            if split is not None and split.lower() not in SPLIT_NAMES:
                raise DataError(
                    f"{file}, line {number}: the split {split!r}; expected one of "
                    f"{', '.join(SPLIT_NAMES)}",
                    file,
                    number,
                )
            split = None if split is None else SPLIT_NAMES[split.lower()]
            yield number, cells["image"], cells["caption"], split
    except csv.Error as error:
        raise DataError(
            f"{file}, line {rows.line_num + 1}: {error}", file, rows.line_num + 1
        ) from None
