"""Which pictures a folder or a table lists, and the class of each or where its mask is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnzoo.data.pipelines.splits import SPLIT_NAMES
from rnnzoo.data.readers.caption_rows import NAMES, csv_rows, fault, split_of
from rnnzoo.data.readers.files import files_below
from rnnzoo.data.readers.media import check_lists
from rnnzoo.data.readers.media_paths import MediaPaths
from rnnzoo.data.readers.opening import read_text
from rnnzoo.data.readers.pictures import PICTURES
from rnnzoo.errors import DataError

LABELS = ("label", "class", "target", "category", "y")  # what a column of classes is called
# What folders of pictures, and of their masks, are called.
OF_PICTURES = ("images", "image", "imgs", "img", "pictures", "inputs")
OF_MASKS = ("masks", "mask", "labels", "annotations", "segmentations", "targets")


@dataclass
class Listed:
    """Files to read: path, name, class or the path of a mask, split; and what else is told."""

    layout: str
    rows: list[tuple[Path, str, str | Path, str | None]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


def _folders_of_masks(folder):
    named = {path.name.lower(): path for path in folder.iterdir() if path.is_dir()}
    found = [
        next((named[n] for n in names if n in named), None) for names in (OF_PICTURES, OF_MASKS)
    ]
    return found if all(found) else None


def of_masks(folder: Path) -> Listed | None:
    """Pictures and masks of the same names, in two folders; None without such folders."""
    if (two := _folders_of_masks(folder)) is None:
        return None
    pictures, masks = two
    listed = Listed(f"pictures in {pictures.name}/, and masks of the same names in {masks.name}/")
    known = {path.relative_to(masks).with_suffix(""): path for path in _pictures_below(masks)}
    alone = []
    for path in _pictures_below(pictures):
        name = path.relative_to(pictures)
        if (mask := known.get(name.with_suffix(""))) is None:
            alone.append(name.as_posix())
            continue
        split = SPLIT_NAMES.get(name.parts[0].lower()) if len(name.parts) > 1 else None
        listed.rows.append((path, name.as_posix(), mask, split))
    if not listed.rows:
        raise DataError(
            f"{folder}: no picture in {pictures.name}/ has a mask in {masks.name}/", folder
        )
    if alone:
        listed.left_out.append(f"{len(alone):,} pictures without a mask, the first is {alone[0]}")
    return listed


def _pictures_below(folder):
    return [path for path in files_below(folder) if path.suffix.lower() in PICTURES]


def of_folder(folder: Path, label: str | None, encoding: str | None) -> Listed:
    """Folders that are classes, in those of splits; or a table beside the pictures.

    A table of something else is left out, unless `label` asks for a column of it.
    """
    tables = _tables(folder)
    lists = [path for path in tables if label is not None or _lists_pictures(path, encoding)]
    if len(lists) == 1:
        return of_table(lists[0], label, encoding)
    rows: list[tuple[Path, str, str | Path, str | None]] = []
    beside = []
    for path in _pictures_below(folder):
        *folders, _ = path.relative_to(folder).parts
        split = SPLIT_NAMES.get(folders[0].lower()) if folders else None
        folders = folders[1:] if split else folders
        name = path.relative_to(folder).as_posix()
        if folders:
            rows.append((path, name, folders[0], split))
        else:
            beside.append(name)
    if not rows and len(tables) == 1:
        return of_table(tables[0], label, encoding)  # which tells what it lacks
    if not rows:
        raise DataError(
            f"{folder} holds no folders of pictures, which are classes; expected one for each "
            "class, named after it; or a table of files and labels (CSV, file,label); or a folder "
            "images and one called masks",
            folder,
        )
    listed = Listed("pictures in a folder for each class", rows)
    if beside:
        listed.left_out.append(f"{len(beside):,} pictures in no folder of a class: {beside[0]}")
    listed.left_out += [f"the table {path.name}" for path in tables]
    return listed


def _tables(folder):
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in (".csv", ".tsv"))


def _lists_pictures(file, encoding):
    """Whether a table has columns of files and of labels."""
    try:
        text, _ = read_text(file, encoding)
        _, header = next(_rows(file, text), (1, []))
    except DataError:
        return False
    return None not in _columns(header, LABELS)


def _columns(header, labels):
    """Where the columns of files and of labels are; None of one that there isn't."""
    lower = [name.lower() for name in header]
    return [
        next((lower.index(one) for one in names if one in lower), None) for names in (NAMES, labels)
    ]


def of_table(file: Path, label: str | None, encoding: str | None) -> Listed:
    """What a table says of pictures, by its columns of file and label, and perhaps split."""
    check_lists(file)
    text, facts = read_text(file, encoding)
    rows = _rows(file, text)
    line, header = next(rows, (1, []))
    name, of_label = _columns(header, LABELS if label is None else [label.lower()])
    if name is None or of_label is None:
        raise fault(
            file,
            line,
            f"which of {', '.join(header) or 'no columns'} are the file of the picture and its "
            "label? expected a first line of names, such as file,label (--label COLUMN)",
        )
    lower = [name.lower() for name in header]
    of_split = lower.index("split") if "split" in lower else None
    paths = MediaPaths(file.parent)
    layout = f"the table {file.name}, by its columns {header[name]} and {header[of_label]}"
    listed = Listed(layout, facts=facts)
    for line, row in rows:
        if len(row) != len(header) or not row[name] or not row[of_label]:
            raise fault(file, line, f"{row}; expected a value of each of {', '.join(header)}")
        found = paths.find(row[name], file.parent)
        if len(found) > 1:
            raise fault(file, line, f"{row[name]} may be {found[0]} or {found[1]}; give its folder")
        path = found[0] if found else file.parent / row[name]
        split = None if of_split is None else split_of(file, line, row[of_split])
        listed.rows.append((path, row[name], row[of_label], split))
    if not listed.rows:
        raise DataError(f"{file} holds no picture; expected a line for each, file,label", file)
    return listed


def _rows(file, text) -> Iterator[tuple[int, Sequence[str]]]:
    head = text.partition("\n")[0]
    return csv_rows(file, text, max("\t;,", key=head.count), quoted=True)


def may_be_labelled(folder: str | os.PathLike[str]) -> str:
    """What of a folder of pictures says that each has a class, in words; empty if nothing does."""
    folder = Path(folder)
    if two := _folders_of_masks(folder):
        return f"pictures and their masks, {two[0].name} and {two[1].name}"
    parts = [path.relative_to(folder).parts[:-1] for path in _pictures_below(folder)[:2000]]
    below = [part[1:] if part and part[0].lower() in SPLIT_NAMES else part for part in parts]
    classes = sorted({part[0] for part in below if part})
    if len(classes) > 1 and all(below):
        return f"pictures in a folder for each class, such as {classes[0]}"
    return ""
