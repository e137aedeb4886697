"""A user's pictures with a class each, or with one at each pixel."""

from __future__ import annotations

import csv
import os
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rnnzoo.data.pipelines.splits import SPLIT_NAMES
from rnnzoo.data.readers.caption_rows import NAMES, fault, split_of
from rnnzoo.data.readers.files import files_below
from rnnzoo.data.readers.media import UNREADABLE
from rnnzoo.data.readers.media_paths import MediaPaths
from rnnzoo.data.readers.opening import read_text
from rnnzoo.data.readers.pictures import PICTURES, opened, read_picture
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError, MissingPackage, WrongValue

if TYPE_CHECKING:
    from PIL.Image import Image

LABELS = ("label", "class", "target", "category", "y")  # what a column of classes is called
# What folders of pictures, and of their masks, are called.
OF_PICTURES = ("images", "image", "imgs", "img", "pictures", "inputs")
OF_MASKS = ("masks", "mask", "labels", "annotations", "segmentations", "targets")
MOST_CLASSES = 64  # of a mask; more different values are no classes


@dataclass
class Labelled:
    """Pictures that were read.

    Attributes:
        pictures: uint8 (height, width, 1), or (height, width, 3) where one of them has colour.
        labels: of each its class, or whole numbers (height, width).
        names: of the files.
        splits: of each the split that is told; None where none is.
        reading: what was made of the files.
    """

    pictures: list[np.ndarray]
    labels: list
    names: list[str]
    splits: list[str | None]
    reading: Reading


@dataclass
class _Listed:
    """Files to read: path, name, class or the path of a mask, split."""

    layout: str
    rows: list[tuple[Path, str, str | Path, str | None]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_labelled(
    source: Path, side: int, label: str | None = None, encoding: str | None = None
) -> Labelled:
    """What `rnnzoo.load_pictures` reads of a folder, or of a table of files.

    Args:
        source: of them.
        side: pixels of the longer side that larger pictures are made smaller to.
        label: the column of the class; else it is found by its name.
        encoding: of the table; else found out.

    Raises:
        ValueError: it is neither, or no picture can be read.
        MissingPackage: what reads pictures is not installed.

    Warns:
        UserWarning: pictures that are missing or unreadable, which are left out.
    """
    if source.is_file():
        listed = _of_table(source, label, encoding)
    else:
        listed = _of_masks(source) or _of_folder(source, label, encoding)
    pictures, labels, names, splits, lost = [], [], [], [], {}
    smaller, sizes = 0, Counter[tuple[int, int]]()
    for path, name, of_one, split in listed.rows:
        try:
            picture = first_frame(read_picture(path))
            mask = _mask(of_one, picture.shape[:2]) if isinstance(of_one, Path) else None
        except MissingPackage:
            raise
        except UNREADABLE as error:
            lost[name] = str(error)
            continue
        fitted = fit_within(picture, side)
        smaller += fitted.shape != picture.shape
        pictures.append(fitted)
        labels.append(of_one if mask is None else fit_within(mask, side, exactly=True))
        names.append(name)
        splits.append(split)
        sizes[fitted.shape[:2]] += 1
    if lost:
        why = next(iter(lost.values()))
        words = f"{source}: {len(lost)} of its pictures are missing or can't be read: "
        words += ", ".join(list(lost)[:5]) + ", ..." * (len(lost) > 5)
        if not pictures:
            raise DataError(f"{words}; nothing is left. Of the first: {why}", source)
        warnings.warn(f"{words}; they are left out. Of the first: {why}", stacklevel=3)
        listed.left_out.append(f"{len(lost):,} pictures, the first is {next(iter(lost))} ({why})")
    grey = all((one == one[..., :1]).all() for one in pictures)
    if grey:
        pictures = [one[..., :1] for one in pictures]
    facts = {"colours": "grey" if grey else "red, green, blue", "size": _sizes_said(sizes)}
    if smaller:
        facts["made smaller"] = f"{smaller:,} with a side of more than {side} pixels (--side)"
    if labels and isinstance(labels[0], np.ndarray):
        classes = Counter(value for one in labels for value in np.unique(one).tolist())
        facts["class"] = "at each pixel, the value of its mask"
    else:
        classes = Counter(labels)
        facts["class"] = "of each picture"
    facts["classes"] = ", ".join(f"{name} {classes[name]:,}" for name in sorted(classes)[:20])
    if told := Counter(split for split in splits if split):
        facts["splits"] = ", ".join(f"{split} {count:,}" for split, count in told.items())
    reading = Reading(
        layout=listed.layout,
        counts={"pictures": len(pictures), "classes": len(classes)},
        facts=facts,
        left_out=listed.left_out,
        examples=[
            {"file": name, "label": "a mask" if isinstance(of_one, np.ndarray) else of_one}
            for name, of_one in zip(names[:3], labels[:3], strict=True)
        ],
    )
    return Labelled(pictures, labels, names, splits, reading)


def first_frame(picture: np.ndarray) -> np.ndarray:
    """A picture (height, width, colours), of one that moves its first frame."""
    return picture if picture.ndim == 3 else picture[0]


def fit_within(picture: np.ndarray, side: int, exactly: bool = False) -> np.ndarray:
    """A picture whose longer side has at most so many pixels; a smaller one as it is.

    Args:
        picture: uint8 (height, width, 1 or 3), or whole numbers (height, width).
        side: pixels.
        exactly: whether each pixel keeps one of the values that there are, as classes must.

    >>> fit_within(np.zeros((30, 10, 1), np.uint8), 12).shape
    (12, 4, 1)
    """
    height, width = picture.shape[:2]
    if max(height, width) <= side:
        return picture
    size = [max(1, round(n * side / max(height, width))) for n in (height, width)]
    if exactly:
        rows, columns = (
            (np.arange(new) * 2 + 1) * old // (2 * new)
            for new, old in zip(size, (height, width), strict=True)
        )
        return picture[rows[:, None], columns]
    return scaled(picture, (size[0], size[1]))


def scaled(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels uint8 (height, width, 1 or 3) at another height and width, as means of areas."""
    from PIL import Image

    image = _image(picture).resize(size[::-1], Image.Resampling.BOX)
    return np.asarray(image).reshape(*size, picture.shape[-1])


def grey(picture: np.ndarray) -> np.ndarray:
    """The brightness of a picture uint8 (height, width, 1 or 3), as Pillow takes it."""
    return np.asarray(_image(picture).convert("L"))[..., None]


def _image(picture: np.ndarray) -> Image:
    from PIL import Image

    return Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)


def _sizes_said(sizes):
    if len(sizes) == 1:
        ((height, width),) = sizes
        return f"{height} x {width}"
    heights, widths = zip(*sizes, strict=True)
    return f"{min(heights)} to {max(heights)} x {min(widths)} to {max(widths)}, padded and masked"


def _mask(path, size):
    """Whole numbers (height, width): values of grey, or numbers of a palette's colours."""
    with opened(path) as mask:
        if mask.mode not in ("1", "L", "P", "I;16", "I"):
            mask = mask.convert("L")
        values = np.asarray(mask).astype(np.int32)
    if values.shape != size:
        raise WrongValue(f"its mask {path.name} is {values.shape}, and the picture {size}")
    if len(found := np.unique(values)) > MOST_CLASSES:
        raise WrongValue(
            f"its mask {path.name} holds {len(found)} different values; expected a class each, "
            f"{MOST_CLASSES} at most: write it as PNG, without smoothing"
        )
    return values


# --- which files ----------------------------------------------------------------------------------


def is_of_masks(folder: Path) -> bool:
    """Whether a folder holds one of pictures and one of their masks."""
    return _folders_of_masks(folder) is not None


def _folders_of_masks(folder):
    named = {path.name.lower(): path for path in folder.iterdir() if path.is_dir()}
    found = [
        next((named[n] for n in names if n in named), None) for names in (OF_PICTURES, OF_MASKS)
    ]
    return found if all(found) else None


def _of_masks(folder):
    if (two := _folders_of_masks(folder)) is None:
        return None
    pictures, masks = two
    listed = _Listed(f"pictures in {pictures.name}/, and masks of the same names in {masks.name}/")
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


def _of_folder(folder, label, encoding):
    """Folders that are classes, in those of splits; or a table beside the pictures."""
    if len(tables := _tables(folder)) == 1:
        return _of_table(tables[0], label, encoding)
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
    if not rows:
        raise DataError(
            f"{folder} holds no folders of pictures, which are classes; expected one for each "
            "class, named after it; or a table of files and labels (CSV, file,label); or a folder "
            "images and one called masks",
            folder,
        )
    listed = _Listed("pictures in a folder for each class", rows)
    if beside:
        listed.left_out.append(f"{len(beside):,} pictures in no folder of a class: {beside[0]}")
    return listed


def _tables(folder):
    return [path for path in folder.iterdir() if path.suffix.lower() in (".csv", ".tsv")]


def _of_table(file, label, encoding):
    text, _ = read_text(file, encoding)
    rows = _rows(file, text)
    line, header = next(rows, (1, []))
    lower = [name.lower() for name in header]
    name = next((lower.index(one) for one in NAMES if one in lower), None)
    wanted = [label.lower()] if label is not None else LABELS
    of_label = next((lower.index(one) for one in wanted if one in lower), None)
    if name is None or of_label is None:
        raise fault(
            file,
            line,
            f"which of {', '.join(header) or 'no columns'} are the file of the picture and its "
            "label? expected a first line of names, such as file,label (--label COLUMN)",
        )
    of_split = lower.index("split") if "split" in lower else None
    paths = MediaPaths(file.parent)
    listed = _Listed(f"the table {file.name}, by its columns {header[name]} and {header[of_label]}")
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
    separator = max("\t;,", key=head.count)
    rows = csv.reader(text.splitlines(), delimiter=separator, strict=True)
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise fault(file, rows.line_num, str(error)) from None


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
